/** What a light client accepted does not stay accepted when its key is revoked: FORMAT §8, "A revocation also reaches back". */
import { describe, expect, it } from 'vitest'
import {
  encodeGenesis,
  encodeProof,
  LightClient,
  nobleEngine,
  type Revocation,
  revocationDigest,
} from '../../src/verify/index.ts'
import { beginner, follower, proofOf, told } from '../support/follow.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

const maker = new ChainMaker(new Random(5)).grow(16)
/** What the holder of a stolen key made of the chain from height 6 on. */
const stolen = maker.fork(5).grow(8)
const [second, third] = [maker.delegate({ index: 1n }), maker.delegate({ index: 2n })]
const later = { by: second }

/** As if the key of `index` had been good for the blocks below this height only, though its maker sealed none of them. */
function revokedFrom(index: bigint, height: number): Revocation {
  return maker.revoke(index, maker.madeAt(height - 1))
}

/** It leaves no block at all, whatever block it names. */
const fromTheStart = maker.revoke(0n, { header: { ...maker.head.header, height: -1n }, hash: maker.madeAt(7).hash })

function heights(client: LightClient): { head: bigint | undefined; pending: bigint[]; isFrozen: boolean } {
  return { head: client.head?.height, pending: client.pending.map(({ height }) => height), isFrozen: client.isFrozen }
}

describe('a delegation that no longer counts', () => {
  const [start, end] = [maker.madeAt(5).header.timestamp, maker.madeAt(8).header.timestamp]
  const short = maker.delegate({ index: 9n, validFrom: start, validUntil: end })
  const client = follower(maker, [4])

  it.each([
    [4, 'rejected'],
    [5, 'newer'],
    [8, 'newer'],
    [9, 'expired'],
  ] as const)('for blocks 5 to 8: block %i is %s', (height, kind) => {
    const names = height > 4 ? [4] : []
    const step = client.step(told(maker, height, { names, by: short }))
    expect(step.kind).toBe(kind)
    expect(step.verification.ok).toBe(kind === 'newer')
  })

  it('is called expired only when the cold key gave it and the delegate used it', () => {
    const { seal, ...proof } = proofOf(maker, 9, { names: [4], by: short })
    const foreign = new ChainMaker(new Random(6)).delegate({ index: 9n, validFrom: start, validUntil: end })
    for (const forged of [
      { ...seal, signature: seal.signature.toReversed() },
      maker.seal(maker.madeAt(9).hash, foreign),
    ]) {
      expect(client.step(encodeProof({ ...proof, seal: forged })).kind).toBe('rejected')
    }
  })

  it('is called revoked when it is, whoever said so, and the verdict says it too', () => {
    const revocation = revokedFrom(0n, 8)
    for (const [knowing, revocations] of [
      [client.learn([revocation]), []],
      [client, [revocation]],
      [client.step(told(maker, 2, { revocations: [revocation] })).client, []],
    ] as const) {
      const step = knowing.step(told(maker, 9, { names: [4], revocations }))
      expect(step.kind).toBe('revoked')
      expect(step.verification.verdicts).toContainEqual(
        expect.objectContaining({ check: 'revocation', verdict: 'fail' }),
      )
      expect(step.verification.ok).toBe(false)
    }
  })

  it('is revoked for a block below the last good one as well, which goes on being proved by newer ones', () => {
    const knowing = follower(maker, [4]).learn([revokedFrom(0n, 8)])
    expect(knowing.step(told(maker, 6, { names: [4] })).kind).toBe('revoked')
    expect(knowing.step(told(maker, 7, { names: [4] })).kind).toBe('newer')
  })

  it('is revoked for every block when it is revoked from 0 on', () => {
    expect(fromTheStart.fromHeight).toBe(0n)
    for (const height of [0, 7]) {
      expect(beginner(maker).step(told(maker, height, { revocations: [fromTheStart] })).kind).toBe('revoked')
    }
  })
})

