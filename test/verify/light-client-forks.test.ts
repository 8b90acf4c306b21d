/** Two sealed blocks that contradict each other freeze a light client, and it hands out the evidence. */
import { describe, expect, it } from 'vitest'
import {
  type Claim,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  encodeProof,
  type LightClient,
  type Proof,
  type Step,
  verifyEvidence,
} from '../../src/verify/index.ts'
import { beginner, follower, proofOf, resealed, told } from '../support/follow.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

const maker = new ChainMaker(new Random(2)).grow(10)
/** The same up to height 4, and another chain from height 5 on. */
const other = maker.fork(4).grow(5)
const second = maker.delegate({ index: 1n })

function expectFork(step: Step, before: LightClient): void {
  expect(step.kind).toBe('fork')
  expect(step.verification.ok).toBe(false)
  expect(step.client.isFrozen).toBe(true)
  expect(step.client.head).toEqual(before.head)
  expect(step.client.fork).toEqual(step.evidence)
  const published = encodeEvidence(step.evidence as Evidence)
  expect(verifyEvidence(published, maker)).toMatchObject({ ok: true })
  expect(encodeEvidence(decodeEvidence(published))).toBe(published)
}

function failing(): Claim {
  return { kind: 'state', tree: 'state', key: Uint8Array.of(1), value: Uint8Array.of(1), siblings: [] }
}

describe('a fork is seen', () => {
  it.each([
    ['at the height of the head', [5], told(other, 5)],
    ['by the parent hash of the next block', [5], told(other, 6)],
    ['by a claim that names another ancestor', [5], told(other, 9, { names: [5] })],
    ['by the parent hash of the head, from a block below', [6], told(other, 5)],
    ['from a candidate that is older than the head', [5, 9], told(other, 5)],
    ['by what an older candidate names', [5, 9], told(other, 8, { names: [5] })],
    ['below a head that the candidate does not name', [5, 9], told(other, 7, { names: [0, 5, 6] })],
    ['under another key', [5], told(other, 5, { by: second })],
    ['though the claims beside it fail', [5], encodeProof({ ...proofOf(other, 5), claims: [failing()] })],
    [
      'though the claims before it fail',
      [5],
      encodeProof({ ...proofOf(other, 9), claims: [failing(), other.blockClaim(5n)] }),
    ],
    [
      'though the roots are incoherent',
      [5],
      encodeProof(resealed(other, proofOf(other, 5), { roots: { commands: sized(99n) } })),
    ],
    [
      'though the roots are not those of the block',
      [5],
      encodeProof({ ...proofOf(other, 5), roots: other.madeAt(4).roots }),
    ],
    [
      'though a revocation beside it is signed by nobody',
      [5],
      encodeProof({ ...proofOf(other, 5), revocations: [{ ...maker.revoke(0n, maker.head), index: 7n }] }),
    ],
  ])('%s', (_, heights, proof) => {
    const client = follower(maker, heights)
    expectFork(client.step(proof), client)
  })

  it('between the head and what came in the middle of many claims', () => {
    const client = follower(maker, [2, 6])
    expectFork(client.step(told(other, 9, { names: [0, 1, 2, 3, 6, 7] })), client)
  })

  it('even where the newer block names the head, if it says another thing of an older one', () => {
    const client = follower(maker, [3, 6])
    // A chain whose history is not its own: block 6 is in it, but another block stands where block 3 was.
    const history = maker.ranges.history.cut(0n)
    for (let i = 0; i < 9; i++) history.append(i === 3 ? other.madeAt(5).hash : maker.madeAt(i).hash)
    const proof = resealed(maker, proofOf(maker, 9), { roots: { history: history.rootAt(9n) } })
    const named = (height: number, blockHash: Uint8Array): Claim => {
      return { kind: 'block', height: BigInt(height), blockHash, path: history.path(BigInt(height), 9n) }
    }
    const claims = [named(6, maker.madeAt(6).hash), named(3, other.madeAt(5).hash)]
    expectFork(client.step(encodeProof({ ...proof, claims })), client)
  })
})

function sized(size: bigint): { size: bigint; root: Uint8Array } {
  return { size, root: new Uint8Array(32) }
}

it('the evidence cites the newest seal of a head, which is the likeliest to count still', () => {
  const sealedTwice = follower(maker, [5]).step(told(maker, 5, { by: second })).client
  const { evidence } = sealedTwice.step(told(other, 5))
  expect([evidence?.a.seal.delegation.index, evidence?.b.seal.delegation.index]).toEqual([1n, 0n])
})

