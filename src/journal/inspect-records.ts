/** Records in short, for somebody who looks at a frame: what they are, and what keeps one from being what it says. */
import { native } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type ChainRecord, chainRecord } from '../verify/records.ts'
import { encodeRecord } from './record-write.ts'

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
  const bytes = encodeRecord(record).length
  if (record.k !== 'block') return { k: record.k, height: record.height, bytes }
  return { k: 'block', height: record.header.height, commands: record.commands.length, bytes }
}

function kindOf(record: unknown): string {
  const { k } = record as { readonly k?: unknown }
  return typeof k === 'string' ? k : ''
}
