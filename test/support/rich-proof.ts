/**
 * One proof that carries everything that FORMAT §8 knows: every kind of claim, by itself and nested in an ancestor, both kinds of
 * absence, revocations that leave it valid; and a verifier's trust under which every check is `ok`, none `unchecked`.
 */
import {
  type Claim,
  encodeProof,
  type Head,
  type Proof,
  type RangeName,
  type TreeName,
  type Trust,
} from '../../src/verify/index.ts'
import { ChainMaker } from './maker.ts'
import { Random } from './seed.ts'

export interface RichProof {
  readonly chain: ChainMaker
  readonly proof: Proof
  /** Canonical: as the encoder writes it. */
  readonly text: string
  /** What the text says, as JSON. */
  readonly document: unknown
  /** Its chain, revocations from elsewhere, and a head that the proof shows to be an ancestor. */
  readonly trust: Trust & { readonly head: Required<Head> }
}

const RANGES: readonly RangeName[] = ['commands', 'obligations', 'intents', 'history']

export function richProof(from?: number): RichProof {
  const random = new Random(from)
  const chain = richChain(random)
  const { head } = chain
  const own = chain.revoke(0n, head)
  const retired = chain.revoke(1n, chain.madeAt(2))
  const ancestor = chain.madeAt(3)
  const nested: Claim[] = [
    chain.commandClaim(1n, ancestor),
    chain.obligationClaim(1n, ancestor),
    chain.stateClaim('state', Uint8Array.of(0, ...Buffer.from('chain')), ancestor),
    chain.blockClaim(1n, ancestor),
    chain.consistencyClaim('commands', 3n, ancestor),
  ]
  const claims: Claim[] = [
    chain.commandClaim(4n),
    chain.commandClaim(5n),
    chain.commandClaim(6n),
    chain.obligationClaim(2n),
    chain.intentClaim(1n),
    chain.stateClaim('state', Uint8Array.of(0, ...Buffer.from('client/bürö'))),
    chain.stateClaim('risk', utf8('limit 0')),
    chain.stateClaim('state', absentKey(chain, 'state', random, 'other leaf')),
    chain.stateClaim('risk', absentKey(chain, 'risk', random, 'empty slot')),
    chain.blockClaim(2n),
    chain.blockClaim(head.header.height - 1n),
    chain.blockClaim(3n, head, nested),
    ...RANGES.map((range) => chain.consistencyClaim(range, 3n)),
    chain.consistencyClaim('history', 0n),
    chain.consistencyClaim('intents', head.roots.intents.size),
  ]
  const proof = chain.proof(claims, head, [retired, own])
  const { header, hash } = chain.madeAt(2)
  const { height, epoch, timestamp } = header
  const trust = { chainId: chain.chainId, revocations: [own], head: { height, blockHash: hash, epoch, timestamp } }
  const text = encodeProof(proof)
  return { chain, proof, text, document: JSON.parse(text), trust }
}

/** Seven blocks in two epochs, with text beyond ASCII, an erased payload and rejected commands in them. */
function richChain(random: Random): ChainMaker {
  const chain = new ChainMaker(random, undefined, { name: 'réich', machine: 'kv.x-1@12' })
  const event = { topic: 'tradé', data: random.bytes(5) }
  const intent = { kind: 'withdraw ✓', data: random.bytes(5) }
  const order = (i: number) => ({
    client: random.pick(['bürö', 'desk-1']),
    type: 'put',
    payload: random.bytes(6),
    salt: random.bytes(32),
    reply: random.bytes(3),
    obligations: [event],
    intents: i % 2 === 0 ? [intent] : [],
    writes: [
      ['state', utf8(`account ${i}`), random.bytes(4)],
      ['risk', utf8(`limit ${i % 6}`), random.bytes(4)],
    ] as const,
  })
  for (let height = 0; height < 7; height++) {
    const orders = [0, 1].map((i) => order(2 * height + i))
    if (height === 2) {
      // Commands 4 to 6 are claimed: one as it is, one anonymous and erased, one rejected.
      const { payload: _, salt: __, ...erased } = order(5)
      chain.block([
        order(4),
        { ...erased, client: '', payloadHash: random.bytes(32) },
        { ...order(14), client: 'bürö', status: 1 },
      ])
    } else chain.block(orders, { opensEpoch: height === 5 })
  }
  return chain
}

/** A key that is not there, and what stands where it would. */
function absentKey(chain: ChainMaker, tree: TreeName, random: Random, kind: 'empty slot' | 'other leaf'): Uint8Array {
  for (;;) {
    const key = random.bytes(4)
    const { value, other } = chain.head.trees[tree].prove(key)
    if (value === null && (other === undefined) === (kind === 'empty slot')) return key
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
