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
/** A document's values nest no deeper than this: document, claims, claim, claims, claim, command and a little air. */
export const NESTING_MAX = 12
