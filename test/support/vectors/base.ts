/**
 * What the cases of one chain are made from: a chain of random commands, the proof that carries everything, as JSON, and where each
 * claim stands in it.
 */
import { json } from '../../../src/verify/codec.ts'
import * as codecs from '../../../src/verify/codecs.ts'
import {
  type Claim,
  encodeProof,
  type Header,
  type Proof,
  type Revocation,
  type Roots,
  type Seal,
  type TreeName,
} from '../../../src/verify/index.ts'
import { type At, replaced, valueAt } from '../leaves.ts'
import { ChainMaker, type HotKey, type Order } from '../maker.ts'
import type { Random } from '../seed.ts'

// biome-ignore lint/suspicious/noExplicitAny: a document is what JSON.parse gives, and cases break it in every way
export type Document = any

export type ClaimName =
  | 'command'
  | 'erased'
  | 'obligation'
  | 'intent'
  | 'present'
  | 'absent'
  | 'gap'
  | 'ancestor'
  | 'nested'
  | 'commands'
  | 'history'

export interface Base {
  readonly random: Random
  readonly chain: ChainMaker
  /** A second key that the cold key delegated to, under another index. */
  readonly second: HotKey
  readonly proof: Proof
  readonly document: Document
  /** Which of the claims of the document it is. */
  readonly place: Readonly<Record<ClaimName, number>>
}

export function makeBase(random: Random): Base {
  const chain = makeChain(random)
  const second = chain.delegate({ index: 1n })
  const { head } = chain
  const below = (end: bigint): bigint => BigInt(random.below(Number(end)))
  const ancestor = chain.madeAt(1 + random.below(3))
  // Neither the parent nor the one that the other claim names, so that one claim alone speaks for it.
  const heights = chain.blocks.slice(0, -2).flatMap(({ header }) => (header === ancestor.header ? [] : [header.height]))
  const claims: readonly (readonly [ClaimName, Claim])[] = [
    ['command', chain.commandClaim(0n)],
    ['erased', chain.commandClaim(1n)],
    ['obligation', chain.obligationClaim(below(head.roots.obligations.size))],
    ['intent', chain.intentClaim(below(head.roots.intents.size))],
    ['present', chain.stateClaim('state', utf8('account'))],
    ['absent', absence(chain, 'state', random, 'other leaf')],
    ['gap', absence(chain, 'state', random, 'empty slot')],
    ['ancestor', chain.blockClaim(random.pick(heights))],
    [
      'nested',
      chain.blockClaim(ancestor.header.height, head, [
        chain.commandClaim(below(ancestor.roots.commands.size), ancestor),
      ]),
    ],
    ['commands', chain.consistencyClaim('commands', 1n + below(head.roots.commands.size - 1n))],
    ['history', chain.consistencyClaim('history', 1n + below(head.header.height - 1n))],
  ]
  const proof = chain.proof(claims.map(([, claim]) => claim))
  const place = Object.fromEntries(claims.map(([name], i) => [name, i])) as Base['place']
  return { random, chain, second, proof, document: JSON.parse(encodeProof(proof)), place }
}

/** Six to nine blocks of random commands, after a first one that has an event, an intent and writes for certain. */
function makeChain(random: Random): ChainMaker {
  const chain = new ChainMaker(random, undefined, { name: random.pick(['demo', 'bücher ✓', '鎖']) })
  const certain: Order = {
    client: 'client-é',
    obligations: [{ topic: 'trade', data: random.bytes(5) }],
    intents: [{ kind: 'withdraw', data: random.bytes(5) }],
    writes: [
      ['state', utf8('account'), random.bytes(4)],
      ['state', utf8('another'), random.bytes(4)],
      ['risk', utf8('limit'), random.bytes(4)],
    ],
  }
  chain.block([certain, { payloadHash: random.bytes(32) }, { status: 1 }])
  chain.grow(3 + random.below(3), 1 + random.below(4))
  chain.block(random.below(2) === 0 ? [] : [{ client: 'desk-1' }], { opensEpoch: true })
  return chain.grow(1, 2)
}

function absence(chain: ChainMaker, tree: TreeName, random: Random, kind: 'empty slot' | 'other leaf'): Claim {
  for (let tries = 0; tries < 100_000; tries++) {
    const key = random.bytes(4)
    const { value, other } = chain.head.trees[tree].prove(key)
    if (value === null && (other === undefined) === (kind === 'empty slot')) return chain.stateClaim(tree, key)
  }
  throw new Error(`the ${tree} tree has no ${kind} for any key`)
}

/** The place of something inside a claim. */
export function inClaim({ place }: Base, name: ClaimName, ...rest: At): At {
  return ['claims', place[name], ...rest]
}

/** The document with something changed; `change` gets what is there. */
export function changed(document: Document, at: At, change: (before: Document) => unknown): Document {
  return replaced(document, at, change(valueAt(document, at)))
}

export const asHeader = (header: Header): Document => codecs.header.encode(header, json)
export const asRoots = (roots: Roots): Document => codecs.roots.encode(roots, json)
export const asSeal = (seal: Seal): Document => codecs.seal.encode(seal, json)
export const asRevocation = (revocation: Revocation): Document => codecs.revocation.encode(revocation, json)
export const asDocument = (proof: Proof): Document => JSON.parse(encodeProof(proof))

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function bytes(count: number, byte = 0xab): string {
  return `0x${byte.toString(16).padStart(2, '0').repeat(count)}`
}
