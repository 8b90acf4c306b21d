/**
 * A start: finds out in which rows of the recovery table the chain is, and does what they say. It believes nothing that it did not check:
 * after a stop that was not clean the newest file is written again before anything in it is applied, sealed or answered.
 */
import type { Journal } from '../journal/journal.ts'
import type { Guard, GuardMark } from '../keys/guard.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Signer } from '../ports/signer.ts'
import type { Store, StoreHome } from '../ports/store.ts'
import { isFull, isOfDisk, told } from '../ports/system-error.ts'
import type { TreeSettings } from '../state/tree.ts'
import { blockHash } from '../verify/block.ts'
import { equal, fromUtf8, toHex, ZERO32 } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { MACHINE_KEY } from '../verify/own-writes.ts'
import type { Authority } from '../verify/records.ts'
import type { Revocation, Seal } from '../verify/types.ts'
import type { Unrecorded } from './4-commit.ts'
import { attemptAsync } from './attempt-async.ts'
import { demandDelegated, KnownAuthority } from './authority.ts'
import { heightOf, type Standing } from './block.ts'
import { ChainStore, markOf, type RewindPoint } from './chain-store.ts'
import { recordsOf } from './decode-record.ts'
import { writeGenesis } from './genesis-file.ts'
import { newestSealed, sealAgain } from './head-seal.ts'
import { History } from './history.ts'
import {
  condemnStore,
  demandMeans,
  findStore,
  freshStore,
  suspectStore,
  suspicion,
  trustStore,
  uncountStart,
} from './open-store.ts'
import { decide, type GuardFinding } from './recovery-table.ts'
import { demandAuthority, type ReadHead, Replay } from './replay.ts'
import type { Reporter } from './report.ts'
import { stopAt } from './stopped.ts'

export interface RecoveryParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly directory: string
  readonly journal: Journal
  readonly home: StoreHome
  readonly guard: Guard
  readonly identity: Identity
  readonly engine: Engine
  readonly signer: Signer | undefined
  /** Known from elsewhere than the chain, and checked. */
  readonly revocations: readonly Revocation[]
  readonly trees: TreeSettings
  readonly report: Reporter
}

export interface Recovered {
  readonly store: ChainStore
  readonly standing: Standing
  /** The head with its seal; absent before block 0, and where a chain that is read only has none for it. */
  readonly head?: ReadHead & { readonly seal: Seal }
  /** The head's seal, where it is not in the journal. */
  readonly unrecorded: readonly Unrecorded[]
  readonly authority: KnownAuthority
  /** Why the chain takes no commands, where it does not. */
  readonly readOnly?: CairnError
}

export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const { disk, directory, guard } = parts
  const marked = await guard.read()
  const count = await suspectStore(disk, directory)
  try {
    return await recoverFrom(parts, marked, await openStore(parts, suspicion(count)))
  } catch (error) {
    // It lived to say why it stops. Counted all the same, a store whose trace stops a start would be thrown away at the third.
    const isOfStore = error instanceof CairnError && error.code === 'store_damaged'
    if (isOfStore) await attemptAsync(() => condemnStore(disk, directory))
    // A journal or a guard that cannot be read is no fault of the store's either.
    else if (error instanceof CairnError || isOfDisk(error))
      await attemptAsync(() => uncountStart(disk, directory, count))
    throw error
  }
}

/** What the guard said at the start; nothing where it is not there. */
type Marked = { readonly head: GuardMark | null } | undefined

