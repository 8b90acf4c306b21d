/** A receipt as one line for people, and as JSON for programs, over HTTP and on the command line alike. */
import { shown } from '../machine/payload.ts'
import type { Plain } from '../machine/reply.ts'
import type { Receipt } from '../pipeline/receipt.ts'
import { fromUtf8 } from '../verify/bytes.ts'
import { toHex } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'

/** What is said of a receipt; its proof is asked for elsewhere. */
export type ReceiptSaid = Omit<Receipt, 'proof'>

export function asLine({ block, seq, status, reply }: ReceiptSaid): string {
  const outcome = status === 0 ? 'accepted' : 'rejected'
  const text = fromUtf8(reply)
  return `height ${block.height}  seq ${seq}  ${outcome}  ${text === undefined ? toHex(reply) : escaped(text)}\n`
}

/** Numbers as in FORMAT: u64 are decimal text. */
export interface PlainReceipt {
  readonly height: string
  readonly blockHash: string
  readonly timestamp: string
  readonly seq: string
  readonly client: string
  readonly request: string
  readonly status: 0 | 1
  /** Its text, or `{"hex":"0x…"}` where it is none. */
  readonly reply: Plain
}

export function plainReceipt({ block, seq, client, request, status, reply }: ReceiptSaid): PlainReceipt {
  return {
    height: String(block.height),
    blockHash: toHex(block.hash),
    timestamp: String(block.timestamp),
    seq: String(seq),
    client,
    request: String(request),
    status,
    reply: shown(reply),
  }
}

export function asJsonLine(receipt: ReceiptSaid): string {
  return `${JSON.stringify(plainReceipt(receipt))}\n`
}