describe('a revocation that is learned later', () => {
  it('leaves the head that it names as the last good one, and all below it', () => {
    const client = follower(maker, [3, 7]).learn([revokedFrom(0n, 8)])
    expect(heights(client)).toEqual({ head: 7n, pending: [], isFrozen: false })
    expect(client.step(told(maker, 9, { names: [7], ...later })).kind).toBe('newer')
  })

  it('drops a head above the last good one, and goes on from that', () => {
    const client = follower(maker, [3, 7, 8, 11]).learn([revokedFrom(0n, 8)])
    expect(heights(client)).toEqual({ head: 7n, pending: [], isFrozen: false })
  })

  it('drops a head at the height of the last good one that is another block', () => {
    const fooled = follower(stolen, [3, 7]).learn([revokedFrom(0n, 8)])
    expect(heights(fooled)).toEqual({ head: undefined, pending: [3n], isFrozen: true })
  })

  it('drops a head at its own from height, and keeps the one right below in doubt when it is not the last good one', () => {
    const client = follower(maker, [5, 6, 8]).learn([revokedFrom(0n, 8)])
    expect(heights(client)).toEqual({ head: undefined, pending: [5n, 6n], isFrozen: true })
  })

  it('drops them all when it is from 0 on', () => {
    const client = follower(maker, [0, 3]).learn([fromTheStart])
    expect(heights(client)).toEqual({ head: undefined, pending: [], isFrozen: true })
  })

  it('leaves what rests on another key alone', () => {
    const client = follower(maker, [3, 7], second).learn([revokedFrom(0n, 2)])
    expect(heights(client)).toEqual({ head: 7n, pending: [], isFrozen: false })
  })

  it('leaves older heads that a head under another key proves', () => {
    const client = follower(maker, [3]).step(told(maker, 9, { names: [3], ...later })).client
    expect(heights(client.learn([revokedFrom(0n, 8)]))).toEqual({ head: 9n, pending: [], isFrozen: false })
    // That the older one is still there shows when the newer one goes as well: it waits.
    const both = client.learn([revokedFrom(0n, 8), revokedFrom(1n, 9)])
    expect(heights(both)).toEqual({ head: undefined, pending: [3n], isFrozen: true })
  })

  it('never touches a head that was pinned', () => {
    const { header, hash } = maker.madeAt(5)
    const [genesis, head] = [encodeGenesis(maker.identity.genesis), { height: header.height, blockHash: hash }]
    const pinned = LightClient.pin({ chainId: maker.chainId, genesis, head })
    const client = pinned.step(told(maker, 9, { names: [5] })).client.learn([revokedFrom(0n, 3)])
    expect(heights(client)).toEqual({ head: 5n, pending: [], isFrozen: false })
    expect(client.step(told(maker, 12, { names: [5], ...later })).kind).toBe('newer')
  })

  it('is refused as a whole with one that the cold key did not sign', () => {
    const client = follower(maker, [3, 7])
    const foreign = new ChainMaker(new Random(7)).grow(1)
    const bad = [
      foreign.revoke(0n, maker.madeAt(2)),
      { ...revokedFrom(0n, 3), fromHeight: 4n },
      { ...revokedFrom(0n, 3), index: 1n },
      { ...revokedFrom(0n, 3), parentHash: maker.madeAt(5).hash },
      { ...revokedFrom(0n, 3), signature: new Uint8Array(65) },
      { ...revokedFrom(0n, 3), signature: nobleEngine.secp256k1.sign(digestOf(0n), second.privateKey) },
    ]
    for (const each of bad) {
      expect(() => client.learn([revokedFrom(1n, 3), each])).toThrow(
        expect.objectContaining({ name: 'CairnError', code: 'revocation_invalid' }),
      )
      const { kind, client: next } = client.step(told(maker, 9, { names: [7], revocations: [each] }))
      expect(kind).toBe('rejected')
      expect(heights(next)).toEqual({ head: 7n, pending: [], isFrozen: false })
    }
  })

  function digestOf(index: bigint): Uint8Array {
    return revocationDigest(maker.identity, revokedFrom(index, 3), nobleEngine.hasher)
  }
})

