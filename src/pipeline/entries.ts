/**
 * What a block's commands add to the ranges (FORMAT §5), all replies in one call of the hasher where they are of one size, and all leaves of commands
 * in one. One by one it is `entriesOf` of src/verify, which stays the word on what they are.
 */
import { Messages } from '../state/messages.ts'
import { writeWord } from '../verify/abi.ts'
import type { Entries } from '../verify/chain-ranges.ts'
import type { Hasher } from '../verify/engine.ts'
import { intentLeaf, OUTCOME, obligationLeaf } from '../verify/entries.ts'
import type { RecordedCommand } from '../verify/records.ts'

/** TAG, identity, status, reply hash, obligations, intents. */
const LEAF = 6 * 32

/** After ranges of these sizes; the identity hashes of the commands are given, one after the other. */
export function entriesTogether(
  sizes: { readonly obligations: bigint; readonly intents: bigint },
  commands: readonly RecordedCommand[],
  identityHashes: Uint8Array,
  hasher: Hasher,
): Entries {
  const replyMessages = new Messages()
  for (const { reply } of commands) replyMessages.add(reply)
  const replies = replyMessages.hashes(hasher)
  const obligations: Uint8Array[] = []
  const intents: Uint8Array[] = []
  const messages = new Uint8Array(LEAF * commands.length)
  let { obligations: obligationSize, intents: intentSize } = sizes
  commands.forEach((command, i) => {
    const { seq, status } = command
    for (const each of command.obligations) {
      obligations.push(obligationLeaf(obligationSize++, { seq, ...each }, hasher))
    }
    for (const each of command.intents) intents.push(intentLeaf(intentSize++, { seq, ...each }, hasher))
    const at = LEAF * i
    messages.set(OUTCOME, at)
    for (let k = 0; k < 32; k++) {
      messages[at + 32 + k] = identityHashes[32 * i + k] as number
      messages[at + 96 + k] = replies[32 * i + k] as number
    }
    messages[at + 95] = status
    writeWord(messages, at + 128, obligationSize)
    writeWord(messages, at + 160, intentSize)
  })
  const hashes = commands.length === 0 ? messages : hasher.hashMany(messages, LEAF)
  const leaves = commands.map((_, i) => hashes.subarray(32 * i, 32 * i + 32))
  return { commands: leaves, obligations, intents }
}
