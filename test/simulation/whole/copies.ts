/**
 * What is made of copies of a simulated machine, between two of its lives, and thrown away again: bytes that rot, sectors that are zeroed or written
 * elsewhere, a backup that is put back, a directory that is copied and opened beside the chain. What is damaged is reported or does no harm; what is
 * an older copy never makes a block unseen.
 */
import { Chain, type ChainOptions } from '../../../src/index.ts'
import { SECTOR } from '../../../src/limits.ts'
import type { Report } from '../../../src/pipeline/report.ts'
import { CairnError } from '../../../src/verify/index.ts'
import type { Random } from '../../support/seed.ts'
import type { World } from '../world.ts'
import { Broken, demand } from './broken.ts'
import type { Callers } from './callers.ts'
import { type Blocks, checkReads, replayed } from './checks.ts'
import { heldBy } from './held.ts'
import type { Operator } from './operator.ts'
import type { Reached } from './reached.ts'
import { codeOf, DIRECTORY, engine, GUARD, keys } from './setting.ts'

const JOURNAL = `${DIRECTORY}/journal/`

export interface CopyParts {
  readonly callers: Callers
  readonly operator: Operator
  readonly choices: Random
  readonly reached: Reached
  readonly options: (world: World, report: (report: Report) => void) => ChainOptions
  readonly note: (line: string) => void
}

/** How a file was damaged: zeros may pass for what a power cut left. */
type Damage = 'bitFlips' | 'zeroedSectors' | 'misdirectedSectors'

/** Damages a file of a copy, and opens it: what is said must be true. */
export async function damaged(world: World, parts: CopyParts): Promise<void> {
  const { choices, reached, note, callers } = parts
  const copy = world.branch(choices)
  const before = await heldBy(copy)
  const damage = spoilSomething(copy, choices)
  if (damage === undefined) return
  note(`damaged ${damage.path} ${damage.kind}`)
  reached.count(damage.kind)
  const journal = journalOf(copy)
  const opened = await opening(copy, parts)
  const kept = (code: string): void => {
    const changed = changedIn(journal, journalOf(copy), damage.path)
    demand(changed === undefined, 'damage', `${code} was reported, and ${changed} was changed`)
  }
  if (opened instanceof CairnError) {
    reached.count('damageReported')
    if (opened.code.startsWith('journal_')) kept(opened.code)
    return
  }
  try {
    if (opened.readOnly !== undefined) {
      reached.count('damageReported')
      kept(opened.readOnly.code)
      return
    }
    const lost = callers.toldAbove(opened.head?.height ?? -1n)
    if (lost !== undefined) {
      // The one thing that is taken for a power cut: the newest frame, where nothing else has a trace of it.
      const isByName = damage.kind !== 'bitFlips' && lost > before.guard && lost > before.store
      demand(isByName, 'damage', () => `the start dropped block ${lost}, which had been acknowledged (${damage.path})`)
      reached.count('newestFrameLost')
      return
    }
    await readingWell(copy, opened, parts)
  } finally {
    await copy.clock.until(opened.close().catch(() => undefined))
  }
}

/** All of the chain that is there, against what callers were told: it is so, or the damage is reported. */
async function readingWell(copy: World, chain: Chain, { callers, operator, reached }: CopyParts): Promise<void> {
  const blocks = await copy.clock.until(replayed(chain, keys, operator, engine)).catch((error: unknown) => {
    if (error instanceof CairnError) return error
    throw error
  })
  if (blocks instanceof CairnError) {
    reached.count('damageReported')
    return
  }
  callers.checkTold(blocks)
  reached.count('damageHarmless')
}

