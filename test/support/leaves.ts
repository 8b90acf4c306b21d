/**
 * A JSON document taken apart for tests that change one thing of it: its leaves with their paths, every leaf with each of its bits
 * flipped, and the text of the document with another leaf in that place.
 */
import { fromHex, fromUtf8, toHex, utf8 } from '../../src/verify/bytes.ts'

/** Members and indexes from the top, as in `['claims', 0, 'index']`. */
export type At = readonly (string | number)[]
export type LeafValue = string | number | null

export interface Leaf {
  readonly at: At
  readonly value: LeafValue
}

/** A leaf's new value, or nothing where the flipped bytes are no UTF-8; and its JSON. */
export interface Flip {
  readonly value: LeafValue | undefined
  readonly json: Uint8Array
}

export function leavesOf(document: unknown, at: At = []): Leaf[] {
  if (typeof document !== 'object' || document === null) return [{ at, value: document as LeafValue }]
  const steps = Array.isArray(document) ? [...document.keys()] : Object.keys(document)
  return steps.flatMap((step) => leavesOf((document as Record<string | number, unknown>)[step], [...at, step]))
}

export function valueAt(document: unknown, at: At): unknown {
  return at.reduce((value, step) => (value as Record<string | number, unknown>)[step], document)
}

/** A copy of the document with another value there; `undefined` takes the member or item away. */
export function replaced<T>(document: T, at: At, value: unknown): T {
  const copy = structuredClone(document)
  const holder = valueAt(copy, at.slice(0, -1)) as Record<string | number, unknown>
  const step = at.at(-1) as string | number
  if (value !== undefined) holder[step] = value
  else if (Array.isArray(holder)) holder.splice(Number(step), 1)
  else delete holder[step]
  return copy
}

/** The JSON path by which an error names the place. */
export function jsonPath(at: At): string {
  return `$${at.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`
}

/** Writes the document with any JSON in the place of one leaf. */
export function textAround(document: unknown, at: At): (json: Uint8Array) => Uint8Array {
  const [before, after] = JSON.stringify(replaced(document, at, '\u0001'))
    .split('"\\u0001"')
    .map(utf8)
  return (json) => new Uint8Array(Buffer.concat([before as Uint8Array, json, after as Uint8Array]))
}

/** What the format calls text; every other string that is not hex is a number. */
function isText({ at, value }: Leaf): boolean {
  const names: unknown[] = ['format', 'name', 'machine', 'kind', 'client', 'type', 'topic', 'tree', 'range']
  return typeof value === 'string' && names.includes(at.at(-1))
}

/**
 * Each with one bit flipped: of bytes, of UTF-8, of a u64, of the status; and an absence that becomes an empty value. Of a hash, all
 * of whose bits do the same, one in every four: another one in every digit.
 */
export function flipsOf(leaf: Leaf): Flip[] {
  const { value } = leaf
  if (value === null) return [flip('0x')]
  if (typeof value === 'number') return [flip(value ^ 1)]
  if (isText(leaf)) return flipped(utf8(value)).map(textFlip)
  const bytes = fromHex(value)
  const isMeant = (bit: number): boolean => bytes?.length !== 32 || bit % 4 === (bit >> 2) % 4
  if (bytes !== undefined) return flipped(bytes, isMeant).map((each) => flip(toHex(each)))
  return Array.from({ length: 64 }, (_, bit) => flip(String(BigInt(value) ^ (1n << BigInt(bit)))))
}

function flipped(bytes: Uint8Array, isMeant: (bit: number) => boolean = () => true): Uint8Array[] {
  const bits = Array.from({ length: 8 * bytes.length }, (_, bit) => bit).filter(isMeant)
  return bits.map((bit) => bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)))
}

function flip(value: LeafValue): Flip {
  return { value, json: utf8(JSON.stringify(value)) }
}

function textFlip(bytes: Uint8Array): Flip {
  const text = fromUtf8(bytes)
  return text === undefined ? { value: undefined, json: Uint8Array.of(0x22, ...bytes, 0x22) } : flip(text)
}
