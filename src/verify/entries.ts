/** What stands in the ranges (FORMAT §5): the leaves of commands, obligations and intents. */
import { abi, tag } from './abi.ts'
import { concat, utf8 } from './bytes.ts'
import type { Hasher } from './engine.ts'
import type { Executed, Intent, Obligation, Outcome } from './types.ts'

export const COMMAND: Uint8Array = tag('command')
export const OUTCOME: Uint8Array = tag('outcome')
export const OBLIGATION: Uint8Array = tag('obligation')
export const INTENT: Uint8Array = tag('intent')

/** Salted, so that the hash says nothing of a payload that was erased together with its salt. */
export function payloadHash(salt: Uint8Array, payload: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.hash(concat(salt, payload))
}

/** What was asked, by whom, when: the command without what came of it. */
export function identityHash(command: Executed, hasher: Hasher): Uint8Array {
  const { seq, request, receivedAt, payload, salt } = command
  const client = hasher.hash(utf8(command.client))
  const type = hasher.hash(utf8(command.type))
  // A command carries payload and salt, or the hash: its decoder saw to that.
  const content = command.payloadHash ?? payloadHash(salt as Uint8Array, payload as Uint8Array, hasher)
  return hasher.hash(abi(COMMAND, seq, client, request, type, content, receivedAt))
}

/** §5, the leaf of a command and its outcome. */
export function commandLeaf(identity: Uint8Array, outcome: Outcome, hasher: Hasher): Uint8Array {
  const { status, reply, obligationSize, intentSize } = outcome
  return hasher.hash(abi(OUTCOME, identity, BigInt(status), hasher.hash(reply), obligationSize, intentSize))
}

/** §5, the leaf of an event. */
export function obligationLeaf(index: bigint, { seq, topic, data }: Obligation, hasher: Hasher): Uint8Array {
  return hasher.hash(abi(OBLIGATION, index, seq, hasher.hash(utf8(topic)), hasher.hash(data)))
}

/** §5, the leaf of an intent. */
export function intentLeaf(index: bigint, { seq, kind, data }: Intent, hasher: Hasher): Uint8Array {
  return hasher.hash(abi(INTENT, index, seq, hasher.hash(utf8(kind)), hasher.hash(data)))
}
