/**
 * The commands of a block where they lie in the payload of a frame, in AssemblyScript: read in the form in which record-write.ts of the journal writes
 * them, and hashed as FORMAT §5 says, without an object for any of them. `npm run kernel` compiles it into ../commands-kernel.ts.
 *
 * Promise: it never reads outside of the payload. What lies otherwise, or is more than there is room for here, gets no answer: whoever asks decodes it
 * as any other record, and says what is wrong with it. Nothing of one list of commands is kept for the next but the hashes of names.
 */
import { hashIdentities } from './identities'
import { hashLeaves } from './leaves'
import { forgetMessages } from './messages'
import { forgetNames } from './names'
import { readCommands, setEnd } from './read'

export { COMMAND_TAG, COMMANDS_HASH } from './identities'
export { INTENT_LEAVES, INTENT_TAG, LEAVES, OBLIGATION_LEAVES, OBLIGATION_TAG, OUTCOME_TAG } from './leaves'
export { clientCount, CLIENTS } from './names'
export { commandCount, inPlace, intentCount, obligationCount, repeatedHighest, repeatedRequest, repeatedSeq } from './read'

/** Where a payload goes: behind all else that there is in memory. */
export const PAYLOAD: usize = (__heap_base + 15) & ~15
/** Its last words are read whole. */
const SLACK: usize = 64

/** Makes room for a payload of so many bytes, which the caller puts at PAYLOAD; answers whether there is so much memory. */
export function begin(length: usize): bool {
  const pages = <i32>((PAYLOAD + length + SLACK + 0xffff) >>> 16)
  const missing = pages - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) return false
  setEnd(PAYLOAD + length)
  return true
}

/**
 * Reads and hashes the commands of a block whose first seq is `firstSeq`, and which begin at `at` in the payload; answers where they end, or 0. Where it
 * `isDeep` also what they add to the ranges, which have these sizes after them.
 */
export function read(at: usize, firstSeq: u64, isDeep: bool, obligations: u64, intents: u64): usize {
  const end = readCommands(PAYLOAD + at, firstSeq, isDeep)
  if (end == 0) {
    forgetMessages()
    forgetNames()
    return 0
  }
  hashIdentities()
  if (isDeep) hashLeaves(obligations, intents)
  return end - PAYLOAD
}
