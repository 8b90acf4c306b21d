/**
 * Frames that are examined on several threads give the verdicts and the first fault of one reading from the beginning to the end, whatever is wrong with
 * the chain and wherever the stretches begin; and both give what the verifier of cairn-log/verify gives for the same records.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ChainAudit, verifyChain } from '../../src/audit/audit.ts'
import type { SourceItem } from '../../src/audit/source.ts'
import { openWorkers } from '../../src/ports/node-workers.ts'
import type { Workers } from '../../src/ports/workers.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { type ChainRecord, verifyChain as verifyRecords } from '../../src/verify/index.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { bundled } from '../support/bundled.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { closeRecord, restated, sealRecord, trustIn, withBlocks, withoutWrites } from '../support/whole-chain.ts'
import { engine, slowWorkers } from './audited.ts'
import { madeSource } from './made-source.ts'

const maker = new ChainMaker(new Random(3), engine)
maker.grow(3)
const second = maker.delegate({ index: 1n })
const revocation = maker.revoke(0n, maker.madeAt(2))
maker.block(
  [
    { client: 'z', request: 5n },
    { client: 'z', request: 7n },
  ],
  {
    authority: [
      { k: 'delegation', ...second.delegation },
      { k: 'revocation', ...revocation },
    ],
    by: second,
  },
)
maker.block(
  [
    { client: 'z', request: 9n },
    { client: 'y', request: 2n },
  ],
  { by: second },
)
maker.block([{ client: 'z', request: 10n }], { by: second })
const whole = maker.records()
const genesis = maker.identity.genesis

/** The seals come a record later than they might, so that stretches part them from their blocks. */
function sealsLate(records: readonly ChainRecord[]): ChainRecord[] {
  const late = [...records]
  for (let i = 1; i + 1 < late.length; i += 2)
    [late[i], late[i + 1]] = [late[i + 1] as ChainRecord, late[i] as ChainRecord]
  return late
}

/** The seal of block 2 is that of another hash. */
function withSealOfAnother(records: readonly ChainRecord[]): ChainRecord[] {
  return records.map((each) =>
    each.k === 'seal' && each.height === 2n ? { ...each, seal: maker.seal(maker.madeAt(1).hash) } : each,
  )
}

const requestsOf = (...requests: readonly [string, bigint][]) =>
  maker.madeAt(5).record.commands.map((command, i) => {
    const [client, request] = requests[i] ?? [command.client, command.request]
    return Object.assign({}, command, { client, request })
  })

function forked(orders: Parameters<ChainMaker['block']>[0]): ChainRecord[] {
  const fork = maker.fork(4)
  fork.block(orders, { by: second })
  return fork.records()
}

