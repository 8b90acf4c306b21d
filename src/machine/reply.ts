/**
 * Replies as UTF-8 JSON, and the one form of a rejection.
 *
 * Promise: the same call gives the same bytes everywhere. Members stand as they are written in the source; no text in them comes
 * from an error that the machine did not mean.
 */
import { utf8 } from '../verify/bytes.ts'
import type { CommandOutcome } from './contract.ts'

/** What a reply or an event is made of: no numbers, for readers of JSON do not agree on large ones. */
export type Plain = string | boolean | null | { readonly [name: string]: Plain }

export function toJson(value: Plain): Uint8Array {
  return utf8(JSON.stringify(value))
}

export function errorReply(code: string, message: string): Uint8Array {
  return toJson({ error: { code, message } })
}

export function rejected(reply: Uint8Array): CommandOutcome {
  return { status: 1, reply, obligations: [], intents: [], writes: [] }
}

/** A machine that failed: why is for the log of this process, never for the chain. */
export const MACHINE_ERROR: Uint8Array = errorReply('machine_error', 'the machine failed on this command')
