/** A light client goes forward on proofs alone, and tells what each of them is to it. */
import { describe, expect, it } from 'vitest'
import {
  type BlockClaim,
  CairnError,
  type Claim,
  encodeGenesis,
  encodeProof,
  type Head,
  LightClient,
  type Step,
  toHex,
} from '../../src/verify/index.ts'
import { beginner, follower, proofOf, resealed, told } from '../support/follow.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

const maker = new ChainMaker(new Random(1)).grow(4)
maker.block([], { opensEpoch: true })
maker.grow(7)
const genesis = encodeGenesis(maker.identity.genesis)
const { chainId } = maker

function headAt(height: number): Head {
  const { header, hash } = maker.madeAt(height)
  return { height: header.height, blockHash: hash, epoch: header.epoch, timestamp: header.timestamp }
}

function verdictOf({ verification }: Step, check: string): string | undefined {
  return verification.verdicts.find((each) => each.check === check)?.verdict
}

function reasonOf({ verification }: Step, check: string): string | undefined {
  return verification.verdicts.find((each) => each.check === check)?.reason
}

describe('from the chain id and the genesis', () => {
  it('has no head, and takes the first block that is sealed', () => {
    const client = beginner(maker)
    expect(client.head).toBe(undefined)
    expect(client.isFrozen).toBe(false)
    const step = client.step(told(maker, 4))
    expect(step.kind).toBe('newer')
    expect(step.verification.ok).toBe(true)
    expect(step.client.head).toEqual(headAt(4))
    expect(step.client.chainId).toEqual(chainId)
  })

  it('says that the first one was compared with nothing, and that nobody was asked for revocations', () => {
    const step = beginner(maker).step(told(maker, 4))
    expect(verdictOf(step, 'head')).toBe('unchecked')
    expect(verdictOf(step, 'revocation')).toBe('unchecked')
    expect(verdictOf(beginner(maker).learn([]).step(told(maker, 4)), 'revocation')).toBe('ok')
  })

  it('takes the chain id as text too, and refuses the genesis of another chain', () => {
    expect(LightClient.pin({ chainId: toHex(chainId), genesis }).chainId).toEqual(chainId)
    const other = encodeGenesis({ ...maker.identity.genesis, createdAt: 1n })
    expect(() => LightClient.pin({ chainId, genesis: other })).toThrow(
      expect.objectContaining({ name: 'CairnError', code: 'wrong_chain' }),
    )
    expect(() => LightClient.pin({ chainId: '0x', genesis })).toThrow(CairnError)
    expect(() => LightClient.pin({ chainId, genesis: '{}' })).toThrow(CairnError)
  })

  it('does not change: an older client still stands where it stood', () => {
    const client = beginner(maker)
    client.step(told(maker, 4))
    expect(client.head).toBe(undefined)
  })
})

describe('from a pinned head', () => {
  const pinned = LightClient.pin({ chainId, genesis, head: headAt(5) })

  it('has that head before any proof', () => {
    expect(pinned.head).toEqual(headAt(5))
    expect(pinned.isFrozen).toBe(false)
  })

  it('takes only what comes after it', () => {
    expect(pinned.step(told(maker, 7, { names: [5] })).client.head).toEqual(headAt(7))
    expect(pinned.step(told(maker, 7)).kind).toBe('rejected')
    expect(pinned.step(told(maker, 3)).kind).toBe('older')
  })

  it('learns the seal of the pinned block', () => {
    const { kind, client } = pinned.step(told(maker, 5))
    expect(kind).toBe('same')
    expect(client.head).toEqual(headAt(5))
    expect(client.save()).not.toBe(pinned.save())
  })

  it('needs no epoch and no time of it', () => {
    const { epoch: _, timestamp: __, ...bare } = headAt(5)
    const client = LightClient.pin({ chainId, genesis, head: bare })
    expect(client.step(told(maker, 7, { names: [5] })).kind).toBe('newer')
  })

  it('holds the next block to the epoch and time of it', () => {
    for (const more of [{ epoch: 3n }, { timestamp: maker.madeAt(7).header.timestamp + 1n }]) {
      const client = LightClient.pin({ chainId, genesis, head: { ...headAt(5), ...more } })
      expect(client.step(told(maker, 7, { names: [5] })).kind).toBe('rejected')
    }
  })

  it('does not follow who names another block at its height, though there is nothing to publish', () => {
    const head = { ...headAt(5), blockHash: maker.madeAt(4).hash }
    const client = LightClient.pin({ chainId, genesis, head })
    for (const proof of [told(maker, 5), told(maker, 6), told(maker, 9, { names: [5] })]) {
      const step = client.step(proof)
      expect(step.kind).toBe('fork')
      expect(step.evidence).toBe(undefined)
      expect(step.verification.ok).toBe(false)
      expect(step.client.head).toEqual(head)
    }
  })
})

