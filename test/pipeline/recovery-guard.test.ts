/**
 * What a start finds in the guard and in the seals, row by row of the recovery table (design, "Recovery"): where the chain is
 * open for reading only it says why, answers reads and proofs, and refuses commands with the same code.
 */
import { describe, expect, it } from 'vitest'
import { Chain, hotSigner } from '../../src/index.ts'
import { SECTOR } from '../../src/limits.ts'
import { writeDurably } from '../../src/store/durable-file.ts'
import { equal, fromUtf8, toHex, utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine, revocationDigest, verifyProof } from '../../src/verify/index.ts'
import type { ChainRecord } from '../../src/verify/records.ts'
import { EIO, endAt, failAfter } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { CREATED_AT, chainKeys, delegate } from '../support/chain-keys.ts'
import { isReadOnly, refusesAll } from '../support/read-only.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const FIRST = `${sim.JOURNAL}/0000000000000000.wal`

/** A chain of 5 blocks in one file, closed or killed. */
async function make(isClean = true, from = seed): Promise<{ world: World; hashes: readonly Uint8Array[] }> {
  const world = new World({ seed: from })
  const chain = await sim.createIn(world, keys)
  const hashes = (await sim.blocksOf(chain, 5)).map(({ block }) => block.hash)
  await chain.flush()
  if (isClean) await chain.close()
  else await world.clock.advance(900)
  return { world: world.restart(), hashes }
}

async function setGuard(world: World, head: { height: number; hash: Uint8Array } | null): Promise<void> {
  await sim.changeFile(world, sim.GUARD, (bytes) => {
    const hash = head && `0x${Buffer.from(head.hash).toString('hex')}`
    return utf8(
      JSON.stringify({ ...JSON.parse(fromUtf8(bytes) as string), head: head && { height: String(head.height), hash } }),
    )
  })
}

async function changeRecords(world: World, change: (frames: ChainRecord[][]) => ChainRecord[][]): Promise<void> {
  await sim.changeFrames(world, FIRST, (frames) => change(frames.map((records) => [...records])))
}

const isSeal = (record: ChainRecord): boolean => record.k === 'seal'