async function recoverFrom(parts: RecoveryParts, marked: Marked, opened: Opened): Promise<Recovered> {
  const { disk, directory, journal, identity, engine, signer, report } = parts
  const { found } = journal
  const { readOnly: refused, isBelieved } = await putInOrder(parts, demandEnd(parts, marked, opened))
  const { store, authority: known } = await believedStore(parts, opened)
  const onProgress = (height: bigint): void => report({ kind: 'replaying', height, of: found.height })
  const replay = new Replay({ identity, engine, store, onProgress }, standingOf(store, identity))
  if (store.height < found.height) onProgress(store.height)
  const from = store.height < 0n ? undefined : store.mark(store.height).place
  const mayNotSeal = refused !== undefined || signer === undefined
  const until = await lastToApply(parts, isBelieved, mayNotSeal, store)
  const standing = await replay.run(journal, from, until)
  await trustStore(disk, directory)
  const authority = new KnownAuthority([...known, ...replay.authority])
  // Again: what was read may have taken long, and the signer may have others by now.
  authority.learn(demandDelegated(signer?.delegations ?? [], identity, engine), parts.revocations)
  let readOnly = refused
  if (marked?.head && readOnly === undefined && !(await isAt(parts, store, marked.head)))
    readOnly = rolledBack(heightOf(standing), marked.head)
  if (readOnly !== undefined) report({ kind: 'read-only', error: readOnly })
  const base = { store, standing, authority, ...(readOnly && { readOnly }) }
  if (replay.head === undefined) return { ...base, unrecorded: [] }
  return { ...base, ...(await sealedHead(parts, marked, base, replay.head, replay.headSeals)) }
}

/** Stops where the end of the journal contradicts store or guard, before anything is written; or says why the chain is open for reading only. */
function demandEnd({ journal, report }: RecoveryParts, marked: Marked, { newest }: Opened): CairnError | undefined {
  const { found } = journal
  const guardSays = findGuard(marked?.head, marked !== undefined, found.height)
  if (found.state === 'torn') {
    const height = found.height + 1n
    const torn = { journal: 'torn', store: newest >= height ? 'trace' : 'below', guard: guardSays } as const
    if (decide(torn) !== 'cut') {
      const why = guardSays === 'missing' ? 'and without a guard nobody knows whether it had been' : 'which had been'
      const at = { height, file: found.end.file, offset: found.end.offset }
      throw stopAt(torn, `The journal is torn at height ${height}, ${why} acknowledged.`, at)
    }
    report({ kind: 'cut', height, offset: found.end.offset })
  }
  const ending = { journal: 'nothing', store: newest > found.height ? 'ahead' : 'below', guard: guardSays } as const
  const end = decide(ending)
  if (typeof end === 'object') {
    const details = { journal: found.height, store: newest }
    throw stopAt(ending, `The store holds block ${newest}, the journal ends at ${found.height}.`, details)
  }
  if (found.first > 0n) throw stopAt({ journal: 'starts-late' }, 'The journal has no block 0.', { first: found.first })
  return end === 'read-only' ? rolledBack(found.height, marked?.head ?? undefined) : undefined
}

/** Writes again what has to be before it is believed. Where the disk is full the table opens the chain for reading only. */
async function putInOrder(
  parts: RecoveryParts,
  refused: CairnError | undefined,
): Promise<{ readonly readOnly: CairnError | undefined; readonly isBelieved: boolean }> {
  const { journal } = parts
  const { found } = journal
  let readOnly = refused
  // What the guard names may have been in a file that holds nothing now: that stays as it lies, for whoever looks into it.
  const isLeft = readOnly !== undefined && found.empty.length > 0
  if (found.height < 0n && readOnly === undefined) readOnly = await keepMade(parts)
  const taken = isLeft ? undefined : await attemptAsync(() => journal.takeover())
  if (taken instanceof Error) {
    if (!(taken instanceof CairnError) || taken.code !== 'disk_full') throw taken
    readOnly ??= taken
  }
  // What could not be written again is not believed: then there is the store, and nothing above it.
  const isBelieved = (!isLeft && !(taken instanceof Error)) || found.state === 'clean'
  return { readOnly, isBelieved }
}

/** The head with a seal that holds: one of its own, or another one that is made now. Where none may be made, the newest block that has one. */
async function sealedHead(
  parts: RecoveryParts,
  marked: Marked,
  { store, standing, authority, readOnly }: Pick<Recovered, 'store' | 'standing' | 'authority' | 'readOnly'>,
  head: ReadHead,
  seals: readonly Seal[],
): Promise<Pick<Recovered, 'head' | 'unrecorded'>> {
  const { journal, identity, engine, guard, signer, report } = parts
  const { header } = head.record
  const good = seals.findLast((each) => !authority.isRevoked(each.delegation.index, header.height, head.hash))
  if (good !== undefined) {
    if (readOnly === undefined && signer !== undefined) await bringGuardForward(parts, marked, head)
    return { head: { ...head, seal: good }, unrecorded: [] }
  }
  if (readOnly !== undefined || signer === undefined) {
    const sealed = await newestSealed(
      new History(journal, store, identity, engine.hasher),
      heightOf(standing),
      authority,
    )
    return { ...(sealed && { head: sealed }), unrecorded: [] }
  }
  const seal = await sealAgain({ ...parts, signer, authority }, header, head.hash)
  await guard.write({ height: header.height, hash: head.hash })
  report({ kind: 'sealed-again', height: header.height })
  return { head: { ...head, seal }, unrecorded: [{ header, seal }] }
}

