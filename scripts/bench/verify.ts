/**
 * `npm run bench:verify`: how fast a whole chain is verified, level by level, and in how much memory. The chain is made by the producer: `put` of
 * 100-byte values by ten clients, 100 commands a block. One million commands; `--long` makes ten, `--commands` and `--keys` choose other sizes, `--levels` those that
 * are measured, and `--rounds` how often.
 *
 * Each reading is a process of its own, so that its memory is its own.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { verifyChain } from '../../src/audit/audit.ts'
import { type AuditLevel, LEVELS } from '../../src/audit/faults.ts'
import { type Figure, figure } from '../../src/cli/bench/figures.ts'
import { describeEngine, loadEngine } from '../../src/hash/index.ts'
import { Chain, hotSigner, kv } from '../../src/index.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { openWorkers } from '../../src/ports/node-workers.ts'
import { type ChainKeys, chainKeys } from '../../test/support/chain-keys.ts'
import { Random } from '../../test/support/seed.ts'
import { ensureBuilt } from '../lib/build.mjs'
import { report } from './report.ts'

const MIB = 2 ** 20
const CLIENTS = 10
const A_BLOCK = 100
const VALUE_BYTES = 100
const MEMORY_MAX = 500

interface Read {
  readonly commands: number
  readonly seconds: number
  /** Bytes of memory at most. */
  readonly memory: number
}

const isLong = process.argv.includes('--long')
const commands = Number(argument('--commands') ?? (isLong ? 10_000_000 : 1_000_000))
const keys = Number(argument('--keys') ?? 10_000)
const rounds = Number(argument('--rounds') ?? 3)
const levels = LEVELS.filter((level) => (argument('--levels') ?? level).split(',').includes(level))
const part = argument('--part')
const directory = argument('--directory') ?? ''

if (part === 'make') await make()
else if (part === 'read') await read(argument('--level') as AuditLevel, Number(argument('--cores')))
else await measure()

async function measure(): Promise<void> {
  // Threads run what is in dist.
  if (!(await ensureBuilt())) process.exit(1)
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const data = join(folder, 'data')
    const made = await inProcess<{ readonly seconds: number }>('--part', 'make', '--directory', data)
    const readings = { alone: [] as Read[], seals: [] as Read[], roots: [] as Read[], replay: [] as Read[] }
    for (let round = 0; round < rounds; round++) {
      if (levels.includes('seals')) readings.alone.push(await reading(data, 'seals', 1))
      for (const level of levels) readings[level].push(await reading(data, level, 2))
    }
    const rates = (of: readonly Read[]): number[] => of.map((each) => each.commands / each.seconds)
    const ratios = rates(readings.seals).map((rate, round) => rate / (rates(readings.alone)[round] as number))
    const memory = Object.values(readings).flatMap((of) => of.map((each) => each.memory / MIB))
    const target = (atLeast: number): { readonly atLeast: number } => ({ atLeast })
    const ofLevel: Readonly<Record<AuditLevel, () => readonly Figure[]>> = {
      seals: () => [
        figure('seals, two cores: commands', '/s', rates(readings.seals), target(150_000)),
        figure('seals, one core: commands', '/s', rates(readings.alone)),
        figure('seals, two cores beside one', '×', ratios, target(1.7)),
      ],
      roots: () => [figure('roots, two cores: commands', '/s', rates(readings.roots), target(60_000))],
      replay: () => [figure('replay, two cores: commands', '/s', rates(readings.replay), target(40_000))],
    }
    report(
      [
        ...levels.flatMap((level) => ofLevel[level]()),
        figure('memory of a reading', 'MiB', memory, { atMost: MEMORY_MAX }),
        figure('chain made: commands', '/s', [commands / made.seconds]),
      ],
      { engine: describeEngine(await loadEngine()), commands: String(commands), keys: String(keys) },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function reading(data: string, level: AuditLevel, cores: number): Promise<Read> {
  return inProcess('--part', 'read', '--directory', data, '--level', level, '--cores', String(cores))
}

function chainOf(engine: Parameters<typeof hotSigner>[1]): ChainKeys {
  return chainKeys(kv.name, new Random(7), engine)
}

/** Nothing of a chain that is made to be measured has to outlive a power cut. */
const unsynced: Disk = {
  ...nodeDisk,
  async open(path, how) {
    const file = await nodeDisk.open(path, how)
    return Object.assign(file, { datasync: () => Promise.resolve() })
  },
}

async function make(): Promise<void> {
  const engine = await loadEngine()
  const { genesis, hotKey, delegation } = chainOf(engine)
  const signer = hotSigner([{ privateKey: hotKey, delegation }], engine)
  const options = { machine: kv, signer, guard: `${directory}.guard`, engine, ports: { disk: unsynced } }
  const chain = await Chain.create(directory, genesis, options)
  const random = new Random(5)
  const start = performance.now()
  for (let made = 0; made < commands; made += A_BLOCK) {
    // One block at a time: all of them are there before the next one is asked for.
    await chain.submitMany(Array.from({ length: A_BLOCK }, (_, i) => put(made + i, random.below(keys))))
  }
  const seconds = (performance.now() - start) / 1000
  await chain.close()
  console.log(JSON.stringify({ seconds }))
}

function put(number: number, key: number): Parameters<Chain['submit']>[0] {
  const value = String(number).padStart(VALUE_BYTES, '.')
  const payload = Buffer.from(`{"key":"account/${String(key).padStart(10, '0')}","value":"${value}"}`, 'latin1')
  const request = BigInt(Math.floor(number / CLIENTS) + 1)
  return { client: `desk-${number % CLIENTS}`, request, type: 'put', payload }
}

async function read(level: AuditLevel, cores: number): Promise<void> {
  const engine = await loadEngine()
  const { chainId } = chainOf(engine).identity
  const script = pathToFileURL('dist/audit/audit-thread.js')
  const start = performance.now()
  const audit = await verifyChain(directory, {
    chainId,
    level,
    cores,
    revocations: [],
    ...(level === 'replay' && { machine: kv }),
    ports: { workers: (count) => openWorkers(script, count) },
  })
  const seconds = (performance.now() - start) / 1000
  if (!audit.ok) throw new Error(`the chain does not hold: ${audit.fault?.reason}`)
  const memory = 1024 * process.resourceUsage().maxRSS
  console.log(JSON.stringify({ commands: Number(audit.commands), seconds, memory } satisfies Read))
}

/** A part of this script in a process of its own; what it prints is its answer. */
async function inProcess<T>(...args: string[]): Promise<T> {
  const script = fileURLToPath(import.meta.url)
  const sizes = ['--commands', String(commands), '--keys', String(keys)]
  const child = spawn(process.execPath, [script, ...args, ...sizes], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) output += String(text)
  return JSON.parse(output) as T
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