/** Damages records of the store while nobody has it open: a chain reads right, or says so and makes its store anew. */
export async function rotten(world: World, parts: CopyParts): Promise<void> {
  const { choices, reached, callers, operator } = parts
  let copy = world.branch(choices)
  const { contents } = copy.store()
  const names = Array.from(contents.names()).filter((name) => name.charCodeAt(0) !== META)
  if (names.length === 0) return
  for (let i = 0; i <= choices.below(3); i++) {
    const name = choices.pick(names)
    const value = contents.at(name).slice()
    if (value.length > 0) flip(value, choices.below(8 * value.length))
    contents.put(name, choices.below(4) === 3 || value.length === 0 ? undefined : value)
  }
  reached.count('storeRot')
  // Twice: what is found to be damaged is made anew by the next start.
  for (let start = 0; start < 3; start++) {
    const chain = await opening(copy, parts)
    if (!(chain instanceof CairnError)) {
      const read = async (): Promise<Blocks> => {
        const blocks = await replayed(chain, keys, operator, engine)
        checkReads(chain, blocks, [chain.head?.height ?? -1n])
        return blocks
      }
      const blocks = await copy.clock.until(read()).catch(damageOnly)
      const isRead = blocks !== undefined
      if (isRead) callers.checkTold(blocks)
      await copy.clock.until(chain.close().catch(() => undefined))
      if (isRead) return
    } else damageOnly(chain)
    await copy.clock.until(condemn(copy))
    copy = copy.restart(choices)
  }
  throw new Broken('store', 'a store that rotted was not made anew')
}

async function condemn(copy: World): Promise<void> {
  copy.store().refuse()
  await Promise.resolve()
}

function damageOnly(error: unknown): undefined {
  if (error instanceof CairnError && REPORTS_ROT.has(error.code)) return
  throw error
}

/** A mark that rotted contradicts the journal: then a start stops, and says that the store may be deleted. */
const REPORTS_ROT: ReadonlySet<string> = new Set(['store_damaged', 'store_mismatch', 'store_ahead'])

const META = 0x6d

/** An image of the data, as a backup takes it. */
export class Backup {
  readonly world: World

  constructor(world: World, choices: Random) {
    this.world = world.branch(choices)
  }

  /** Puts it in the place of the data, beside the guard as it is by now, and opens it. */
  async restored(now: World, parts: CopyParts): Promise<void> {
    const { choices, reached, callers } = parts
    const copy = this.world.branch(choices)
    const guard = now.fileAt(GUARD)
    if (guard === undefined || copy.fileAt(GUARD) === undefined) return
    copy.replace(GUARD, guard)
    const { guard: guarded } = await heldBy(copy)
    const chain = await opening(copy, parts)
    if (chain instanceof CairnError) {
      // It was taken after a power cut, and what it tore was acknowledged since.
      demand(chain.code === 'journal_truncated', 'backup', `a backup does not open: ${chain.code}: ${chain.message}`)
      reached.count('backupsRefused')
      return
    }
    const lost = callers.toldAbove(chain.head?.height ?? -1n)
    const { readOnly } = chain
    await copy.clock.until(chain.close())
    if (readOnly !== undefined) {
      demand(readOnly.code === 'chain_rolled_back', 'backup', `a backup is open for reading only: ${readOnly.code}`)
      reached.count('backupsRefused')
    } else if (lost !== undefined) {
      // The second by which the guard may lag: said by name.
      demand(lost > guarded, 'backup', `a backup without block ${lost} makes blocks, and the guard knew of it`)
      reached.count('backupsWithinGuardLag')
    }
  }
}

/** A copy of the directory beside the chain, under the same guard: it is locked out while the chain is open, and refused when that went on. */
export async function copied(world: World, parts: CopyParts): Promise<void> {
  const { choices, reached, options } = parts
  const both = world.branch(choices)
  const chain = await opening(both, parts)
  if (chain instanceof CairnError || chain.readOnly !== undefined || chain.head === undefined) return
  for (const path of both.paths) {
    if (path.startsWith(`${DIRECTORY}/`)) both.replace(`${COPY}${path.slice(DIRECTORY.length)}`, both.fileAt(path))
  }
  const opened = {
    ...options(both, () => undefined),
    ports: { ...options(both, () => undefined).ports, home: both.store('copy') },
  }
  const locked = await both.clock.until(Chain.open(COPY, opened)).catch((error: unknown) => error)
  demand(codeOf(locked) === 'chain_locked', 'backup', `a copy was opened beside its chain: ${codeOf(locked)}`)
  const payload = Uint8Array.from(Buffer.from('{"key":"beside","value":"it"}'))
  const goesOn = await both.clock.until(chain.submit({ type: 'put', payload })).catch((error: unknown) => error)
  await both.clock.until(chain.close().catch(() => undefined))
  if (goesOn instanceof Error) return
  const copy = await both.clock.until(Chain.open(COPY, opened))
  demand(copy.readOnly?.code === 'chain_rolled_back', 'backup', 'a copy of a chain that went on makes blocks')
  await both.clock.until(copy.close())
  reached.count('copiesRefused')
}

