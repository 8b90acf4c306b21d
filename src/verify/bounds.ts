/**
 * The bounds of FORMAT §1, in the units named there: bytes of UTF-8 where text, bytes where bytes, items where lists.
 * Whatever is larger is refused before memory is taken for it.
 */
export const NAME_MAX = 64
export const MACHINE_MAX = 64
export const CLIENT_MAX = 64
/** Type, topic and kind. */
export const LABEL_MAX = 64
/** A payload, and a value in a state tree. */
export const PAYLOAD_MAX: number = 1 << 20
export const KEY_MAX = 1024
/** A reply, and the data of an event or intent. */
export const DATA_MAX: number = 64 << 10
export const PATH_MAX = 65
export const SIBLINGS_MAX = 256
export const REVOCATIONS_MAX = 64
/** A file of revocations outlives the proofs that carry some of them. */
export const REVOCATIONS_FILE_MAX = 1024
export const CLAIMS_MAX = 1024
export const DOCUMENT_MAX: number = 16 << 20
/** The text of an anchor: its path alone takes 4.5 KiB at most. */
export const ANCHOR_MAX: number = 16 << 10
/** A document's values nest no deeper than this: document, claims, claim, claims, claim, command and a little air. */
export const NESTING_MAX = 12
/** All members and items of a document: more do not fit into 16 MiB that follow the format, where a hash takes 69 bytes. */
export const VALUES_MAX = 300_000
/** A journal file, and so whatever stands in one record of it. */
export const JOURNAL_FILE_MAX: number = 64 << 20
/** The items of a list in a record, each of which takes a byte at least. */
export const RECORD_ITEMS_MAX: number = 1 << 20
/** How far behind its block a seal may come and still be checked by a reader in bounded memory. */
export const SEAL_LAG_MAX = 4096
