/** A receipt as one line: for people, or as JSON for programs. */
import { shown } from '../machine/payload.ts'
import type { Receipt } from '../pipeline/receipt.ts'
import { fromUtf8 } from '../verify/bytes.ts'
import { toHex } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'

export function asLine({ block, seq, status, reply }: Receipt): string {
  const outcome = status === 0 ? 'accepted' : 'rejected'
  const text = fromUtf8(reply)
  return `height ${block.height}  seq ${seq}  ${outcome}  ${text === undefined ? toHex(reply) : escaped(text)}\n`
}

/** Numbers as in FORMAT: u64 are decimal text. A reply is its text, or `{"hex":"0x…"}` where it is none. */
export function asJsonLine({ block, seq, client, request, status, reply }: Receipt): string {
  const receipt = {
    height: String(block.height),
    blockHash: toHex(block.hash),
    timestamp: String(block.timestamp),
    seq: String(seq),
    client,
    request: String(request),
    status,
    reply: shown(reply),
  }
  return `${JSON.stringify(receipt)}\n`
}