const wrong: Readonly<Record<string, readonly ChainRecord[]>> = {
  nothing: whole,
  'seals that come late': sealsLate(whole),
  'a close record in its place': [...whole, closeRecord(maker.head)],
  'a close record of another block': [...whole.slice(0, 8), closeRecord(maker.madeAt(2)), ...whole.slice(8)],
  'a block that is missing': whole.filter((each) => each.k !== 'block' || each.header.height !== 3n),
  'blocks in another order': [...whole.slice(0, 4), ...whole.slice(6, 8), ...whole.slice(4, 6), ...whole.slice(8)],
  'a block twice': [...whole.slice(0, 6), ...whole.slice(4)],
  'a block again, with another state root': [
    ...whole.slice(0, 7),
    ...restated(maker, 3, { roots: { state: new Uint8Array(32) } }, second).filter(
      (each) => each.k === 'block' && each.header.height === 3n,
    ),
    ...whole.slice(7),
  ],
  'a seal before its block': [...whole.slice(0, 4), sealRecord(maker.madeAt(3)), ...whole.slice(4)],
  'a seal by another key': withSealOfAnother(whole),
  'a seal by a revoked key at the end': [
    ...whole.slice(0, -1),
    { k: 'seal', v: 1, height: 5n, seal: maker.seal(maker.head.hash) },
  ],
  'no seal at the end': whole.slice(0, -1),
  'no block': [],
  'a request that was executed before': forked([
    { client: 'y', request: 3n },
    { client: 'z', request: 7n },
  ]),
  'a request twice in a block': forked([
    { client: 'q', request: 3n },
    { client: 'q', request: 3n },
  ]),
  'two requests, of which the later one is from before': forked([
    { client: 'q', request: 3n },
    { client: 'q', request: 3n },
    { client: 'z', request: 1n },
  ]),
  'two requests, of which the earlier one is from before': forked([
    { client: 'q', request: 3n },
    { client: 'z', request: 1n },
    { client: 'q', request: 3n },
  ]),
  'commands of other seqs': withBlocks(whole, ({ header, commands }) =>
    header.height === 4n ? { commands: commands.map((each) => ({ ...each, seq: each.seq + 1n })) } : undefined,
  ),
  'another reply': withBlocks(whole, ({ header, commands }) =>
    header.height === 1n ? { commands: commands.map((each) => ({ ...each, reply: utf8('other') })) } : undefined,
  ),
  'another client': withBlocks(whole, ({ header }) =>
    header.height === 5n ? { commands: requestsOf(['x', 1n]) } : undefined,
  ),
  'a record that breaks the format': withBlocks(whole, ({ header }) =>
    header.height === 5n ? { commands: requestsOf(['', 1n]) } : undefined,
  ),
  'another state root': restated(maker, 4, { roots: { state: new Uint8Array(32) } }, second),
  'another state root, behind a seal by another key': withSealOfAnother(
    restated(maker, 4, { roots: { state: new Uint8Array(32) } }, second),
  ),
  'writes that are not recorded': withBlocks(whole, ({ header, commands }) =>
    header.height === 3n ? { commands: commands.map(withoutWrites) } : undefined,
  ),
  'another write': withBlocks(whole, ({ header, commands }) =>
    header.height === 3n
      ? { commands: commands.map((each) => ({ ...each, writes: [['risk', utf8('k'), utf8('v')] as const] })) }
      : undefined,
  ),
  'a write to a key of the chain': withBlocks(whole, ({ header, commands }) =>
    header.height === 3n
      ? {
          commands: commands.map((each) => ({ ...each, writes: [['state', Uint8Array.of(0, 1), utf8('v')] as const] })),
        }
      : undefined,
  ),
  'another history': restated(maker, 4, { roots: { history: new Uint8Array(32) } }, second),
  'an authority that nobody signed': withBlocks(whole, ({ header, authority }) =>
    header.height === 3n ? { authority: authority.map((each) => ({ ...each, index: each.index + 5n })) } : undefined,
  ),
}

function audit(
  records: readonly ChainRecord[],
  level: 'seals' | 'roots',
  atOnce: number,
  cores: number,
  workers: () => Workers = slowWorkers,
): Promise<ChainAudit> {
  const options = { chainId: maker.chainId, revocations: [], level, cores, engine, ports: { workers } }
  return verifyChain(madeSource(genesis, records, { atOnce }), options)
}

describe.each(Object.keys(wrong))('%s', (name) => {
  const records = wrong[name] as readonly ChainRecord[]

  it.each(['seals', 'roots'] as const)('is found alike side by side, at the level %s', async (level) => {
    const alone = await audit(records, level, 1000, 1)
    for (const atOnce of level === 'seals' ? [1, 2, 3, 5] : [2]) {
      for (const cores of [1, 3]) expect(await audit(records, level, atOnce, cores)).toEqual(alone)
    }
  })

  it('is what the verifier of records finds', async () => {
    const { fault, blocks, commands, head } = await verifyRecords(records, trustIn(maker, engine), engine)
    const found = await audit(records, 'roots', 3, 2)
    expect({ blocks: found.blocks, commands: found.commands, head: found.head }).toEqual({ blocks, commands, head })
    const { check, reason, height, seq } = found.fault ?? {}
    expect({ check, reason, height, seq }).toEqual({
      check: fault?.check,
      reason: fault?.reason,
      height: fault?.height,
      seq: fault?.seq,
    })
  })
})

it('is of every kind that frames can have', async () => {
  const found = await Promise.all(
    Object.values(wrong).map(async (records) => (await audit(records, 'roots', 3, 1)).fault),
  )
  const checks = new Set(found.map((fault) => fault?.check ?? 'none'))
  expect([...checks].toSorted()).toEqual(
    ['none', 'authority', 'format', 'hashes', 'order', 'ranges', 'requests', 'revocation', 'seals', 'state'].toSorted(),
  )
})

it('begins no threads for a chain that is one stretch', async () => {
  let begun = 0
  const counted = (): Workers => {
    begun++
    return slowWorkers()
  }
  expect(await audit(whole, 'seals', 1000, 2, counted)).toMatchObject({ ok: true })
  expect(begun).toBe(0)
  expect(await audit(whole, 'seals', 2, 2, counted)).toMatchObject({ ok: true })
  expect(begun).toBe(1)
})