describe('it is no fork', () => {
  const client = follower(maker, [5])

  it.each([
    ['a newer block that says nothing of the head', told(other, 9)],
    ['what a claim says whose path is wrong', encodeProof({ ...proofOf(other, 9), claims: [pathless()] })],
    ['a block that nobody sealed', encodeProof({ ...proofOf(other, 5), seal: maker.madeAt(5).seal })],
    ['a block under a delegation that the cold key did not sign', encodeProof(selfDelegated())],
    ['a block of another chain', told(new ChainMaker(new Random(3)).grow(6), 5)],
  ])('%s', (_, proof) => {
    const { kind, evidence, client: next } = client.step(proof)
    expect(kind).toBe('rejected')
    expect(evidence).toBe(undefined)
    expect(next.isFrozen).toBe(false)
  })

  it('before the first head', () => {
    expect(beginner(maker).step(told(other, 6)).kind).toBe('newer')
  })

  function pathless(): Claim {
    return { ...other.blockClaim(5n), path: [] } as Claim
  }

  function selfDelegated(): Proof {
    const foreign = new ChainMaker(new Random(4))
    return { ...proofOf(other, 5), seal: foreign.seal(other.madeAt(5).hash) }
  }
})

describe('a client frozen by a fork', () => {
  const before = follower(maker, [5])
  const frozen = before.step(told(other, 5)).client

  it('follows nobody, though it still says where it stood', () => {
    for (const proof of [told(maker, 9, { names: [5] }), told(maker, 5), told(maker, 4)]) {
      const step = frozen.step(proof)
      expect(step.kind).toBe('frozen')
      expect(step.client.isFrozen).toBe(true)
      expect(step.client.head).toEqual(before.head)
    }
  })

  it('says fork again to whoever contradicts it again', () => {
    expectForkAgain(told(other, 6))
    expectForkAgain(told(other, 9, { names: [5] }))
  })

  it('still rejects what is wrong by itself', () => {
    expect(frozen.step('{}').kind).toBe('rejected')
    expect(frozen.step(encodeProof({ ...proofOf(maker, 9), claims: [failing()] })).kind).toBe('rejected')
  })

  function expectForkAgain(proof: string): void {
    const step = frozen.step(proof)
    expect(step.kind).toBe('fork')
    expect(verifyEvidence(encodeEvidence(step.evidence as Evidence), maker).ok).toBe(true)
    expect(step.client.isFrozen).toBe(true)
  }
})

describe('a revocation explains a fork', () => {
  const before = follower(maker, [5])
  const third = maker.delegate({ index: 2n })

  it('when it takes the seal of the other side away: the client goes on', () => {
    const frozen = before.step(told(other, 5, { by: second })).client
    const client = frozen.learn([maker.revoke(1n, maker.madeAt(4))])
    expect(client.fork).toBe(undefined)
    expect(client.isFrozen).toBe(false)
    expect(client.step(told(maker, 9, { names: [5] })).kind).toBe('newer')
  })

  it('when it takes the seal of the accepted side away: the client goes on from an older head', () => {
    const fooled = follower(maker, [3]).step(told(other, 5, { names: [3], by: second })).client
    const frozen = fooled.step(told(maker, 5, { names: [3] })).client
    expect(frozen.isFrozen).toBe(true)
    const client = frozen.learn([maker.revoke(1n, maker.madeAt(4))])
    expect(client.isFrozen).toBe(false)
    expect(client.head?.height).toBe(3n)
    expect(client.step(told(maker, 9, { names: [3] })).kind).toBe('newer')
  })

  it('also when it comes inside the next proof', () => {
    const frozen = before.step(told(other, 5, { by: second })).client
    const revocations = [maker.revoke(1n, maker.madeAt(4))]
    expect(frozen.step(told(maker, 9, { names: [5], revocations })).kind).toBe('newer')
  })

  it('but not when it is of a third key', () => {
    const frozen = before.step(told(other, 5, { by: second })).client
    expect(frozen.learn([maker.revoke(2n, maker.madeAt(4))]).isFrozen).toBe(true)
  })

  it('but not when it leaves the seal of the other side valid', () => {
    const frozen = before.step(told(other, 5, { by: second })).client
    expect(frozen.learn([maker.revoke(1n, other.madeAt(5))]).isFrozen).toBe(true)
  })

  it('but not when the key of an old head is revoked that a later one, still valid, proves', () => {
    const client = follower(maker, [3]).step(told(maker, 6, { names: [3], by: second })).client
    const retired = client.learn([maker.revoke(0n, maker.madeAt(5))])
    // Now the holder of the second key contradicts block 3, which stands by what he sealed himself.
    const liar = maker.fork(2).grow(3)
    const step = retired.step(told(liar, 3, { by: second }))
    expect(step.kind).toBe('fork')
    expect(step.client.isFrozen).toBe(true)
    const later = step.client.step(
      told(maker, 7, { names: [6], by: second, revocations: [maker.revoke(2n, maker.head)] }),
    )
    expect(later.kind).toBe('frozen')
    expect(later.client.isFrozen).toBe(true)
  })

  it('and each of several forks by itself: what one key did is not forgotten over what another did', () => {
    const forked = before.step(told(other, 5, { by: second })).client
    const twice = forked.step(told(maker.fork(3).grow(3), 4 + 1, { by: third })).client
    const revocations = [maker.revoke(1n, maker.madeAt(4)), maker.revoke(2n, maker.madeAt(4))]
    for (const [first, then] of [revocations, [...revocations].reverse()] as const) {
      const half = twice.learn([first as never])
      expect(half.isFrozen).toBe(true)
      expect(half.learn([then as never]).isFrozen).toBe(false)
    }
  })

  it('but comes back with the head that it contradicts, though the block that proves this says nothing of the other', () => {
    const frozen = follower(maker, [7]).step(told(other, 6, { by: second })).client
    const waiting = frozen.learn([maker.revoke(0n, maker.madeAt(8))])
    expect(waiting.fork).toBe(undefined)
    expect(waiting.pending.map(({ height }) => height)).toEqual([7n])
    const step = waiting.step(told(maker, 9, { names: [7], by: third }))
    expect(step.kind).toBe('fork')
    expect(step.client.isFrozen).toBe(true)
    expect(verifyEvidence(encodeEvidence(step.evidence as Evidence), maker).ok).toBe(true)
    expect(step.client.learn([maker.revoke(1n, maker.madeAt(4))])).toMatchObject({
      isFrozen: false,
      head: { height: 9n },
    })
  })

  it('but what a key in force said remains said, if the head comes to stand again', () => {
    // Sealed by the second key: a block that contradicts the head, which rests on the first.
    const frozen = before.step(told(other, 5, { by: second })).client
    // The first is retired properly; the head waits to be proved by another key.
    const waiting = frozen.learn([maker.revoke(0n, maker.madeAt(8))])
    expect(waiting.head).toBe(undefined)
    // By the second, that is: which has now said two different things of one height.
    const step = waiting.step(told(maker, 9, { names: [5], by: second }))
    expectFork(step, waiting)
    // Had the third said it, it would be the same: two keys in force contradict each other.
    expectFork(waiting.step(told(maker, 9, { names: [5], by: third })), waiting)
    const explained = step.client.learn([maker.revoke(1n, maker.madeAt(4))])
    expect(explained.step(told(maker, 9, { names: [5], by: third })).kind).toBe('newer')
  })
})

