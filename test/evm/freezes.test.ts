/** Evidence, freezes and thaws: who may stop a light client, and who lets it go on. Each attack by its name. */

import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { hex } from '../../src/evm/values.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import { evm, following, maker, revokedFrom, second, stolen } from '../support/evm/attacked.ts'
import { type Followed, groundOf, sideOf } from '../support/evm/followed.ts'
import { ChainMaker, type MadeBlock } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

describe('evidence and freezes', () => {
  const evidence = [sideOf(maker.madeAt(7)), sideOf(stolen.madeAt(7))] as const
  const withAncestor = (of: ChainMaker, height: number, ancestor: number) => {
    const made = of.madeAt(height)
    const path = of.ranges.history.path(BigInt(ancestor), BigInt(height))
    const named = { height: BigInt(ancestor), blockHash: of.madeAt(ancestor).hash, path }
    return { ...sideOf(made), roots: made.roots, ancestor: named }
  }
  const thaw = async (followed: Followed, afresh: boolean, round?: bigint, by = maker) => {
    const status = (await followed.client.call('status')).result as readonly unknown[]
    const digest = (await followed.client.call('thawDigest', round ?? status[3], afresh)).result as Hex
    const coldKey = (by as unknown as { readonly coldKey: Uint8Array }).coldKey
    const signature = hex(nobleEngine.secp256k1.sign(Buffer.from(digest.slice(2), 'hex'), coldKey))
    return followed.client.call('announceThaw', afresh, signature)
  }
  const DELAY = 14n * 86_400n

  it('freezes everything: no head, no fact, no step', async () => {
    const followed = await following(3)
    expect((await followed.report(...evidence)).result).toBe(false)
    expect(await followed.head()).toBe('Frozen')
    expect((await followed.submit(9, 3)).error).toBe('Frozen')
    expect((await followed.resume(9, 3)).error).toBe('Frozen')
    expect((await followed.client.call('verifyBlock', groundOf(maker.madeAt(3)), [])).error).toBe('Frozen')
  })

  it('is taken with ancestors, between heads that are far apart', async () => {
    const followed = await following(3)
    expect((await followed.report(withAncestor(maker, 14, 7), withAncestor(stolen, 11, 7))).result).toBe(false)
    expect(await followed.head()).toBe('Frozen')
  })

  it('bogus evidence freezes nobody', async () => {
    const followed = await following(3)
    const [a, b] = evidence
    const foreign = new ChainMaker(new Random(9)).grow(8)
    const twin = sideOf(foreign.madeAt(7))
    for (const [one, other, error] of [
      [a, a, 'NoContradiction'],
      [a, { ...a, seal: maker.seal(maker.madeAt(7).hash, second) }, 'NoContradiction'],
      [a, sideOf(maker.madeAt(9)), 'NoContradiction'],
      [withAncestor(maker, 14, 7), withAncestor(maker, 9, 7), 'NoContradiction'],
      [a, { ...b, seal: a.seal }, 'NotSealed'],
      [a, { ...b, seal: twin.seal }, 'NotDelegated'],
      [a, twin, 'NotDelegated'],
      [a, { ...b, block: { ...b.block, epoch: 4n } }, 'NotSealed'],
      [a, { ...withAncestor(stolen, 11, 7), ancestor: withAncestor(maker, 14, 7).ancestor }, 'NotAnAncestor'],
      [a, { ...withAncestor(stolen, 11, 7), roots: maker.madeAt(14).roots }, 'WrongRoots'],
    ] as const) {
      expect((await followed.report(one, other)).error).toBe(error)
    }
    expect(await followed.head()).toBe(3)
  })

  it('freeze abuse: what a revocation explains is published and freezes nothing, so that a stolen key is of no use after it', async () => {
    const followed = await following(3)
    await followed.submit(5, 3, { by: second })
    await followed.revoke(revokedFrom(0n, 4))
    expect((await followed.report(...evidence)).result).toBe(true)
    expect(await followed.head()).toBe(5)
  })

  it('the last good block that a revocation names does not make it evidence again', async () => {
    const followed = await following(7)
    await followed.revoke(revokedFrom(0n, 8))
    expect((await followed.report(...evidence)).result).toBe(true)
    expect(await followed.head()).toBe(7)
  })

  it('only the cold key lifts a freeze, for this client, this round and this chain of the EVM, and after the delay', async () => {
    const followed = await following(7)
    await followed.report(...evidence)
    expect((await thaw(followed, false, undefined, new ChainMaker(new Random(3)))).error).toBe('NotByColdKey')
    expect((await thaw(followed, false, 7n)).error).toBe('NotByColdKey')
    const other = await following(7)
    await other.report(...evidence)
    const digests = [followed, other].map(({ client }) => client.call('thawDigest', 1n, false))
    expect((await digests[0])?.result).not.toBe((await digests[1])?.result)
    expect((await followed.client.call('thaw')).error).toBe('ThawNotAnnounced')
    await followed.revoke(revokedFrom(0n, 8))
    expect((await thaw(followed, false)).error).toBe(undefined)
    evm.now += DELAY - 1n
    expect((await thaw(followed, false)).error).toBe('ThawAnnouncedAlready')
    expect((await followed.client.call('thaw')).error).toBe('ThawTooEarly')
    expect(await followed.head()).toBe('Frozen')
    evm.now += 1n
    expect((await followed.client.call('thaw')).error).toBe(undefined)
    expect(await followed.head()).toBe(7)
    // The signature that lifted this freeze lifts no other one.
    expect((await thaw(followed, false, 1n)).error).toBe('NotFrozen')
    const by = ({ header, hash }: MadeBlock) => ({ block: header, seal: maker.seal(hash, second) })
    expect((await followed.report(by(maker.madeAt(9)), by(stolen.madeAt(9)))).result).toBe(false)
    expect((await thaw(followed, false, 1n)).error).toBe('NotByColdKey')
  })

  it('evidence that no revocation explains takes back a thaw that was announced', async () => {
    const followed = await following(7)
    await followed.report(...evidence)
    expect((await thaw(followed, false)).error).toBe(undefined)
    evm.now += DELAY
    expect((await followed.report(...evidence)).result).toBe(false)
    expect((await followed.client.call('thaw')).error).toBe('ThawNotAnnounced')
    // Once the key is revoked nobody can do that any more.
    await followed.revoke(revokedFrom(0n, 8))
    expect((await thaw(followed, false)).error).toBe(undefined)
    expect((await followed.report(...evidence)).result).toBe(true)
    evm.now += DELAY
    expect((await followed.client.call('thaw')).error).toBe(undefined)
    expect(await followed.head()).toBe(7)
  })

  it('where a revocation left nothing to go on from, the cold key alone lets it begin afresh, and everybody sees it coming', async () => {
    const followed = await following(7)
    const never = maker.revoke(0n, { header: { ...maker.head.header, height: -1n }, hash: maker.madeAt(7).hash })
    await followed.revoke(never)
    expect((await followed.submit(9, undefined, { by: second })).error).toBe('NothingStands')
    expect((await followed.resume(9, 7, { by: second })).error).toBe('NoBase')
    expect((await thaw(followed, false)).error).toBe('NotFrozen')
    expect((await thaw(followed, true)).error).toBe(undefined)
    expect((await followed.submit(9, undefined, { by: second })).error).toBe('NothingStands')
    evm.now += DELAY
    expect((await followed.client.call('thaw')).error).toBe(undefined)
    expect((await followed.submit(9)).error).toBe('SealRevoked')
    expect((await followed.submit(9, undefined, { by: second })).error).toBe(undefined)
    expect(await followed.head()).toBe(9)
  })

  it('beginning afresh forgets nothing that stands', async () => {
    const followed = await following(7)
    await followed.report(...evidence)
    await followed.revoke(revokedFrom(0n, 8))
    await thaw(followed, true)
    evm.now += DELAY
    await followed.client.call('thaw')
    expect(await followed.head()).toBe(7)
    expect((await followed.submit(9, undefined, { by: second, of: stolen })).error).toBe('NotADescendant')
  })

  it('a start afresh that was announced is off once the client goes on', async () => {
    const followed = await following(7)
    await followed.revoke(revokedFrom(0n, 10))
    expect((await thaw(followed, true)).error).toBe(undefined)
    expect((await followed.resume(9, 7)).error).toBe(undefined)
    evm.now += DELAY
    expect((await followed.client.call('thaw')).error).toBe('ThawNotAnnounced')
  })
})
