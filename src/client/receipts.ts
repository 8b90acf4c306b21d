/** Receipts as a server writes them, and whether a proof shows what they say. */
import { equal, fromHex, utf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { blockHash, type Command, type Hasher, type Header, identify, type Proof } from '../verify/index.ts'
import { disproved } from './errors.ts'

export interface ClientReceipt {
  readonly height: bigint
  readonly blockHash: Uint8Array
  readonly timestamp: bigint
  readonly seq: bigint
  readonly client: string
  readonly request: bigint
  /** 0 accepted, 1 rejected by the machine. */
  readonly status: 0 | 1
  readonly reply: Uint8Array
}

export interface Sent {
  readonly client: string
  readonly request: bigint
  readonly type: string
  readonly payload: Uint8Array
}

export function readReceipt(given: unknown): ClientReceipt {
  const read = given as Readonly<Record<string, unknown>>
  try {
    const blockHash = bytes(read.blockHash)
    if (blockHash.length !== 32) throw new Error('a hash has 32 bytes')
    return {
      height: number(read.height),
      blockHash,
      timestamp: number(read.timestamp),
      seq: number(read.seq),
      client: text(read.client),
      request: number(read.request),
      status: read.status === 0 || read.status === 1 ? read.status : fail('a status is 0 or 1'),
      reply: reply(read.reply),
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CairnError('answer_invalid', `What the server answered is no receipt: ${why}.`, { why })
  }
}

interface Shown {
  readonly command: Command
  /** Of the block under which it is shown: one that holds it, or came after that. */
  readonly header: Header
  readonly hash: Uint8Array
}

/** These receipts, all of one block, are what the proof shows that became of what was sent. */
export function demandProved(
  proof: Proof,
  hasher: Hasher,
  receipts: readonly { readonly receipt: ClientReceipt; readonly sent: Sent }[],
): void {
  const shown = shownIn(proof, hasher)
  for (const { receipt, sent } of receipts) {
    const found = shown.get(receipt.seq)
    if (found === undefined) throw disproved(`it does not show command ${receipt.seq}`, [])
    const wrong = differing(receipt, sent, found.command)
    if (wrong !== undefined)
      throw disproved(`the receipt of command ${receipt.seq} says another ${wrong} than the chain`, [])
    if (!isIn(found, receipt)) throw disproved(`command ${receipt.seq} is in another block than the receipt says`, [])
  }
}

function shownIn({ genesis, block, claims }: Proof, hasher: Hasher): ReadonlyMap<bigint, Shown> {
  const shown = new Map<bigint, Shown>()
  const hash = blockHash(identify(genesis, hasher), block, hasher)
  for (const claim of claims) {
    if (claim.kind === 'command') shown.set(claim.index, { command: claim.command, header: block, hash })
    if (claim.kind !== 'block' || claim.block === undefined) continue
    for (const inner of claim.claims ?? []) {
      if (inner.kind !== 'command') continue
      shown.set(inner.index, { command: inner.command, header: claim.block, hash: claim.blockHash })
    }
  }
  return shown
}

/** A later block shows the command as well: that it holds it is said by its numbers alone. */
function isIn({ header, hash }: Shown, { seq, height, timestamp, blockHash }: ClientReceipt): boolean {
  const { firstSeq, commandCount } = header
  const isHeld = firstSeq <= seq && seq < firstSeq + commandCount
  return isHeld && height === header.height && timestamp === header.timestamp && equal(hash, blockHash)
}

/** The member of a receipt that is not what was sent, or not what came of it. */
function differing(receipt: ClientReceipt, sent: Sent, command: Command): string | undefined {
  if (command.seq !== receipt.seq) return 'seq'
  if (command.client !== sent.client || receipt.client !== sent.client) return 'client'
  if (command.request !== sent.request || receipt.request !== sent.request) return 'request'
  if (command.type !== sent.type) return 'type'
  if (command.payload === undefined || !equal(command.payload, sent.payload)) return 'payload'
  if (command.status !== receipt.status) return 'status'
  return equal(command.reply, receipt.reply) ? undefined : 'reply'
}

function number(value: unknown): bigint {
  return typeof value === 'string' && /^(?:0|[1-9][0-9]{0,19})$/.test(value)
    ? BigInt(value)
    : fail('a number is text of digits')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : fail('a text is missing')
}

function bytes(value: unknown): Uint8Array {
  return (typeof value === 'string' ? fromHex(value) : undefined) ?? fail('bytes are 0x and hex digits')
}

function reply(value: unknown): Uint8Array {
  if (typeof value === 'string') return utf8(value)
  return bytes((value as { readonly hex?: unknown } | null)?.hex)
}

function fail(why: string): never {
  throw new Error(why)
}
