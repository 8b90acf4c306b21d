/**
 * A batch: entries in, what came of them out, executed one after the other by the machine in force.
 *
 * Promise: pure. What a batch gives depends on its entries, the state that it reads and its place in the chain; nothing outside
 * is changed, and the same call may be made again. A machine that fails rejects its command; a state that cannot be read ends
 * the batch with the reader's error, for then there is no outcome.
 *
 * Entries are those that were admitted to this machine. Where another one takes force, whatever waits is admitted again: a command that
 * brings its outcome, or a note, may be none of that machine's, and ends the whole batch.
 */
import { attempt, CairnError } from '../verify/error.ts'
import { overLimit } from '../verify/fault.ts'
import { MACHINE_COMMAND, machineNamed } from '../verify/own-writes.ts'
import { type BatchCommand, demandOutcome } from './admission.ts'
import type { CommandOutcome, Machine, Reads } from './contract.ts'
import { validated } from './define.ts'
import { type Passthrough, readPassthrough, takesNoNotes } from './external.ts'
import type { MachineSet } from './machine-set.ts'
import { Overlay, type Written } from './overlay.ts'
import { errorReply, rejected, toJson } from './reply.ts'
import { type Ended, Transaction } from './transaction.ts'
import { demandSame } from './twice.ts'

/** What a batch is made of: commands, and what an engine’s journal has between them. */
export type BatchEntry = BatchCommand | Passthrough

/** Where the batch stands in the chain. */
export interface BatchPlace {
  readonly height: bigint
  readonly timestamp: bigint
  readonly firstSeq: bigint
  /** The versions that `cairn/machine` may put in force. */
  readonly machines: MachineSet
  /** Executes everything a second time and compares, at twice the cost: finds much of what makes a machine not deterministic, never all. */
  readonly twice?: boolean
  /**
   * What the commands that are executed here may write and say together, counted as for one of them: with more the batch ends with `over_limit`, before
   * all of it is in memory.
   */
  readonly effectsMax?: number
}

export interface BatchResult {
  /** One for each command, in their order: seq `firstSeq + i`. */
  readonly outcomes: readonly CommandOutcome[]
  /** The passthrough entries in their order: the block record's `notes`. They have no seq and no outcome. */
  readonly notes: readonly Uint8Array[]
  /** The machine that the batch puts in force from the next block on, where it does. */
  readonly machine?: string
  /** What the commands that were executed here wrote; of a key the newest value. */
  readonly written: Written
  /** Why commands ended with `machine_error`: for the log of this process, in no record. */
  readonly faults: readonly { readonly seq: bigint; readonly cause: unknown }[]
}

/**
 * Executes the entries of a batch in their order, each on what the ones before it wrote. The only thing that it changes is what it gives back: a batch
 * may be executed again, and gives the same.
 */
export function executeBatch(
  machine: Machine,
  reads: Reads,
  entries: readonly BatchEntry[],
  place: BatchPlace,
): BatchResult {
  const result = execute(machine, reads, entries, place)
  if (place.twice === true) demandSame(result, execute(machine, reads, entries, place), place.firstSeq)
  return result
}

function execute(
  machine: Machine,
  reads: Reads,
  entries: readonly BatchEntry[],
  { height, timestamp, firstSeq, machines, effectsMax = Number.POSITIVE_INFINITY }: BatchPlace,
): BatchResult {
  const state = new Overlay(reads)
  const outcomes: CommandOutcome[] = []
  const notes: Uint8Array[] = []
  const faults: { readonly seq: bigint; readonly cause: unknown }[] = []
  let next: string | undefined
  let effects = 0
  for (const entry of entries) {
    if (isPassthrough(entry)) {
      notes.push(noteFor(machine, entry))
      continue
    }
    const seq = firstSeq + BigInt(outcomes.length)
    const brought = demandOutcome(machine, entry)
    if (entry.type === MACHINE_COMMAND) {
      const outcome = putInForce(entry, machines)
      if (outcome.status === 0) next = machineNamed(entry.payload)
      outcomes.push(outcome)
      continue
    }
    // What an engine elsewhere wrote is read by no command here.
    const ended: Ended = brought ? { outcome: brought } : run(machine, entry, state, { seq, height, timestamp })
    const { outcome, fault, spent = 0 } = ended
    effects += spent
    if (effects > effectsMax) throw overLimit('what the commands of a batch write and emit', effectsMax, effects)
    if (fault !== undefined) faults.push({ seq, ...fault })
    outcomes.push(outcome)
  }
  return { outcomes, notes, written: state.written, faults, ...(next !== undefined && { machine: next }) }
}

/** What claims to be both would be recorded as one and executed as the other. */
function isPassthrough(entry: BatchEntry): entry is Passthrough {
  if (!Object.hasOwn(entry, 'passthrough')) return false
  if (!Object.hasOwn(entry, 'type')) return true
  throw new CairnError('invalid_entry', 'An entry is a command or passthrough, never both.')
}

function run(
  machine: Machine,
  { client, request, type, payload, receivedAt, decoded }: BatchCommand,
  state: Overlay,
  place: { readonly seq: bigint; readonly height: bigint; readonly timestamp: bigint },
): Ended {
  // Admitted to another version, or read from a record: what is not a command of this machine is rejected, not executed.
  const taken = decoded?.take(machine)
  const read = taken === undefined ? attempt(() => validated(machine, type, payload)) : taken.payload
  if (read instanceof CairnError) return { outcome: refused(read) }
  const tx = new Transaction(state, place)
  try {
    tx.finish(machine.execute({ seq: place.seq, client, request, type, payload: read, receivedAt }, tx.tx))
  } catch (cause) {
    tx.fail(cause)
  }
  const ended = tx.outcome()
  if (ended.outcome.status === 0) state.apply(tx.writes)
  return ended
}

/** The reply says nothing of the machine's own reasons, which may be worded otherwise elsewhere. */
function refused({ code }: CairnError): CommandOutcome {
  const known = code === 'unknown_type'
  const message = known ? 'the machine in force has no such command' : 'the machine in force does not take this payload'
  return rejected(errorReply(known ? code : 'invalid_payload', message))
}

/** `cairn/machine`. Its write is one of the chain's own, made once for the whole block. */
function putInForce({ payload }: BatchCommand, machines: MachineSet): CommandOutcome {
  const named = machineNamed(payload)
  if (named === undefined) return rejected(errorReply('unknown_machine', 'the payload names no <id>@<version>'))
  // Throws where it was not given: what this process was given must not decide an outcome, for another one would replay it otherwise.
  machines.inForce(named)
  return { status: 0, reply: toJson({ machine: named }), obligations: [], intents: [], writes: [] }
}

function noteFor({ isExternal, name }: Machine, { passthrough }: Passthrough): Uint8Array {
  if (isExternal) return readPassthrough(passthrough)
  throw takesNoNotes(name)
}