describe(`a start and the guard (CAIRN_SEED=${seed})`, () => {
  it('names the head: goes on', async () => {
    const { world } = await make()
    const chain = await sim.openIn(world, keys)
    expect(chain.readOnly).toBeUndefined()
    await chain.close()
  })

  it.each([true, false])(
    'lags: goes on, and it names the head though no block may ever come again (clean: %s)',
    async (isClean) => {
      const { world, hashes } = await make(isClean)
      await setGuard(world, { height: 2, hash: hashes[2] as Uint8Array })
      const chain = await sim.openIn(world, keys)
      expect(chain.readOnly).toBeUndefined()
      const { head } = JSON.parse(fromUtf8(await sim.readAll(world, sim.GUARD)) as string)
      expect(head).toEqual({ height: '4', hash: toHex(hashes[4] as Uint8Array) })
      await chain.close()
    },
  )

  it('was seen, and a sync of it had failed: it is written again after an end that was not clean, and outlives a power cut', async () => {
    const random = new Random()
    for (let round = 0; round < 12; round++) {
      let { world, hashes } = await make()
      const newest = await sim.readAll(world, sim.GUARD)
      await setGuard(world, { height: 2, hash: hashes[2] as Uint8Array })
      await changeRecords(world, (frames) => frames.filter((records) => records.every(({ k }) => k !== 'close')))
      world.failNext('syncDirectory', EIO, /data\.keys$/)
      await expect(writeDurably(world.disk, 'data.keys', 'guard', newest)).rejects.toBe(EIO)
      world = world.restart(random)
      await sim.openIn(world, keys)
      world = world.crash(random)
      expect(await sim.readAll(world, sim.GUARD)).toEqual(newest)
    }
  })

  it('was seen, and a sync of it had failed, though the stop was clean: what an operator accepted outlives a power cut', async () => {
    const random = new Random()
    for (let round = 0; round < 12; round++) {
      let { world, hashes } = await make()
      const newest = await sim.readAll(world, sim.GUARD)
      // As `cairn guard accept` finds it: the guard names a block that is nowhere any more.
      await setGuard(world, { height: 9, hash: hashes[2] as Uint8Array })
      world.failNext('syncDirectory', EIO, /data\.keys$/)
      await expect(writeDurably(world.disk, 'data.keys', 'guard', newest)).rejects.toBe(EIO)
      world = world.restart(random)
      const chain = await sim.openIn(world, keys)
      await sim.blocksOf(chain, 1, 5)
      world = world.crash(random)
      const again = await sim.openIn(world, keys)
      expect([again.readOnly, again.head?.height]).toEqual([undefined, 5n])
    }
  })

  it.each([true, false])(
    'is ahead of an older copy of everything else: chain_rolled_back (clean: %s)',
    async (isClean) => {
      const world = new World()
      let chain = await sim.createIn(world, keys)
      await sim.blocksOf(chain, 3)
      if (isClean) await chain.close()
      else await world.clock.advance(2500)
      let next = world.restart()
      const [journal, store] = [await sim.copyOf(next, sim.JOURNAL), sim.storeCopy(next.store())]
      chain = await sim.openIn(next, keys)
      await sim.blocksOf(chain, 3, 3)
      await chain.close()
      next = next.restart()
      await sim.putBack(next, sim.JOURNAL, journal)
      sim.putStoreBack(next.store(), store)
      await isReadOnly(next, keys, 'chain_rolled_back', 2n)
      await isReadOnly(next.restart(), keys, 'chain_rolled_back', 2n)
    },
  )

  it('is ahead of a journal whose newest file holds nothing any more: chain_rolled_back, and that file stays as it lies', async () => {
    const { world } = await make()
    await sim.changeFile(world, FIRST, (bytes) => bytes.fill(0, SECTOR))
    world.store().refuse()
    const before = await sim.readAll(world, FIRST)
    const chain = await sim.openIn(world, keys)
    expect(chain.readOnly?.code).toBe('chain_rolled_back')
    expect(chain.head).toBeUndefined()
    await refusesAll(chain, 'chain_rolled_back')
    await chain.close()
    expect(await sim.readAll(world, FIRST)).toEqual(before)
  })

  it('names another hash at its height: chain_rolled_back with both', async () => {
    const { world } = await make()
    const other = await make(true, seed + 1)
    await setGuard(world, { height: 4, hash: other.hashes[4] as Uint8Array })
    await isReadOnly(world, keys, 'chain_rolled_back', 4n)
    const chain = await sim.openIn(world.restart(), keys)
    expect(chain.readOnly?.details).toMatchObject({ head: 4n, guard: 4n, hash: expect.any(String) })
    await chain.close()
  })

  it('names another hash below the head: chain_rolled_back', async () => {
    const { world, hashes } = await make()
    await setGuard(world, { height: 3, hash: hashes[2] as Uint8Array })
    await isReadOnly(world, keys, 'chain_rolled_back', 4n)
  })

  it('is missing, though the chain has blocks: chain_rolled_back, and no guard is made', async () => {
    const { world } = await make()
    await world.disk.unlink(sim.GUARD)
    await isReadOnly(world, keys, 'chain_rolled_back', 4n)
    expect(await world.restart().disk.list('data.keys')).not.toContain('guard')
  })

  it('is missing after a kill: chain_rolled_back, and what is sealed is still proved', async () => {
    const { world } = await make(false)
    await world.disk.unlink(sim.GUARD)
    await isReadOnly(world, keys, 'chain_rolled_back', 4n)
  })

  it('is missing, and the chain has no block: made anew', async () => {
    const world = new World()
    await (await sim.createIn(world, keys)).close()
    await world.disk.unlink(sim.GUARD)
    const chain = await sim.openIn(world, keys)
    expect(chain.readOnly).toBeUndefined()
    await sim.blocksOf(chain, 1)
    await chain.close()
    expect(await world.disk.list('data.keys')).toContain('guard')
  })

  it('is made anew, and so is the genesis of which a sync failed, before a start puts anything into the journal', async () => {
    const random = new Random()
    let lost = 0
    for (let round = 0; round < 200; round++) {
      let world = new World({ seed: round })
      failAfter(world, /^rename .*genesis/, 'syncDirectory', /data$/)
      await expect(sim.createIn(world, keys)).rejects.toMatchObject({ code: 'disk_failed' })
      world = world.restart(random)
      endAt(world, round % 2 === 0 ? /^unlink .*0000\.wal/ : /^write .*genesis/)
      await Promise.race([sim.openIn(world, keys), world.died])
      world = world.crash(random)
      if ((await world.disk.list(sim.DIRECTORY)).includes('genesis.json')) continue
      lost++
      const chain = await sim.createIn(world, keys)
      await sim.blocksOf(chain, 1)
      await chain.close()
    }
    expect(lost).toBeGreaterThan(0)
  })

  it.each([
    ['no JSON', () => utf8('garbage')],
    ['no text', () => Uint8Array.of(255, 254, 0)],
    ['nothing', () => new Uint8Array(0)],
    ['far too much', () => new Uint8Array(5000)],
    ['another chain', (bytes: Uint8Array) => utf8((fromUtf8(bytes) as string).replace(/0x[0-9a-f]{8}/, '0x00000000'))],
    ['one member more', (bytes: Uint8Array) => utf8((fromUtf8(bytes) as string).replace('{', '{"more":1,'))],
  ])('holds %s: guard_invalid, and nothing is changed', async (_, change) => {
    const { world } = await make()
    await sim.changeFile(world, sim.GUARD, change)
    const before = await sim.everyFile(world)
    expect((await sim.errorOf(() => sim.openIn(world, keys))).code).toBe('guard_invalid')
    expect(await sim.everyFile(world)).toEqual(before)
  })

  it('says of one that is damaged where it lies, and the way out, which is one', async () => {
    const { world } = await make()
    await sim.changeFile(world, sim.GUARD, () => utf8('garbage'))
    const { message } = await sim.errorOf(() => sim.openIn(world, keys))
    expect(message).toMatch(
      new RegExp(`^The guard .*${sim.GUARD} is damaged.* move this one away: .*cairn guard accept`),
    )
    await world.disk.unlink(sim.GUARD)
    const chain = await sim.openIn(world, keys)
    expect(chain.readOnly?.code).toBe('chain_rolled_back')
    await chain.close()
  })

  it('knows a chain that is to be made a second time: chain_exists, for its blocks would be sealed twice', async () => {
    const { world } = await make()
    const again = sim.optionsIn(world, keys, { ports: { home: world.store('second') } })
    expect((await sim.errorOf(Chain.create('elsewhere', keys.genesis, again))).code).toBe('chain_exists')
    const others = chainKeys('kv@1', new Random(5))
    const { signer: _, ...unsigned } = again
    expect((await sim.errorOf(Chain.create('elsewhere', others.genesis, unsigned))).code).toBe('guard_invalid')
    await (await sim.openIn(world, keys)).close()
  })
})

