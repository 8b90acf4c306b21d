/** Records in short, for somebody who looks at a frame: what they are, and what keeps one from being what it says. */
import { native } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type ChainRecord, chainRecord } from '../verify/records.ts'
import { encodeBlockRecord, encodeCloseRecord, encodeSealRecord } from './record-write.ts'

export interface InspectedRecord {
  readonly k: string
  readonly height?: bigint
  readonly commands?: number
  /** As it is written here. */
  readonly bytes?: number
  readonly problem?: string
}

export function describeRecords(records: readonly unknown[]): readonly InspectedRecord[] {
  return records.map((record) => {
    const decoded = attempt(() => chainRecord.decode(record, native))
    return decoded instanceof CairnError ? { k: kindOf(record), problem: decoded.message } : describe(decoded)
  })
}

function describe(record: ChainRecord): InspectedRecord {
  if (record.k === 'block') {
    const { header, commands } = record
    const bytes = encodeBlockRecord(record).length
    return { k: 'block', height: header.height, commands: commands.length, bytes }
  }
  const encoded = record.k === 'seal' ? encodeSealRecord(record) : encodeCloseRecord(record)
  return { k: record.k, height: record.height, bytes: encoded.length }
}

function kindOf(record: unknown): string {
  const { k } = record as { readonly k?: unknown }
  return typeof k === 'string' ? k : ''
}
