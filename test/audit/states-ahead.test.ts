/**
 * States that are recomputed on a thread ahead of the blocks: what is found is what is found without one (side-by-side.test.ts has all the faults there are);
 * here is what comes of the thread itself.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyChain } from '../../src/audit/audit.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import { decodeTask, encodeTask, type Task } from '../../src/audit/task.ts'
import { taskAnswerer } from '../../src/audit/task-answers.ts'
import { exportJournal } from '../../src/journal/export-write.ts'
import { FrameMaker, frameLength, readHead, readPayload } from '../../src/journal/frame.ts'
import { decodeHeader, type FileHeader } from '../../src/journal/header.ts'
import { readPlainRecords } from '../../src/journal/record-read.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import { SECTOR } from '../../src/limits.ts'
import { kv } from '../../src/machine/index.ts'
import { WorkerEnded, type Workers } from '../../src/ports/workers.ts'
import { concat } from '../../src/verify/bytes.ts'
import { CairnError } from '../../src/verify/error.ts'
import type { ChainRecord } from '../../src/verify/index.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { append, DIRECTORY, JOURNAL, put } from '../support/sim-chain.ts'
import { withBlocks, withoutWrites } from '../support/whole-chain.ts'
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

it('a thread that did not come to a block is not believed to have found nothing', async () => {
  const forgetful = (): Workers => {
    const workers = slowWorkers()
    let stretches = 0
    return {
      ...workers,
      run: async (input, shared) => {
        const { task } = decodeTask(input.slice())
        // It recomputes the one before once more.
        if (task.kind === 'stretch' && ++stretches === 3) return serialize({ next: 5n })
        return workers.run(input, shared)
      },
    }
  }
  const reading = audit(files, { level: 'roots', scratch, cores: 2, ports: { workers: forgetful } }, 2048)
  await expect(reading).rejects.toThrow(/did not come to block \d+/)
})

it('stretches without a block, given back while the states are being opened, hide nothing of those behind them', async () => {
  const [path = ''] = [...files.keys()].filter((name) => name.endsWith('.wal')).toSorted()
  const given = files.get(path) as Uint8Array
  const { salt } = decodeHeader(given.subarray(0, SECTOR)) as FileHeader
  /** The same journal behind frames that hold no records, which are whole; block 5 without what it wrote. */
  const behind = (empty: number): Files => {
    const maker = new FrameMaker()
    const frames = [given.slice(0, SECTOR)]
    let end = SECTOR
    const add = (records: readonly Uint8Array[]): void => {
      const frame = maker.make(records, salt, end).slice()
      frames.push(frame)
      end += frame.length
    }
    for (let i = 0; i < empty; i++) add([])
    for (let at = SECTOR; ; ) {
      const head = readHead(given.subarray(at), salt, at)
      if (head === undefined) break
      const frame = given.subarray(at, at + frameLength(head.length))
      const records = readPlainRecords(readPayload(frame, head) as Uint8Array) as readonly ChainRecord[]
      const less = withBlocks(records, ({ header, commands }) =>
        header.height === 5n ? { commands: commands.map(withoutWrites) } : undefined,
      )
      add(less.map(encodeRecord))
      at += frame.length
    }
    return new Map([...files, [path, concat(...frames, new Uint8Array(4096))]])
  }
  for (const empty of [0, 8, 22, 44, 60]) {
    const found = await audit(behind(empty), { level: 'roots', scratch, cores: 2 }, 2048)
    expect(found, String(empty)).toMatchObject({ blocks: 20n })
    expect(verdictsOf(found).state, String(empty)).toBe('unchecked')
  }
})
