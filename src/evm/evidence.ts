/** Evidence that is brought to a light client: the call, what would come of it, and what came. */
import {
  encodeFunctionData,
  getAbiItem,
  type Hex,
  type PublicClient,
  parseEventLogs,
  type TransactionReceipt,
} from 'viem'
import { cairnLightClientAbi } from '../../contracts-abi/index.ts'
import { blockHash } from '../verify/block.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import type { Evidence } from '../verify/types.ts'
import { asked } from './rpc.ts'
import type { Call } from './transact.ts'
import { hex, sideValue } from './values.ts'

const ABI = cairnLightClientAbi

/** The call that freezes by evidence. */
export function evidenceCall(to: Hex, { a, b }: Evidence): Call {
  const args = [sideValue(a), sideValue(b)] as const
  return {
    purpose: `report equivocation at ${a.block.height === b.block.height ? `height ${a.block.height}` : 'two heights'}`,
    to,
    data: encodeFunctionData({ abi: ABI, functionName: 'reportEquivocation', args }),
  }
}

/** Whether the client says of evidence that was reported that a revocation explains it; then it froze nothing. */
export function isExplainedIn({ logs }: TransactionReceipt): boolean {
  return parseEventLogs({ abi: ABI, eventName: 'Equivocation', logs }).some(({ args }) => args.isExplained)
}

/** What would come of it now: whether a revocation explains it, and whether the same was reported before, and came to the same. Nothing is sent. */
export async function foretell(
  rpc: PublicClient,
  address: Hex,
  evidence: Evidence,
  hasher: Hasher,
): Promise<{ readonly isExplained: boolean; readonly wasReported: boolean }> {
  const args = [sideValue(evidence.a), sideValue(evidence.b)] as const
  const { result: isExplained } = await asked('answer of the light client', () =>
    rpc.simulateContract({ address, abi: ABI, functionName: 'reportEquivocation', args }),
  )
  const event = getAbiItem({ abi: ABI, name: 'Equivocation' })
  const logs = await asked('log of evidence', () =>
    rpc.getLogs({ address, event, fromBlock: 'earliest', strict: true }),
  ).catch((error: unknown) => {
    // A node that does not give it keeps nobody from reporting.
    if (error instanceof CairnError) return []
    throw error
  })
  const identity = identify(evidence.genesis, hasher)
  const sides = [evidence.a, evidence.b].map(({ block }) => hex(blockHash(identity, block, hasher)))
  const wasReported = logs.some(
    ({ args }) =>
      args.isExplained === isExplained && sides.includes(args.blockHashA) && sides.includes(args.blockHashB),
  )
  return { isExplained, wasReported }
}
