/**
 * States that are recomputed on a thread ahead of the blocks: what is found is what is found without one (side-by-side.test.ts has all the faults there are);
 * here is what comes of the thread itself.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyChain } from '../../src/audit/audit.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import { decodeTask, encodeTask, type Task } from '../../src/audit/task.ts'
import { taskAnswerer } from '../../src/audit/task-answers.ts'
import { exportJournal } from '../../src/journal/export-write.ts'
import { kv } from '../../src/machine/index.ts'
import { WorkerEnded, type Workers } from '../../src/ports/workers.ts'
import { CairnError } from '../../src/verify/error.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { append, DIRECTORY, JOURNAL, put } from '../support/sim-chain.ts'
import { audit, closedChain, engine, type Files, keys, slowWorkers, verdictsOf } from './audited.ts'

const scratch = mkdtempSync(join(tmpdir(), 'cairn-ahead-'))
const lasting = mkdtempSync(join(tmpdir(), 'cairn-ahead-lasting-'))
afterAll(() => {
  for (const directory of [scratch, lasting]) rmSync(directory, { recursive: true })
})

let files: Files
beforeAll(async () => {
  files = await closedChain(async (chain) => {
    for (let i = 0n; i < 20n; i++) {
      const named = { client: 'a', request: i + 1n }
      await chain.submit(
        i % 2n === 0n ? put(`k${i % 3n}`, 'v'.repeat(Number(i)), named) : append('s', String(i), named),
      )
    }
  })
})

/** Every task that is asked, before it is done; what this throws the thread ends with. */
function watched(watch: (task: Task) => void): () => Workers {
  return () => {
    const workers = slowWorkers()
    return {
      ...workers,
      run: async (input, shared) => {
        watch(decodeTask(input.slice()).task)
        return workers.run(input, shared)
      },
    }
  }
}

/** One task at a time; a thread that dies of one, and another one in its place, which has nothing of what that one had. */
function mortal(diesOf: (kind: Task['kind']) => boolean): () => Workers {
  return () => {
    let answer = taskAnswerer(engine)
    let last: Promise<unknown> = Promise.resolve()
    const run: Workers['run'] = async (input, shared) => {
      if (!diesOf(decodeTask(input.slice()).task.kind)) return answer(input, shared)
      // Its store is closed with it.
      await answer(encodeTask({ kind: 'close' }))
      answer = taskAnswerer(engine)
      throw new WorkerEnded('the thread ended with code 1')
    }
    return {
      run: (input, shared) => {
        const answered = last.then(() => run(input, shared))
        last = answered.catch(() => undefined)
        return answered
      },
      close: () => Promise.resolve(),
    }
  }
}

const levels: readonly (readonly [string, Partial<AuditOptions>])[] = [
  ['roots', { level: 'roots', scratch }],
  ['replay', { level: 'replay', machine: kv, scratch }],
]

describe.each(levels)('at the level %s', (_, level) => {
  const two = (workers: () => Workers): Partial<AuditOptions> => ({ ...level, cores: 2, ports: { workers } })

  it('the states of all blocks but of a short chain are recomputed there', async () => {
    const kinds: string[] = []
    const watch = watched(({ kind }) => kinds.push(kind))
    const whole = await audit(files, level)
    expect(whole).toMatchObject({ ok: true, blocks: 20n })
    expect(await audit(files, two(watch), 1 << 20)).toEqual(whole)
    expect(kinds).toEqual([])
    expect(await audit(files, two(watch), 2048)).toEqual(whole)
    const stretches = kinds.filter((kind) => kind === 'stretch').length
    expect(stretches).toBeGreaterThan(5)
    expect(kinds.filter((kind) => kind !== 'examine')).toEqual([
      'states',
      ...Array.from({ length: stretches }, () => 'stretch'),
      'close',
    ])
  })

  it('an export, whose records are decoded when they come, is judged alike', async () => {
    // More than one piece of it.
    const large = await closedChain(async (chain) => {
      for (let i = 0; i < 60; i++) await chain.submit(put(`k${i % 3}`, 'v'.repeat(20_000)))
    })
    const disk = new MemoryDisk(large)
    const pieces: Uint8Array[] = []
    const home = { disk, directory: JOURNAL, chainId: keys.identity.chainId }
    for await (const piece of exportJournal(home, keys.identity, {}, engine.hasher)) pieces.push(piece.slice())
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield* pieces
    }
    const kinds = new Set<string>()
    const trust = { chainId: keys.identity.chainId, revocations: [], engine }
    const found = await verifyChain(bytes(), { ...trust, ...two(watched(({ kind }) => kinds.add(kind))) })
    expect(found).toEqual(await verifyChain(bytes(), { ...trust, ...level, cores: 1 }))
    expect(found).toMatchObject({ ok: true, blocks: 60n })
    expect(kinds).toContain('stretch')
  })

  it('a thread that ends takes the trees with it: that is no fault of the chain, and nothing is left behind', async () => {
    let stretches = 0
    const ending = watched(({ kind }) => {
      if (kind === 'stretch' && ++stretches === 3) throw new WorkerEnded('the thread ended with code 1')
    })
    const error: unknown = await audit(files, two(ending), 2048).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CairnError)
    expect(error).toMatchObject({ code: 'audit_thread_ended' })
    expect(String(error)).toContain('--cores 1')
    expect(readdirSync(scratch)).toEqual([])
  })

  it('so it is said also where another thread took its place before anybody asked for more of it', async () => {
    const interruption = new AbortController()
    let stretches = 0
    const workers = mortal((kind) => kind === 'stretch' && ++stretches === 2)
    const error = audit(
      files,
      {
        ...two(workers),
        scratch: lasting,
        resume: `${DIRECTORY}/audit.state`,
        signal: interruption.signal,
        onProgress: () => interruption.abort(),
      },
      2048,
    )
    await expect(error).rejects.toMatchObject({ code: 'audit_thread_ended' })
  })

  it('an error of the thread is told when its blocks are joined, and never in place of a fault before them', async () => {
    let stretches = 0
    const failing = watched(({ kind }) => {
      if (kind === 'stretch' && ++stretches === 4) throw new Error('the disk is full')
    })
    await expect(audit(files, two(failing), 2048)).rejects.toThrow('the disk is full')
    const path = `${JOURNAL}/0000000000000000.wal`
    const bytes = (files.get(path) as Uint8Array).slice()
    bytes[1500] = (bytes[1500] as number) ^ 1
    stretches = 0
    const found = await audit(new Map([...files, [path, bytes]]), two(failing), 2048)
    expect(found.fault).toMatchObject({ check: 'frames' })
    expect(readdirSync(scratch)).toEqual([])
  })
})

