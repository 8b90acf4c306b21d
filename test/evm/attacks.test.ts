/** What somebody would try who wants the light client to believe what is not so, or nobody to believe it any more. Each attack by its name. */

import { type Abi, encodeFunctionData, type Hex, recoverAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { cairnLightClientAbi } from '../../contracts-abi/index.ts'
import { claimCall, groundValue, headerValue, hex, pathValue, rootsValue, sealValue } from '../../src/evm/values.ts'
import {
  blockHash,
  type Claim,
  EMPTY,
  nobleEngine,
  type Seal,
  type StateClaim,
  stateInner,
  stateLeaf,
} from '../../src/verify/index.ts'
import { Followed, groundOf, sideOf } from '../support/evm/followed.ts'
import { InProcess } from '../support/evm/in-process.ts'
import { resealed } from '../support/follow.ts'
import { ChainMaker, type MadeBlock } from '../support/maker.ts'
import { MemoryRange } from '../support/memory-range.ts'
import { Random } from '../support/seed.ts'

const evm = await InProcess.start()
const START = evm.now
const maker = new ChainMaker(new Random(5)).grow(16)
/** What the holder of a stolen key made of the chain from height 6 on. */
const stolen = maker.fork(5).grow(8)
const [second, third] = [maker.delegate({ index: 1n }), maker.delegate({ index: 2n })]

/** A client that took these heights one after the other. */
async function following(...heights: readonly number[]): Promise<Followed> {
  evm.now = START
  const followed = await Followed.of(evm, maker)
  for (const [i, height] of heights.entries()) {
    expect((await followed.submit(height, heights[i - 1])).error, `height ${height}`).toBe(undefined)
  }
  return followed
}

function revokedFrom(index: bigint, height: number, of: ChainMaker = maker) {
  return maker.revoke(index, of.madeAt(height - 1))
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** The other signature over the same by the same key. */
function malleated(signature: Uint8Array): Uint8Array {
  const s = ORDER - BigInt(hex(signature.subarray(32, 64)))
  const other = Uint8Array.from(signature)
  other.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), 32)
  other[64] = 55 - (signature[64] as number)
  return other
}

