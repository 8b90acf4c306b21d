/**
 * The names of clients, types, topics and kinds, each once, with its hash: they come again with nearly every command. Of a client also what it asks in
 * the block that is read.
 */
import { beginMessage, endMessage } from './messages'

/** An entry: the bytes of its name, the block in which it is a client, what that asked there first and last, the name, its hash. */
export const NAME_LENGTH: usize = 0
const STAMP: usize = 4
export const FIRST_REQUEST: usize = 8
export const FIRST_SEQ: usize = 16
export const HIGHEST: usize = 24
export const LABEL: usize = 32
export const NAME_HASH: usize = 96
const ENTRY: usize = 128
export const LABEL_MAX: u32 = 64

/** Above so many all are forgotten before the next block: it has room for as many again. */
const KEPT: u32 = 2048
const ENTRIES_MAX: u32 = 4096
const ENTRIES: usize = memory.data(4096 * 128, 16)
/** Where an entry is found by its name, and how far from its place at most: whoever chooses names must not choose how long that takes. */
const SLOTS: u32 = 1 << 13
const TABLE: usize = memory.data(8192 * 4, 4)
const PROBES_MAX: u32 = 64
const NOT_ASCII: u64 = 0x8080808080808080

/** The clients of the block, in the order in which they come. */
export const CLIENTS: usize = memory.data(4096 * 4, 4)
export let clientCount: u32 = 0

let entryCount: u32 = 0
let stamp: u32 = 0

export function beginNames(): void {
  clientCount = 0
  stamp++
  if (entryCount <= KEPT && stamp != 0) return
  forgetNames()
}

/** Also where hashes that they wait for will not be made. */
export function forgetNames(): void {
  memory.fill(TABLE, 0, 4 * SLOTS)
  memory.fill(ENTRIES, 0, 4096 * 128)
  entryCount = 0
  stamp = 1
}

/** The entry of a name, or 0: where there is no room for it, and where it is not ASCII, for then somebody has to see whether it is text. */
export function nameOf(at: usize, length: usize): usize {
  let mixed: u64 = length
  for (let i: usize = 0; i < length; i += 8) {
    const word = wordOf(at, length, i)
    if ((word & NOT_ASCII) != 0) return 0
    mixed = (mixed ^ word) * 0x9e3779b97f4a7c15
    mixed ^= mixed >> 29
  }
  // Of a product the upper bits are those that all of a name has to do with.
  let slot: u32 = <u32>(mixed >> 51)
  for (let probe: u32 = 0; probe < PROBES_MAX; probe++) {
    const entry: usize = load<u32>(TABLE + 4 * slot)
    if (entry == 0) return newEntry(slot, at, length)
    if (isNamed(entry, at, length)) return entry
    slot = (slot + 1) & (SLOTS - 1)
  }
  return 0
}

function newEntry(slot: u32, at: usize, length: usize): usize {
  if (entryCount == ENTRIES_MAX) return 0
  const entry = ENTRIES + ENTRY * entryCount++
  store<u32>(TABLE + 4 * slot, <u32>entry)
  store<u32>(entry, <u32>length, NAME_LENGTH)
  memory.copy(entry + LABEL, at, length)
  memory.copy(beginMessage(length, entry + NAME_HASH), at, length)
  endMessage()
  return entry
}

function isNamed(entry: usize, at: usize, length: usize): bool {
  if (load<u32>(entry, NAME_LENGTH) != <u32>length) return false
  for (let i: usize = 0; i < length; i += 8) {
    if (load<u64>(entry + LABEL + i) != wordOf(at, length, i)) return false
  }
  return true
}

/** Eight bytes of a name, zeros behind its end. */
function wordOf(at: usize, length: usize, i: usize): u64 {
  const word = load<u64>(at + i)
  const left = length - i
  return left >= 8 ? word : word & (((<u64>1) << (8 * left)) - 1)
}

/** FORMAT §9, in one block: whether the number is above those of the client before it. */
export function asks(client: usize, request: u64, seq: u64): bool {
  if (load<u32>(client, STAMP) != stamp) {
    store<u32>(client, stamp, STAMP)
    store<u64>(client, request, FIRST_REQUEST)
    store<u64>(client, seq, FIRST_SEQ)
    store<u32>(CLIENTS + 4 * clientCount++, <u32>client)
  } else if (request <= load<u64>(client, HIGHEST)) return false
  store<u64>(client, request, HIGHEST)
  return true
}
