/**
 * Stage 1: what a caller submits is checked, joined with the same command where that is still on its way, and queued. A crash here means that
 * nothing was promised.
 */
import {
  COMMAND_COST,
  ITEM_COST,
  NOTES_BYTES_MAX,
  NOTES_MAX,
  UNANSWERED_BYTES_MAX,
  UNANSWERED_COMMANDS_MAX,
} from '../limits.ts'
import { admit, type BatchCommand } from '../machine/admission.ts'
import type { CommandOutcome, Machine } from '../machine/contract.ts'
import { payloadOf } from '../machine/define.ts'
import { effectsOf } from '../machine/effects.ts'
import { readPassthrough, takesNoNotes } from '../machine/external.ts'
import type { MachineSet } from '../machine/machine-set.ts'
import { asRecorded, type Clock } from '../ports/clock.ts'
import type { Rng } from '../ports/rng.ts'
import { CLIENT_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import { native, text, u64 } from '../verify/codec.ts'
import { requestRule } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { unknownMember } from '../verify/option.ts'
import { overloaded, type Queue } from './2-batch.ts'
import type { Amount } from './meter.ts'
import type { Receipt } from './receipt.ts'
import { Answer, type Waiting } from './waiting.ts'

/** A command as its caller gives it. */
export interface Submission {
  /** Who asks; left out, the command is anonymous, and may be executed again when it is sent again. */
  readonly client?: string
  /** The client's number for this command, from 1 on and growing: it names the command once and for all. */
  readonly request?: bigint
  readonly type: string
  readonly payload: Uint8Array
  /** For external machines: when the engine received it, in milliseconds, and what it made of it. */
  readonly receivedAt?: bigint
  readonly outcome?: CommandOutcome
  /**
   * For external machines: what else the engine's journal has before this command. It rides along in the record of the command's block, and touches no
   * root: nothing that is signed says what it was. Like the command it is written once; it does not tell one command from another.
   */
  readonly passthrough?: readonly Uint8Array[]
}

const MEMBERS: readonly (keyof Submission)[] = [
  'client',
  'request',
  'type',
  'payload',
  'receivedAt',
  'outcome',
  'passthrough',
]
const clientText = text(0, CLIENT_MAX)
const SALT_BYTES = 32
const CLIENTS_KNOWN = 4096

export class Intake {
  private readonly queue: Queue
  private readonly clock: Clock
  private readonly rng: Rng
  private readonly machines: MachineSet
  /** The highest request of a client, as far as blocks were prepared. */
  private readonly highest: (client: string) => bigint
  /** Commands of clients that are on their way, by client and request. */
  private readonly onTheirWay = new Map<string, Waiting>()
  private readonly unanswered = new Map<Answer, number>()
  /** Bytes of the commands that are not answered. */
  private owed = 0
  private readonly knownClients = new Set<string>()

  constructor(queue: Queue, clock: Clock, rng: Rng, machines: MachineSet, highest: (client: string) => bigint) {
    this.highest = highest
    this.queue = queue
    this.clock = clock
    this.rng = rng
    this.machines = machines
  }

  /** The command as this machine takes it, or what is wrong with it. */
  admit(submission: Submission, machine: Machine, isOperators: boolean): Waiting {
    if (typeof submission?.type !== 'string') throw invalidSubmission('it has a type and a payload')
    // With its name left out in silence a command would be anonymous: executed again whenever it is sent again.
    const unknown = unknownMember(submission, MEMBERS)
    if (unknown !== undefined) throw invalidSubmission(`it may have ${MEMBERS.join(', ')}, and no ${unknown}`)
    const { client = '', type, payload, outcome } = submission
    const request = asNumber(submission.request ?? 0n)
    this.demandName(client, request)
    // A time that is given is an engine's; ours needs no check.
    const now = submission.receivedAt === undefined ? asRecorded(this.clock.now()) : undefined
    const receivedAt = now ?? asNumber(submission.receivedAt)
    const given = { client, request, type, payload, receivedAt }
    const brought = outcome === undefined ? given : { ...given, outcome }
    const admitted = attempt(() => admit(machine, brought, isOperators ? this.machines : undefined))
    const command = admitted instanceof CairnError ? this.asRepeated(given, admitted) : admitted
    const notes = notesOf(submission, machine)
    const cost = COMMAND_COST + command.payload.length + broughtBytes(command) + costOf(notes)
    const waiting = { command, salt: this.rng.bytes(SALT_BYTES), isOperators, machine, cost, answer: new Answer() }
    if (admitted instanceof CairnError) return { ...waiting, refusal: admitted }
    return notes.length === 0 ? waiting : { ...waiting, notes }
  }

  /**
   * What the machine does not take may have been taken by an earlier version of it: a number that is not above the client's highest gets the
   * answer that it has, in its turn. Any other is refused now.
   */
  private asRepeated(given: BatchCommand, refusal: CairnError): BatchCommand {
    if (given.client === '' || given.request > this.highest(given.client)) throw refusal
    const payload = attempt(() => payloadOf(given.type, given.payload))
    if (payload instanceof CairnError) throw refusal
    return { ...given, payload }
  }

  private demandName(client: string, request: bigint): void {
    // Nearly always it is one of a few, and was checked before.
    if (!this.knownClients.has(client)) {
      const checked = attempt(() => clientText.decode(client, native))
      if (checked instanceof CairnError) throw invalidSubmission(checked.message)
      if (this.knownClients.size >= CLIENTS_KNOWN) this.knownClients.clear()
      this.knownClients.add(client)
    }
    const wrong = requestRule({ client, request })
    if (wrong !== undefined) throw invalidSubmission(wrong)
  }

  /** What is not answered yet. */
  get amount(): Amount {
    return { count: this.unanswered.size, bytes: this.owed }
  }

  /** Throws `overloaded` where these would not find room. */
  demandRoom(waiting: readonly Waiting[]): void {
    const bytes = waiting.reduce((sum, { cost }) => sum + cost, 0)
    this.queue.demandRoom(waiting.length, bytes)
    // Also of those that left the queue: whoever repeats many commands waits for as many blocks to be read.
    const [count, owed] = [this.unanswered.size + waiting.length, this.owed + bytes]
    if (count > UNANSWERED_COMMANDS_MAX || owed > UNANSWERED_BYTES_MAX) throw overloaded(count, owed)
  }

  /** The answer to this command, or to the same one that is on its way already. */
  take(waiting: Waiting): Promise<Receipt> {
    const { client, request } = waiting.command
    if (client !== '') {
      const name = nameOf(client, request)
      const first = this.onTheirWay.get(name)
      if (first !== undefined && isSame(first, waiting)) return first.answer.promise
      // Another command under the same number has its turn behind it: the first may be refused, or be the one that was not executed.
      if (first === undefined) this.onTheirWay.set(name, waiting)
    }
    this.unanswered.set(waiting.answer, waiting.cost)
    this.owed += waiting.cost
    this.queue.push(waiting)
    return waiting.answer.promise
  }

  /** The command was answered: whoever asks again is told by the chain. */
  answered({ command: { client, request }, answer, cost }: Waiting): void {
    if (this.unanswered.delete(answer)) this.owed -= cost
    const name = nameOf(client, request)
    if (this.onTheirWay.get(name)?.answer === answer) this.onTheirWay.delete(name)
  }

  /** Comes back when all that was taken by now has its answer, whatever that is. */
  async settled(): Promise<void> {
    await Promise.allSettled(Array.from(this.unanswered.keys(), ({ promise }) => promise))
  }
}

function asNumber(given: unknown): bigint {
  const number = attempt(() => u64.decode(given, native))
  if (number instanceof CairnError) throw invalidSubmission(number.message)
  return number
}

/** What an engine's outcome brings with its command. */
function broughtBytes({ outcome }: BatchCommand): number {
  return outcome === undefined ? 0 : outcome.reply.length + effectsOf(outcome)
}

const NO_NOTES: readonly Uint8Array[] = []

function notesOf({ passthrough }: Submission, machine: Machine): readonly Uint8Array[] {
  if (passthrough === undefined) return NO_NOTES
  if (!Array.isArray(passthrough)) throw invalidSubmission('its passthrough is an array of bytes')
  if (passthrough.length > NOTES_MAX) throw invalidSubmission(`its passthrough has at most ${NOTES_MAX} notes`)
  if (!machine.isExternal) throw takesNoNotes(machine.name)
  const notes: Uint8Array[] = []
  let bytes = 0
  for (const note of passthrough as readonly Uint8Array[]) {
    const read = readPassthrough(note)
    bytes += read.length
    if (bytes > NOTES_BYTES_MAX) throw invalidSubmission(`its passthrough has at most ${NOTES_BYTES_MAX} bytes`)
    notes.push(read)
  }
  return notes
}

function costOf(notes: readonly Uint8Array[]): number {
  return notes.reduce((sum, { length }) => sum + ITEM_COST + length, 0)
}

function nameOf(client: string, request: bigint): string {
  return `${request} ${client}`
}

function isSame(first: Waiting, second: Waiting): boolean {
  return first.command.type === second.command.type && equal(first.command.payload, second.command.payload)
}

/** FORMAT §9: the number names another command already. */
export function conflict(client: string, request: bigint): CairnError {
  return new CairnError(
    'request_conflict',
    'This client’s request number names another command already: a number is used once, for one type and payload.',
    { client, request },
  )
}

export function invalidSubmission(reason: string): CairnError {
  return new CairnError('invalid_submission', `The command is refused: ${reason}`, { reason })
}
