/**
 * A rotation in a running chain: the next key takes over under load, the retired one is good for nothing any more, and at no moment is the head
 * without a seal that holds. And what a chain says and does when its delegations end.
 */
import { setImmediate as idle } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Chain, type ChainOptions } from '../../src/index.ts'
import { type HotKey, type HotSigner, hotSigner } from '../../src/keys/hot-signer.ts'
import { EXPIRY_WARNINGS } from '../../src/limits.ts'
import type { Report } from '../../src/pipeline/report.ts'
import type { Disk } from '../../src/ports/disk.ts'
import type { Signer } from '../../src/ports/signer.ts'
import type { StoreHome } from '../../src/ports/store.ts'
import { type ChainRecord, decodeProof, judgeProof, nobleEngine, type Revocation } from '../../src/verify/index.ts'
import { wrapped } from '../simulation/broken-ports.ts'
import { World } from '../simulation/world.ts'
import { CREATED_AT, chainKeys, delegate, revoke } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const random = new Random()
const keys = chainKeys()
const { identity, coldKey } = keys
const DAY = 86_400_000n

function key(index: bigint, window: readonly [bigint, bigint] = [CREATED_AT, CREATED_AT + 3650n * DAY]): HotKey {
  const privateKey = random.bytes(32)
  return { privateKey, delegation: delegate(identity, coldKey, privateKey, index, window) }
}

const first: HotKey = { privateKey: keys.hotKey, delegation: keys.delegation }
const takenBack = (index: bigint, { head }: Chain): Revocation =>
  revoke(identity, coldKey, index, { height: (head?.height ?? -1n) + 1n, parent: head?.hash ?? new Uint8Array(32) })

/** A chain of five blocks whose signer is at hand. */
async function begun(
  other: Partial<ChainOptions> = {},
  world: World = new World(),
  signer: HotSigner = hotSigner([first], nobleEngine),
) {
  const told: Report[] = []
  const report = (each: Report): void => void told.push(each)
  const chain = await sim.createIn(world, keys, { signer, report, ...other })
  await sim.blocksOf(chain, 5)
  return { world, signer, chain, told }
}

/** The index of the delegation that the newest proof is sealed under. */
const sealedBy = async (chain: Chain): Promise<bigint> =>
  decodeProof(await chain.prove({ command: 0n })).seal.delegation.index

function isBelieved(proof: string, revocations: readonly Revocation[]): boolean {
  return judgeProof(decodeProof(proof), { chainId: identity.chainId, revocations }).ok
}

async function recordsOf(world: World): Promise<readonly ChainRecord[]> {
  const files = await Promise.all((await sim.walFiles(world)).map((path) => sim.framesOf(world, path)))
  return files.flat().flatMap(({ records }) => records)
}