it('has no more than a few of them on their way where they are large', async () => {
  const large = new ChainMaker(new Random(4), engine).grow(24)
  const notes = Array.from({ length: 5 }, () => new Uint8Array(1 << 20))
  const made = madeSource(
    large.identity.genesis,
    withBlocks(large.records(), () => ({ notes })),
    { atOnce: 2 },
  )
  let [onTheirWay, most] = [0, 0]
  async function* items(): AsyncGenerator<SourceItem> {
    for await (const item of made.items()) {
      if (item.kind === 'packed') onTheirWay += item.bytes.length
      most = Math.max(most, onTheirWay)
      yield item
    }
  }
  const release: typeof made.release = (frames) => {
    if (frames.kind === 'packed') onTheirWay -= frames.bytes.length
  }
  const options = { chainId: large.chainId, level: 'seals', engine, cores: 4, ports: { workers: slowWorkers } } as const
  expect(await verifyChain({ ...made, items, release }, options)).toMatchObject({ ok: true, blocks: 24n })
  expect(most).toBeLessThan(72 << 20)
})

it('begins them with the second stretch, also where the first was examined before that came', async () => {
  let begun = 0
  const workers = (): Workers => {
    begun++
    return slowWorkers()
  }
  const { items, ...source } = madeSource(genesis, whole, { atOnce: 2 })
  async function* late(): AsyncGenerator<SourceItem> {
    for await (const item of items()) {
      yield item
      for (let turns = 0; turns < 50; turns++) await immediate()
    }
  }
  const options = {
    chainId: maker.chainId,
    revocations: [],
    level: 'seals',
    cores: 2,
    engine,
    ports: { workers },
  } as const
  expect(await verifyChain({ ...source, items: late }, options)).toMatchObject({ ok: true })
  expect(begun).toBe(1)
})

describe('on threads', () => {
  let script: URL
  beforeAll(async () => {
    script = await bundled(new URL('../../src/audit/audit-thread.ts', import.meta.url))
  })

  it('the answers are the same', async () => {
    for (const name of ['nothing', 'another reply', 'a seal by another key'] as const) {
      const records = wrong[name] as readonly ChainRecord[]
      for (const level of ['seals', 'roots'] as const) {
        const onThreads = await audit(records, level, 2, 2, () => openWorkers(script, 2))
        expect(onThreads).toEqual(await audit(records, level, 2, 1))
      }
    }
  })

  it('a refusal of the system is told with all that Node says of it', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'cairn-refused-')), 'file')
    writeFileSync(file, '')
    const refused = async (cores: number): Promise<unknown> => {
      const options = { chainId: maker.chainId, level: 'roots', engine, cores, scratch: file, resume: 'r' } as const
      const ports = { disk: new MemoryDisk(), workers: () => openWorkers(script, 1) }
      const error: unknown = await verifyChain(madeSource(genesis, whole), { ...options, ports }).catch(
        (thrown: unknown) => thrown,
      )
      const { code, errno, syscall, path, message } = error as NodeJS.ErrnoException
      return { code, errno, syscall, path, message }
    }
    const here = await refused(1)
    expect(here).toMatchObject({ code: 'ENOTDIR', syscall: 'mkdir' })
    expect(await refused(2)).toEqual(here)
    rmSync(dirname(file), { recursive: true })
  })

  describe('that cannot be had', () => {
    const gone = new URL('no-such-script.js', import.meta.url)
    const others: Readonly<Record<string, () => Workers>> = {
      'their script is not there': () => openWorkers(gone, 2),
      'where it lies is not known': () => openWorkers(new URL('no-such-script.js', undefined), 2),
      'each dies of its first task': () => openWorkers(new URL('data:text/javascript,setTimeout(process.exit, 50)'), 2),
    }

    it.each(Object.keys(others))('this one does the work, and says so: %s', async (why) => {
      for (const name of ['nothing', 'another reply', 'a seal by another key'] as const) {
        const records = wrong[name] as readonly ChainRecord[]
        for (const level of ['seals', 'roots'] as const) {
          const { withoutThreads, ...found } = await audit(records, level, 2, 2, others[why])
          expect(withoutThreads).toMatch(/Cannot find|Invalid URL|ended with code 0/)
          expect(found).toEqual(await audit(records, level, 2, 1))
        }
      }
    })
  })
})
