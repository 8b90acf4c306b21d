/** What a command is answered with. */
import type { RecordedCommand } from '../verify/records.ts'
import type { Header, Status } from '../verify/types.ts'

/**
 * The receipt of a command: it is durable, was executed once, and stands in a sealed block. Asked for again it is the same, byte for byte;
 * its proof may be under a later seal.
 */
export interface Receipt {
  readonly block: { readonly height: bigint; readonly hash: Uint8Array; readonly timestamp: bigint }
  readonly seq: bigint
  readonly client: string
  readonly request: bigint
  /** 0 accepted, 1 rejected by the machine. */
  readonly status: Status
  readonly reply: Uint8Array
  /** The proof of it, a text of the format `cairn.proof/v1`, under the newest block. */
  proof(): Promise<string>
}

export function receiptOf(
  command: RecordedCommand,
  { header, hash }: { readonly header: Header; readonly hash: Uint8Array },
  prove: (seq: bigint) => Promise<string>,
): Receipt {
  const { seq, client, request, status, reply } = command
  const block = { height: header.height, hash: hash.slice(), timestamp: header.timestamp }
  return { block, seq, client, request, status, reply: reply.slice(), proof: () => prove(seq) }
}
