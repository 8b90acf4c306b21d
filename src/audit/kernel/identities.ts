/** The identity hashes of the commands that were read (FORMAT §5), and the hash of all of them (§3). */
import { beginMessage, endMessage, endMessages, hashInPlace } from './messages'
import { NAME_HASH } from './names'
import { CLIENT, COMMAND, COMMANDS, commandCount, PAYLOAD_HASH, RECEIVED_AT, REQUEST, SEQ, TYPE } from './read'
import { writeHash, writeNumber } from './words'

/** TAG, seq, client, request, type, payload hash, received at. */
const IDENTITY: usize = 7 * 32
/** Room for the padding of all of them is behind them. */
export const IDENTITIES: usize = memory.data(2048 * 32 + 136, 16)
export const COMMANDS_HASH: usize = memory.data(32, 16)
/** `TAG("command")`, which whoever loads the kernel puts here. */
export const COMMAND_TAG: usize = memory.data(32, 16)

export function hashIdentities(): void {
  // Those of names, payloads and replies: identities are made of them.
  endMessages()
  for (let i: u32 = 0; i < commandCount; i++) {
    const command = COMMANDS + COMMAND * i
    const message = beginMessage(IDENTITY, IDENTITIES + 32 * i)
    writeHash(message, COMMAND_TAG)
    writeNumber(message + 32, load<u64>(command, SEQ))
    writeHash(message + 64, <usize>load<u32>(command, CLIENT) + NAME_HASH)
    writeNumber(message + 96, load<u64>(command, REQUEST))
    writeHash(message + 128, <usize>load<u32>(command, TYPE) + NAME_HASH)
    writeHash(message + 160, command + PAYLOAD_HASH)
    writeNumber(message + 192, load<u64>(command, RECEIVED_AT))
    endMessage()
  }
  endMessages()
  hashInPlace(IDENTITIES, 32 * commandCount, COMMANDS_HASH)
}
