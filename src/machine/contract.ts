/**
 * The contract between a chain and the state machine that decides what its commands change. Types only: `define.ts` makes a
 * machine of a definition, `batch.ts` executes with it.
 *
 * What a machine owes: the same command over the same state gives the same outcome, today, at a replay and on every other
 * computer. So it uses no clock (`tx.timestamp` is the block's), no randomness, no locale, nothing from outside, and keeps nothing between
 * two commands but what it puts into the trees. It does not recurse as deep as a payload says: a stack that overflows here is
 * `machine_error`, and how deep a stack is differs from one run to the next.
 */
import type { RecordedCommand } from '../verify/records.ts'
import type { TreeName } from '../verify/types.ts'

/** What a machine is given to execute. The payload is what its own `validate` made of the bytes. */
export interface MachineCommand<P> {
  readonly seq: bigint
  readonly client: string
  readonly request: bigint
  readonly type: string
  readonly payload: P
  readonly receivedAt: bigint
}

/**
 * What a command can read and do. All of it ends with the command; used later it throws, and changes nothing.
 *
 * A key that begins with byte 0 belongs to the chain and is refused, to read and to write, in both trees. So is whatever is over
 * a bound of FORMAT §1, and more than 16 MiB of effects in all. Either is a bug of the machine and ends the command with `machine_error`, even where it is caught.
 */
export interface Tx {
  readonly seq: bigint
  readonly height: bigint
  readonly timestamp: bigint
  /** The value after the commands before this one and the writes of this one so far; the caller's own to change. */
  get(tree: TreeName, rawKey: Uint8Array): Uint8Array | undefined
  /** Whether there is a value, by the same rules: a tenth of the time, for the value itself is not read. */
  has(tree: TreeName, rawKey: Uint8Array): boolean
  put(tree: TreeName, rawKey: Uint8Array, value: Uint8Array): void
  delete(tree: TreeName, rawKey: Uint8Array): void
  /** An obligation: an event that stands in the range of obligations for good. */
  emit(topic: string, data: Uint8Array): void
  /** An intent: something that a system outside must carry out, once. */
  intend(kind: string, data: Uint8Array): void
  /** Ends the command: status 1, the reply `{"error":{"code","message"}}`, and no writes, obligations or intents. */
  reject(code: string, message: string): never
  /** What the client is answered, where `execute` returns nothing. */
  reply(bytes: Uint8Array): void
}

/** One type of command. `P` follows from what `validate` answers, where its parameter has its type written down. */
export interface CommandDefinition<P> {
  /** The decoded payload. Throws an error, or answers one, that says what is wrong: then the command never reaches a batch. */
  validate(payload: Uint8Array): P | Error
  /** Synchronous. What it returns is the reply; without it, what `tx.reply` was given, or nothing. */
  execute(command: MachineCommand<P>, tx: Tx): Uint8Array | undefined
}

/** A machine of one version. */
export interface Machine {
  /** `<id>@<version>`. */
  readonly name: string
  /** Whether an engine elsewhere executes, and every command brings its outcome. Then `execute` is never called. */
  readonly isExternal: boolean
  /** The decoded payload, or a CairnError `unknown_type` or `invalid_payload`. */
  validate(type: string, payload: Uint8Array): unknown
  execute(command: MachineCommand<unknown>, tx: Tx): unknown
}

/**
 * What came of a command, as its record needs it. Writes stand in the order in which their keys were first written, a key once, with
 * its last value; one that changes nothing is still a write (the tree drops it).
 */
export type CommandOutcome = Required<Pick<RecordedCommand, 'status' | 'reply' | 'obligations' | 'intents' | 'writes'>>

/** What the trees hold before a batch. */
export interface Reads {
  /** `place` is the key’s name (`placeOf`), where it is known: for whoever keeps values by that. */
  (tree: TreeName, rawKey: Uint8Array, place?: string): Uint8Array | undefined
  /** Whether a key has a value; where nobody knows a shorter way, its value is read. */
  readonly has?: (tree: TreeName, rawKey: Uint8Array) => boolean
}
