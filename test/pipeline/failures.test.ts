/**
 * What callers are told when disk, store or guard fail under a running chain, and that a restart has the truth. After a failed write or sync the
 * journal is not touched again; a disk that was full before anything was written is none of these.
 */
import { describe, expect, it } from 'vitest'
import type { Chain, Receipt } from '../../src/index.ts'
import { SEAL_IDLE } from '../../src/limits.ts'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import type { Store, StoreHome } from '../../src/ports/store.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const eio = (): Error & { code: string } => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
const WAL = /journal.*\.wal/

/** A disk that notes what changes files of the journal. */
function noting(disk: Disk, notes: string[]): Disk {
  return new Proxy(disk, {
    get(target, name: keyof Disk) {
      if (name !== 'open')
        return (...given: never[]) => (target[name] as (...all: never[]) => unknown).apply(target, given)
      return async (path: string, how: 'read' | 'write' | 'create') => {
        const file = await target.open(path, how)
        return new Proxy(file, {
          get(opened, what: 'write' | 'datasync' | 'truncate') {
            // An open file is awaited, and a promise is what has a `then`.
            if (typeof opened[what] !== 'function') return undefined
            return (...given: never[]) => {
              if (['write', 'datasync', 'truncate'].includes(what)) notes.push(`${what} ${path}`)
              return (opened[what] as (...all: never[]) => unknown).apply(opened, given)
            }
          },
        })
      }
    },
  })
}

/** A store whose batches wait. */
function holding(home: StoreHome, until: () => Promise<void>): StoreHome {
  return {
    open: async () => {
      const store = await home.open()
      return new Proxy(store, {
        get(target, name: keyof Store) {
          if (name === 'write')
            return (...given: Parameters<Store['write']>) => until().then(() => target.write(...given))
          const member = target[name] as unknown
          return typeof member === 'function' ? (member.bind(target) as unknown) : member
        },
      })
    },
    destroy: () => home.destroy(),
  }
}

const settled = (sent: readonly Promise<Receipt>[]): Promise<readonly (string | bigint)[]> =>
  Promise.all(sent.map((each) => each.then(({ seq }) => seq, sim.codeOf)))

const named = (i: number): { client: string; request: bigint } => ({ client: 'a', request: BigInt(i) })

/** What a restart says: the answers to all of these, sent again. */
async function afterRestart(world: World, requests: readonly number[]): Promise<readonly (string | bigint)[]> {
  const chain = await sim.openIn(world.restart(), keys)
  expect(chain.readOnly).toBeUndefined()
  const answers: (string | bigint)[] = []
  for (const i of requests) answers.push(...(await settled([chain.submit(sim.put(`k${i}`, 'v', named(i)))])))
  await chain.close()
  return answers
}

/** Sends 2, and when it is being written 3. */
async function inFlight(chain: Chain): Promise<readonly (string | bigint)[]> {
  const first = chain.submit(sim.put('k2', 'v', named(2)))
  first.catch(() => undefined)
  for (let i = 0; i < 12; i++) await Promise.resolve()
  return settled([first, chain.submit(sim.put('k3', 'v', named(3)))])
}