const COPY = '/copy'

async function opening(world: World, { options, note }: CopyParts): Promise<Chain | CairnError> {
  const chain = await world.clock
    .until(
      Chain.open(
        DIRECTORY,
        options(world, () => undefined),
      ),
    )
    .catch((error: unknown) => error)
  if (chain instanceof Chain) return chain
  note(`copy: ${codeOf(chain)}`)
  if (chain instanceof CairnError) return chain
  throw new Broken('damage', `a start ended without a code: ${String(chain)}`, chain)
}

function journalOf(world: World): ReadonlyMap<string, Uint8Array> {
  const paths = world.paths.filter((path) => path.startsWith(JOURNAL) && path.endsWith('.wal'))
  return new Map(paths.map((path) => [path, world.fileAt(path)?.read(0, 1 << 20) ?? new Uint8Array(0)]))
}

/** What a start must not have changed: all of a damaged file, and of the others all but a tail that a power cut tore. */
function changedIn(
  before: ReadonlyMap<string, Uint8Array>,
  after: ReadonlyMap<string, Uint8Array>,
  damaged: string,
): string | undefined {
  const isKept = ([path, bytes]: readonly [string, Uint8Array]): boolean => {
    const now = after.get(path)
    // Of a file without a frame nothing is lost.
    if (now === undefined) return path !== damaged && usedOf(bytes) <= SECTOR
    if (now.length !== bytes.length) return false
    if (Buffer.compare(bytes, now) === 0) return true
    return bytes.every((byte, i) => now[i] === byte || (now[i] === 0 && path !== damaged))
  }
  return [...before].find((each) => !isKept(each))?.[0]
}

/** One of the files, mostly of the journal, mostly where something is written. */
function spoilSomething(world: World, choices: Random): { readonly path: string; readonly kind: Damage } | undefined {
  const wals = world.paths.filter((path) => path.endsWith('.wal')).toSorted()
  const others = world.paths.filter((path) => !path.endsWith('.wal')).toSorted()
  const [path, other] =
    choices.below(4) === 3 ? [choices.pick(others), wals[0]] : [wals.at(-1 - choices.below(2)), wals[0]]
  const file = path === undefined ? undefined : world.fileAt(path)
  if (path === undefined || file === undefined || file.size === 0) return undefined
  const used = usedOf(file.read(0, file.size))
  const kind = choices.pick<Damage>(['bitFlips', 'zeroedSectors', 'misdirectedSectors'])
  const last = Math.max(1, Math.ceil(used / SECTOR))
  const sector = choices.below(2) === 1 ? last - 1 - choices.below(Math.min(last, 4)) : choices.below(last)
  if (kind === 'bitFlips') {
    const at = choices.below(Math.max(1, used))
    const byte = file.read(at, 1)
    file.spoil(at, flip(byte, choices.below(8)))
  } else if (kind === 'zeroedSectors') {
    file.spoil(sector * SECTOR, new Uint8Array(SECTOR * (1 + choices.below(4))))
  } else {
    const source = other === undefined ? undefined : world.fileAt(other)
    file.spoil(sector * SECTOR, (source ?? file).read(SECTOR * choices.below(8), SECTOR))
  }
  return { path, kind }
}

/** The end of what is not zero. */
function usedOf(bytes: Uint8Array): number {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return end
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bytes
}