it('a key that contradicts itself in plain sight keeps the client frozen, also when the key of the head is revoked', () => {
  const chain = new ChainMaker(new Random(1)).grow(4)
  const thief = chain.delegate({ index: 1n })
  const [one, two] = [chain.fork(2), chain.fork(2)]
  chain.block([{}])
  one.block([{ type: 'one' }], { by: thief })
  two.block([{ type: 'two' }], { by: thief })
  const head = chain.madeAt(3)
  let client = beginner(chain).step(encodeProof(chain.proof([], chain.madeAt(2)))).client
  client = client.step(encodeProof(chain.proof([chain.blockClaim(2n, head)], head))).client
  for (const fork of [one, two]) client = client.step(encodeProof(fork.proof([]))).client
  client = client.learn([chain.revoke(0n, chain.madeAt(2))])
  expect(client.isFrozen).toBe(true)
  expect(verifyEvidence(encodeEvidence(client.fork as Evidence), chain).ok).toBe(true)
  expect(client.learn([chain.revoke(1n, chain.madeAt(2))]).isFrozen).toBe(false)
})

it('a key that contradicts itself without end does not make the client forget what another one did', () => {
  const [thief, accomplice] = [maker.delegate({ index: 3n }), maker.delegate({ index: 4n })]
  const before = follower(maker, [5]).step(told(other, 5, { by: accomplice })).client
  const endless = Array.from({ length: 12 }, (_, i) => {
    const chain = maker.fork(4)
    chain.block(Array.from({ length: i + 1 }, () => ({})))
    return told(chain, 5, { by: thief })
  })
  const client = endless.reduce((each, proof) => each.step(proof).client, before)
  expect(client.save().length).toBeLessThan(20_000)
  const [ofThief, ofAccomplice] = [maker.revoke(3n, maker.madeAt(4)), maker.revoke(4n, maker.madeAt(4))]
  expect(client.learn([ofThief]).isFrozen).toBe(true)
  expect(client.learn([ofAccomplice]).isFrozen).toBe(true)
  expect(client.learn([ofThief, ofAccomplice]).isFrozen).toBe(false)
})

it('what a revoked key contradicts freezes nobody, and can still be published', () => {
  const before = follower(maker, [3, 8]).learn([maker.revoke(1n, maker.madeAt(4))])
  const step = before.step(told(other, 8, { names: [3], by: second }))
  expect(step.kind).toBe('revoked')
  expect(step.client.isFrozen).toBe(false)
  expect(verifyEvidence(encodeEvidence(step.evidence as Evidence), maker).ok).toBe(true)
})
