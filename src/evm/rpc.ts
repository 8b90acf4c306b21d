/**
 * An EVM chain through an RPC. What it answers is its operator's word: it may hide a transaction or make one up, so whoever has money in it asks
 * a node of his own.
 *
 * Promise: every failure is a `CairnError`, and none names the address of the RPC, which often has a key in it.
 */
import {
  BaseError,
  CallExecutionError,
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  createPublicClient,
  decodeErrorResult,
  type Hex,
  http,
  InternalRpcError,
  isHex,
  type PublicClient,
} from 'viem'
import { cairnAnchorsAbi, cairnLightClientAbi, cairnVaultAbi } from '../../contracts-abi/index.ts'
import { platformFetch } from '../http/fetch.ts'
import { CairnError } from '../verify/error.ts'
import { malformed } from './anchor-transaction.ts'

export type { PublicClient } from 'viem'

/** How long one request may take, in milliseconds. */
const REQUEST_TIME = 20_000

/** The EVM chain behind an address; nothing is asked yet. `time` is how long one request may take, to its last byte, in milliseconds. */
export function openRpc(url: string, time: number = REQUEST_TIME): PublicClient {
  const fetchFn: typeof fetch = async (at, init = {}) => {
    // What viem gives a time to ends where the answer begins, and an answer may come to no end.
    const timeout = AbortSignal.timeout(time)
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout
    // What viem asks is always a text.
    const answer = await platformFetch(at as string, { ...init, signal })
    // It would wait for as long as it is told to.
    const wait = Number.parseInt(answer.headers.get('retry-after') ?? '0', 10)
    if (wait * 1000 <= time || Number.isNaN(wait)) return answer
    await answer.body?.cancel()
    throw new Error(`It is to be asked again in ${wait} s.`)
  }
  return createPublicClient({ transport: http(url, { fetchFn, timeout: time, retryCount: 2 }) })
}

/** What an RPC answers; `rpc_failed` where it does not, `contract_refused` where a contract reverted. */
export async function asked<T>(what: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    if (error instanceof CairnError) throw error
    // What viem stumbles over where an answer is none.
    if (!(error instanceof BaseError)) throw malformed(what)
    throw refusal(error) ?? unanswered(what, error)
  }
}

/** Every error of the contracts, for a revert that comes without an interface. */
const ERRORS = [...cairnLightClientAbi, ...cairnVaultAbi, ...cairnAnchorsAbi].filter(({ type }) => type === 'error')

/** The error of a contract by its name, where it is one of those that the contracts know. */
function refusal(error: BaseError): CairnError | undefined {
  const data = revertedWith(error)
  if (data === undefined) return undefined
  const { name, args } = decoded(data)
  const shown = args.length === 0 ? name : `${name}(${args.join(', ')})`
  return new CairnError('contract_refused', `The contract refuses it: ${shown}.`, { error: name, args })
}

/** The bytes that a contract reverted with; nothing where it was something else that went wrong. */
function revertedWith(error: BaseError): Hex | undefined {
  const reverted = error.walk((each) => each instanceof ContractFunctionRevertedError)
  if (reverted instanceof ContractFunctionRevertedError) {
    const data = reverted.raw ?? '0x'
    // Some nodes say of a revert that it is a fault of their own, and then it has bytes. Without them it is one: they cannot tell.
    return data === '0x' && error.walk((each) => each instanceof InternalRpcError) !== null ? undefined : data
  }
  const answer = error.walk((each) => 'data' in (each as object)) as { readonly data?: unknown } | null
  return typeof answer?.data === 'string' && isHex(answer.data) ? answer.data : undefined
}

function decoded(data: Hex): { readonly name: string; readonly args: readonly string[] } {
  try {
    // An error without arguments has none, whatever its type says.
    const given: { readonly errorName: string; readonly args?: readonly unknown[] } = decodeErrorResult({
      abi: ERRORS,
      data,
    })
    return { name: given.errorName, args: (given.args ?? []).map(String) }
  } catch {
    return { name: 'without a reason that is known here', args: [] }
  }
}

/** What was asked of a contract came back, and has not the form that it would have: nothing, as of one that takes whatever it is sent, or something else. */
function isOtherForm(error: BaseError): boolean {
  const isOfContract = error instanceof ContractFunctionExecutionError
  return isOfContract && error.walk((each) => each instanceof CallExecutionError) === null
}

function unanswered(what: string, error: BaseError): CairnError {
  // The message itself has the address in it.
  const why = [error.shortMessage, error.details].filter((part) => part !== undefined && part !== '').join(' ')
  const shown = withoutAddresses(why).slice(0, WHY_MAX)
  const message = `The RPC gives no ${what}: ${shown} Try again, or ask another node.`
  return new CairnError('rpc_failed', message, { what, isOtherForm: isOtherForm(error) })
}

/** More of what a stranger says is not passed on. */
const WHY_MAX = 500

function withoutAddresses(text: string): string {
  return text.replace(/\b(?:https?|wss?):\/\/\S+/g, '(the RPC)')
}
