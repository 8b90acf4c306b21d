/**
 * Appends commands one after the other, many of them on their way at a time, and prints the receipt of each as it comes, in their order.
 *
 * Promise: once a command was refused none is sent any more, and after one that is malformed none was. What was sent is waited for, and
 * every receipt is printed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Submission } from '../pipeline/1-submit.ts'
import type { ReceiptSaid } from '../server/receipt-text.ts'
import { CairnError } from '../verify/index.ts'

export interface Given {
  readonly type: string
  readonly payload: Uint8Array
  /** Where it stands in standard input, if it came from there. */
  readonly line?: number
}

/** A chain, here or on a server. */
export interface Taking {
  submit(submission: Submission): Promise<ReceiptSaid>
}

/** Who appends, and the number of the first command; each further one has one more. */
export interface Numbered {
  readonly client: string
  readonly request: bigint
}

const ON_THEIR_WAY_MAX = 1000
const OVERLOADED_WAIT = 20

export async function appendAll(
  chain: Taking,
  given: Iterable<Given> | AsyncIterable<Given>,
  numbered: Numbered | undefined,
  print: (receipt: ReceiptSaid) => Promise<void>,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined
  let printed: Promise<void> = Promise.resolve()
  const onTheirWay: Promise<void>[] = []
  const after = async (
    before: Promise<void>,
    answer: Promise<ReceiptSaid>,
    line: number | undefined,
  ): Promise<void> => {
    await before
    try {
      await print(await answer)
    } catch (error) {
      failure ??= { error: ofLine(line, error) }
    }
  }
  let sent = 0n
  try {
    for await (const { type, payload, line } of given) {
      const { client = '', request = 0n } = numbered ?? {}
      const submission = { type, payload, ...(numbered && { client, request: request + sent }) }
      const { answer, isRefused } = await whenThereIsRoom(chain, submission, () => onTheirWay.shift())
      printed = after(printed, answer, line)
      if (isRefused || failure !== undefined) break
      sent++
      onTheirWay.push(printed)
      if (onTheirWay.length >= ON_THEIR_WAY_MAX) await onTheirWay.shift()
    }
  } finally {
    await printed
  }
  if (failure !== undefined) throw failure.error
}

interface Taken {
  /** In an object: to wait for this is not to wait for the answer. */
  readonly answer: Promise<ReceiptSaid>
  readonly isRefused: boolean
}

/** A full queue says so at once; then the oldest answers are waited for. */
async function whenThereIsRoom(
  chain: Taking,
  submission: Submission,
  oldest: () => Promise<void> | undefined,
): Promise<Taken> {
  for (;;) {
    let refusal: unknown
    const answer = chain.submit(submission)
    answer.catch((error: unknown) => {
      refusal = error
    })
    // What is refused at the door is refused already: its answer comes before this does.
    await Promise.resolve()
    if (!(refusal instanceof CairnError) || refusal.code !== 'overloaded')
      return { answer, isRefused: refusal !== undefined }
    await (oldest() ?? sleep(OVERLOADED_WAIT))
  }
}

function ofLine(line: number | undefined, error: unknown): unknown {
  if (line === undefined || !(error instanceof CairnError)) return error
  return new CairnError(error.code, `line ${line}: ${error.message}`, { ...error.details, line })
}