describe('a revocation that comes inside a proof', () => {
  const revocations = [revokedFrom(0n, 8)]

  it('counts as if it had been learned, whatever becomes of the proof', () => {
    const client = follower(maker, [3, 7, 9])
    for (const proof of [
      told(maker, 12, { revocations }),
      told(maker, 2, { revocations }),
      encodeProof({ ...proofOf(maker, 12, { revocations }), seal: maker.madeAt(1).seal }),
    ]) {
      expect(heights(client.step(proof).client)).toEqual({ head: 7n, pending: [], isFrozen: false })
    }
  })

  it('counts before the proof does: the block under the next key is measured by what stands then', () => {
    const client = follower(maker, [3, 7, 9])
    expect(client.step(told(maker, 12, { names: [7], revocations, ...later })).kind).toBe('newer')
    expect(client.step(told(maker, 12, { names: [3], revocations, ...later })).kind).toBe('rejected')
  })

  it('does not make the client say that others were asked', () => {
    const { verification } = follower(maker, [3]).step(told(maker, 12, { names: [3], revocations, ...later }))
    expect(verification.verdicts).toContainEqual(expect.objectContaining({ check: 'revocation', verdict: 'unchecked' }))
  })

  it('counts for nothing when it is of another chain', () => {
    const foreign = new ChainMaker(new Random(8)).grow(9)
    const proof = told(foreign, 8, { revocations: [foreign.revoke(0n, foreign.madeAt(2))] })
    const client = follower(maker, [7])
    const { kind, client: next } = client.step(proof)
    expect(kind).toBe('rejected')
    expect(next.save()).toBe(client.save())
    // But the cold key's own word is true wherever it stands.
    const carrying = client.step(told(foreign, 8, { revocations })).client
    expect(carrying.save()).toBe(client.step(told(maker, 2, { revocations })).client.save())
  })

  it('is remembered once, however often and in however many signatures it comes', () => {
    const known = follower(maker, [7]).learn(revocations)
    expect(known.learn([...revocations, ...revocations]).save()).toBe(known.save())
    expect(
      follower(maker, [7])
        .learn([...revocations, ...revocations])
        .save(),
    ).toBe(known.save())
    expect(known.step(told(maker, 2, { revocations })).client.save()).toBe(known.save())
  })
})

