/** What a block owes the one before it (FORMAT §3), and the commands in it their place. */
import { equal } from './bytes.ts'
import type { BlockRecord } from './records.ts'
import type { Header } from './types.ts'

/** What block 0 owes the genesis is a matter of its coherence. */
export function wrongWithSuccessor(header: Header, parent?: Header, parentHash?: Uint8Array): string | undefined {
  if (parent === undefined || parentHash === undefined) {
    return header.height === 0n ? undefined : 'the first block is not block 0'
  }
  if (header.height !== parent.height + 1n) return `the block after ${parent.height} has height ${header.height}`
  if (!equal(header.parentHash, parentHash)) return 'its parent is another block than the one before it'
  if (header.firstSeq !== parent.firstSeq + parent.commandCount) return 'its first seq does not follow on its parent'
  if (header.timestamp < parent.timestamp) return 'it is older than its parent'
  if (header.epoch !== parent.epoch && header.epoch !== parent.epoch + 1n)
    return 'its epoch is not its parent’s or one more'
  const mayBeEmpty = header.epoch !== parent.epoch
  return header.commandCount === 0n && !mayBeEmpty ? 'it is empty and opens no epoch' : undefined
}

/** The first seq, from the block's own on, that has no command or another one in its place, or stands after the last. */
export function misplacedSeq({ header, commands }: BlockRecord): bigint | undefined {
  return misplacedAfter(seqsInPlace(header, commands), commands.length, header)
}

/** How many commands, from the first on, have the seqs from that of the block on. */
export function seqsInPlace({ firstSeq }: Header, commands: BlockRecord['commands']): number {
  const misplaced = commands.findIndex(({ seq }, i) => seq !== firstSeq + BigInt(i))
  return misplaced < 0 ? commands.length : misplaced
}

/** The seq that `misplacedSeq` answers, of a block that has `count` commands, the first `inPlace` of them in their place. */
export function misplacedAfter(inPlace: number, count: number, { firstSeq, commandCount }: Header): bigint | undefined {
  const placed = BigInt(inPlace)
  if (inPlace === count && placed === commandCount) return undefined
  return firstSeq + (placed < commandCount ? placed : commandCount)
}
