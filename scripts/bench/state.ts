/**
 * `npm run bench:state`: how fast a state tree on LevelDB changes, what it costs in memory and on disk, how long a proof takes, and how
 * fast a range grows; beside the libraries that do the like. It takes about a quarter of an hour and 12 GB of disk.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, figure, type Target } from '../../src/cli/bench/figures.ts'
import { describeEngine, loadEngine } from '../../src/hash/index.ts'
import { openLevelStore } from '../../src/ports/level-store.ts'
import type { Hasher } from '../../src/verify/engine.ts'
import { rangeFigures } from './ranges.ts'
import { report } from './report.ts'
import { type Life, treeLife } from './tree-life.ts'
import { trieRates } from './trie.ts'

const MILLION = 1_000_000
/** What it takes a trie a minute to open. With more of them it is slower yet. */
const TRIE_KEYS = 100_000
const SECONDS = 60
/** For what ours is compared with. */
const SECONDS_ASIDE = 20
const MIB = 2 ** 20

const engine = await loadEngine()
const { hasher } = engine
const one = await treeLife(MILLION, SECONDS, hasher)
const ten = await treeLife(10 * MILLION, SECONDS, hasher)
const everyPage = await treeLife(MILLION, SECONDS_ASIDE, hasher, { every: 1, over: 1 })
const trie = await trieRates(TRIE_KEYS, SECONDS_ASIDE)
report(
  [
    ...lifeFigures('1 M keys', one, { atLeast: 60_000 }, { atMost: 600 }),
    ...lifeFigures('10 M keys', ten, undefined, { atMost: 900 }),
    figure('10 M keys: rate at the end, of that at 1 M', '×', [atTheEnd(ten) / atTheEnd(one)], { atLeast: 0.5 }),
    figure('1 M keys, every changed page written at every version: rate, by 10 s', '/s', everyPage.rates),
    figure('1 M keys, every changed page written at every version: stored for a retained update', 'B', [
      everyPage.stored,
    ]),
    figure('@ethereumjs/mpt on classic-level, 100 k keys: rate', '/s', trie),
    figure(
      '1 M keys: times as fast at the end as @ethereumjs/mpt with 100 k',
      '×',
      trie.map((rate) => atTheEnd(one) / rate),
      { atLeast: 20 },
    ),
    ...(await ranges(hasher)),
  ],
  { engine: describeEngine(engine) },
)

function lifeFigures(what: string, life: Life, rate: Target | undefined, resident: Target): Figure[] {
  const { rates, stalls, stored, proofs } = life
  return [
    figure(`${what}, 500 random updates a block: rate, by 10 s`, '/s', rates),
    figure(`${what}: rate at the end`, '/s', [atTheEnd(life)], rate),
    figure(`${what}: longest block`, 'ms', [Math.max(...stalls)], { atMost: 500 }),
    figure(`${what}: resident memory, cache of 256 MiB`, 'MiB', [life.resident / MIB], resident),
    figure(`${what}: stored for a retained update`, 'B', [stored], { atMost: 1024 }),
    figure(`${what}: proof of the newest version, in use`, 'ms', proofs.cached, { atMost: 1 }),
    figure(`${what}: proof of the newest version, just opened`, 'ms', proofs.cold, { atMost: 10 }),
    figure(`${what}: proof of an older version, just opened`, 'ms', proofs.old, { atMost: 10 }),
  ]
}

/** Of the last ten seconds of the minute. */
function atTheEnd({ rates }: Life): number {
  return rates.at(-1) as number
}

async function ranges(hasher: Hasher): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  const store = await openLevelStore(folder)
  try {
    return await rangeFigures(store, hasher)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
