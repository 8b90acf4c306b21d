/** What the commands that were read add to the ranges (FORMAT §5). */
import { IDENTITIES } from './identities'
import { beginMessage, endMessage, endMessages } from './messages'
import { NAME_HASH } from './names'
import {
  COMMAND,
  COMMANDS,
  commandCount,
  DATA_HASH,
  EVENT,
  EVENT_NAME,
  EVENT_SEQ,
  INTENT_COUNT,
  INTENTS,
  intentCount,
  OBLIGATION_COUNT,
  OBLIGATIONS,
  obligationCount,
  REPLY_HASH,
  STATUS,
} from './read'
import { writeHash, writeNumber } from './words'

/** TAG, identity, status, hash of the reply, obligations, intents. */
const OUTCOME: usize = 6 * 32
/** TAG, index, seq, hash of the topic or kind, hash of the data. */
const SAID: usize = 5 * 32

export const LEAVES: usize = memory.data(2048 * 32, 16)
export const OBLIGATION_LEAVES: usize = memory.data(4096 * 32, 16)
export const INTENT_LEAVES: usize = memory.data(4096 * 32, 16)
/** Their tags, which whoever loads the kernel puts here. */
export const OUTCOME_TAG: usize = memory.data(32, 16)
export const OBLIGATION_TAG: usize = memory.data(32, 16)
export const INTENT_TAG: usize = memory.data(32, 16)

/** After these commands the ranges have these sizes; if they name fewer than there are, nothing rests on the leaves. */
export function hashLeaves(obligationsAfter: u64, intentsAfter: u64): void {
  let obligations = obligationsAfter - obligationCount
  let intents = intentsAfter - intentCount
  hashEvents(OBLIGATIONS, obligationCount, OBLIGATION_TAG, obligations, OBLIGATION_LEAVES)
  hashEvents(INTENTS, intentCount, INTENT_TAG, intents, INTENT_LEAVES)
  for (let i: u32 = 0; i < commandCount; i++) {
    const command = COMMANDS + COMMAND * i
    obligations += load<u32>(command, OBLIGATION_COUNT)
    intents += load<u32>(command, INTENT_COUNT)
    const message = beginMessage(OUTCOME, LEAVES + 32 * i)
    writeHash(message, OUTCOME_TAG)
    writeHash(message + 32, IDENTITIES + 32 * i)
    writeNumber(message + 64, load<u32>(command, STATUS))
    writeHash(message + 96, command + REPLY_HASH)
    writeNumber(message + 128, obligations)
    writeNumber(message + 160, intents)
    endMessage()
  }
  endMessages()
}

function hashEvents(list: usize, count: u32, tag: usize, first: u64, to: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const event = list + EVENT * i
    const message = beginMessage(SAID, to + 32 * i)
    writeHash(message, tag)
    writeNumber(message + 32, first + i)
    writeNumber(message + 64, load<u64>(event, EVENT_SEQ))
    writeHash(message + 96, <usize>load<u32>(event, EVENT_NAME) + NAME_HASH)
    writeHash(message + 128, event + DATA_HASH)
    endMessage()
  }
}
