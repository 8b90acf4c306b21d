/**
 * Stage 3: what the batch makes of what the newest prepared block left: outcomes, roots, header. Duplicates are decided here, and only
 * here (FORMAT §9): a client's number that is not above its highest is not executed.
 *
 * Promise: nothing is mutated, and nobody outside learns of it. A crash here means that nothing was promised.
 */
import { encodeBlockRecord } from '../journal/record-write.ts'
import { admit } from '../machine/admission.ts'
import { type BatchEntry, type BatchResult, executeBatch } from '../machine/batch.ts'
import type { Machine } from '../machine/contract.ts'
import { takesNoNotes } from '../machine/external.ts'
import type { MachineSet } from '../machine/machine-set.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { overLimit } from '../verify/fault.ts'
import { clientKey } from '../verify/own-writes.ts'
import type { Authority, RecordedCommand } from '../verify/records.ts'
import type { Assembler } from './assemble.ts'
import { heightOf, nextSeqOf, type PreparedBlock, type Standing } from './block.ts'
import type { ChainStore } from './chain-store.ts'
import type { Clients } from './clients.ts'
import type { Waiting } from './waiting.ts'

/** What preparing needs that stays the same from block to block. */
export interface Workshop {
  readonly assembler: Assembler
  readonly store: ChainStore
  readonly machines: MachineSet
  readonly clients: Clients
  /** Bytes that the record of a block may have. */
  readonly recordMax: number
  /** Executes every batch twice and compares. */
  readonly twice: boolean
}

export interface Preparation {
  /** Absent where nothing of the batch was executed. */
  readonly made?: {
    readonly block: PreparedBlock
    readonly encoded: Uint8Array
    /** Whose commands it holds, in their order. */
    readonly executed: readonly Waiting[]
    readonly faults: BatchResult['faults']
  }
  /** Those whose number is not above their client's highest: executed before, or never. */
  readonly repeated: readonly Waiting[]
  readonly refused: readonly (readonly [Waiting, CairnError])[]
  /** What did not fit into the block: the next one's. */
  readonly left: readonly Waiting[]
}

export function prepare(
  workshop: Workshop,
  before: Standing,
  batch: readonly Waiting[],
  timestamp: bigint,
  authority: readonly Authority[],
  blocked: CairnError | undefined,
): Preparation {
  const machine = workshop.machines.inForce(before.machine)
  let taken = batch
  for (;;) {
    const { executed, repeated, behind, refused } = sortOut(workshop, before, taken, machine)
    const left = batch.slice(taken.length)
    if (executed.length === 0) return { repeated, refused, left }
    if (blocked !== undefined) {
      const none = [...executed, ...behind].map((each) => [each, blocked] as const)
      return { repeated, refused: [...refused, ...none], left }
    }
    const made = make(workshop, before, machine, executed, timestamp, authority)
    if (!(made instanceof CairnError)) {
      for (const { client, request } of made.block.record.commands) {
        if (client !== '') workshop.clients.keep(client, request)
      }
      return { made: { ...made, executed }, repeated: [...repeated, ...behind], refused, left }
    }
    if (executed.length === 1) {
      return { repeated, refused: [...refused, [executed[0] as Waiting, made]], left: [...behind, ...left] }
    }
    // Sorted out and executed again, with half of it: rare, for a batch is bounded by what comes in.
    taken = batch.slice(0, Math.ceil(taken.length / 2))
  }
}