describe(`a start and the seals (CAIRN_SEED=${seed})`, () => {
  it('head without a seal: sealed again, over the same hash, and the seal gets into the journal', async () => {
    const { world, hashes } = await make(false)
    const { chain, told } = await sim.openTold(world, keys)
    expect(told).toContainEqual({ kind: 'sealed-again', height: 4n })
    expect(equal(chain.head?.hash as Uint8Array, hashes[4] as Uint8Array)).toBe(true)
    expect(verifyProof(await chain.prove({ command: 4n }), { chainId: chain.id }).ok).toBe(true)
    await chain.close()
    const next = await sim.openTold(world.restart(), keys)
    expect(next.told).toEqual([])
    await next.chain.close()
  })

  it('head without a seal, and no delegation for its time any more: unsealed_block_needs_delegation', async () => {
    const { world } = await make(false)
    const later = delegate(keys.identity, keys.coldKey, keys.hotKey, 1n, [
      CREATED_AT + 10n ** 9n,
      CREATED_AT + 10n ** 12n,
    ])
    const signer = hotSigner([{ privateKey: keys.hotKey, delegation: later }], nobleEngine)
    const error = await sim.errorOf(() => sim.openIn(world, keys, { signer }))
    expect(error).toMatchObject({
      code: 'unsealed_block_needs_delegation',
      details: { height: 4n, timestamp: expect.any(BigInt) },
    })
    // A delegation for that time is all that it needs.
    await (await sim.openIn(world.restart(), keys)).close()
  })

  it('head without a seal, opened without a signer: reading only, and what is sealed is proved', async () => {
    const { world } = await make(false)
    const { signer: _, ...options } = sim.optionsIn(world, keys)
    const chain = await Chain.open(sim.DIRECTORY, options)
    expect(chain.readOnly?.code).toBe('no_signer')
    expect(chain.get('state', utf8('k3'))).toEqual(utf8('v3'))
    expect(verifyProof(await chain.prove({ command: 3n }), { chainId: chain.id }).ok).toBe(true)
    await refusesAll(chain, 'no_signer')
    await chain.close()
  })

  it('opened without a signer after a clean stop: reading only, with all of its head', async () => {
    const { world } = await make()
    const { signer: _, ...options } = sim.optionsIn(world, keys)
    const chain = await Chain.open(sim.DIRECTORY, options)
    expect(chain.readOnly?.code).toBe('no_signer')
    expect(verifyProof(await chain.prove({ command: 4n }), { chainId: chain.id }).ok).toBe(true)
    await chain.close()
  })

  it('head covered by a revoked seal only: sealed again by the new key', async () => {
    const { world, hashes } = await make()
    const revocation = { index: 0n, fromHeight: 3n, parentHash: hashes[2] as Uint8Array }
    const signature = nobleEngine.secp256k1.sign(
      revocationDigest(keys.identity, revocation, nobleEngine.hasher),
      keys.coldKey,
    )
    await changeRecords(world, (frames) =>
      frames.map((records) =>
        records.map((each) =>
          each.k === 'block' && each.header.height === 4n
            ? { ...each, authority: [{ k: 'revocation', ...revocation, signature }] }
            : each,
        ),
      ),
    )
    const hotKey = new Random(3).bytes(32)
    const delegation = delegate(keys.identity, keys.coldKey, hotKey, 1n, [CREATED_AT, CREATED_AT + 10n ** 12n])
    const signer = hotSigner([{ privateKey: hotKey, delegation }], nobleEngine)
    const { chain, told } = await sim.openTold(world, keys, { signer, ports: { home: world.store('anew') } })
    expect(told).toContainEqual({ kind: 'sealed-again', height: 4n })
    const proof = await chain.prove({ command: 4n })
    expect(verifyProof(proof, { chainId: chain.id }).ok).toBe(true)
    expect(proof).toContain(`"index":"1"`)
    await chain.close()
  })

  const strangers = new Random(4).bytes(32)
  const damaged = (how: (seal: Extract<ChainRecord, { k: 'seal' }>) => ChainRecord) => (frames: ChainRecord[][]) =>
    frames.map((records) => records.map((each) => (each.k === 'seal' && each.height === 2n ? how(each) : each)))
  it.each<[string, (frames: ChainRecord[][]) => ChainRecord[][]]>([
    [
      'is of another key',
      damaged((record) => ({
        ...record,
        seal: { ...record.seal, signature: nobleEngine.secp256k1.sign(keys.identity.chainId, strangers) },
      })),
    ],
    [
      'has a delegation that the cold key did not sign',
      damaged((record) => ({
        ...record,
        seal: { ...record.seal, delegation: { ...record.seal.delegation, index: 7n } },
      })),
    ],
    ['is of another block', damaged((record) => ({ ...record, height: 1n }))],
    [
      'stands before its block',
      (frames) => [[...(frames[0] ?? []), ...(frames[3] ?? []).filter(isSeal)], ...frames.slice(1)],
    ],
    ['has no block at all', damaged((record) => ({ ...record, height: 77n }))],
  ])('a seal %s: seal_invalid with its height', async (_, change) => {
    const { world } = await make()
    await changeRecords(world, change)
    const before = await sim.everyFile(world)
    const error = await sim.errorOf(() => sim.openIn(world, keys, { ports: { home: world.store('anew') } }))
    expect(error).toMatchObject({ code: 'seal_invalid', details: { height: expect.any(BigInt) } })
    expect(await sim.everyFile(world)).toEqual(before)
  })
})