describe('a head that is not one', () => {
  it('replay of a seal on another chain: the chain is part of every hash that is signed', async () => {
    const other = new ChainMaker(new Random(77)).grow(3)
    // The same keys, the same name, another chain: only its nonce differs.
    const twin = Object.assign(Object.create(ChainMaker.prototype), maker, {
      identity: new ChainMaker(new Random(5), nobleEngine, { nonce: new Uint8Array(32).fill(9) }).identity,
    }) as ChainMaker
    const followed = await following()
    expect((await followed.submit(1, undefined, { of: other })).error).toBe('NotDelegated')
    const onTwin = await Followed.of(evm, twin)
    expect((await onTwin.submit(1)).error).toBe('NotDelegated')
    expect((await followed.submit(1)).error).toBe(undefined)
  })

  it('malleable signature: of the two that recover the key only the one with the low s counts, and v is 27 or 28', async () => {
    const followed = await following(1)
    const { hash, header, roots, seal } = maker.madeAt(3)
    const call = async (changed: Seal) =>
      followed.client.call(
        'submitBlock',
        headerValue(header),
        rootsValue(roots),
        sealValue(changed),
        followed.way(3, 1, maker),
      )
    const { delegation, signature } = seal
    // Another program would take it.
    const high = malleated(signature)
    expect((await recoverAddress({ hash: hex(hash), signature: hex(high) })).toLowerCase()).toBe(
      hex(delegation.delegate),
    )
    expect((await call({ ...seal, signature: high })).error).toBe('NotSealed')
    const low = Uint8Array.from(signature)
    low[64] = (signature[64] as number) - 27
    expect((await call({ ...seal, signature: low })).error).toBe('NotSealed')
    expect((await call({ ...seal, signature: signature.subarray(0, 64) })).error).toBe('NotSealed')
    expect((await call({ ...seal, signature: new Uint8Array(65) })).error).toBe('NotSealed')
    const forged = { ...delegation, signature: malleated(delegation.signature) }
    expect((await call({ ...seal, delegation: forged })).error).toBe('NotDelegated')
    const revocation = revokedFrom(0n, 2)
    const error = (await followed.revoke({ ...revocation, signature: malleated(revocation.signature) })).error
    expect(error).toBe('NotByColdKey')
    expect((await call(seal)).error).toBe(undefined)
  })

  it('a delegate that is the zero address, which every failed recovery would be', async () => {
    const followed = await following()
    const { header, roots, seal } = maker.madeAt(1)
    const nobody = maker.delegate({ delegate: new Uint8Array(20) }).delegation
    for (const signature of [new Uint8Array(65), seal.signature]) {
      const value = sealValue({ delegation: nobody, signature })
      const { error } = await followed.client.call('submitBlock', headerValue(header), rootsValue(roots), value, [])
      expect(error).toBe('Malformed')
    }
  })

  it('a delegation that expired, or is not open yet, for the time of the block in milliseconds', async () => {
    const [from, until] = [maker.madeAt(5).header.timestamp, maker.madeAt(8).header.timestamp]
    const short = maker.delegate({ index: 9n, validFrom: from, validUntil: until })
    const followed = await following(3)
    expect((await followed.submit(4, 3, { by: short })).error).toBe('DelegationEarly')
    expect((await followed.submit(9, 3, { by: short })).error).toBe('DelegationExpired')
    expect((await followed.submit(5, 3, { by: short })).error).toBe(undefined)
    expect((await followed.submit(8, 5, { by: short })).error).toBe(undefined)
    // A window in seconds is one of January 1970.
    const inSeconds = maker.delegate({ index: 10n, validFrom: from / 1000n, validUntil: until / 1000n })
    expect((await followed.submit(10, 8, { by: inSeconds })).error).toBe('DelegationExpired')
  })

  it('a delegation that is revoked, whenever its block is dated', async () => {
    const followed = await following(3)
    expect((await followed.revoke(revokedFrom(0n, 8))).error).toBe(undefined)
    expect((await followed.submit(9, 3)).error).toBe('SealRevoked')
    expect((await followed.submit(6, 3)).error).toBe('SealRevoked')
    expect((await followed.resume(7, 3)).error).toBe(undefined)
    expect(await followed.head()).toBe(7)
  })

  it('revocations that are known at the start bar an old key from bringing the first head', async () => {
    const followed = await Followed.of(evm, maker, [revokedFrom(0n, 8)])
    expect((await followed.submit(4)).error).toBe('SealRevoked')
    expect((await followed.submit(4, undefined, { by: second })).error).toBe(undefined)
    await expect(Followed.of(evm, maker, [{ ...revokedFrom(0n, 8), fromHeight: 7n }])).rejects.toThrow('NotByColdKey')
  })

  it('rollback to an older head', async () => {
    const followed = await following(3, 9)
    expect((await followed.submit(5)).error).toBe('NotNewer')
    expect((await followed.submit(5, 3)).error).toBe('NotNewer')
    expect((await followed.resume(5, 3)).error).toBe('SomethingStands')
    expect(await followed.head()).toBe(9)
    // The head itself again changes nothing, and is no error for whoever was second.
    const again = await followed.submit(9)
    expect(again.result).toBe(hex(maker.madeAt(9).hash))
  })

  it('a fork of the held head: its sibling under a longer chain', async () => {
    const followed = await following(3, 8)
    expect((await followed.submit(11, 8, { of: stolen })).error).toBe('NotADescendant')
    expect((await followed.submit(8, 3, { of: stolen })).error).toBe('NotNewer')
    // Neither by the path of the true one, nor from a block that both have.
    const args = followed.blockArgs(11, undefined, stolen)
    for (const path of [followed.way(11, 8, maker), followed.way(11, 3, stolen), []]) {
      expect((await followed.client.call('submitBlock', ...args, path)).error).toBe('NotADescendant')
    }
  })

  it('the parent in the history is another one than the header names', async () => {
    const followed = await following(8)
    const { header, roots } = maker.madeAt(9)
    const lying = { ...header, parentHash: stolen.madeAt(8).hash }
    const hash = blockHash(maker.identity, lying, nobleEngine.hasher)
    const seal = sealValue(maker.seal(hash))
    const way = followed.way(9, 8, maker)
    const { error } = await followed.client.call('submitBlock', headerValue(lying), rootsValue(roots), seal, way)
    expect(error).toBe('NotADescendant')
  })

  it('a lower epoch, or an earlier time, however well it is proved', async () => {
    const chain = new ChainMaker(new Random(8)).grow(2)
    chain.block([], { opensEpoch: true })
    chain.grow(1)
    const [, , opened, after] = chain.blocks
    if (opened === undefined || after === undefined) throw new Error('four blocks were made')
    const followed = await Followed.of(evm, chain)
    expect((await followed.submit(2)).error).toBe(undefined)
    for (const [change, error] of [
      [{ epoch: 1n }, 'EpochLower'],
      [{ timestamp: opened.header.timestamp - 1n }, 'TimeEarlier'],
    ] as const) {
      const header = { ...after.header, ...change }
      const seal = chain.seal(blockHash(chain.identity, header, nobleEngine.hasher))
      const args = [headerValue(header), rootsValue(after.roots), sealValue(seal), followed.way(3, 2, chain)]
      expect((await followed.client.call('submitBlock', ...args)).error).toBe(error)
    }
  })

  it('milliseconds told from seconds: a head from the future is refused, and one of this hour is not', async () => {
    const followed = await following()
    const { header, roots } = maker.madeAt(1)
    const far = maker.delegate({ index: 3n, validUntil: (1n << 64n) - 1n })
    const dated = async (timestamp: bigint) => {
      const block = { ...header, timestamp }
      const seal = maker.seal(blockHash(maker.identity, block, nobleEngine.hasher), far)
      return evm.attempt(() =>
        followed.client.call('submitBlock', headerValue(block), rootsValue(roots), sealValue(seal), []),
      )
    }
    const hour = 3_600_000n
    expect((await dated(evm.now * 1000n + hour)).error).toBe(undefined)
    expect((await dated(evm.now * 1000n + hour + 1n)).error).toBe('TooFarAhead')
    expect((await dated((1n << 64n) - 1n)).error).toBe('TooFarAhead')
    // An EVM whose clock is far behind would take none of a chain that counts in microseconds.
    expect((await dated(evm.now * 1_000_000n)).error).toBe('TooFarAhead')
  })

  it('numbers that do not fit are refused, never cut', async () => {
    const followed = await following()
    const { header, roots } = maker.madeAt(1)
    for (const change of [{ height: 1n << 48n }, { epoch: (1n << 48n) + 1n }, { height: (1n << 64n) - 1n }]) {
      const block = { ...header, ...change }
      const seal = maker.seal(blockHash(maker.identity, block, nobleEngine.hasher))
      const args = [headerValue(block), rootsValue(roots), sealValue(seal), []]
      expect((await followed.client.call('submitBlock', ...args)).error).toBe('OutOfRange')
    }
  })

  it('calldata tricks: bits above a number or an address, a list whose end lies beyond the data', async () => {
    const followed = await following()
    const args = [...followed.blockArgs(1, undefined, maker), []]
    const abi: Abi = cairnLightClientAbi
    const data = encodeFunctionData({ abi, functionName: 'submitBlock', args })
    const withWord = (word: number, change: (digits: string) => string): Hex => {
      const at = 10 + word * 64
      return `${data.slice(0, at)}${change(data.slice(at, at + 64))}${data.slice(at + 64)}` as Hex
    }
    const dirty = (digits: string): string => `8${digits.slice(1)}`
    // Height, epoch, command count, first seq, time; the sizes among the roots; the words after the offset of the seal.
    for (const word of [0, 1, 5, 6, 7, 8 + 2, 8 + 4, 8 + 6, 19 + 2, 19 + 3, 19 + 4, 19 + 5]) {
      expect((await followed.client.raw(withWord(word, dirty), 'submitBlock')).error, `word ${word}`).toBe('reverted')
    }
    const endless = (): string => 'f'.repeat(64)
    for (const word of [17, 18]) {
      expect((await followed.client.raw(withWord(word, endless), 'submitBlock')).error).toBe('reverted')
    }
    expect((await followed.client.raw(data.slice(0, -64) as Hex, 'submitBlock')).error).toBe('reverted')
    expect((await followed.client.raw(data, 'submitBlock')).error).toBe(undefined)
  })

  it('a delegation whose signature is left out counts only after it was checked once', async () => {
    const followed = await following()
    const bare = (height: number, by = maker.hot): readonly [object, object, object] => {
      const [header, roots] = followed.blockArgs(height, undefined, maker)
      const seal = maker.seal(maker.madeAt(height).hash, by)
      const delegation = { ...seal.delegation, signature: new Uint8Array(0) }
      return [header, roots, sealValue({ ...seal, delegation })]
    }
    expect((await followed.client.call('submitBlock', ...bare(1), [])).error).toBe('NotDelegated')
    expect((await followed.submit(1)).error).toBe(undefined)
    const way = followed.way(3, 1, maker)
    expect((await followed.client.call('submitBlock', ...bare(3, second), way)).error).toBe('NotDelegated')
    expect((await followed.client.call('submitBlock', ...bare(3), way)).error).toBe(undefined)
    // A window that is longer by one is another delegation.
    const longer = { ...maker.hot.delegation, validUntil: maker.hot.delegation.validUntil + 1n }
    const stretched = bare(5, { ...maker.hot, delegation: longer })
    expect((await followed.client.call('submitBlock', ...stretched, followed.way(5, 3, maker))).error).toBe(
      'NotDelegated',
    )
  })
})