describe('from an accepted head', () => {
  const client = follower(maker, [5])

  it('goes on to a block that names it', () => {
    const step = client.step(told(maker, 9, { names: [5] }))
    expect(step.kind).toBe('newer')
    expect(step.client.head).toEqual(headAt(9))
    expect(verdictOf(step, 'head')).toBe('ok')
  })

  it('goes on where other ancestors are named too, in any order, and where other claims stand beside', () => {
    const { claims, ...proof } = proofOf(maker, 9, { names: [8, 5, 0] })
    const more = [
      maker.commandClaim(3n, maker.madeAt(9)),
      ...claims,
      maker.consistencyClaim('history', 5n, maker.madeAt(9)),
    ]
    expect(client.step(encodeProof({ ...proof, claims: more })).kind).toBe('newer')
  })

  it('knows the same block again', () => {
    const step = client.step(told(maker, 5))
    expect(step.kind).toBe('same')
    expect(step.verification.ok).toBe(true)
    expect(step.client.save()).toBe(client.save())
  })

  it('does not go back', () => {
    const step = client.step(told(maker, 4))
    expect(step.kind).toBe('older')
    expect(step.client.head).toEqual(headAt(5))
    expect(verdictOf(step, 'head')).toBe('fail')
  })

  it.each([
    ['names no ancestor', told(maker, 9)],
    ['names another one', told(maker, 9, { names: [4] })],
    ['follows on it, but only by its parent hash', told(maker, 6)],
  ])('does not follow a newer block that %s, and does not take it for a fork', (_, proof) => {
    const step = client.step(proof)
    expect(step.kind).toBe('rejected')
    expect(reasonOf(step, 'head')).toMatch(/no claim proves/)
    expect(step.client.head).toEqual(headAt(5))
    expect(step.client.isFrozen).toBe(false)
  })

  it.each([
    ['whose epoch is lower', { epoch: 1n }, /epoch is lower/],
    ['whose time is earlier', { timestamp: maker.madeAt(5).header.timestamp - 1n }, /time is before/],
  ])('does not follow a block that names it, but %s', (_, header, reason) => {
    const step = client.step(encodeProof(resealed(maker, proofOf(maker, 9, { names: [5] }), { header })))
    expect(step.kind).toBe('rejected')
    expect(reasonOf(step, 'head')).toMatch(reason)
    expect(step.client.save()).toBe(client.save())
  })

  it('follows a block of the same epoch and time', () => {
    const { epoch, timestamp } = maker.madeAt(5).header
    const proof = resealed(maker, proofOf(maker, 9, { names: [5] }), { header: { epoch, timestamp } })
    expect(client.step(encodeProof(proof)).kind).toBe('newer')
  })

  it.each([
    ['the claim that names it', 0],
    ['a claim beside that', 1],
  ])('does not follow where %s does not hold', (_, failing) => {
    const proof = proofOf(maker, 9, { names: [5, 3] })
    const claims = proof.claims.map((claim, i) => (i === failing ? ({ ...claim, path: [] } as Claim) : claim))
    const step = client.step(encodeProof({ ...proof, claims }))
    expect(step.kind).toBe('rejected')
    expect(verdictOf(step, `claims[${failing}]`)).toBe('fail')
    expect(verdictOf(step, 'head')).toBe(failing === 0 ? 'fail' : 'ok')
    expect(step.client.save()).toBe(client.save())
  })

  it('does not follow where the path of the claim is turned round', () => {
    const proof = proofOf(maker, 9, { names: [5] })
    const claim = maker.blockClaim(5n, maker.madeAt(9)) as BlockClaim
    const claims = [{ ...claim, path: claim.path.toReversed() }]
    const step = client.step(encodeProof({ ...proof, claims }))
    expect(step.kind).toBe('rejected')
    expect(verdictOf(step, 'claims[0]')).toBe('fail')
    expect(verdictOf(step, 'head')).toBe('fail')
  })

  it('does not follow where the naming claim is nested in another', () => {
    const at = maker.madeAt(9)
    const nested = maker.blockClaim(8n, at, [maker.blockClaim(5n, maker.madeAt(8))])
    expect(client.step(encodeProof(maker.proof([nested], at))).kind).toBe('rejected')
  })
})
