/** A light client freezes when nothing that it accepted stands, and goes on as soon as any of it is proved by a key that counts. */
import { describe, expect, it } from 'vitest'
import { type Claim, encodeProof, type LightClient, type Proof, type Revocation } from '../../src/verify/index.ts'
import { follower, proofOf, resealed, told } from '../support/follow.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

const maker = new ChainMaker(new Random(12)).grow(16)
const second = maker.delegate({ index: 1n })
const later = { by: second }

/** As if the key of `index` had been good for the blocks below this height only, though its maker sealed none of them. */
function revokedFrom(index: bigint, height: number): Revocation {
  return maker.revoke(index, maker.madeAt(height - 1))
}

function heights(client: LightClient): { head: bigint | undefined; pending: bigint[]; isFrozen: boolean } {
  return { head: client.head?.height, pending: client.pending.map(({ height }) => height), isFrozen: client.isFrozen }
}

describe('a client that freezes', () => {
  const frozen = follower(maker, [3, 6]).learn([revokedFrom(0n, 11)])

  it('has no head, and says what it waits for', () => {
    expect(heights(frozen)).toEqual({ head: undefined, pending: [3n, 6n], isFrozen: true })
    expect(frozen.pending[1]).toEqual({
      height: 6n,
      blockHash: maker.madeAt(6).hash,
      epoch: 1n,
      timestamp: maker.madeAt(6).header.timestamp,
    })
  })

  it('takes nothing that does not prove any of it', () => {
    for (const proof of [
      told(maker, 12, later),
      told(maker, 12, { names: [2, 4, 5], ...later }),
      told(maker, 4, later),
      told(maker, 2, later),
    ]) {
      const step = frozen.step(proof)
      expect(step.kind).toBe('frozen')
      expect(step.verification.ok).toBe(false)
      expect(step.client.save()).toBe(frozen.save())
    }
  })

  it('goes on when the last good block proves it', () => {
    const step = frozen.step(told(maker, 10, { names: [6] }))
    expect(step.kind).toBe('newer')
    expect(heights(step.client)).toEqual({ head: 10n, pending: [], isFrozen: false })
  })

  it('goes on when a later block under another key proves it', () => {
    const step = frozen.step(told(maker, 12, { names: [6], ...later }))
    expect(heights(step.client)).toEqual({ head: 12n, pending: [], isFrozen: false })
  })

  it('goes on from an older one when only that is proved', () => {
    const step = frozen.step(told(maker, 12, { names: [3], ...later }))
    expect(step.kind).toBe('newer')
    expect(heights(step.client)).toEqual({ head: 12n, pending: [], isFrozen: false })
  })

  it('goes on when the very block is sealed by another key', () => {
    const step = frozen.step(told(maker, 6, later))
    expect(step.kind).toBe('same')
    expect(heights(step.client)).toEqual({ head: 6n, pending: [], isFrozen: false })
    expect(step.client.step(told(maker, 9, { names: [6], ...later })).kind).toBe('newer')
  })

  it('stands only up to what was proved', () => {
    const step = frozen.step(told(maker, 3, later))
    expect(heights(step.client)).toEqual({ head: 3n, pending: [6n], isFrozen: false })
    expect(heights(step.client.step(told(maker, 6, later)).client)).toEqual({ head: 6n, pending: [], isFrozen: false })
  })

  it.each([
    ['by the revoked key', told(maker, 9, { names: [6] }), 'revoked'],
    ['by a claim that fails', encodeProof(pathless()), 'rejected'],
    ['by a block with an earlier time', encodeProof(earlier()), 'frozen'],
  ])('does not go on %s', (_, proof, kind) => {
    const step = frozen.step(proof)
    expect(step.kind).toBe(kind)
    expect(step.client.save()).toBe(frozen.save())
  })

  it('does not go on by what contradicts an older head that would stand again', () => {
    const liar = maker.fork(2).grow(1)
    const history = maker.ranges.history.cut(0n)
    for (let i = 0; i < 12; i++) history.append(i === 3 ? liar.madeAt(3).hash : maker.madeAt(i).hash)
    const proof = resealed(maker, proofOf(maker, 12), { roots: { history: history.rootAt(12n) }, by: second })
    const named = (height: number, blockHash: Uint8Array): Claim => {
      return { kind: 'block', height: BigInt(height), blockHash, path: history.path(BigInt(height), 12n) }
    }
    const claims = [named(6, maker.madeAt(6).hash), named(3, liar.madeAt(3).hash)]
    const step = frozen.step(encodeProof({ ...proof, claims }))
    expect(step.kind).toBe('fork')
    expect(step.client.head).toBe(undefined)
  })

  it('stays frozen when nothing is left to prove', () => {
    const dead = follower(maker, [8]).learn([revokedFrom(0n, 6)])
    expect(heights(dead)).toEqual({ head: undefined, pending: [], isFrozen: true })
    expect(dead.step(told(maker, 12, { names: [5, 8], ...later })).kind).toBe('frozen')
  })

  function pathless(): Proof {
    const claim = { ...maker.blockClaim(6n), path: [] } as Claim
    return { ...proofOf(maker, 12, later), claims: [claim] }
  }

  function earlier(): Proof {
    const timestamp = maker.madeAt(6).header.timestamp - 1n
    return resealed(maker, proofOf(maker, 12, { names: [6] }), { header: { timestamp }, by: second })
  }
})