describe(`a rotation (CAIRN_SEED=${seed})`, () => {
  it('under load loses no command; whoever knows the revocation refuses the retired key, and believes the next one', async () => {
    const { world, signer, chain } = await begun()
    const answers: Promise<unknown>[] = []
    const more = (count: number): void => {
      for (let i = 0; i < count; i++) answers.push(chain.submit(sim.put(`k${i}`, `${answers.length}`)))
    }
    more(300)
    const before = await chain.prove({ command: 1n })
    await Promise.all(answers)
    signer.add(key(1n))
    const revocation = takenBack(0n, chain)
    more(300)
    const imported = chain.importAuthority([revocation])
    more(300)
    await imported
    signer.retire(0n)
    expect(await sealedBy(chain)).toBe(1n)
    more(300)
    expect((await Promise.allSettled(answers)).filter(({ status }) => status === 'rejected')).toEqual([])
    const after = await chain.prove({ command: 1n })
    expect([isBelieved(before, []), isBelieved(before, [revocation])]).toEqual([true, false])
    expect([isBelieved(after, []), isBelieved(after, [revocation])]).toEqual([true, true])
    expect(decodeProof(after).revocations).toEqual([revocation])
    await chain.close()

    const records = await recordsOf(world)
    const brought = records.flatMap((each) => (each.k === 'block' ? each.authority : []))
    expect(brought.map(({ k, index }) => [k, index])).toEqual([
      ['delegation', 0n],
      ['delegation', 1n],
      ['revocation', 0n],
    ])
    const lastOfOld = records.findLastIndex((each) => each.k === 'seal' && each.seal.delegation.index === 0n)
    const bringing = records.findIndex(
      (each) => each.k === 'block' && each.authority.some(({ k }) => k === 'revocation'),
    )
    expect(lastOfOld).toBeLessThan(bringing)
    const next = await sim.openIn(world.restart(), keys, { signer: hotSigner([], nobleEngine) })
    expect(isBelieved(await next.prove({ command: 1n }), [revocation])).toBe(true)
    await next.close()
  })

  it('seals the head with the next key before anything is taken back, durably, without a block', async () => {
    const { world, signer, chain } = await begun()
    signer.add(key(1n))
    await chain.importAuthority()
    expect(chain.head?.height).toBe(4n)
    expect(await sealedBy(chain)).toBe(1n)
    const revocation = takenBack(0n, chain)
    // A power cut now: neither key is at hand any more, and the head is still believed by who knows the revocation.
    const signerless: Partial<ChainOptions> = { signer: hotSigner([], nobleEngine), revocations: [revocation] }
    const next = await sim.openIn(world.crash(), keys, signerless)
    expect(await sealedBy(next)).toBe(1n)
    expect(isBelieved(await next.prove({ command: 0n }), [revocation])).toBe(true)
    await next.close()
  })

  it('is refused where the head would be left without a seal, and nothing is changed', async () => {
    const { chain } = await begun()
    const error = await sim.errorOf(chain.importAuthority([takenBack(0n, chain)]))
    expect(error).toMatchObject({ code: 'unsealed_block_needs_delegation', details: { height: 4n } })
    expect(await sealedBy(chain)).toBe(0n)
    await sim.blocksOf(chain, 1, 5)
    expect(decodeProof(await chain.prove({ command: 5n })).revocations).toEqual([])
    await chain.close()
  })

  it('is refused where the next key is not for the time of the head', async () => {
    const { chain, signer } = await begun()
    const late = (chain.head?.header.timestamp ?? 0n) + 1n
    signer.add(key(1n, [late, late + DAY]))
    expect((await sim.errorOf(chain.importAuthority([takenBack(0n, chain)]))).code).toBe(
      'unsealed_block_needs_delegation',
    )
    await chain.close()
  })

  it('takes nothing from another cold key', async () => {
    const { chain, signer } = await begun()
    const foreign = random.bytes(32)
    const revocation = revoke(identity, foreign, 0n, { height: 0n, parent: new Uint8Array(32) })
    expect((await sim.errorOf(chain.importAuthority([revocation]))).code).toBe('revocation_invalid')
    const nonsense = { index: 'all' } as unknown as Revocation
    expect((await sim.errorOf(chain.importAuthority([nonsense]))).code).toBe('revocation_invalid')
    const privateKey = random.bytes(32)
    const window = [CREATED_AT, CREATED_AT + DAY] as const
    signer.add({ privateKey, delegation: delegate(identity, foreign, privateKey, 1n, window) })
    expect((await sim.errorOf(chain.importAuthority())).code).toBe('delegation_invalid')
    signer.retire(1n)
    await sim.blocksOf(chain, 1, 5)
    await chain.close()
    const options = { revocations: [revocation] }
    expect((await sim.errorOf(begun(options))).code).toBe('revocation_invalid')
  })

  it('on a full disk is refused, and done when there is room again', async () => {
    const { world, chain, signer } = await begun({ journalFileBytes: 128 * 512 })
    world.diskBytesFree = 0
    // Until not even the smallest block fits any more.
    for (const size of [20_000, 5000, 10]) {
      let code = ''
      for (let i = 0; code === '' && i < 64; i++) {
        code = await chain.submit(sim.put(`big${i}`, 'x'.repeat(size))).then(() => '', sim.codeOf)
      }
      expect(code).toBe('disk_full')
    }
    // Nor a seal, which is smaller than a block.
    let index = 0n
    let outcome = 'done'
    const revocation = takenBack(0n, chain)
    for (; outcome === 'done' && index < 8n; index++) {
      signer.add(key(index + 1n))
      outcome = await chain.importAuthority().then(() => 'done', sim.codeOf)
    }
    expect(outcome).toBe('disk_full')
    expect((await sim.errorOf(chain.importAuthority([revocation]))).code).toBe('disk_full')
    expect(decodeProof(await chain.prove({ command: 0n })).revocations).toEqual([])
    world.diskBytesFree = 1 << 24
    await chain.importAuthority([revocation])
    await sim.blocksOf(chain, 1, 5)
    await chain.close()
    const seals = (await recordsOf(world)).filter((each) => each.k === 'seal')
    expect(seals.at(-1)?.seal.delegation.index).toBe(index)
  })

  it('is known again at a start that is told of it, before any block brought it', async () => {
    const { world, chain, signer } = await begun()
    const second = key(1n)
    signer.add(second)
    const revocation = takenBack(0n, chain)
    await chain.importAuthority([revocation])
    await chain.close()
    const both = hotSigner([second, first], nobleEngine)
    const restarted = world.restart()
    const next = await sim.openIn(restarted, keys, { signer: both, revocations: [revocation] })
    // The signer would take the retired key, which it was given last: it is not believed.
    expect((await sim.errorOf(next.submit(sim.put('a', 'b')))).code).toBe('outcome_unknown')
    await next.close()
    const again = restarted.restart()
    const last = await sim.openIn(again, keys, { signer: hotSigner([second], nobleEngine) })
    expect(await sealedBy(last)).toBe(1n)
    await last.close()
    const records = await recordsOf(again)
    expect(records.filter((each) => each.k === 'block').flatMap(({ authority }) => authority).length).toBe(3)
  })

  it('of an old key that only elsewhere is known to be taken back: a start seals the head with the next one', async () => {
    const { world, chain } = await begun()
    const revocation = takenBack(0n, chain)
    await chain.close()
    const told: Report[] = []
    const revocations = [revocation]
    const alone = { signer: hotSigner([first], nobleEngine), revocations }
    // Its last good block is the head: that seal holds, and no block can be made after it.
    const restarted = world.restart()
    const same = await sim.openIn(restarted, keys, alone)
    const revoked = await sim.errorOf(same.submit(sim.put('a', 'b')))
    expect(revoked).toMatchObject({
      code: 'delegation_needed',
      message: expect.stringContaining('All delegations for this time (0) were taken back'),
    })
    await same.close()
    const earlier = revoke(identity, coldKey, 0n, { height: 0n, parent: new Uint8Array(32) })
    const stolen = { signer: hotSigner([first], nobleEngine), revocations: [earlier] }
    const again = restarted.restart()
    expect((await sim.errorOf(sim.openIn(again, keys, stolen))).code).toBe('unsealed_block_needs_delegation')
    const rescued = { signer: hotSigner([key(1n)], nobleEngine), revocations: [earlier] }
    const next = await sim.openIn(again.restart(), keys, { ...rescued, report: (each) => void told.push(each) })
    expect(told.map(({ kind }) => kind)).toContain('sealed-again')
    expect(isBelieved(await next.prove({ command: 3n }), [earlier])).toBe(true)
    await next.close()
  })

  it('of the newest key: what an older one sealed, too, is proved under that one', async () => {
    const { world, chain, signer } = await begun()
    signer.add(key(1n))
    await chain.importAuthority()
    await chain.close()
    const stolen = revoke(identity, coldKey, 1n, { height: 0n, parent: new Uint8Array(32) })
    const restarted = world.restart()
    const next = await sim.openIn(restarted, keys, { revocations: [stolen] })
    expect(isBelieved(await next.prove({ command: 0n }), [stolen])).toBe(true)
    await next.close()
    const { signer: _, ...reading } = sim.optionsIn(restarted.restart(), keys, { revocations: [stolen] })
    const read = await Chain.open(sim.DIRECTORY, reading)
    expect(isBelieved(await read.prove({ command: 0n }), [stolen])).toBe(true)
    await read.close()
  })

  it('is seen by who reads the blocks of a chain that stands idle', async () => {
    const { chain, signer } = await begun()
    signer.add(key(1n))
    await chain.importAuthority([takenBack(0n, chain)])
    const sealedUnder: (bigint | undefined)[] = []
    for await (const { seal } of chain.blocks()) sealedUnder.push(seal?.delegation.index)
    expect(sealedUnder).toEqual([0n, 0n, 0n, 0n, 1n])
    await chain.close()
  })

  it('is seen by who follows them: what is in memory of a block is not under the seal that was given up', async () => {
    const { chain, signer } = await begun()
    const following = chain.headers({ from: 5n, live: true })
    const next = following.next()
    await chain.submit(sim.put('k', 'v'))
    await next
    signer.add(key(1n))
    await chain.importAuthority([takenBack(0n, chain)])
    for (const blocks of [
      chain.headers({ from: 5n }),
      chain.blocks({ from: 5n }),
      chain.headers({ from: 5n, live: true }),
    ]) {
      const { value } = await blocks.next()
      expect(value?.seal?.delegation.index).toBe(1n)
      await blocks.return(undefined)
    }
    await following.return(undefined)
    await chain.close()
  })

  it('is over when the head is applied: a proof that was begun before names no revocation that takes its own seal back', async () => {
    const world = new World()
    const home = world.store()
    // While these are set, the store is not written, and the journal not read.
    let applying: Promise<void> | undefined
    let reading: Promise<void> | undefined
    const slow: StoreHome = {
      destroy: () => home.destroy(),
      open: async () => {
        const store = await home.open()
        return wrapped(store, {
          write: async (batch, isDurable) => {
            await applying
            await store.write(batch, isDurable)
          },
        })
      },
    }
    const disk = wrapped<Disk>(world.disk, {
      open: async (path, how) => {
        if (how === 'read') await reading
        return world.disk.open(path, how)
      },
    })
    const { chain, signer } = await begun({ ports: { home: slow, disk, clock: world.clock, rng: world.rng } }, world)
    await chain.flush()
    let release = (): void => undefined
    let goOn = (): void => undefined
    applying = new Promise((resolve) => {
      release = resolve
    })
    reading = new Promise((resolve) => {
      goOn = resolve
    })
    const proving = chain.prove({ command: 0n })
    await sim.blocksOf(chain, 1, 5)
    signer.add(key(1n))
    const revocation = takenBack(0n, chain)
    const importing = chain.importAuthority([revocation])
    for (let turns = 0; turns < 200; turns++) await idle()
    goOn()
    const proof = decodeProof(await proving)
    expect(judgeProof(proof, { chainId: identity.chainId, revocations: proof.revocations }).ok).toBe(true)
    release()
    await importing
    expect(isBelieved(await chain.prove({ command: 0n }), [revocation])).toBe(true)
    await chain.close()
  })

  it('is refused by a chain that fails before it: nothing more is sealed or written', async () => {
    const made = hotSigner([first, key(1n)], nobleEngine)
    const asked: bigint[] = []
    let imported: Promise<string> | undefined
    const signer: Signer = {
      delegations: made.delegations,
      seal: (of, header) => {
        asked.push(header.height)
        if (header.height < 3n) return made.seal(of, header)
        imported ??= chain.importAuthority([takenBack(0n, chain)]).then(() => 'done', sim.codeOf)
        return Promise.reject(new Error('the key is gone'))
      },
    }
    const world = new World()
    const chain = await sim.createIn(world, keys, { signer })
    await sim.blocksOf(chain, 3)
    expect((await sim.errorOf(chain.submit(sim.put('last', 'words')))).code).toBe('outcome_unknown')
    expect(await imported).toBe('chain_failed')
    expect(asked).toEqual([0n, 1n, 2n, 3n])
    await chain.close()
  })

  it('a block that was committed just before the hot key was lost is sealed by the next key', async () => {
    const made = hotSigner([first], nobleEngine)
    let isLost = false
    const signer: Signer = {
      delegations: made.delegations,
      seal: (of, header) => (isLost ? Promise.reject(new Error('the key is gone')) : made.seal(of, header)),
    }
    const world = new World()
    const chain = await sim.createIn(world, keys, { signer })
    await sim.blocksOf(chain, 3)
    isLost = true
    expect((await sim.errorOf(chain.submit(sim.put('last', 'words')))).code).toBe('outcome_unknown')
    const late = CREATED_AT + 3650n * DAY
    const none = { signer: hotSigner([key(1n, [late, late + DAY])], nobleEngine) }
    const crashed = world.crash()
    const stopped = await sim.errorOf(sim.openIn(crashed, keys, none))
    expect(stopped).toMatchObject({ code: 'unsealed_block_needs_delegation', details: { height: 3n } })
    expect(stopped.message).toContain(String(stopped.details.timestamp))
    const next = await sim.openIn(crashed.restart(), keys, { signer: hotSigner([key(1n)], nobleEngine) })
    expect(next.head?.height).toBe(3n)
    expect(await sealedBy(next)).toBe(1n)
    expect(next.get('state', new TextEncoder().encode('last'))).toEqual(new TextEncoder().encode('words'))
    await next.close()
  })

  it('a hundred rotations later a proof still fits, with the newest revocations', async () => {
    const { chain, signer } = await begun()
    for (let index = 1n; index <= 70n; index++) {
      signer.add(key(index))
      await chain.importAuthority([takenBack(index - 1n, chain)])
      signer.retire(index - 1n)
    }
    await sim.blocksOf(chain, 1, 5)
    const { revocations } = decodeProof(await chain.prove({ command: 0n }))
    expect([revocations.length, revocations.at(-1)?.index]).toEqual([64, 69n])
    await chain.close()
  })

  it('an import that a close overtakes is answered', async () => {
    const { chain, signer } = await begun()
    signer.add(key(1n))
    const imported = chain.importAuthority().then(
      () => 'done',
      (error: unknown) => sim.codeOf(error),
    )
    await chain.close()
    expect(['done', 'chain_closed']).toContain(await imported)
    await expect(chain.importAuthority()).rejects.toMatchObject({ code: 'chain_closed' })
  })
})