describe('facts', () => {
  it('a proof against an unaccepted root', async () => {
    const followed = await following(3, 9)
    const { client } = followed
    const claim = maker.commandClaim(2n, maker.madeAt(5)) as Extract<Claim, { kind: 'command' }>
    const call = claimCall(claim)
    if (call === undefined) throw new Error('a command has a call')
    const ground = groundOf(maker.madeAt(5))
    // Never submitted by itself; under a head that has it in its history it counts.
    expect((await client.call(call.functionName, ground, [], ...call.rest)).error).toBe('NotAccepted')
    expect((await client.call(call.functionName, ground, followed.under(5, 9), ...call.rest)).error).toBe(undefined)
    expect((await client.call(call.functionName, ground, followed.under(5, 8), ...call.rest)).error).toBe('NotAccepted')
    const twice = [...followed.under(5, 9), ...followed.under(5, 9)]
    expect((await client.call(call.functionName, ground, twice, ...call.rest)).error).toBe('Malformed')
    // A block of one's own, with roots that fit it.
    const own = stolen.madeAt(9)
    expect((await client.call('verifyBlock', groundOf(own), [])).error).toBe('NotAccepted')
    expect((await client.call('verifyBlock', groundOf(own), followed.under(8, 9))).error).toBe('NotAnAncestor')
    // An accepted block with the roots of another one.
    const mixed = { header: headerValue(maker.madeAt(9).header), roots: rootsValue(own.roots) }
    expect((await client.call('verifyBlock', mixed, [])).error).toBe('WrongRoots')
  })

  it('an index shifted by a short path', async () => {
    const chain = new ChainMaker(new Random(12))
    const intents = Array.from({ length: 8 }, () => ({ kind: 'withdraw', data: new Uint8Array(3) }))
    chain.block([{ intents }])
    const followed = await Followed.of(evm, chain)
    expect((await followed.submit(0)).error).toBe(undefined)
    const [ground, under, intent, path] = followed.intent(5n, 0)
    const asked = async (index: bigint, way: readonly Hex[]) =>
      (await followed.client.call('verifyIntent', ground, under, { ...intent, index }, way)).error
    expect(await asked(5n, path)).toBe(undefined)
    // The leaf names its index, so a shifted one is another leaf; nor does a shorter or longer path reach the root.
    for (const index of [1n, 2n, 4n, 13n, 8n]) expect(await asked(index, path)).toBe('NotInRange')
    for (const way of [path.slice(1), path.slice(0, -1), [...path, path[0] as Hex], []]) {
      expect(await asked(5n, way)).toBe('NotInRange')
    }
    // An inner node passed off as a leaf: leaves and nodes are hashed under different prefixes.
    const range = new MemoryRange(nobleEngine.hasher)
    range.append(new Uint8Array(32))
    expect(await asked(0n, [hex(range.sizedRoot.root)])).toBe('NotInRange')
  })

  it('a range that its block says to be longer than it is: no path of another length than the size asks for', async () => {
    const chain = new ChainMaker(new Random(15))
    const made = chain.block([{ intents: [{ kind: 'withdraw', data: new Uint8Array(3) }] }])
    // Whoever holds the hot key may seal a size that the root is not of.
    const { block, roots, seal } = resealed(chain, chain.proof([], made), {
      roots: { intents: { ...made.roots.intents, size: 8n } },
    })
    const followed = await Followed.of(evm, chain)
    const args = [headerValue(block), rootsValue(roots), sealValue(seal), []]
    expect((await followed.client.call('submitBlock', ...args)).error).toBe(undefined)
    const [, , intent, path] = followed.intent(0n, 0)
    const ground = groundValue({ block, roots })
    expect((await followed.client.call('verifyIntent', ground, [], intent, path)).error).toBe('NotInRange')
  })

  it('a state proof with an empty bottom sibling', async () => {
    const { hasher } = nobleEngine
    const [held, value] = [Uint8Array.of(7, 3), Uint8Array.of(3)]
    const hashed = hasher.hash(held)
    const bottom = stateLeaf(hashed, hasher.hash(value), hasher)
    const [left, right] = [stateInner(bottom, EMPTY, hasher), stateInner(EMPTY, bottom, hasher)]
    // A root that no set of keys has: the only leaf stands higher up. Whoever holds the hot key may seal it all the same.
    const root = (hashed[0] as number) >= 0x80 ? right : left
    const chain = new ChainMaker(new Random(13))
    const { block, roots, seal } = resealed(chain, chain.proof([], chain.block([{}])), { roots: { state: root } })
    const followed = await Followed.of(evm, chain)
    const args = [headerValue(block), rootsValue(roots), sealValue(seal), []]
    expect((await followed.client.call('submitBlock', ...args)).error).toBe(undefined)
    const asked = (name: string, ...rest: unknown[]) =>
      followed.client.call(name, groundValue({ block, roots }), [], 0, ...rest)
    expect((await asked('verifyState', hex(held), hex(value), [hex(EMPTY)])).error).toBe('NotInState')
    // The same key, shown to be there and not to be there: that is what such a root would be good for.
    const other = { key: hex(hashed.map((byte, i) => (i === 31 ? byte ^ 1 : byte))), value: hex(hasher.hash(value)) }
    expect((await asked('verifyAbsence', hex(held), [hex(EMPTY)], [other])).error).toBe('NotInState')
  })

  it('a state proof that contradicts itself, or is out of bounds', async () => {
    const chain = new ChainMaker(new Random(13))
    const writes = Array.from({ length: 9 }, (_, i) => ['state', Uint8Array.of(7, i), Uint8Array.of(i)] as const)
    chain.block([{ writes }])
    const followed = await Followed.of(evm, chain)
    await followed.submit(0)
    const made = chain.madeAt(0)
    const asked = (name: string, ...args: unknown[]) => followed.client.call(name, groundOf(made), [], 0, ...args)
    const held = chain.stateClaim('state', Uint8Array.of(7, 3)) as StateClaim
    const [key, value, siblings] = [hex(held.key), hex(held.value as Uint8Array), pathValue(held.siblings)]
    const { hasher } = nobleEngine
    expect((await asked('verifyState', key, value, siblings)).error).toBe(undefined)
    expect((await asked('verifyAbsence', key, siblings, [])).error).toBe('NotInState')
    const other = { key: hex(hasher.hash(held.key)), value: hex(hasher.hash(held.value as Uint8Array)) }
    expect((await asked('verifyAbsence', key, siblings, [other])).error).toBe('NotInState')
    expect((await asked('verifyAbsence', key, siblings, [other, other])).error).toBe('Malformed')
    expect((await asked('verifyState', '0x', value, siblings)).error).toBe('Malformed')
    const deep = Array.from({ length: 257 }, () => value.padEnd(66, '0'))
    expect((await asked('verifyState', key, value, deep)).error).toBe('Malformed')
  })
})

