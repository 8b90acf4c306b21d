/** The light client against a plain model of it, over random chains with forks, several keys, and revocations of any kind. */
import { expect, it } from 'vitest'
import { encodeProof, LightClient, type Revocation, toHex } from '../../src/verify/index.ts'
import { beginner, proofOf } from '../support/follow.ts'
import { LightClientModel, type Presented } from '../support/light-client-model.ts'
import { ChainMaker, type HotKey } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'
import { toyEngine } from '../support/toy-engine.ts'

const CHAINS = 150
const STEPS = 40

/** An honest chain, others that part from it or from each other, and keys that any of their blocks may be sealed by. */
function makeWorld(random: Random): { chains: ChainMaker[]; keys: HotKey[]; revocations: Revocation[] } {
  const maker = new ChainMaker(random, toyEngine)
  const extend = (chain: ChainMaker, blocks: number): ChainMaker => {
    for (let i = 0; i < blocks; i++) chain.block([{}], { opensEpoch: chain.blocks.length > 0 && random.below(6) === 0 })
    return chain
  }
  const chains = [extend(maker, 12)]
  for (let i = 0; i < 3; i++) {
    const trunk = random.pick(chains)
    const from = random.below(trunk.blocks.length - 1)
    // `fork` draws from a generator of its own: without another height it would grow the same blocks again.
    const branch = trunk.fork(from)
    extend(branch.block(Array.from({ length: i + 1 }, () => ({}))) && branch, 1 + random.below(7))
    chains.push(branch)
  }
  const [early, late] = [maker.madeAt(2), maker.madeAt(8)].map(({ header }) => header.timestamp)
  const keys = [maker.hot, maker.delegate({ index: 1n }), maker.delegate({ index: 2n })]
  keys.push(maker.delegate({ index: 3n, validFrom: early as bigint, validUntil: late as bigint }))
  const revocations = Array.from({ length: 12 }, () => {
    const chain = random.below(4) === 0 ? random.pick(chains) : maker
    return maker.revoke(BigInt(random.below(4)), random.pick(chain.blocks))
  })
  return { chains, keys, revocations }
}

/** Any block of any chain, mostly one that names what the client has. */
function makeProof(
  { chains, keys, revocations }: ReturnType<typeof makeWorld>,
  model: LightClientModel,
  random: Random,
) {
  const chain = random.below(3) === 0 ? random.pick(chains) : (chains[0] as ChainMaker)
  const head = model.head?.height ?? 0
  const top = chain.blocks.length
  const height = Math.min(top - 1, random.below(3) === 0 ? random.below(top) : head + random.below(4))
  const wanted = [head, ...model.pending.map((each) => each.height)].filter(() => random.below(6) > 0)
  const names = [...new Set([...wanted, random.below(top)])].filter((each) => each < height)
  const by = random.pick(keys)
  const brought = random.below(8) === 0 ? [random.pick(revocations)] : []
  const isSpoiled = random.below(8) === 0
  const proof = proofOf(chain, height, { names, by, revocations: brought })
  const failing = { kind: 'state', tree: 'risk', key: Uint8Array.of(7), value: Uint8Array.of(7), siblings: [] } as const
  const { header, hash } = chain.madeAt(height)
  const presented: Presented = {
    height,
    hash: toHex(hash),
    parentHash: toHex(header.parentHash),
    timestamp: header.timestamp,
    by: by.delegation,
    named: new Map(names.map((each) => [each, toHex(chain.madeAt(each).hash)])),
    revocations: brought,
    isSpoiled,
  }
  return { presented, text: encodeProof(isSpoiled ? { ...proof, claims: [...proof.claims, failing] } : proof) }
}

const summary = ({ head, pending, isFrozen }: { head: At | undefined; pending: readonly At[]; isFrozen: boolean }) => ({
  head: head && nameOf(head),
  pending: pending.map(nameOf),
  isFrozen,
})

type At = { readonly height: number | bigint; readonly hash?: string; readonly blockHash?: Uint8Array }

function nameOf({ height, hash, blockHash }: At): string {
  return `${height} ${hash ?? (blockHash && toHex(blockHash))}`
}

it(`decides as the model does, step by step (seed ${seed})`, () => {
  const random = new Random()
  const kinds = new Map<string, number>()
  for (let run = 0; run < CHAINS; run++) {
    const world = makeWorld(random)
    const pinned = random.below(4) === 0 ? random.pick((world.chains[0] as ChainMaker).blocks) : undefined
    const model = new LightClientModel(pinned && { height: Number(pinned.header.height), hash: toHex(pinned.hash) })
    let client = beginner(world.chains[0] as ChainMaker, toyEngine, pinned)
    for (let i = 0; i < STEPS; i++) {
      client = LightClient.load(client.save(), toyEngine)
      const where = `run ${run}, step ${i}`
      const answered = { client: '', model: '' }
      if (random.below(25) === 0) {
        const revocations = [random.pick(world.revocations)]
        client = client.learn(revocations)
        model.learn(revocations)
      } else {
        const { presented, text } = makeProof(world, model, random)
        const step = client.step(text)
        client = step.client
        answered.client = step.kind
        answered.model = model.step(presented)
        kinds.set(step.kind, (kinds.get(step.kind) ?? 0) + 1)
      }
      expect({ where, kind: answered.client, ...summary(client) }).toEqual({
        where,
        kind: answered.model,
        ...summary(model),
      })
    }
  }
  // Every kind of answer was given, and often enough to say something.
  for (const kind of ['newer', 'same', 'older', 'fork', 'expired', 'revoked', 'frozen', 'rejected']) {
    expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(20)
  }
})