describe('several keys and several revocations', () => {
  it('each takes its own: the client goes on from the newest that stands', () => {
    const client = [
      told(maker, 5, { names: [2], by: second }),
      told(maker, 8, { names: [5], by: third }),
      told(maker, 11, { names: [8], by: second }),
    ].reduce((each, proof) => each.step(proof).client, follower(maker, [2]))
    expect(client.head?.height).toBe(11n)
    const without = (...revocations: Revocation[]) => heights(client.learn(revocations))
    expect(without(revokedFrom(1n, 10))).toEqual({ head: 8n, pending: [], isFrozen: false })
    expect(without(revokedFrom(2n, 7))).toEqual({ head: 11n, pending: [], isFrozen: false })
    expect(without(revokedFrom(1n, 4))).toEqual({ head: 8n, pending: [], isFrozen: false })
    expect(without(revokedFrom(1n, 4), revokedFrom(2n, 8))).toEqual({ head: 2n, pending: [], isFrozen: false })
    expect(without(revokedFrom(1n, 10), revokedFrom(2n, 8))).toEqual({ head: 2n, pending: [5n], isFrozen: false })
    expect(without(revokedFrom(1n, 4), revokedFrom(2n, 8), revokedFrom(0n, 2)).isFrozen).toBe(true)
    expect(without(revokedFrom(0n, 3), revokedFrom(1n, 4), revokedFrom(2n, 4)).head).toBe(2n)
  })

  it('in whatever order they are learned', () => {
    const client = follower(maker, [2, 4]).step(told(maker, 8, { names: [4], by: second })).client
    const [a, b] = [revokedFrom(0n, 5), revokedFrom(1n, 7)]
    expect(client.learn([a]).learn([b]).head).toEqual(client.learn([b]).learn([a]).head)
    expect(client.learn([a, b]).head?.height).toBe(4n)
  })

  it('two revocations of one key that name different last blocks leave it none', () => {
    const client = follower(maker, [3, 6]).learn([revokedFrom(0n, 7), revokedFrom(0n, 9)])
    expect(heights(client)).toEqual({ head: undefined, pending: [3n, 6n], isFrozen: true })
    const stricter = follower(maker, [3, 6, 8]).learn([revokedFrom(0n, 9), revokedFrom(0n, 4)])
    expect(heights(stricter)).toEqual({ head: undefined, pending: [3n], isFrozen: true })
  })

  it('two that differ in one member only are two', () => {
    const { header, hash } = maker.madeAt(7)
    const client = follower(maker, [3, 7]).learn([revokedFrom(0n, 8)])
    expect(client.head?.height).toBe(7n)
    for (const other of [
      maker.revoke(0n, { header, hash: stolen.madeAt(7).hash }),
      maker.revoke(0n, { header: { ...header, height: 8n }, hash }),
    ]) {
      expect(client.learn([other]).isFrozen).toBe(true)
    }
  })

  it('a head in doubt is dropped when another revocation says so', () => {
    const waiting = follower(maker, [3, 6]).learn([revokedFrom(0n, 9)])
    expect(heights(waiting.learn([revokedFrom(0n, 5)]))).toEqual({ head: undefined, pending: [3n], isFrozen: true })
  })
})

describe('the same block under another key', () => {
  const client = follower(maker, [6])
  const both = client.step(told(maker, 6, later)).client

  it('outlives the revocation of the first, and of the second', () => {
    expect(client.learn([revokedFrom(0n, 4)]).isFrozen).toBe(true)
    expect(heights(both.learn([revokedFrom(0n, 4)]))).toEqual({ head: 6n, pending: [], isFrozen: false })
    expect(heights(both.learn([revokedFrom(1n, 4)]))).toEqual({ head: 6n, pending: [], isFrozen: false })
    expect(both.learn([revokedFrom(0n, 4), revokedFrom(1n, 4)]).isFrozen).toBe(true)
  })

  it('is remembered once a key, however often it comes', () => {
    const again = [told(maker, 6), told(maker, 6, later), told(maker, 6)]
    expect(again.reduce((each, proof) => each.step(proof).client, both).save()).toBe(both.save())
  })

  it('does not push out what waits above it', () => {
    const waiting = follower(maker, [3], second)
      .step(told(maker, 6, { names: [3] }))
      .client.learn([revokedFrom(0n, 9)])
    expect(heights(waiting)).toEqual({ head: 3n, pending: [6n], isFrozen: false })
    const resealed = waiting.step(told(maker, 3, { by: third })).client
    expect(heights(resealed)).toEqual({ head: 3n, pending: [6n], isFrozen: false })
  })

  it('does not push out what waits above it either when it was pinned and this is its first seal', () => {
    const pinned = beginner(maker, nobleEngine, maker.madeAt(3))
    const waiting = pinned.step(told(maker, 6, { names: [3] })).client.learn([revokedFrom(0n, 9)])
    const sealed = waiting.step(told(maker, 3, { by: third }))
    expect(sealed.kind).toBe('same')
    expect(heights(sealed.client)).toEqual({ head: 3n, pending: [6n], isFrozen: false })
    expect(sealed.client.save()).not.toBe(waiting.save())
  })
})
