/**
 * Stage 7: the callers get their receipts. By then the block is durable and sealed, and whoever reads sees it: what a caller was told, a read
 * sees. A crash here means that the caller asks again and gets the same receipt.
 */
import type { Intake } from './1-submit.ts'
import type { SealedBlock } from './block.ts'
import { receiptOf } from './receipt.ts'
import type { Waiting } from './waiting.ts'

export function acknowledge(
  block: SealedBlock,
  executed: readonly Waiting[],
  intake: Intake,
  prove: (seq: bigint) => Promise<string>,
): void {
  executed.forEach((waiting, i) => {
    const command = block.record.commands[i]
    if (command === undefined) throw new Error('a block holds the commands that were executed for it')
    intake.answered(waiting)
    waiting.answer.resolve(receiptOf(command, block, prove))
  })
}
