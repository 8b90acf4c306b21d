/** What whoever verifies a chain says, checked: an error names the option. */
import { availableParallelism } from 'node:os'
import type { Machine } from '../machine/contract.ts'
import { MachineSet } from '../machine/machine-set.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Workers } from '../ports/workers.ts'
import type { Engine } from '../verify/engine.ts'
import { demandMembers, invalidOption } from '../verify/option.ts'
import { asChainId, asHead, asRevocations, type ChainId } from '../verify/trust.ts'
import type { Head, Revocation } from '../verify/types.ts'
import { type AuditLevel, LEVELS } from './faults.ts'

export interface AuditProgress {
  readonly bytes: number
  /** Of how many bytes, where that is known. */
  readonly of: number | undefined
  readonly blocks: bigint
  readonly commands: bigint
}

export interface AuditOptions {
  /** The id that you trust. */
  readonly chainId: ChainId
  /** How much is verified; where it is left out `roots`, and with `fromProof` `seals`. */
  readonly level?: AuditLevel
  /** The revocations known from elsewhere; without a list `revocation` is `unchecked`. */
  readonly revocations?: readonly Revocation[]
  /** A block that the chain has to contain: the head that was accepted last. */
  readonly head?: Head
  /** A `cairn.proof/v1` that holds: the reading starts behind its block, at the level `seals`. */
  readonly fromProof?: string | Uint8Array
  /** For `replay`: the state machine; where versions took each other's place, all that were ever in force. */
  readonly machine?: Machine | readonly Machine[]
  /** Where the trees of `roots` and `replay` are kept meanwhile; the directory for temporary files where it is left out. */
  readonly scratch?: string
  /** A file that the audit notes now and then where it stands, and goes on from; above `seals` it needs `scratch` too, which then stays. */
  readonly resume?: string
  /** How many cores it may use; all, up to 4, where it is left out. Above the level `seals` there is a thread more than these, which recomputes the state. */
  readonly cores?: number
  readonly engine?: Engine
  readonly onProgress?: (progress: AuditProgress) => void
  /** Ends it with the error `interrupted`, after it noted where it stands. */
  readonly signal?: AbortSignal
  /** The outside, for simulations. */
  readonly ports?: Partial<AuditPorts>
}

export interface AuditPorts {
  readonly disk: Disk
  readonly clock: Clock
  readonly pause: (milliseconds: number) => Promise<unknown>
  readonly workers: (count: number) => Workers
}

export interface CheckedAudit extends Omit<AuditOptions, 'chainId' | 'level' | 'machine' | 'cores'> {
  readonly chainId: Uint8Array
  readonly level: AuditLevel
  readonly machines: MachineSet | undefined
  /** Threads beside this one. */
  readonly threads: number
}

const CORES_MAX = 4

const KNOWN: readonly (keyof AuditOptions)[] = [
  'chainId',
  'level',
  'revocations',
  'head',
  'fromProof',
  'machine',
  'scratch',
  'resume',
  'cores',
  'engine',
  'onProgress',
  'signal',
  'ports',
]

export function checkAudit(options: AuditOptions): CheckedAudit {
  demandMembers(options, KNOWN)
  const { chainId, machine, cores, ...rest } = options
  const level = options.level ?? (rest.fromProof === undefined ? 'roots' : 'seals')
  if (!LEVELS.includes(level)) throw invalidOption('level', `it is ${LEVELS.join(', ')}`)
  if (rest.fromProof !== undefined && level !== 'seals') {
    throw invalidOption('fromProof', 'what a block alone proves is enough for the level seals only')
  }
  if ((level === 'replay') !== (machine !== undefined))
    throw invalidOption('machine', 'it is for the level replay, and needed there')
  if (rest.resume !== undefined && level !== 'seals' && rest.scratch === undefined) {
    throw invalidOption('resume', 'above the level seals it needs a scratch directory as well, in which the trees stay')
  }
  if (rest.signal !== undefined && !(rest.signal instanceof AbortSignal))
    throw invalidOption('signal', 'it is an AbortSignal')
  if (cores !== undefined && !(Number.isSafeInteger(cores) && cores >= 1))
    throw invalidOption('cores', 'it is a whole number from 1 on')
  const { revocations, head } = rest
  return {
    ...rest,
    // Whatever else stands there must not pass for one that was given.
    ...(revocations !== undefined && { revocations: asRevocations(revocations) }),
    ...(head !== undefined && { head: asHead(head) }),
    chainId: asChainId(chainId),
    level,
    machines: machine && new MachineSet([machine].flat()),
    threads: Math.min(cores ?? availableParallelism(), CORES_MAX) - 1,
  }
}
