/**
 * Verification of a whole chain where it lies: a directory, also while a producer works in it, or any other source. Three levels: `seals`, `roots`,
 * `replay` (docs/audit.md says what each proves).
 *
 * Promise: nothing is written but in the scratch directory and in the file of `resume`. The first fault ends it; what it did not get to is `unchecked`.
 */
import { stat } from 'node:fs/promises'
import { loadEngine } from '../hash/index.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { openWorkers } from '../ports/node-workers.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import { invalidOption } from '../verify/option.ts'
import type { Head } from '../verify/types.ts'
import type { Verification } from '../verify/verdict.ts'
import { examineHere } from './examine.ts'
import { exportFile } from './export-file.ts'
import { exportSource, firstFaultOf } from './export-source.ts'
import type { AuditFault, AuditLevel } from './faults.ts'
import { journalSource } from './journal-source.ts'
import { knownOf } from './known.ts'
import { type AuditOptions, type CheckedAudit, checkAudit } from './options.ts'
import { Reading } from './reading.ts'
import { Resumable } from './resume.ts'
import { SideBySide } from './side-by-side.ts'
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
  /** Why all of it was done on the calling thread although others were wanted. What was verified is the same; it took longer. */
  readonly withoutThreads?: string
}

/**
 * Verifies the chain in a directory, or an export: in a file, or as its bytes come; or any other source. What a source throws goes through to the
 * caller.
 */
export async function verifyChain(
  source: string | AsyncIterable<Uint8Array> | AuditSource,
  options: AuditOptions,
): Promise<ChainAudit> {
  const checked = checkAudit(options)
  demandSource(source)
  const { level } = checked
  const engine = checked.engine ?? (await loadEngine())
  const opened = await open(source, engine, checked.ports)
  if ('check' in opened) return refused(level, opened)
  try {
    demandProof(opened, checked)
    return await read(opened, checked, engine)
  } finally {
    await opened.close?.()
  }
}

/** A URL of a directory, or what a program forgot to wait for, must not pass for a source of one's own. */
function demandSource(source: unknown): void {
  const { items, [Symbol.asyncIterator]: pieces } = (source ?? {}) as Partial<AuditSource & AsyncIterable<unknown>>
  if (typeof source === 'string' || typeof items === 'function' || typeof pieces === 'function') return
  throw invalidOption('source', 'it is the path of a directory or an export, or the bytes of an export as they come')
}

async function read(source: AuditSource, options: CheckedAudit, engine: Engine): Promise<ChainAudit> {
  const { disk = nodeDisk, clock = systemClock, workers = openThreads } = options.ports ?? {}
  const { level, threads, fromProof } = options
  const identity = identify(source.genesis, engine.hasher)
  const known = fromProof === undefined ? undefined : knownOf(fromProof, source.from, options, engine)
  const resumable = await Resumable.open(identity, engine.hasher, options, known, { disk, clock, workers })
  try {
    const isDeep = level !== 'seals'
    const examining =
      threads === 0
        ? examineHere(identity, engine, isDeep)
        : new SideBySide(() => workers(threads), threads, identity, engine, isDeep)
    try {
      const { noted, recomputed } = resumable
      const reading = new Reading({
        source,
        options,
        engine,
        identity,
        examining,
        ...(known && { known }),
        ...(recomputed && { recomputed }),
        ...(options.resume !== undefined && { notes: resumable }),
      })
      if (noted !== undefined) reading.goOn(noted.spot, noted.standing)
      return await reading.run()
    } finally {
      await examining.close()
    }
  } finally {
    await resumable.close()
  }
}

/** What begins in the middle can be joined to nothing but a block that is known. */
function demandProof({ from }: AuditSource, { fromProof }: CheckedAudit): void {
  if (from === 0n || fromProof !== undefined) return
  throw new CairnError(
    'proof_needed',
    `The export begins at block ${from}, and what stands before it is not in it: give a proof of block ${from - 1n}, or of a later one, to start from (--from-proof).`,
    { from },
  )
}

/** A genesis that is none is a fault of the chain, and so is an export that is damaged where it begins; what is not there is no chain. */
async function open(
  source: string | AsyncIterable<Uint8Array> | AuditSource,
  { hasher }: Engine,
  ports: AuditOptions['ports'],
): Promise<AuditSource | AuditFault> {
  const path = typeof source === 'string' ? source : 'the export'
  const isExport = typeof source !== 'string' || (ports?.disk === undefined && (await isFile(path)))
  try {
    if (typeof source !== 'string') {
      return Symbol.asyncIterator in source ? await exportSource(source, { name: path }, hasher) : source
    }
    return await (isExport ? exportFile(path, hasher) : journalSource(path, hasher, ports))
  } catch (error) {
    if (!(error instanceof CairnError) || error.code === 'no_chain') throw error
    if (!isExport) return { check: 'genesis', reason: error.message, file: 'genesis.json', offset: 0 }
    return firstFaultOf(error, path)
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

function openThreads(count: number): ReturnType<typeof openWorkers> {
  // The name is one that no other script has beside which a bundler may put this: it leaves the thread's behind.
  return openWorkers(new URL('audit-thread.js', import.meta.url), count)
}