describe('when the delegations end', () => {
  const until = CREATED_AT + 40n * DAY
  const ending = (): HotKey => {
    const window = [CREATED_AT, until] as const
    return { ...first, delegation: delegate(identity, coldKey, first.privateKey, 0n, window) }
  }
  const ends = (told: readonly Report[]) => told.flatMap((each) => (each.kind === 'delegation-ends' ? [each] : []))

  it('tells of it before, once for each threshold, by a chain that stands idle too', async () => {
    const world = new World({ wall: Number(CREATED_AT) })
    const { chain, told } = await begun({}, world, hotSigner([ending()], nobleEngine))
    expect(ends(told)).toEqual([])
    for (let day = 0; day < 42; day++) {
      await world.clock.advance(Number(DAY))
      // The timers of an idle chain reach three weeks and a half; a block looks, too.
      if (day === 10) await sim.blocksOf(chain, 1, 5)
    }
    const before = ends(told).map((each) => until - each.now)
    expect(before.length).toBe(EXPIRY_WARNINGS.length + 1)
    expect([...before].sort((a, b) => (a < b ? 1 : -1))).toEqual(before)
    EXPIRY_WARNINGS.toReversed().forEach((threshold, i) => {
      expect(before[i]).toBeLessThanOrEqual(threshold)
      expect(before[i]).toBeGreaterThan(threshold - 2n * DAY)
    })
    expect(before.at(-1)).toBeLessThan(0n)
    await chain.close()
  })

  it('tells of it by a chain that stands idle for longer than a timer reaches', async () => {
    const world = new World({ wall: Number(CREATED_AT) })
    const long = delegate(identity, coldKey, first.privateKey, 0n, [CREATED_AT, CREATED_AT + 90n * DAY])
    const { chain, told } = await begun({}, world, hotSigner([{ ...first, delegation: long }], nobleEngine))
    await world.clock.advance(Number(91n * DAY))
    const before = ends(told).map((each) => CREATED_AT + 90n * DAY - each.now)
    expect(before).toEqual([...EXPIRY_WARNINGS.toReversed(), 0n].map((each) => each - 1n))
    await chain.close()
  })

  it('tells of the next one that follows after a gap, too', async () => {
    const world = new World({ wall: Number(until - 1000n) })
    const next = key(1n, [until + DAY, until + 40n * DAY])
    const { chain, told } = await begun({}, world, hotSigner([ending(), next], nobleEngine))
    await world.clock.advance(Number(41n * DAY))
    const ofNext = ends(told).filter((each) => each.until === until + 40n * DAY)
    expect(ofNext.length).toBe(EXPIRY_WARNINGS.length)
    expect(ends(told).filter((each) => each.until === undefined).length).toBe(2)
    await chain.close()
  })

  it('tells of it once, also where the clock is set back', async () => {
    const world = new World({ wall: Number(until - 1000n) })
    const { chain, told, signer } = await begun({}, world, hotSigner([ending()], nobleEngine))
    world.clock.jump(-Number(20n * DAY))
    await chain.importAuthority()
    world.clock.jump(Number(20n * DAY))
    await chain.importAuthority()
    expect(ends(told).length).toBe(1)
    signer.add(key(1n, [CREATED_AT, until + DAY / 2n]))
    await chain.importAuthority()
    expect(ends(told).length).toBe(2)
    await chain.close()
  })

  it('says what holds for the next block where the clock is set back: it is made at the time of the one before', async () => {
    const world = new World({ wall: Number(CREATED_AT + DAY) })
    const window = [CREATED_AT + DAY, until] as const
    const late = { ...first, delegation: delegate(identity, coldKey, first.privateKey, 0n, window) }
    const { chain, told } = await begun({}, world, hotSigner([late], nobleEngine))
    world.clock.jump(-Number(2n * DAY))
    expect(chain.sealableUntil).toBe(until)
    expect((await sim.blocksOf(chain, 1, 5))[0]?.seq).toBe(5n)
    await chain.close()
    const again = await sim.openIn(world, keys, {
      signer: hotSigner([late], nobleEngine),
      report: (each) => void told.push(each),
    })
    expect([again.sealableUntil, ends(told)]).toEqual([until, []])
    await again.close()
  })

  it('looks no more often where the clock is behind the newest block', async () => {
    const world = new World({ wall: Number(until - 30n * DAY) })
    const { chain, told } = await begun({}, world, hotSigner([ending()], nobleEngine))
    world.clock.jump(-Number(10n * DAY))
    await chain.importAuthority()
    const after = world.clock.after.bind(world.clock)
    let looks = 0
    world.clock.after = (milliseconds, call) => {
      looks++
      return after(milliseconds, call)
    }
    await world.clock.advance(Number(9n * DAY))
    expect([looks, ends(told).length]).toEqual([0, 0])
    await chain.close()
  })

  it('makes no block any more: whoever asks is told the way out, and a new delegation is enough to go on', async () => {
    const world = new World({ wall: Number(until - 1000n) })
    const { chain, signer, told } = await begun({}, world, hotSigner([ending()], nobleEngine))
    expect(ends(told).length).toBe(1)
    await world.clock.advance(2000)
    const refused = await sim.errorOf(chain.submit(sim.put('late', 'x', { client: 'a', request: 6n })))
    expect(refused.code).toBe('delegation_needed')
    expect(refused.message).toMatch(/^No delegation is for this time,.*cairn keys delegation.*cairn keys import/)
    // What was executed is still answered.
    expect((await sim.blocksOf(chain, 1, 4))[0]?.seq).toBe(4n)
    signer.add(key(1n))
    await chain.importAuthority()
    expect((await sim.blocksOf(chain, 1, 5))[0]?.seq).toBe(5n)
    expect(await sealedBy(chain)).toBe(1n)
    await chain.close()
  })

  it('tells nothing where the next delegation follows without a gap', async () => {
    const world = new World({ wall: Number(until - DAY) })
    const next = key(1n, [until - 5n, until + 3650n * DAY])
    const { chain, told } = await begun({}, world, hotSigner([ending(), next], nobleEngine))
    expect(ends(told)).toEqual([])
    await chain.close()
  })
})
