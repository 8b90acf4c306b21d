/**
 * The bounds of a producer, in one place, beside those of FORMAT (src/verify/bounds.ts); what they owe each other is asserted when this
 * is loaded. Every one of them bounds memory before it is taken.
 */
import { DATA_MAX, JOURNAL_FILE_MAX, PAYLOAD_MAX, RECORD_ITEMS_MAX } from './verify/bounds.ts'

/** The unit of writing and of loss (FORMAT §10). */
export const SECTOR = 512
/** A journal file of the usual size; tests take smaller ones. */
export const JOURNAL_FILE_BYTES: number = JOURNAL_FILE_MAX
/** A frame, with its head and what fills its last sector: all of a file but its first sector. */
export const FRAME_MAX: number = JOURNAL_FILE_MAX - SECTOR

/** What waits to be batched: commands, and bytes of them. Whoever comes when it is full is told `overloaded` at once. */
export const QUEUE_COMMANDS_MAX = 16_384
export const QUEUE_BYTES_MAX: number = 64 << 20

/** What is not answered yet, whether it waits, is in a block on its way, or is a repeated command whose receipt is looked up. */
export const UNANSWERED_COMMANDS_MAX: number = 4 * QUEUE_COMMANDS_MAX
export const UNANSWERED_BYTES_MAX: number = 4 * QUEUE_BYTES_MAX

/** What one block takes of it. */
export const BATCH_COMMANDS_MAX = 2048
export const BATCH_BYTES_MAX: number = 8 << 20
/** What a command costs beside its payload, in the queue and in a record. */
export const COMMAND_COST = 512
/**
 * All that one command may write, emit and intend; and what each item of it counts beside its bytes and its text, the most that a record spends
 * on it. These two decide outcomes: never change them.
 */
export const EFFECTS_MAX: number = 16 << 20
export const ITEM_COST = 64

/** Passthrough that a command may bring: notes, and their bytes. */
export const NOTES_MAX = 1024
export const NOTES_BYTES_MAX: number = PAYLOAD_MAX

/** Blocks that are durable and not yet in the store: so many bytes of records before the producer waits. */
export const APPLY_LAG_BYTES_MAX: number = 64 << 20

/** The pages of a state tree in memory: an address among them has 32 bits, and there are other things beside them. */
export const CACHE_BYTES_MAX: number = 3 * 2 ** 30

/** Acknowledged blocks that stay in memory for those who follow the chain, and bytes of their records where those are read. */
export const RECENT_BLOCKS_MAX = 256
export const RECENT_BYTES_MAX: number = 8 << 20

/** How far the wall clock may run ahead of the monotonic one between two blocks, in milliseconds. */
export const CLOCK_JUMP_MAX = 5000
/** How far it may stand behind the newest block before that is told, in milliseconds: clocks are set back a little all the time. */
export const CLOCK_BEHIND_TOLD = 5000
/** The guard is written at least this often while blocks are made, in milliseconds. */
export const GUARD_INTERVAL = 1000
/** After so many milliseconds without a block that would carry it, a seal gets a frame of its own. */
export const SEAL_IDLE = 1000

/** How long a signer may take, in milliseconds. */
export const SEAL_TIME_MAX = 30_000

/** How long before the delegations run out it is told, in milliseconds, ascending: an hour, a day, a week, thirty days. */
export const EXPIRY_WARNINGS: readonly bigint[] = [3_600_000n, 86_400_000n, 604_800_000n, 2_592_000_000n]

/** LevelDB's write buffer; four of them are what a power cut may have left holes in. */
export const WRITE_BUFFER: number = 32 << 20
export const MARKS_CHECKED_BYTES: number = 4 * WRITE_BUFFER

/** A body that a server takes: a batch of commands, as JSON, where a byte of payload may take two digits. */
export const BODY_MAX: number = 16 << 20
/** The commands of one request. */
export const REQUEST_COMMANDS_MAX = 2048
/** Requests that a server works on at a time, all together and of one address. */
export const REQUESTS_MAX = 4096
export const REQUESTS_OF_ADDRESS_MAX = 1024
/**
 * Bytes of the bodies that came and of the answers that are not read yet, of the requests that a server works on: of all, and of one address, but for an
 * answer that is larger than that by itself.
 */