/**
 * Whoever did not end well left the guard behind; and whoever wrote it, an operator who accepted a loss too, may have been told that a sync of it
 * failed: then it is seen, and gone with the next power cut. No next block may ever come to write it again.
 */
async function bringGuardForward({ journal, guard }: RecoveryParts, marked: Marked, head: ReadHead): Promise<void> {
  const { height } = head.record.header
  const written = await attemptAsync(() => guard.write({ height, hash: head.hash }))
  const isThere = journal.found.state === 'clean' && marked?.head?.height === height
  // A disk that is full leaves it as it was.
  if (written instanceof Error && !(isThere && isFull(written))) throw written
}

/**
 * Whoever made a chain that has no block yet may have been told that a sync of a name failed: guard and genesis would be seen, and gone with the next
 * power cut. It comes before the first name in the journal: where one is and no genesis, no chain is made. Why it was not done, where the disk is full.
 */
async function keepMade({ disk, directory, guard, identity, signer }: RecoveryParts): Promise<CairnError | undefined> {
  const written = await attemptAsync(async () => {
    if (signer !== undefined) await guard.write(null)
    await writeGenesis(disk, directory, identity.genesis)
  })
  if (!(written instanceof Error)) return undefined
  const refusal = told(directory, written)
  if (refusal?.code !== 'disk_full') throw written
  return refusal
}

type Opened = Awaited<ReturnType<typeof openStore>>

/** The store as it lies there, with all that has to be known of it before anything is written. */
async function openStore(
  { journal, home, directory, identity }: RecoveryParts,
  suspected: string | undefined,
): Promise<{
  readonly newest: bigint
  readonly believed: bigint
  readonly store: Store | undefined
  readonly rebuild: string | undefined
}> {
  if (suspected !== undefined) return { newest: -1n, believed: -1n, store: undefined, rebuild: suspected }
  const found = await findStore(home, directory, identity.chainId)
  if (!('store' in found)) return { newest: -1n, believed: -1n, store: undefined, rebuild: found.rebuild }
  const { store, newest, believed, rebuild } = found
  // What stands above the journal's end is asked about by its trace alone.
  return { newest, believed: lower(believed, journal.found.height), store, rebuild }
}

/** The store up to where it is believed; made anew where nothing of it is. */
async function believedStore(
  parts: RecoveryParts,
  { store, newest, believed, rebuild }: Opened,
): Promise<{ readonly store: ChainStore; readonly authority: readonly Authority[] }> {
  const { home, directory, identity, engine, trees, journal, report } = parts
  let why = rebuild
  if (store !== undefined && why === undefined) {
    const opened = await attemptAsync(async () => {
      const point = await rewindPoint(parts, store, believed)
      const chain = await ChainStore.open(store, engine.hasher, trees, point)
      const history = new History(journal, chain, identity, engine.hasher)
      if (chain.height >= 0n) await history.recordAt(chain.height)
      demandEveryFile(journal.found.files, chain)
      return { store: chain, authority: await authorityOf(history, chain, parts) }
    })
    if (!(opened instanceof Error)) return opened
    demandMeans(directory, opened)
    if (isOfDisk(opened)) throw opened
    // A mark that leads nowhere, or a journal that is damaged where it leads: then reading all of it says so, and nothing is changed.
    if (opened instanceof CairnError && opened.code.startsWith('journal_')) await readThrough(journal)
    why = `it is damaged (${opened.message})`
  }
  if (newest >= 0n || journal.found.height >= 0n) report({ kind: 'rebuilding', why: why ?? 'it is not there' })
  const fresh = await freshStore(home, identity.chainId, store)
  return { store: await ChainStore.open(fresh, engine.hasher, trees), authority: [] }
}

