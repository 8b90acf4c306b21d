/**
 * A transaction that was signed and may have been sent: kept, durable, from before it is sent until all that it was for is done. As long as it is
 * there nothing else is signed, so nothing is ever sent twice: after a crash the same bytes are sent again, which no chain takes twice.
 */
import { type AnchoredHead, anchoredHead } from '../verify/anchor.ts'
import { DOCUMENT_MAX, PATH_MAX } from '../verify/bounds.ts'
import { bytes, bytes32, type Codec, json, list, native, object, oneOf, optional, text, u64 } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { readJson } from '../verify/json.ts'
import type { Path } from '../verify/types.ts'
import { ANCHORED_MAX } from './anchor-tree.ts'

/** Where the one pending transaction of an account lies. What `write` was given is there for good when it comes back. */
export interface Keep {
  read(): Promise<Uint8Array | undefined>
  write(bytes: Uint8Array): Promise<void>
  remove(): Promise<void>
}

/** What an anchor was of, for the receipts that are written when it is there. */
export interface PendingAnchor {
  readonly contract: Uint8Array
  readonly root: Uint8Array
  readonly anchored: readonly { readonly head: AnchoredHead; readonly path: Path }[]
}

export interface Pending {
  readonly format: 'cairn.evm-pending/v1'
  /** In words, for whoever finds it. */
  readonly purpose: string
  readonly evmChainId: bigint
  readonly from: Uint8Array
  readonly nonce: bigint
  readonly transaction: Uint8Array
  /** The signed transaction. */
  readonly raw: Uint8Array
  readonly anchor?: PendingAnchor
}

/** A contract's code is the most that a transaction has here. */
const RAW_MAX: number = 128 << 10

const pending: Codec<Pending> = object<Pending>({
  format: oneOf('cairn.evm-pending/v1'),
  purpose: text(1, 1024),
  evmChainId: u64,
  from: bytes(20, 20),
  nonce: u64,
  transaction: bytes32,
  raw: bytes(1, RAW_MAX),
  anchor: optional(
    object<PendingAnchor>({
      contract: bytes(20, 20),
      root: bytes32,
      anchored: list(
        object<PendingAnchor['anchored'][number]>({ head: anchoredHead, path: list(bytes32, PATH_MAX) }),
        ANCHORED_MAX,
      ),
    }),
  ),
})

export const PENDING_MAX: number = DOCUMENT_MAX

/** The transaction that is noted, or nothing; `pending_invalid` where the note is damaged. */
export async function readPending(keep: Keep): Promise<Pending | undefined> {
  const there = await keep.read()
  if (there === undefined) return undefined
  const read = attempt(() => pending.decode(readJson(there), json))
  if (!(read instanceof CairnError)) return read
  throw new CairnError(
    'pending_invalid',
    `The note of a transaction that may have been sent is damaged (${read.message}): find out by the account's history whether it was, then remove the file.`,
    read.details,
  )
}

export async function writePending(keep: Keep, value: Pending): Promise<void> {
  await keep.write(Buffer.from(JSON.stringify(pending.encode(pending.decode(value, native), json))))
}