export const HELD_BYTES_MAX: number = 8 * BODY_MAX
export const HELD_BYTES_OF_ADDRESS_MAX: number = 4 * BODY_MAX
/** Blocks and proofs that are made as answers at a time. */
export const LARGE_ANSWERS_MAX = 4
/** Exports that are made at a time, all together and of one address: each holds a frame of the journal, and the records in it, while it is read. */
export const EXPORTS_MAX = 16
export const EXPORTS_OF_ADDRESS_MAX = 8
/** Who listens to new blocks, all together and of one address; and how many bytes may wait for one of them before it is dropped. */
export const LISTENERS_MAX = 4096
export const LISTENERS_OF_ADDRESS_MAX = 1024
export const LISTENER_BYTES_MAX: number = 1 << 20
/** Listeners that are sent what is old at a time: each holds a frame of the journal while it is. */
export const CATCHING_UP_MAX = 4
/** Connections that are open at a time, also those on which nothing is asked; of one address half of them. */
export const CONNECTIONS_MAX = 9216
/** Descriptors that connections leave to the files of the chain, its locks and its exports. */
export const DESCRIPTORS_KEPT = 512
/** Connections that the system is asked to keep until the server takes them: those above are dropped, and try again a second later. */
export const CONNECTIONS_WAITING_MAX = 4096
/** What is new is sent to all listeners when it is so many bytes, or after so many milliseconds, however long sending takes. */
export const ROUND_BYTES_MAX: number = 256 << 10
export const ROUND_DELAY_MAX = 1000
/** The address of an RPC that the explorer's page is told. */
export const RPC_ADDRESS_MAX = 2048
/** The headers of one page of blocks. */
export const PAGE_MAX = 256
/** How long a client may take, in milliseconds: for its headers, and for all of a request. */
export const HEADERS_TIME_MAX = 10_000
export const REQUEST_TIME_MAX = 60_000
/** How long nothing may move on a connection on which something is asked or answered, in milliseconds: longer than any seal takes. */
export const IDLE_TIME_MAX = 120_000
/** What waits to be written to the log of a server: what comes above that is left out. */
export const LOG_BYTES_MAX: number = 1 << 20
/** How long a server that is being stopped waits for its answers to be given and read. */
export const DRAIN_TIME_MAX = 30_000

const RELATIONS: readonly (readonly [boolean, string])[] = [
  // Else a command could be admitted that no block can hold.
  [
    PAYLOAD_MAX + DATA_MAX + EFFECTS_MAX + COMMAND_COST + NOTES_BYTES_MAX + NOTES_MAX * ITEM_COST < FRAME_MAX,
    'the largest command fits into a frame',
  ],
  [PAYLOAD_MAX + COMMAND_COST <= BATCH_BYTES_MAX, 'the largest command fits into a batch'],
  [BATCH_BYTES_MAX <= QUEUE_BYTES_MAX && BATCH_COMMANDS_MAX <= QUEUE_COMMANDS_MAX, 'a queue holds a batch'],
  [2 * PAYLOAD_MAX + COMMAND_COST < BODY_MAX, 'the largest command fits into a body'],
  [REQUEST_COMMANDS_MAX <= QUEUE_COMMANDS_MAX, 'a queue holds the commands of a request'],
  [BODY_MAX <= HELD_BYTES_OF_ADDRESS_MAX, 'the largest body finds room'],
  [2 * HELD_BYTES_OF_ADDRESS_MAX <= HELD_BYTES_MAX, 'one address leaves room for the bodies of others'],
  [REQUESTS_MAX + LISTENERS_MAX <= CONNECTIONS_MAX, 'whoever may ask or listen may be connected'],
  [REQUESTS_OF_ADDRESS_MAX + LISTENERS_OF_ADDRESS_MAX <= CONNECTIONS_MAX / 2, 'and so may those of one address'],
  [LISTENERS_MAX <= CONNECTIONS_WAITING_MAX, 'all listeners may come back at once when a server starts again'],
  [2 * ROUND_BYTES_MAX <= LISTENER_BYTES_MAX, 'nobody is dropped for what was sent in one go'],
  [2 * EXPORTS_OF_ADDRESS_MAX <= EXPORTS_MAX, 'one address leaves exports to others'],
  [SEAL_TIME_MAX < IDLE_TIME_MAX, 'nobody is cut off who waits for a seal'],
  [SEAL_TIME_MAX <= DRAIN_TIME_MAX, 'a server that is being stopped waits for a seal'],
  [BATCH_COMMANDS_MAX <= RECORD_ITEMS_MAX, 'a record holds the commands of a batch'],
  [BATCH_BYTES_MAX / ITEM_COST + NOTES_MAX <= RECORD_ITEMS_MAX, 'a record holds the passthrough of a batch'],
  [FRAME_MAX % SECTOR === 0, 'a frame is whole sectors'],
]

for (const [holds, what] of RELATIONS)
  if (!holds) throw new Error(`limits.ts contradicts itself: ${what} — does not hold`)
