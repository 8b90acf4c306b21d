/**
 * One command's view of the state and all that it does, until it ends in one of four ways: done, rejected by the machine, failed
 * by a bug of the machine, or unable to read.
 *
 * Promise: the first end counts, whatever the machine catches or does afterwards; nothing outside is touched; what is kept are
 * copies, within every bound of FORMAT §1.
 */
import { DATA_MAX, KEY_MAX, PAYLOAD_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import { native, text } from '../verify/codec.ts'
import { label, treeName } from '../verify/codecs.ts'
import { CairnError } from '../verify/error.ts'
import { overLimit } from '../verify/fault.ts'
import { isOwnKey } from '../verify/own-writes.ts'
import type { TreeName } from '../verify/types.ts'
import type { CommandOutcome, Tx } from './contract.ts'
import type { Copies } from './copies.ts'
import { Effects } from './effects.ts'
import { isLate } from './late.ts'
import { type Overlay, placeOf } from './overlay.ts'
import { errorReply, MACHINE_ERROR, rejected } from './reply.ts'
import { Writes } from './writes.ts'

/** Frames that are left for the reader when a machine reads from deep inside: many times what it needs. */
const FRAMES_FOR_READS = 256

const rejectionMessage = text(0, DATA_MAX)

const NOTHING: Uint8Array = new Uint8Array(0)

type End =
  | { readonly how: 'done' }
  | { readonly how: 'rejected'; readonly reply: Uint8Array }
  | { readonly how: 'failed' | 'unreadable'; readonly cause: unknown }

/** What came of a command. */
export interface Ended {
  readonly outcome: CommandOutcome
  /** The bug of the machine, where it had one. */
  readonly fault?: { readonly cause: unknown }
  /** What it counts that it wrote and said, where it was accepted. */
  readonly spent?: number
}

/** A key as it was asked for, checked. */
interface Key {
  readonly place: string
  readonly tree: TreeName
  readonly key: Uint8Array
}

/** Where the command stands. */
interface Place {
  readonly seq: bigint
  readonly height: bigint
  readonly timestamp: bigint
}

export class Transaction {
  /** What the machine is given: this and nothing else of the transaction. */
  readonly tx: Tx
  private readonly state: Overlay
  private readonly copies: Copies
  private last: Key | undefined
  /** By their places, in the order in which their keys were first written. */
  readonly writes: Writes = new Writes()
  private readonly obligations: { readonly topic: string; readonly data: Uint8Array }[] = []
  private readonly intents: { readonly kind: string; readonly data: Uint8Array }[] = []
  private answer: Uint8Array = NOTHING
  private readonly effects = new Effects()
  private end: End | undefined

  constructor(state: Overlay, { seq, height, timestamp }: Place) {
    this.state = state
    this.copies = state.copies
    this.tx = Object.freeze<Tx>({
      seq,
      height,
      timestamp,
      get: (tree, key) => this.get(tree, key),
      has: (tree, key) => this.has(tree, key),
      put: (tree, key, value) => this.put(tree, key, value),
      delete: (tree, key) => this.delete(tree, key),
      emit: (topic, bytes) => this.emit(topic, bytes),
      intend: (kind, bytes) => this.intend(kind, bytes),
      reject: (code, message) => this.reject(code, message),
      reply: (bytes) => this.reply(bytes),
    })
  }

  private get(tree: TreeName, key: Uint8Array): Uint8Array | undefined {
    const asked = this.asked(tree, key)
    const written = this.writes.at(asked.place)
    const value = written === undefined ? this.read(() => this.state.get(asked.place, tree, asked.key)) : written[2]
    // Not `slice`, which gives a Buffer for a Buffer, and one that shares its bytes.
    return value ? new Uint8Array(value) : undefined
  }

  private has(tree: TreeName, key: Uint8Array): boolean {
    const asked = this.asked(tree, key)
    const written = this.writes.at(asked.place)
    return written === undefined ? this.read(() => this.state.has(asked.place, tree, asked.key)) : written[2] !== null
  }

  /** A key that is about to be read. */
  private asked(tree: TreeName, key: Uint8Array): Key {
    return this.step(() => {
      demandStack(FRAMES_FOR_READS)
      return this.keyOf(tree, key)
    })
  }

  private put(tree: TreeName, key: Uint8Array, value: Uint8Array): void {
    this.step(() => this.write(this.keyOf(tree, key), this.copies.of(value, 0, PAYLOAD_MAX)))
  }

  private delete(tree: TreeName, key: Uint8Array): void {
    this.step(() => this.write(this.keyOf(tree, key), null))
  }

  private emit(topic: string, bytes: Uint8Array): void {
    this.step(() => {
      const obligation = { topic: label.decode(topic, native), data: this.copies.of(bytes, 0, DATA_MAX) }
      this.effects.say(obligation.topic, obligation.data)
      this.obligations.push(obligation)
    })
  }

  private intend(kind: string, bytes: Uint8Array): void {
    this.step(() => {
      const intent = { kind: label.decode(kind, native), data: this.copies.of(bytes, 0, DATA_MAX) }
      this.effects.say(intent.kind, intent.data)
      this.intents.push(intent)
    })
  }

  private reject(code: string, message: string): never {
    const reply = this.step(() => {
      const reply = errorReply(label.decode(code, native), rejectionMessage.decode(message, native))
      if (reply.length > DATA_MAX) throw overLimit('the reply', DATA_MAX, reply.length)
      return reply
    })
    this.end = { how: 'rejected', reply }
    throw leaving(code, message)
  }

  private reply(bytes: Uint8Array): void {
    this.answer = this.step(() => this.copies.of(bytes, 0, DATA_MAX))
  }

  /** `execute` returned: with a reply, or with nothing. */
  finish(returned: unknown): void {
    const late = isLate(returned)
    if (this.end !== undefined) return
    try {
      this.end = { how: 'done' }
      if (late) throw new CairnError('machine_async', 'execute is synchronous: it returned a promise.')
      if (returned !== undefined) this.answer = this.copies.of(returned, 0, DATA_MAX)
    } catch (cause) {
      this.end = { how: 'failed', cause: late ? cause : noReply(cause) }
    }
  }

  /** `execute` threw. */
  fail(cause: unknown): void {
    this.end ??= { how: 'failed', cause }
  }

  /** What came of it, and the bug of the machine where one did. A state that cannot be read is no outcome: it is thrown. */
  outcome(): Ended {
    const { end, obligations, intents, effects } = this
    if (end === undefined) throw new Error('the command has not ended')
    if (end.how === 'unreadable') throw end.cause
    if (end.how === 'failed') return { outcome: rejected(MACHINE_ERROR), fault: { cause: end.cause } }
    if (end.how === 'rejected') return { outcome: rejected(end.reply) }
    const outcome = { status: 0, reply: this.answer, obligations, intents, writes: this.writes.list } as const
    return { outcome, spent: effects.size }
  }

  /** One thing that a machine does: what it does wrongly ends the command. */
  private step<T>(act: () => T): T {
    if (this.end !== undefined) {
      throw new CairnError(
        'command_ended',
        'The command has ended: use tx only inside execute, and never after an await.',
      )
    }
    try {
      return act()
    } catch (cause) {
      this.end = { how: 'failed', cause }
      throw cause
    }
  }

  private read<T>(ask: () => T): T {
    try {
      return ask()
    } catch (cause) {
      // The store's fault, not the machine's: an outcome that rests on it must never reach a chain.
      this.end = { how: 'unreadable', cause }
      throw cause
    }
  }

  private write({ place, tree, key }: Key, value: Uint8Array | null): void {
    this.effects.write(key, value)
    this.writes.set(place, [tree, key, value])
  }

  /** A key that a machine may use, copied. What was read is nearly always what is written next: then it is the same. */
  private keyOf(tree: TreeName, rawKey: Uint8Array): Key {
    if (this.last !== undefined && this.last.tree === tree && isSame(this.last.key, rawKey)) return this.last
    const key = this.copies.of(rawKey, 1, KEY_MAX)
    if (isOwnKey(key)) throw new CairnError('key_reserved', 'Keys that begin with byte 0 belong to the chain.')
    const checkedTree = treeName.decode(tree, native)
    this.last = { place: placeOf(checkedTree, key), tree: checkedTree, key }
    return this.last
  }
}

/**
 * What a rejection is thrown as, only to leave the machine: what came of the command is decided already. It has no stack, which would take as long to
 * make as the command takes to execute, and which nobody would read.
 */
function leaving(code: string, message: string): CairnError {
  return Object.setPrototypeOf({ name: 'CairnError', code, message, details: {} }, CairnError.prototype) as CairnError
}

/** It says itself what it is about: no line of the machine is in its stack. */
function noReply(cause: unknown): unknown {
  if (!(cause instanceof CairnError)) return cause
  return new CairnError(cause.code, `execute returned what is no reply: ${cause.message}`, cause.details)
}

/** Overflows here, as the machine's own fault, and not in the middle of the reader's work. */
function demandStack(frames: number): number {
  return frames === 0 ? 0 : 1 + demandStack(frames - 1)
}

function isSame(known: Uint8Array, given: unknown): boolean {
  return given instanceof Uint8Array && equal(known, given)
}
