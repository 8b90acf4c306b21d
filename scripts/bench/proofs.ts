/** How fast proofs are verified, from their text to the verdicts: proofs of ten claims under the blocks of a chain of 20,000 commands. */

import { type Figure, figure } from '../../src/cli/bench/figures.ts'
import { blockHash, type Engine, encodeProof, nobleEngine, type Proof, verifyProof } from '../../src/verify/index.ts'
import { ChainMaker, type MadeBlock, type Order } from '../../test/support/maker.ts'
import { Random } from '../../test/support/seed.ts'
import { rates, type Work } from './measure.ts'

const BLOCKS = 200
const COMMANDS_PER_BLOCK = 100
const PROOFS = 150

export interface Proofs {
  readonly chainId: Uint8Array
  /** Each under another block, all sealed under one delegation: whose signer is remembered after the first. */
  readonly texts: readonly Uint8Array[]
  /** The same, each sealed under a delegation of its own: more of them than are remembered. */
  readonly strangers: readonly Uint8Array[]
}

/** The same every time. */
export function makeProofs(engine: Engine): Proofs {
  const random = new Random(1)
  const maker = new ChainMaker(random, engine)
  const key = (): Uint8Array => new TextEncoder().encode(`account/${random.below(50_000)}`)
  const order = (): Order => ({
    client: `desk-${random.below(50)}`,
    type: 'transfer',
    payload: random.bytes(120),
    salt: random.bytes(32),
    reply: random.bytes(40),
    obligations: [{ topic: 'transferred', data: random.bytes(80) }],
    intents: random.below(10) === 0 ? [{ kind: 'withdraw', data: random.bytes(80) }] : [],
    writes: [['state', key(), random.bytes(100)]],
  })
  for (let i = 0; i < BLOCKS; i++) maker.block(Array.from({ length: COMMANDS_PER_BLOCK }, order))
  const proofs = maker.blocks.slice(-PROOFS).map((at) => proofUnder(maker, at, random))
  const encode = (proof: Proof): Uint8Array => new TextEncoder().encode(encodeProof(proof))
  const sealedAnew = proofs.map((proof, i) => {
    const hash = blockHash(maker.identity, proof.block, engine.hasher)
    return { ...proof, seal: maker.seal(hash, maker.delegate({ index: BigInt(i) })) }
  })
  return { chainId: maker.chainId, texts: proofs.map(encode), strangers: sealedAnew.map(encode) }
}

function proofUnder(maker: ChainMaker, at: MadeBlock, random: Random): Proof {
  const below = (size: bigint): bigint => BigInt(random.below(Number(size)))
  const written = at.commands.slice(0, 2).map(({ seq }) => maker.writesOf(seq)[0]?.[1] as Uint8Array)
  const { commands, obligations, intents } = at.roots
  return maker.proof(
    [
      maker.commandClaim(below(commands.size), at),
      maker.commandClaim(below(commands.size), at),
      maker.commandClaim(below(commands.size), at),
      maker.obligationClaim(below(obligations.size), at),
      maker.intentClaim(below(intents.size), at),
      ...written.map((each) => maker.stateClaim('state', each, at)),
      maker.stateClaim('state', random.bytes(12), at),
      maker.blockClaim(below(at.header.height), at),
      maker.consistencyClaim('commands', below(commands.size), at),
    ],
    at,
  )
}

export function proofFigures({ chainId, texts, strangers }: Proofs, fast: Engine): Figure[] {
  const verify =
    (proofs: readonly Uint8Array[], engine: Engine): Work =>
    (i) => {
      const { ok, verdicts } = verifyProof(proofs[i % proofs.length] as Uint8Array, { chainId }, engine)
      if (!ok) throw new Error('a good proof is refused')
      return verdicts.length
    }
  const what = 'proof of 10 claims, verified from its text'
  return [
    figure(`${what}: noble alone`, '/s', rates(verify(texts, nobleEngine)), { atLeast: 200 }),
    figure(`${what}: fast engines`, '/s', rates(verify(texts, fast)), { atLeast: 3000 }),
    figure(`${what}, every delegation new: noble alone`, '/s', rates(verify(strangers, nobleEngine))),
    figure(`${what}, every delegation new: fast engines`, '/s', rates(verify(strangers, fast))),
  ]
}
