/**
 * Asks the RPC that the operator of the server named for the transaction of an anchor. It is another origin, and the policy of the page lets it be asked
 * only where the server names it.
 *
 * Promise: it learns which transaction is looked for and nothing else: no cookie, no referrer. What it answers is bounded before it is in memory, in the time that
 * all questions have together, and whatever it does or does not answer, a verdict comes of it that says so.
 */
import { answerText } from '../../client/answer.ts'
import { type Ask, type Found, findTransaction } from '../../evm/anchor-transaction.ts'
import type { Fetch } from '../../http/fetch.ts'
import type { Anchor } from '../../verify/anchor.ts'
import { CairnError } from '../../verify/error.ts'
import { unchecked } from '../../verify/verdict.ts'

/** Milliseconds for all that one anchor takes. */
const TIME_MAX = 20_000
/** A receipt with some thousand events, or a block with some ten thousand transactions. */
const ANSWER_MAX = 4 << 20
/** More of what a stranger says is not passed on. */
const SAID_MAX = 200

/** Whether the transaction of an anchor is on its EVM chain, says the RPC at this address. */
export async function askEvm(url: string, anchor: Anchor, signal: AbortSignal, fetching: Fetch): Promise<Found> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(TIME_MAX)])
  try {
    return await findTransaction(askAt(url, ending, fetching), anchor)
  } catch (error) {
    if (!(error instanceof CairnError)) throw error
    return { verdict: unchecked('transaction', `the EVM chain was not reached. ${error.message}`) }
  }
}

function askAt(url: string, signal: AbortSignal, fetching: Fetch): Ask {
  let asked = 0
  return async ({ what, method, params }) => {
    const id = ++asked
    try {
      const response = await sent(url, JSON.stringify({ jsonrpc: '2.0', id, method, params }), signal, fetching)
      return resultIn(await answerText(response, ANSWER_MAX), id, response.status)
    } catch (error) {
      throw new CairnError('rpc_failed', `The RPC gives no ${what}: ${whyOf(error)}.`, { what })
    }
  }
}

async function sent(url: string, body: string, signal: AbortSignal, fetching: Fetch): Promise<Response> {
  try {
    return await fetching(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal,
      redirect: 'error',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    })
  } catch (error) {
    // All that a browser says of an answer that did not come, that led elsewhere, or that the page may not read.
    if (signal.aborted) throw error
    throw new Error('it does not answer, or does not let the pages of this server ask (CORS)', { cause: error })
  }
}

/** The result in an answer of JSON-RPC. */
function resultIn(text: string, id: number, status: number): unknown {
  const answer = parsed(text)
  if (answer?.error !== undefined && answer.error !== null) {
    const { message } = answer.error as { readonly message?: unknown }
    throw new Error(`it says “${typeof message === 'string' ? message.slice(0, SAID_MAX) : 'that it failed'}”`)
  }
  if (status !== 200) throw new Error(`it answers with status ${status}`)
  if (answer?.jsonrpc !== '2.0' || answer.id !== id || answer.result === undefined)
    throw new Error('what it answers is no JSON-RPC')
  return answer.result
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'TimeoutError' ? `it took longer than ${TIME_MAX / 1000} s` : error.message
}
