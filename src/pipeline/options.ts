/** What an application says when it opens a chain, checked: an error names the option. */
import { resolve, sep } from 'node:path'
import { CACHE_BYTES_MAX, JOURNAL_FILE_BYTES, SECTOR } from '../limits.ts'
import type { Machine } from '../machine/contract.ts'
import { isLate } from '../machine/late.ts'
import { MachineSet } from '../machine/machine-set.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Rng } from '../ports/rng.ts'
import type { Signer } from '../ports/signer.ts'
import type { StoreHome } from '../ports/store.ts'
import { REVOCATIONS_FILE_MAX } from '../verify/bounds.ts'
import type { Engine } from '../verify/engine.ts'
import { demandMembers, invalidOption } from '../verify/option.ts'
import type { Revocation } from '../verify/types.ts'
import type { Reporter } from './report.ts'

export interface ChainOptions {
  /** The state machine; where versions took each other's place, all that were ever in force. */
  readonly machine: Machine | readonly Machine[]
  /** Seals the blocks; without one the chain is open for reading only. */
  readonly signer?: Signer
  /** What the cold key took back, as far as it is known: what the chain saw itself it knows. */
  readonly revocations?: readonly Revocation[]
  /** The path of the rollback guard: beside the keys, never in the data directory or its backups. */
  readonly guard: string
  /** Told of what goes on: rebuilding, faults of the machine, the end. */
  readonly report?: Reporter
  /** Executes every batch twice and compares: half the speed, and many a bug of a machine found before it is in the chain. */
  readonly twice?: boolean
  /** Bytes of pages of each state tree that stay in memory. */
  readonly cacheBytes?: number
  /** Blocks from one checkpoint of the state trees to the next: with more of them old proofs are faster, and more is written. */
  readonly checkpointEvery?: number
  /** How large a file of the journal is. */
  readonly journalFileBytes?: number
  /** Hashes and signatures; the fastest that works here where it is left out. */
  readonly engine?: Engine
  /** The outside, for simulations. */
  readonly ports?: Partial<ChainPorts>
}

export interface ChainPorts {
  readonly disk: Disk
  readonly clock: Clock
  readonly rng: Rng
  readonly home: StoreHome
}

export interface CheckedOptions {
  readonly machines: MachineSet
  readonly signer: Signer | undefined
  readonly revocations: readonly Revocation[]
  readonly guard: string
  readonly report: Reporter
  readonly twice: boolean
  readonly cacheBytes: number
  readonly checkpointEvery: number
  readonly journalFileBytes: number
}

const CACHE_BYTES = 192 << 20
const CACHE_BYTES_MIN = 1 << 20
const CHECKPOINT_EVERY = 16
const CHECKPOINT_EVERY_MAX = 1024
const JOURNAL_FILE_MIN = 128 * SECTOR

const KNOWN: readonly (keyof ChainOptions)[] = [
  'machine',
  'signer',
  'revocations',
  'guard',
  'report',
  'twice',
  'cacheBytes',
  'checkpointEvery',
  'journalFileBytes',
  'engine',
  'ports',
]

export function demandDirectory(directory: unknown): void {
  if (typeof directory !== 'string' || directory === '')
    throw invalidOption('directory', 'it is the path of the data directory')
}

export function checkOptions(directory: string, options: ChainOptions): CheckedOptions {
  demandDirectory(directory)
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'machine and guard are needed')
  demandMembers(options, KNOWN)
  const { machine, signer, revocations = [], guard, report, twice = false } = options
  const {
    cacheBytes = CACHE_BYTES,
    checkpointEvery = CHECKPOINT_EVERY,
    journalFileBytes = JOURNAL_FILE_BYTES,
  } = options
  const machines = Array.isArray(machine) ? (machine as readonly Machine[]) : [machine as Machine]
  const isMachine = (each: Machine | undefined): boolean =>
    typeof each?.validate === 'function' && typeof each.execute === 'function' && typeof each.name === 'string'
  if (machines.length === 0 || !machines.every(isMachine)) {
    throw invalidOption('machine', 'it is a machine of defineMachine, or a list of versions of one')
  }
  if (signer !== undefined && (typeof signer?.seal !== 'function' || !Array.isArray(signer.delegations))) {
    throw invalidOption('signer', 'it has a list of delegations and seals blocks')
  }
  if (!Array.isArray(revocations) || revocations.length > REVOCATIONS_FILE_MAX) {
    throw invalidOption('revocations', `it is a list of at most ${REVOCATIONS_FILE_MAX} revocations`)
  }
  if (typeof guard !== 'string' || guard === '' || guard.endsWith('/')) {
    throw invalidOption('guard', 'it is the path of a file beside the keys, outside the data directory')
  }
  demandBeside(resolve(directory), resolve(guard))
  if (report !== undefined && typeof report !== 'function') throw invalidOption('report', 'it is a function')
  if (typeof twice !== 'boolean') throw invalidOption('twice', 'it is true or false')
  if (!Number.isSafeInteger(cacheBytes) || cacheBytes < CACHE_BYTES_MIN || cacheBytes > CACHE_BYTES_MAX) {
    throw invalidOption('cacheBytes', `it is a whole number from ${CACHE_BYTES_MIN} to ${CACHE_BYTES_MAX}`)
  }
  if (!Number.isSafeInteger(checkpointEvery) || checkpointEvery < 1 || checkpointEvery > CHECKPOINT_EVERY_MAX) {
    throw invalidOption('checkpointEvery', `it is a whole number from 1 to ${CHECKPOINT_EVERY_MAX}`)
  }
  const isFileSize = journalFileBytes % SECTOR === 0 && journalFileBytes >= JOURNAL_FILE_MIN
  if (!Number.isSafeInteger(journalFileBytes) || !isFileSize || journalFileBytes > JOURNAL_FILE_BYTES) {
    throw invalidOption(
      'journalFileBytes',
      `it is a multiple of ${SECTOR} from ${JOURNAL_FILE_MIN} to ${JOURNAL_FILE_BYTES}`,
    )
  }
  return {
    machines: new MachineSet(machines),
    signer,
    revocations,
    guard,
    report: guarded(report),
    twice,
    cacheBytes,
    checkpointEvery,
    journalFileBytes,
  }
}

/** The guard is to tell the data from copies and backups of it: both paths absolute. */
export function demandBeside(directory: string, guard: string): void {
  if (!`${guard}${sep}`.startsWith(`${directory}${sep}`)) return
  throw invalidOption(
    'guard',
    'it lies in the data directory, whose copies and backups it has to tell from the chain: put it beside the keys',
  )
}

/** A reporter that throws, now or later, has no part in what becomes of the chain and its callers. */
function guarded(report: Reporter | undefined): Reporter {
  return (each) => {
    try {
      // Where it is asynchronous this is asked for what it does: its failure must not end the process.
      isLate(report?.(each))
    } catch {
      // It is for people to look at: there is nobody to tell.
    }
  }
}
