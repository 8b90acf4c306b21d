/** The five documents that pass from hand to hand: what each may hold, and how it is read and written. */
import type * as fc from 'fast-check'
import {
  decodeEvidence,
  decodeGenesis,
  decodeHead,
  decodeProof,
  decodeRevocations,
  encodeEvidence,
  encodeGenesis,
  encodeHead,
  encodeProof,
  encodeRevocations,
} from '../../src/verify/index.ts'
import * as arbitrary from './arbitraries.ts'

export interface DocumentKind {
  readonly name: string
  /** JSON values that are right in form. */
  readonly any: fc.Arbitrary<unknown>
  decode(text: string | Uint8Array): unknown
  encode(value: unknown): string
}

function kind<T>(
  name: string,
  any: fc.Arbitrary<unknown>,
  decode: (text: string | Uint8Array) => T,
  encode: (value: T) => string,
): DocumentKind {
  return { name, any, decode, encode: (value) => encode(value as T) }
}

export const documentKinds: readonly DocumentKind[] = [
  kind('a proof', arbitrary.proof, decodeProof, encodeProof),
  kind('evidence', arbitrary.evidence, decodeEvidence, encodeEvidence),
  kind('a list of revocations', arbitrary.revocations, decodeRevocations, encodeRevocations),
  kind('a head', arbitrary.head, decodeHead, encodeHead),
  kind('a genesis', arbitrary.genesis, decodeGenesis, encodeGenesis),
]

/** The same JSON written as another program might: members in any order, white space anywhere, letters escaped at will. */
export function writtenLoosely(value: unknown, below: (end: number) => number): string {
  const space = (): string => [' ', '\n', '\t', '\r', ''][below(9)] ?? ''
  const text = (of: string): string => {
    const units = Array.from({ length: of.length }, (_, i) => of.charCodeAt(i))
    return `"${units.map((unit) => letter(unit, below)).join('')}"`
  }
  const write = (each: unknown): string => {
    if (typeof each === 'string') return text(each)
    if (typeof each !== 'object' || each === null) return JSON.stringify(each)
    if (Array.isArray(each)) return `[${space()}${each.map((item) => write(item) + space()).join(`,${space()}`)}]`
    const names = Object.keys(each)
    // A shuffle good enough to bring every member everywhere.
    const order = names.map((name) => ({ name, at: below(1 << 20) })).sort((a, b) => a.at - b.at)
    const member = ({ name }: { name: string }): string =>
      `${space()}${text(name)}${space()}:${space()}${write((each as Record<string, unknown>)[name])}${space()}`
    return `{${order.map(member).join(',')}}`
  }
  return `${space()}${write(value)}${space()}`
}

function letter(unit: number, below: (end: number) => number): string {
  const plain = JSON.stringify(String.fromCharCode(unit)).slice(1, -1)
  if (unit === 0x2f && below(2) === 0) return '\\/'
  if (below(30) > 0) return unit >= 0xd800 && unit < 0xe000 ? String.fromCharCode(unit) : plain
  const digits = unit.toString(16).padStart(4, '0')
  return `\\u${below(2) === 0 ? digits : digits.toUpperCase()}`
}
