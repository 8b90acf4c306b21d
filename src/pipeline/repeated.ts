/**
 * The answer to a command that is not executed, for its number is not above its client's highest (FORMAT §9): the first receipt, or why there
 * is none.
 */
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { conflict } from './1-submit.ts'
import type { ChainStore } from './chain-store.ts'
import type { History } from './history.ts'
import { type Receipt, receiptOf } from './receipt.ts'
import type { Waiting } from './waiting.ts'

/** All that can hold the first one is applied by now. */
export async function answerRepeated(
  { command }: Waiting,
  store: ChainStore,
  history: History,
  prove: (seq: bigint) => Promise<string>,
): Promise<Receipt> {
  const { client, request } = command
  const seq = await store.seqOf(client, request)
  if (seq === 'never') throw skipped(client, request)
  const { command: first, record, hash } = await history.command(seq)
  const isErased = first.payload === undefined
  if (first.type !== command.type || !(isErased || equal(first.payload, command.payload)))
    throw conflict(client, request)
  return receiptOf(first, { header: record.header, hash }, prove)
}

function skipped(client: string, request: bigint): CairnError {
  return new CairnError(
    'request_skipped',
    'This number was never executed, and a higher one of this client was: send the command under a new, higher number.',
    { client, request },
  )
}
