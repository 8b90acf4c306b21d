/**
 * Records of made chains as the source of an audit: frames as a journal has them, a few at a time, in memory that threads share. What is given back is
 * written over at once: who kept a view of it is found out.
 */
import type { AuditSource, Frames, SourceItem, Spot } from '../../src/audit/source.ts'
import { FrameMaker } from '../../src/journal/frame.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import { concat } from '../../src/verify/bytes.ts'
import type { ChainRecord, Genesis } from '../../src/verify/index.ts'

const FILE = 'made'
const SALT = new Uint8Array(16)

/** A frame a record, and so many frames at a time. */
export function madeSource(
  genesis: Genesis,
  records: readonly ChainRecord[],
  { atOnce = 1, ...other }: { readonly atOnce?: number } & Partial<AuditSource> = {},
): AuditSource {
  async function* items(from?: Spot | bigint): AsyncGenerator<SourceItem> {
    const maker = new FrameMaker()
    let offset = 512
    for (let i = 0; i < records.length; i += atOnce) {
      const frames: Uint8Array[] = []
      let end = offset
      for (const record of records.slice(i, i + atOnce)) {
        const frame = maker.make([encodeRecord(record)], SALT, end).slice()
        frames.push(frame)
        end += frame.length
      }
      const isBefore = typeof from === 'object' && offset < from.offset
      if (!isBefore) yield { kind: 'packed', file: FILE, offset, bytes: shared(concat(...frames)) }
      offset = end
    }
  }
  const release = (frames: Frames): void => {
    if (frames.kind === 'packed') frames.bytes.fill(0xa5)
  }
  return { genesis, from: 0n, authority: [], isLive: false, size: undefined, bytesRead: 0, items, release, ...other }
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}