/** A replay in stages, interrupted once. */
async function interrupted(disk: MemoryDisk, resumed: Partial<AuditOptions>): Promise<void> {
  const interruption = new AbortController()
  const stage = audit(
    disk,
    {
      ...resumed,
      signal: interruption.signal,
      onProgress: ({ blocks }) => {
        if (blocks >= 5n) interruption.abort()
      },
    },
    2048,
  )
  await expect(stage).rejects.toMatchObject({ code: 'interrupted' })
}

it('a replay goes on with the values that were there, read from trees that were ahead', async () => {
  const disk = new MemoryDisk(files)
  const resumed = {
    level: 'replay',
    machine: kv,
    cores: 2,
    scratch: lasting,
    resume: `${DIRECTORY}/audit.state`,
  } as const
  const asked: string[] = []
  const workers = watched(({ kind }) => asked.push(kind))
  await interrupted(disk, { ...resumed, ports: { workers } })
  expect(asked.filter((kind) => kind === 'stretch').length).toBeGreaterThan(3)
  asked.length = 0
  // An append reads how many entries there are, and says so.
  const found = await audit(disk, { ...resumed, ports: { workers } }, 2048)
  expect([found.ok, verdictsOf(found).outcomes]).toEqual([true, 'ok'])
  expect(asked).toContain('entries')
})

it('a thread that ends while these are read is gone, and the trees are as good as they were', async () => {
  const disk = new MemoryDisk(files)
  const resumed = { level: 'replay', machine: kv, cores: 2, scratch: lasting, resume: 'audit.state' } as const
  await interrupted(disk, resumed)
  const dying = audit(disk, { ...resumed, ports: { workers: mortal((kind) => kind === 'entries') } }, 2048)
  await expect(dying).rejects.toMatchObject({ code: 'audit_thread_ended' })
  expect((await audit(disk, resumed, 2048)).ok).toBe(true)
})

it('values that are large are read a few at a time, so that memory is bounded', async () => {
  const large = await closedChain(async (chain) => {
    for (let i = 0; i < 100; i++) await chain.submit(put(`k${i}`, 'v'.repeat(25_000)))
  })
  const disk = new MemoryDisk(large)
  const sizes: number[] = []
  const measured = (): Workers => {
    const workers = slowWorkers()
    return {
      ...workers,
      run: async (input, shared) => {
        const { kind } = decodeTask(input.slice()).task
        const answer = await workers.run(input, shared)
        if (kind === 'entries') sizes.push(answer.length)
        return answer
      },
    }
  }
  const directory = mkdtempSync(join(lasting, 'large-'))
  const resumed = { level: 'replay', machine: kv, cores: 2, scratch: directory, resume: 'audit.state' } as const
  expect((await audit(disk, resumed, 2048)).ok).toBe(true)
  expect((await audit(disk, { ...resumed, ports: { workers: measured } }, 2048)).ok).toBe(true)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(100 * 25_000)
  expect(Math.max(...sizes)).toBeLessThan(1_200_000)
})
