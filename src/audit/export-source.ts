/**
 * An export (`cairn.export/v1`) as a source: read front to back, as its bytes come; of a file in a browser too.
 *
 * Promise: whatever is wrong with the export itself, cut short or changed, is a fault with its place in it.
 */
import { EXPORT_MAGIC } from '../journal/export-format.ts'
import { type ReadExport, readExport } from '../journal/export-read.ts'
import { equal } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Authority } from '../verify/records.ts'
import type { Genesis } from '../verify/types.ts'
import type { AuditFault } from './faults.ts'
import type { AuditSource, SourceFault, SourceItem, Spot } from './source.ts'

/** Whether what begins so may be an export: as much of it as is there is as its magic is. */
export function beginsAsExport(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, EXPORT_MAGIC.length)
  return length > 0 && equal(bytes.subarray(0, length), EXPORT_MAGIC.subarray(0, length))
}

/** Of bytes as they come, once. */
export async function exportSource(
  bytes: AsyncIterable<Uint8Array>,
  { name, size }: { readonly name: string; readonly size?: number },
  hasher: Hasher,
): Promise<ExportSource> {
  const counted = new Counted(bytes)
  return new ExportSource(await readExport(counted, hasher), counted, name, size)
}

export class ExportSource implements AuditSource {
  readonly genesis: Genesis
  readonly from: bigint
  /** The height of its last block, as its head says. */
  readonly to: bigint
  readonly authority: readonly Authority[]
  readonly isLive = false
  readonly size: number | undefined
  private readonly frames: ReadExport['frames']
  private readonly counted: Counted
  private readonly name: string

  constructor({ head, frames }: ReadExport, counted: Counted, name: string, size: number | undefined) {
    this.genesis = head.genesis
    this.from = head.from
    this.to = head.to
    this.authority = head.authority
    this.frames = frames
    this.counted = counted
    this.name = name
    this.size = size
  }

  get bytesRead(): number {
    return this.counted.count
  }

  /** All of it is read in any case: only its end tells whether it is whole. */
  async *items(from?: Spot | bigint): AsyncGenerator<SourceItem> {
    const file = this.name
    const begin = typeof from === 'object' ? from.offset : 0
    let reached = 0
    try {
      for await (const { offset, end, records, isPlain } of this.frames) {
        // Of the export that was noted each piece ends at that place or before it, or begins there or behind it.
        if (offset < begin && end > begin) throw otherExport(file)
        reached = end
        if (offset >= begin) yield { kind: 'records', file, offset, end, records, isPlain }
      }
      if (reached < begin) throw otherExport(file)
    } catch (error) {
      yield faultOf(error, file)
    }
  }

  async close(): Promise<void> {
    await this.counted.return()
  }
}

/** Pieces that were passed over would hold blocks that nobody verified: that of a chain that has grown has larger ones. */
function otherExport(name: string): CairnError {
  const why = `${name} is another export than the one that was noted`
  const message = `The audit cannot go on: ${why}. Delete the file of what was noted to begin anew, or name another one.`
  return new CairnError('resume_refused', message, { file: name, why })
}

/** What is wrong with an export, with its place; anything else is no fault of it. */
function faultOf(error: unknown, file: string): SourceFault {
  if (!(error instanceof CairnError) || !error.code.startsWith('export_')) throw error
  const { offset, size, reason } = error.details
  const at = typeof offset === 'number' ? offset : Number(size ?? 0)
  return {
    kind: 'fault',
    file,
    offset: at,
    reason: typeof reason === 'string' ? reason : 'it is cut short: it ends before its end',
  }
}

/** The same where nothing could be read yet: as the first fault of an audit. */
export function firstFaultOf(error: unknown, name: string): AuditFault {
  const { reason, file, offset } = faultOf(error, name)
  return { check: 'frames', reason, file, offset }
}

/** Bytes, with how many came. No generator: one that nobody asked yet could not close what is behind it. */
class Counted implements AsyncIterableIterator<Uint8Array> {
  count = 0
  private readonly pieces: AsyncIterator<Uint8Array>

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.pieces = bytes[Symbol.asyncIterator]()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const next = await this.pieces.next()
    if (next.done !== true) this.count += next.value.length
    return next
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.pieces.return?.()
    return { done: true, value: undefined }
  }
}
