/**
 * Verification of a whole chain where it lies: a directory, also while a producer works in it, or any other source. Three levels: `seals`, `roots`,
 * `replay` (docs/audit.md says what each proves).
 *
 * Promise: nothing is written but in the scratch directory and in the file of `resume`. The first fault ends it; what it did not get to is `unchecked`.
 */
import { loadEngine } from '../hash/index.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { openWorkers } from '../ports/node-workers.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Head } from '../verify/types.ts'
import type { Verification } from '../verify/verdict.ts'
import type { AuditFault, AuditLevel } from './faults.ts'
import { journalSource } from './journal-source.ts'
import { type AuditOptions, checkAudit } from './options.ts'
import { Reading } from './reading.ts'
import type { AuditSource, Spot } from './source.ts'
import { refused } from './verdicts.ts'

export interface ChainAudit extends Verification {
  readonly level: AuditLevel
  /** What was read: blocks and commands. */
  readonly blocks: bigint
  readonly commands: bigint
  /** The newest block that was read without a fault; of a chain that is being made, the newest that a seal covers. */
  readonly head?: Required<Head>
  /** The first of the newest blocks that have no seal yet, of a chain that is being made. */
  readonly unsealed?: bigint
  /** Where a frame was begun and not finished: no part of the chain. */
  readonly torn?: Spot
  readonly fault?: AuditFault
}

/** Verifies the chain in a directory, or from another source. What a source throws goes through to the caller. */
export async function verifyChain(source: string | AuditSource, options: AuditOptions): Promise<ChainAudit> {
  const checked = checkAudit(options)
  const { ports = {}, level } = checked
  const engine = checked.engine ?? (await loadEngine())
  const opened = typeof source === 'string' ? await openDirectory(source, engine, checked.ports) : source
  if (opened instanceof CairnError) return refused(level, opened)
  const { disk = nodeDisk, clock = systemClock, workers = threads } = ports
  const reading = await Reading.start(opened, checked, { disk, clock, workers }, engine)
  try {
    return await reading.run()
  } finally {
    await reading.end()
  }
}

/** A genesis that is none is a fault of the chain; one that is not there is no chain. */
async function openDirectory(
  directory: string,
  engine: Engine,
  ports: AuditOptions['ports'],
): Promise<AuditSource | CairnError> {
  try {
    return await journalSource(directory, engine.hasher, ports)
  } catch (error) {
    if (error instanceof CairnError && error.code !== 'no_chain') return error
    throw error
  }
}

function threads(count: number): ReturnType<typeof openWorkers> {
  return openWorkers(new URL('worker.js', import.meta.url), count)
}