/** The block before the first one of each file lies in the file before it, else one in between is missing. */
function demandEveryFile(files: readonly bigint[], store: ChainStore): void {
  files.forEach((first, i) => {
    if (i === 0 || first > store.height || store.mark(first - 1n).place.file === files[i - 1]) return
    throw stopAt({ journal: 'not-next' }, `Block ${first - 1n} is not in the file before that of ${first}.`, {
      height: first - 1n,
    })
  })
}

async function readThrough(journal: Journal): Promise<void> {
  for await (const { records } of journal.read(undefined)) void records
}

/** Where the store is taken back to: what the block there says of the ranges. */
async function rewindPoint({ journal }: RecoveryParts, store: Store, height: bigint): Promise<RewindPoint> {
  const place = markOf(store, height)?.place
  const records = place === undefined ? [] : recordsOf(await journal.frameAt(place), height)
  // A frame may hold several blocks.
  const block = [...records].find((each) => each.k === 'block' && each.header.height === height)
  if (block?.k !== 'block') {
    throw new CairnError('store_damaged', `The mark of block ${height} does not lead to it.`, { height })
  }
  const { commands, obligations, intents } = block.roots
  const sizes = { commands: commands.size, obligations: obligations.size, intents: intents.size, history: height }
  return { height, sizes }
}

async function authorityOf(history: History, store: ChainStore, parts: RecoveryParts): Promise<readonly Authority[]> {
  const authority: Authority[] = []
  for (const height of await store.authorityHeights()) {
    // The newest applied block is read again by the replay.
    if (height >= store.height) continue
    const record = await history.recordAt(height)
    demandAuthority(record, parts)
    authority.push(...record.authority)
  }
  return authority
}

function standingOf(store: ChainStore, { genesis }: Identity): Standing {
  const named = store.height < 0n ? undefined : store.trees.state.get(MACHINE_KEY)
  return { hash: ZERO32, machine: (named && fromUtf8(named)) ?? genesis.machine }
}

/**
 * The highest block that is applied. Of a chain that is read only these are the sealed ones: what has no seal may never have been
 * acknowledged, and another copy may have another block there.
 */
async function lastToApply(
  { journal }: RecoveryParts,
  isBelieved: boolean,
  isReadOnly: boolean,
  store: ChainStore,
): Promise<bigint> {
  if (!isBelieved) return store.height
  if (!isReadOnly) return journal.found.height
  let sealed = store.height
  const from = store.height < 0n ? undefined : store.mark(store.height).place
  for await (const frame of journal.read(from)) {
    for (const record of recordsOf(frame, sealed)) {
      if (record.k === 'seal' && record.height > sealed) sealed = record.height
    }
  }
  return sealed
}

function findGuard(mark: GuardMark | null | undefined, isThere: boolean, head: bigint): GuardFinding {
  if (!isThere) return head < 0n ? 'not-ahead' : 'missing'
  return mark && mark.height > head ? 'ahead' : 'not-ahead'
}

/** Whether the chain has the guard's block. Before it is called another chain the journal is asked: in the store a mark may have rotted. */
async function isAt(
  { journal, identity, engine }: RecoveryParts,
  store: ChainStore,
  { height, hash }: GuardMark,
): Promise<boolean> {
  if (height > store.height) return false
  if (equal(store.mark(height).hash, hash)) return true
  const { header } = await new History(journal, store, identity, engine.hasher).recordAt(height)
  if (!equal(blockHash(identity, header, engine.hasher), hash)) return false
  throw new CairnError('store_damaged', `The mark of block ${height} says another hash than the journal.`, { height })
}

function rolledBack(head: bigint, mark: GuardMark | undefined): CairnError {
  const what =
    mark === undefined
      ? 'The chain has blocks and no guard, so nobody can tell whether it is an older copy: bring the guard back to where the option guard points, which is beside the keys, or'
      : `This is an older copy of the chain, or one that parted from it: the guard names block ${mark.height} (${toHex(mark.hash)}), and the journal ends at ${head} or has another block there. Bring the missing blocks from a follower or an export, or`
  return new CairnError(
    'chain_rolled_back',
    `${what} accept what may be lost: cairn guard accept. Until then it is open for reading only.`,
    { head, ...(mark && { guard: mark.height, hash: toHex(mark.hash) }) },
  )
}

function lower(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}