describe('revocations, backwards', () => {
  it('a head that is revoked after it was accepted proves nothing any more, from the same moment on', async () => {
    const followed = await following(3, 7, 8, 11)
    const ground = (height: number) => groundOf(maker.madeAt(height))
    expect((await followed.client.call('verifyBlock', ground(11), [])).error).toBe(undefined)
    await followed.revoke(revokedFrom(0n, 8))
    for (const height of [8, 11]) {
      expect((await followed.client.call('verifyBlock', ground(height), [])).error).toBe('NotAccepted')
      expect((await followed.client.call('verifyBlock', ground(2), followed.under(2, height))).error).toBe(
        'NotAccepted',
      )
    }
    // The last good block stands, and what lies in its history does.
    expect(await followed.head()).toBe(7)
    expect((await followed.client.call('verifyBlock', ground(7), [])).error).toBe(undefined)
    expect((await followed.client.call('verifyBlock', ground(3), [])).error).toBe('NotAccepted')
    expect((await followed.client.call('verifyBlock', ground(3), followed.under(3, 7))).error).toBe(undefined)
    expect((await followed.submit(9, 7)).error).toBe('SealRevoked')
    expect((await followed.submit(9, 7, { by: second })).error).toBe(undefined)
    expect((await followed.submit(12, 9, { by: second })).error).toBe(undefined)
    expect(await followed.head()).toBe(12)
  })

  it('the thief’s branch is dropped, and the true one taken up again from the last good block', async () => {
    const followed = await following(3)
    expect((await followed.submit(8, 3, { of: stolen })).error).toBe(undefined)
    expect((await followed.submit(9, 3)).error).toBe('NotADescendant')
    await followed.revoke(revokedFrom(0n, 6))
    // Nothing that was accepted is the last good block; the oldest is in doubt, and the last good block proves it.
    expect(await followed.head()).toBe('NothingStands')
    expect((await followed.submit(9, 3, { by: second })).error).toBe('NothingStands')
    expect((await followed.resume(9, 8, { by: second, of: stolen })).error).toBe('NoBase')
    expect((await followed.resume(9, 4, { by: second })).error).toBe('NoBase')
    expect((await followed.resume(9, 3)).error).toBe('SealRevoked')
    expect((await followed.resume(9, 3, { by: second })).error).toBe(undefined)
    expect(await followed.head()).toBe(9)
    expect((await followed.client.call('verifyBlock', groundOf(stolen.madeAt(8)), [])).error).toBe('NotAccepted')
  })

  it('only the block that the revocation names stands of its run, and only where it lies in it', async () => {
    const followed = await following(2, 4)
    await followed.submit(6, 4, { by: second })
    await followed.submit(8, 6)
    await followed.submit(10, 8)
    expect(await followed.head()).toBe(10)
    // Named is a head of an older run of the same index: the newest that stands is under the other key.
    await followed.revoke(revokedFrom(0n, 5))
    expect(await followed.head()).toBe(6)
    await followed.revoke(revokedFrom(1n, 5))
    expect(await followed.head()).toBe(4)
    expect((await followed.submit(9, 4, { by: third })).error).toBe(undefined)
    expect(await followed.head()).toBe(9)
    // What it went on from is still the newest of its run when the key above goes, too.
    await followed.revoke(revokedFrom(2n, 6))
    expect(await followed.head()).toBe(4)
  })

  it('two revocations of one index that name different blocks leave it none', async () => {
    const followed = await following(3, 6)
    await followed.revoke(revokedFrom(0n, 7))
    expect(await followed.head()).toBe(6)
    await followed.revoke(revokedFrom(0n, 7))
    expect(await followed.head()).toBe(6)
    await followed.revoke(revokedFrom(0n, 5))
    expect(await followed.head()).toBe('NothingStands')
    // 6 is at or above the lower of the two; 3 is in doubt.
    expect((await followed.resume(9, 6, { by: second })).error).toBe('NoBase')
    expect((await followed.resume(9, 3, { by: second })).error).toBe(undefined)
  })

  it('the same block under another key goes on', async () => {
    const followed = await following(6)
    await followed.revoke(revokedFrom(0n, 9))
    expect(await followed.head()).toBe('NothingStands')
    expect((await followed.resume(6, 6, { by: second })).error).toBe(undefined)
    expect(await followed.head()).toBe(6)
  })

  it('unbounded loops: however many runs two stolen keys made, a revocation takes the same gas, and the rest is done in steps', async () => {
    const long = new ChainMaker(new Random(14))
    for (let i = 0; i < 45; i++) long.block([{}])
    const [a, b] = [long.delegate({ index: 1n }), long.delegate({ index: 2n })]
    const followed = await Followed.of(evm, long)
    expect((await followed.submit(0)).error).toBe(undefined)
    for (let height = 1; height < 44; height++) {
      expect((await followed.submit(height, height - 1, { by: height % 2 === 0 ? a : b })).error).toBe(undefined)
    }
    const gas = [
      await followed.revoke(long.revoke(1n, long.madeAt(0))),
      await followed.revoke(long.revoke(2n, long.madeAt(0))),
    ]
    for (const each of gas) expect(each.gas).toBeLessThan(90_000n)
    expect((await followed.client.call('verifyBlock', groundOf(long.madeAt(43)), [])).error).toBe('NotAccepted')
    expect((await followed.submit(44, 0)).error).toBe('UnwindFirst')
    for (const each of [20n, 20n]) expect((await followed.client.call('unwind', each)).error).toBe(undefined)
    expect((await followed.submit(44, 0)).error).toBe(undefined)
    expect(await followed.head()).toBe(44)
  })
})

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
