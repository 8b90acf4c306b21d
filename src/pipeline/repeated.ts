/**
 * The answer to a command that is not executed, for its number is not above its client's highest (FORMAT §9): the first receipt, or why there
 * is none.
 */
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { clientKey } from '../verify/own-writes.ts'
import { conflict, type Intake } from './1-submit.ts'
import type { ChainStore } from './chain-store.ts'
import { requestIn } from './clients.ts'
import type { History, PastCommand } from './history.ts'
import { type Receipt, receiptOf } from './receipt.ts'
import type { Waiting } from './waiting.ts'

interface RepeaterParts {
  readonly store: ChainStore
  readonly history: History
  /** The first block that the log still has. */
  readonly oldest: bigint
  readonly intake: Intake
  /** Comes back when all is applied that can hold the first one. */
  readonly applied: () => Promise<void>
  readonly prove: (seq: bigint) => Promise<string>
}

/** Answers them one after the other: each may read a block, and the next one is mostly of the same. */
export class Repeater {
  private readonly parts: RepeaterParts
  private repeating: Promise<void> = Promise.resolve()

  constructor(parts: RepeaterParts) {
    this.parts = parts
  }

  repeat(waiting: Waiting): void {
    this.repeating = this.repeating.then(() => this.answer(waiting))
  }

  private async answer(waiting: Waiting): Promise<void> {
    const { applied, store, history, oldest, intake, prove } = this.parts
    try {
      await applied()
      waiting.answer.resolve(await answerRepeated(waiting, store, history, oldest, prove))
    } catch (error) {
      waiting.answer.reject(
        error instanceof CairnError ? error : new CairnError('chain_failed', String(error), { cause: error }),
      )
    } finally {
      intake.answered(waiting)
    }
  }
}

/** All that can hold the first one is applied by now; `oldest` is the first block that the log still has. */
export async function answerRepeated(
  { command }: Pick<Waiting, 'command'>,
  store: ChainStore,
  history: History,
  oldest: bigint,
  prove: (seq: bigint) => Promise<string>,
): Promise<Receipt> {
  const { client, request } = command
  const past = await findCommand(client, request, store, history)
  if (past === undefined) throw oldest > 0n ? stale(client, request, oldest) : skipped(client, request)
  const { command: first, record, hash } = past
  const isErased = first.payload === undefined
  if (first.type !== command.type || !(isErased || equal(first.payload, command.payload)))
    throw conflict(client, request)
  return receiptOf(first, { header: record.header, hash }, prove)
}

/** The command that a client's number names, or nothing where none was executed under it. */
export async function findCommand(
  client: string,
  request: bigint,
  store: ChainStore,
  history: History,
): Promise<PastCommand | undefined> {
  return (await indexed(client, request, store, history)) ?? searched(client, request, store, history)
}

/** Where the index leads, if it leads to this command. */
async function indexed(
  client: string,
  request: bigint,
  store: ChainStore,
  history: History,
): Promise<PastCommand | undefined> {
  const seq = await store.seqOf(client, request)
  if (seq === 'never' || seq < 0n || seq >= store.ranges.commands.size) return undefined
  const past = await history.command(seq)
  return past.command.client === client && past.command.request === request ? past : undefined
}

/**
 * The index is not hashed, and rot in it must not say that a command was never executed: its client would send it again under a new number. So
 * that is asked of the state: the first block after which the client's highest number is not below this one has it, or no block.
 */
async function searched(
  client: string,
  request: bigint,
  store: ChainStore,
  history: History,
): Promise<PastCommand | undefined> {
  const key = clientKey(client)
  const isReachedAt = (height: bigint): boolean => requestIn(store.trees.state.getAt(Number(height), key)) >= request
  if (!isReachedAt(store.height)) return undefined
  let [low, high] = [0n, store.height]
  while (low < high) {
    const middle = (low + high) >> 1n
    if (isReachedAt(middle)) high = middle
    else low = middle + 1n
  }
  const record = await history.block(low)
  const command = record.commands.find((each) => each.client === client && each.request === request)
  return command && { command, record, hash: history.hashOf(low) }
}

function skipped(client: string, request: bigint): CairnError {
  return new CairnError(
    'request_skipped',
    'This number was never executed, and a higher one of this client was: send the command under a new, higher number.',
    { client, request },
  )
}

function stale(client: string, request: bigint, oldest: bigint): CairnError {
  return new CairnError(
    'request_stale',
    `This number is not above the client’s highest, and the journal, which begins at block ${oldest}, does not show whether it was executed: ask an older copy, and send nothing under it again.`,
    { client, request, oldest },
  )
}
