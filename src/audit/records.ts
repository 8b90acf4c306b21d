/**
 * The records of blocks that were examined already, on another thread perhaps: decoded once more where they are needed, without judging again
 * what was judged there.
 */
import { native } from '../verify/codec.ts'
import { type BlockRecord, chainRecord } from '../verify/records.ts'
import { type FrameThere, framesIn } from './examine.ts'
import type { Frames } from './source.ts'

/** Gives the record at a place of the frame at an offset; frames are asked for in their order. */
export function recordsIn(frames: Frames): (offset: number, index: number) => BlockRecord {
  const coming = framesIn(frames)[Symbol.iterator]()
  let current: FrameThere | undefined
  return (offset, index) => {
    while (current?.offset !== offset) {
      const next = coming.next()
      if (next.done === true) throw new Error(`no frame lies at ${offset}`)
      current = next.value
    }
    const record = current.records[index]
    return (current.isPlain ? record : chainRecord.decode(record, native)) as BlockRecord
  }
}
