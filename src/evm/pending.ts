/**
 * A transaction that was signed and may have been sent: kept, durable, from before it is sent until all that it was for is done. As long as it is
 * there nothing is signed under another nonce, so nothing is ever carried out twice: after a crash the same bytes are sent again.
 *
 * Promise: a note that is read is of one transaction, signed by the account that it names, and an anchor in it is the one that was signed.
 */
import { decodeFunctionData, type Hex, keccak256, parseTransaction, recoverTransactionAddress } from 'viem'
import { cairnAnchorsAbi } from '../../contracts-abi/index.ts'
import { type AnchoredHead, anchoredHead, anchoredUnder } from '../verify/anchor.ts'
import { DOCUMENT_MAX, PATH_MAX } from '../verify/bounds.ts'
import { equal } from '../verify/bytes.ts'
import { bytes, bytes32, type Codec, json, list, native, object, oneOf, optional, text, u64 } from '../verify/codec.ts'
import { nobleEngine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { readJson } from '../verify/json.ts'
import type { Path } from '../verify/types.ts'
import { ANCHORED_MAX } from './anchor-tree.ts'
import { hex } from './values.ts'

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
  /** Those with a lower fee that it was to take the place of, the newest first: one of them may be carried out all the same. */
  readonly replaced?: readonly Uint8Array[]
  readonly anchor?: PendingAnchor
}

/** More often no fee is raised. */
const REPLACED_MAX = 256
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
  replaced: optional(list(bytes32, REPLACED_MAX)),
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

/** The transaction that is noted, or nothing; `pending_invalid` where the note is damaged, or was written by somebody else. */
export async function readPending(keep: Keep): Promise<Pending | undefined> {
  const there = await keep.read()
  if (there === undefined) return undefined
  const read = attempt(() => pending.decode(readJson(there), json))
  if (read instanceof CairnError) throw damaged(read.message, read.details)
  const wrong = await contradictionIn(read).catch(() => 'it holds no transaction')
  if (wrong !== undefined) throw damaged(wrong)
  return read
}

/**
 * The same for whoever sends it: there for good when this comes back. A note of which a sync failed is seen, and a power cut takes it away; then what
 * was sent meanwhile would be signed once more, under another nonce.
 */
export async function takeUpPending(keep: Keep): Promise<Pending | undefined> {
  const found = await readPending(keep)
  if (found !== undefined) await writePending(keep, found)
  return found
}

/** What the note says otherwise than the transaction that was signed: else it could have receipts written of what was never anchored. */
async function contradictionIn({
  raw,
  transaction,
  evmChainId,
  nonce,
  from,
  anchor,
}: Pending): Promise<string | undefined> {
  const serialized = hex(raw) as Parameters<typeof recoverTransactionAddress>[0]['serializedTransaction']
  const signed = parseTransaction(serialized)
  if (keccak256(serialized) !== hex(transaction)) return 'it names another transaction than the one that was signed'
  if (BigInt(signed.chainId ?? 0) !== evmChainId) return 'it was signed for another EVM chain'
  if (BigInt(signed.nonce ?? 0) !== nonce) return 'it was signed under another nonce'
  const signer = await recoverTransactionAddress({ serializedTransaction: serialized })
  if (signer.toLowerCase() !== hex(from)) return 'it was signed by another account'
  if (anchor === undefined) return undefined
  const { functionName, args } = decodeFunctionData({ abi: cairnAnchorsAbi, data: signed.data as Hex })
  const isThis =
    functionName === 'anchor' && args[0] === hex(anchor.root) && signed.to?.toLowerCase() === hex(anchor.contract)
  if (!isThis) return 'another anchor was signed than it says'
  const isUnder = ({ head, path }: PendingAnchor['anchored'][number]): boolean =>
    equal(anchoredUnder(head, path, nobleEngine.hasher), anchor.root)
  return anchor.anchored.every(isUnder) ? undefined : 'a head of it is not under the root that was anchored'
}

function damaged(why: string, details: CairnError['details'] = {}): CairnError {
  const message = `The note of a transaction that may have been sent is damaged (${why}): find out by the account's history whether it was, then remove the file.`
  return new CairnError('pending_invalid', message, details)
}

export async function writePending(keep: Keep, value: Pending): Promise<void> {
  await keep.write(Buffer.from(JSON.stringify(pending.encode(pending.decode(value, native), json))))
}