it('a guard that a start cannot write on a disk that fails ends it with what to do: disk_failed', async () => {
  let world = new World({ seed: 5 })
  const chain = await sim.createIn(world, keys)
  await sim.blocksOf(chain, 2)
  world = world.restart(new Random())
  world.failNext('datasync', EIO, /guard/)
  const error = await sim.errorOf(() => sim.openIn(world, keys))
  const message = expect.stringMatching(/guard.*fails \(made for a test\).*start again\.$/)
  expect(error).toMatchObject({ code: 'disk_failed', message, details: { cause: EIO } })
  world = world.restart(new Random())
  await (await sim.openIn(world, keys)).close()
})

it('a genesis of whose name a sync had failed is written again before the first block, and outlives a power cut', async () => {
  const random = new Random()
  for (let round = 0; round < 12; round++) {
    let world = new World({ seed: round })
    // The last thing that makes a chain.
    failAfter(world, /\/data\/genesis\.json$/, 'syncDirectory', /\/data$/)
    await expect(sim.createIn(world, keys)).rejects.toMatchObject({ code: 'disk_failed', details: { cause: EIO } })
    world = world.restart(random)
    const [receipt] = await sim.blocksOf(await sim.openIn(world, keys), 1)
    world = world.crash(random)
    const chain = await sim.openIn(world, keys)
    expect(chain.head?.hash).toEqual(receipt?.block.hash)
    await chain.close()
  }
})
