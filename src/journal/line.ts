/** The line of blocks: each follows the one before it, across frames and files. */

import { journalGap } from './faults.ts'
import { fileName } from './file-name.ts'

export class Line {
  /** The height that comes next; undefined where reading begins in the middle, until a block says it. */
  next: bigint | undefined

  constructor(next: bigint | undefined) {
    this.next = next
  }

  /** Goes on in the file that begins at this height. */
  enter(first: bigint): void {
    this.next ??= first
    if (this.next === first) return
    throw journalGap(fileName(first), `block ${this.next} comes next, and no file has it`, { expected: this.next })
  }

  /** Goes on over the blocks of a frame in this file. That they are blocks in all else is for whoever decodes them. */
  follow(file: bigint, records: readonly unknown[]): void {
    for (const record of records) {
      const { k, header } = record as { k?: unknown; header?: { height?: unknown } | null }
      if (k !== 'block') continue
      const height = integer(header?.height)
      if (height === undefined) throw journalGap(fileName(file), 'a block in it has no height')
      if (height < file || (this.next !== undefined && this.next !== height)) {
        const expected = this.next ?? file
        throw journalGap(fileName(file), `block ${height} stands where ${expected} comes next`, { height, expected })
      }
      this.next = height + 1n
    }
  }
}

/** The height that a frame closes the journal at, where it is a close record and nothing else. */
export function closedAt(records: readonly unknown[]): bigint | undefined {
  if (records.length !== 1) return undefined
  const { k, height } = records[0] as { k?: unknown; height?: unknown }
  return k === 'close' ? integer(height) : undefined
}

/** The height of the block that this record is the seal of, where it is one. */
export function sealedAt(record: unknown): bigint | undefined {
  const { k, height } = record as { k?: unknown; height?: unknown }
  return k === 'seal' ? integer(height) : undefined
}

function integer(value: unknown): bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : undefined
}