describe(`failures under a running chain (CAIRN_SEED=${seed})`, () => {
  it.each(['write', 'datasync'] as const)(
    '%s EIO: outcome_unknown, then chain_failed; a restart has the truth',
    async (what) => {
      const world = new World()
      const notes: string[] = []
      const chain = await sim.createIn(world, keys, { ports: { disk: noting(world.disk, notes) } })
      await chain.submit(sim.put('k1', 'v', named(1)))
      world.failNext(what, eio(), WAL)
      const answers = await inFlight(chain)
      expect(answers[0]).toBe('outcome_unknown')
      expect(['outcome_unknown', 'chain_failed']).toContain(answers[1])
      notes.length = 0
      expect(await settled([chain.submit(sim.put('k4', 'v', named(4)))])).toEqual(['chain_failed'])
      expect((await sim.errorOf(chain.flush())).code).toBe('chain_failed')
      expect(chain.get('state', utf8('k1'))).toEqual(utf8('v'))
      await world.clock.advance(5000)
      await chain.close()
      expect(notes.filter((note) => note.includes('/journal/'))).toEqual([])
      expect(await afterRestart(world, [1, 2, 3, 4])).toEqual([0n, 1n, 2n, 3n])
    },
  )

  it('a command whose first receipt is looked up, and a proof, are told chain_failed', async () => {
    const world = new World()
    let held: Promise<void> = Promise.resolve()
    const home = holding(world.store(), () => held)
    const chain = await sim.createIn(world, keys, { ports: { home } })
    for (const i of [1, 2]) await chain.submit(sim.put(`k${i}`, 'v', named(i)))
    await chain.flush()
    let goOn = (): void => undefined
    held = new Promise((resolve) => {
      goOn = resolve
    })
    // It waits for block 2, which is not in the store yet, while the seal of that block gets a frame of its own.
    await chain.submit(sim.put('k3', 'v', named(3)))
    const again = settled([chain.submit(sim.put('k1', 'v', named(1)))])
    const proof = sim.errorOf(chain.prove({ command: 0n }))
    await world.clock.advance(1)
    world.failNext('datasync', eio(), WAL)
    await world.clock.advance(SEAL_IDLE)
    goOn()
    expect(await again).toEqual(['chain_failed'])
    expect(await proof).toMatchObject({ code: 'chain_failed' })
    expect((await sim.errorOf(chain.prove({ command: 0n }))).code).toBe('chain_failed')
    await chain.close()
    expect(await afterRestart(world, [1, 2, 3])).toEqual([0n, 1n, 2n])
  })

  it('a command that is repeated in a batch that fails is answered, and close ends', async () => {
    for (const what of ['write', 'datasync'] as const) {
      const world = new World()
      const chain = await sim.createIn(world, keys)
      await chain.submit(sim.put('k1', 'v', named(1)))
      world.failNext(what, eio(), WAL)
      const sent = [chain.submit(sim.put('k1', 'v', named(1))), chain.submit(sim.put('k2', 'v', named(2)))]
      expect(await world.clock.until(settled(sent))).toEqual(['chain_failed', 'outcome_unknown'])
      await world.clock.until(chain.close())
      expect(await afterRestart(world, [1, 2])).toEqual([0n, 1n])
    }
  })

  it('a failure while the chain is being closed: this was no clean stop, and whoever closed it is told', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    await chain.flush()
    world.failNext('storeWrite', eio())
    const answer = settled([chain.submit(sim.put('k2', 'v', named(2)))])
    const error = await sim.errorOf(world.clock.until(chain.close()))
    expect(await answer).toEqual([1n])
    expect(error).toMatchObject({ code: 'chain_failed', message: expect.stringContaining('meanwhile') })
    expect(await afterRestart(world, [1, 2])).toEqual([0n, 1n])
  })

  it('a store that cannot be written: the chain stops, nothing acknowledged is lost', async () => {
    const world = new World()
    const { chain, told } = await createTold(world)
    await chain.submit(sim.put('k1', 'v', named(1)))
    await chain.flush()
    world.failNext('storeWrite', eio())
    await settled([chain.submit(sim.put('k2', 'v', named(2)))])
    const error = await sim.errorOf(chain.flush())
    expect(error.code).toBe('chain_failed')
    expect((await sim.errorOf(chain.prove({ command: 1n }))).code).toBe('chain_failed')
    expect(await settled([chain.submit(sim.put('k3', 'v', named(3)))])).toEqual(['chain_failed'])
    expect(told).toContain('failed')
    await chain.close()
    expect(await afterRestart(world, [1, 2, 3])).toEqual([0n, 1n, 2n])
  })

  it('a guard whose disk takes longer than a second: no further block is made before it is written', async () => {
    const world = new World()
    let release = (): void => undefined
    let held: Promise<void> | undefined
    const disk = Object.create(world.disk) as Disk
    disk.open = async (path, how) => {
      const file = await world.disk.open(path, how)
      if (!path.includes('guard')) return file
      const slow = Object.create(file) as DiskFile
      slow.datasync = async () => {
        await held
        await file.datasync()
      }
      return slow
    }
    const chain = await sim.createIn(world, keys, { ports: { disk } })
    held = new Promise((resolve) => {
      release = resolve
    })
    for (let i = 1; i <= 3; i++) {
      await chain.submit(sim.put('k', 'v', named(i)))
      await world.clock.advance(999)
    }
    await world.clock.advance(10)
    const waiting = chain.submit(sim.put('k', 'v', named(4)))
    await world.clock.advance(10_000)
    expect(chain.head?.height).toBe(2n)
    release()
    expect((await waiting).seq).toBe(3n)
    await chain.close()
  })

  it.each(['write', 'datasync', 'rename', 'syncDirectory'] as const)(
    'a guard that cannot be written (%s): the chain stops',
    async (what) => {
      const world = new World()
      const { chain, told } = await createTold(world)
      await chain.submit(sim.put('k1', 'v', named(1)))
      world.failNext(what, eio(), /keys/)
      await world.clock.advance(1500)
      const refused = await chain.submit(sim.put('k2', 'v', named(2))).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'chain_failed', details: { cause: { code: 'guard_failed' } } })
      expect(told).toContain('failed')
      await chain.close()
      expect(await afterRestart(world, [1, 2])).toEqual([0n, 1n])
    },
  )

  it('a signer that fails: outcome_unknown, for the block is there, and the next start seals it', async () => {
    const world = new World()
    let mayFail = false
    const signer = {
      ...keys.signer,
      seal: (...given: Parameters<typeof keys.signer.seal>) =>
        mayFail ? Promise.reject(new Error('no device')) : keys.signer.seal(...given),
    }
    const chain = await sim.createIn(world, keys, { signer })
    await chain.submit(sim.put('k1', 'v', named(1)))
    mayFail = true
    expect(await settled([chain.submit(sim.put('k2', 'v', named(2)))])).toEqual(['outcome_unknown'])
    expect(chain.head?.height).toBe(0n)
    expect(chain.get('state', utf8('k2'))).toBeUndefined()
    await chain.close()
    expect(await afterRestart(world, [2])).toEqual([1n])
  })

  it('a full disk: disk_full before anything is written, and it goes on when there is room', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    const large = 'x'.repeat(9000)
    let next = 1
    world.diskBytesFree = 0
    let answer: string | bigint = ''
    while (answer !== 'disk_full') {
      ;[answer] = (await settled([chain.submit(sim.put('k', large, named(next)))])) as [string | bigint]
      if (answer !== 'disk_full') next++
      expect(next).toBeLessThan(20)
    }
    const done = next - 1
    // Repeated ones are answered all the same, alone and beside one that has no room.
    const repeated = chain.submit(sim.put('k', large, named(1)))
    const beside = chain.submit(sim.put('k', large, named(next)))
    expect(await world.clock.until(settled([repeated, beside]))).toEqual([0n, 'disk_full'])
    expect(await world.clock.until(settled([chain.submit(sim.put('k', large, named(1)))]))).toEqual([0n])
    expect(chain.head?.height).toBe(BigInt(done - 1))
    world.diskBytesFree = 1 << 24
    const again = await settled([
      chain.submit(sim.put('k', large, named(next))),
      chain.submit(sim.put('k', large, named(next + 1))),
    ])
    expect(again).toEqual([BigInt(done), BigInt(done + 1)])
    await chain.close()
    const reopened = await sim.openIn(world.restart(), keys)
    expect(reopened.head?.header).toMatchObject({ firstSeq: BigInt(done) })
    await reopened.close()
  })

  // The small ones come while the large one waits, is prepared, and is about to be written.
  it.each([0, 2, 4, 6, 8, 10, 14, 18])(
    'a full disk: no later number of a client overtakes one that was refused (%d turns)',
    async (turns) => {
      const world = new World()
      const chain = await sim.createIn(world, keys)
      // Until the file made ahead is taken and there is no room for another one.
      world.diskBytesFree = 0
      let next = 1
      let refused = false
      let last: readonly unknown[] = []
      const executed: number[] = []
      while (!refused && next < 400) {
        // One that may not fit any more, and small ones behind it that would, in a block of their own.
        const large = chain.submit(sim.put('k', 'x'.repeat(9000), named(next)))
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        const small = [1, 2].map((i) => chain.submit(sim.put('k', 'v', named(next + i))))
        const answers = await world.clock.until(settled([large, ...small]))
        answers.forEach((answer, i) => {
          if (typeof answer === 'bigint') executed.push(next + i)
        })
        refused = answers[0] === 'disk_full'
        last = answers
        if (!refused) next += 3
      }
      expect(last).toEqual(['disk_full', 'disk_full', 'disk_full'])
      world.diskBytesFree = Number.POSITIVE_INFINITY
      const again = [0, 1, 2].map((i) => chain.submit(sim.put('k', i === 0 ? 'x'.repeat(9000) : 'v', named(next + i))))
      const seqs = await world.clock.until(settled(again))
      expect(seqs).toEqual([0, 1, 2].map((i) => BigInt(executed.length + i)))
      await chain.close()
    },
  )

  it('a full disk while commands wait and the chain is closed: all are answered', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    const large = 'x'.repeat(9000)
    await chain.submit(sim.put('k', large, named(1)))
    world.diskBytesFree = 0
    const sent = [1, 1, 2, 3, 4, 5, 6, 7].map((i) => chain.submit(sim.put('k', large, named(i))))
    const closed = chain.close().then(() => 'closed', sim.codeOf)
    const answers = await world.clock.until(settled(sent))
    expect(answers.slice(0, 2)).toEqual([0n, 0n])
    for (const each of answers) expect(typeof each === 'bigint' || each === 'disk_full').toBe(true)
    expect(await world.clock.until(closed)).not.toBe('')
    world.diskBytesFree = 1 << 24
    const again = await sim.openIn(world.restart(), keys)
    expect(again.readOnly).toBeUndefined()
    await again.close()
  })

  async function createTold(world: World): Promise<{ chain: Chain; told: string[] }> {
    const told: string[] = []
    const chain = await sim.createIn(world, keys, { report: ({ kind }) => void told.push(kind) })
    return { chain, told }
  }
})