/** Which are executed, and what becomes of the others; `behind` stands what is not executed only where one of these is. */
function sortOut(
  { clients, store, machines }: Workshop,
  before: Standing,
  batch: readonly Waiting[],
  machine: Machine,
): {
  executed: readonly Waiting[]
  repeated: readonly Waiting[]
  behind: readonly Waiting[]
  refused: readonly (readonly [Waiting, CairnError])[]
} {
  const executed: Waiting[] = []
  const repeated: Waiting[] = []
  const behind: Waiting[] = []
  const refused: (readonly [Waiting, CairnError])[] = []
  const inBatch = new Map<string, bigint>()
  const read = (client: string): Uint8Array | undefined => store.trees.state.get(clientKey(client), before.trees?.state)
  for (const waiting of batch) {
    const { client, request } = waiting.command
    if (client !== '' && request <= (inBatch.get(client) ?? clients.highest(client, read))) {
      const isRepeated = request <= clients.highest(client, read)
      ;(isRepeated ? repeated : behind).push(waiting)
      continue
    }
    if (waiting.refusal !== undefined) {
      refused.push([waiting, waiting.refusal])
      continue
    }
    // Another machine took force since: what was admitted to the one before may be no command of this one.
    const admitted = waiting.machine === machine ? waiting : admittedAgain(waiting, machine, machines)
    if (admitted instanceof CairnError) {
      refused.push([waiting, admitted])
      continue
    }
    if (client !== '') inBatch.set(client, request)
    executed.push(admitted)
  }
  return { executed, repeated, behind, refused }
}

function admittedAgain(waiting: Waiting, machine: Machine, machines: MachineSet): Waiting | CairnError {
  const { decoded: _, ...command } = waiting.command
  const admitted = attempt(() => admit(machine, command, waiting.isOperators ? machines : undefined))
  if (admitted instanceof CairnError) return admitted
  if (waiting.notes !== undefined && !machine.isExternal) return takesNoNotes(machine.name)
  return { ...waiting, command: admitted, machine }
}

function entriesOf(executed: readonly Waiting[]): readonly BatchEntry[] {
  const entries: BatchEntry[] = []
  for (const { command, notes } of executed) {
    if (notes !== undefined) for (const passthrough of notes) entries.push({ passthrough })
    entries.push(command)
  }
  return entries
}

/** The block of these, or `over_limit` where its record does not fit into a frame. */
function make(
  { assembler, store, machines, recordMax, twice }: Workshop,
  before: Standing,
  machine: Machine,
  executed: readonly Waiting[],
  timestamp: bigint,
  authority: readonly Authority[],
): { block: PreparedBlock; encoded: Uint8Array; faults: BatchResult['faults'] } | CairnError {
  const height = heightOf(before) + 1n
  const firstSeq = nextSeqOf(before)
  // One alone is within the bound of a command; of several no more is executed, hashed and encoded than a record can hold.
  const effectsMax = executed.length > 1 ? recordMax : Number.POSITIVE_INFINITY
  const place = { height, timestamp, firstSeq, machines, twice, effectsMax }
  const batch = attempt(() => executeBatch(machine, store.readsOn(before.trees), entriesOf(executed), place))
  if (batch instanceof CairnError) return tooLarge(batch)
  const { outcomes, notes, faults } = batch
  const commands = executed.map(({ command, salt }, i): RecordedCommand => {
    const { client, request, type, payload, receivedAt } = command
    const { status, reply, obligations, intents, writes } = outcomes[i] as (typeof outcomes)[number]
    const seq = firstSeq + BigInt(i)
    // Named one by one: this is done for every command, and a spread takes three times as long.
    return { seq, client, request, type, payload, salt, receivedAt, status, reply, obligations, intents, writes }
  })
  const epoch = before.header?.epoch ?? 1n
  const block = assembler.assemble(before, { epoch, timestamp, commands, notes, authority })
  const encoded = attempt(() => encodeBlockRecord(block.record))
  if (!(encoded instanceof CairnError) && encoded.length <= recordMax) return { block, encoded, faults }
  store.drop(block)
  if (!(encoded instanceof CairnError)) return overLimit('the record of the block', recordMax, encoded.length)
  // Larger than any file: no less too large than what fits into none of ours.
  return tooLarge(encoded)
}

/** With fewer commands it is another block; for any other error there is none. */
function tooLarge(error: CairnError): CairnError {
  if (error.code === 'over_limit') return error
  throw error
}
