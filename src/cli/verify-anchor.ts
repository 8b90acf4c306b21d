/** What `cairn verify` does with an anchor: alone, or beside a proof whose block it anchors. */
import type { Command } from 'commander'
import type { Found } from '../evm/anchor-transaction.ts'
import { type Anchor, type AnchorTrust, decodeAnchor, judgeAnchor } from '../verify/anchor.ts'
import { attempt } from '../verify/error.ts'
import { CairnError, toHex, type Verdict } from '../verify/index.ts'
import { judged } from '../verify/verdict.ts'
import { rpcAddress, withRpc } from './evm/options.ts'
import { timeOf } from './times.ts'

/** Who can ask the EVM chain, for the command that has it. */
export interface AnchorPart {
  addTo(command: Command): void
  findTransaction(anchor: Anchor, rpc: string): Promise<Found>
}

export const anchorPart: AnchorPart = {
  addTo(command: Command): void {
    withRpc(command, 'of an anchor: ask this RPC of the EVM chain for its transaction; @file reads it from a file')
  },
  async findTransaction(anchor: Anchor, rpc: string): Promise<Found> {
    // Only here: no other document has to wait until it is loaded.
    const [{ openRpc }, { askOf }, { findTransaction }] = await Promise.all([
      import('../evm/rpc.ts'),
      import('../evm/anchors.ts'),
      import('../evm/anchor-transaction.ts'),
    ])
    return findTransaction(askOf(openRpc(await rpcAddress({ rpc }))), anchor)
  },
}

/** The verdicts on the text of an anchor, the anchor where it is one, and where it stands. */
export async function anchorVerdicts(
  text: Uint8Array,
  trust: AnchorTrust,
  asked?: { readonly part: AnchorPart; readonly rpc: string },
): Promise<{ readonly anchor?: Anchor; readonly anchoredIn?: string; readonly verdicts: readonly Verdict[] }> {
  const anchor = attempt(() => decodeAnchor(text))
  if (anchor instanceof CairnError) return { verdicts: [judged('format', anchor.message)] }
  const offline = judgeAnchor(anchor, trust)
  if (asked === undefined) return { anchor, verdicts: offline }
  const { verdict, said } = await asked.part.findTransaction(anchor, asked.rpc)
  const verdicts = [...offline.filter(({ check }) => check !== 'transaction'), verdict]
  // A root that is there has nothing to say of a head that is not under it.
  const isAnchored = said !== undefined && verdicts.every(({ verdict }) => verdict !== 'fail')
  return { anchor, ...(isAnchored && { anchoredIn: said }), verdicts }
}

export function anchorTitle({ head, evm }: Anchor): string {
  const where = `the contract ${toHex(evm.contract)} on the EVM chain ${evm.chainId}`
  return `Anchor of block ${head.height} of the chain ${toHex(head.chainId)}, dated ${timeOf(head.timestamp)} by its operator, in ${where}`
}

/** What the caller should know of it. */
export function anchorAdvice(
  verdicts: readonly Verdict[],
  transaction: string,
  anchoredIn: string | undefined,
): readonly string[] {
  const found = verdicts.find(({ check }) => check === transaction)
  if (found?.verdict === 'unchecked' && found.reason?.startsWith('anchored')) {
    return [
      'The EVM chain was NOT asked: that it is anchored is the word of whoever gave you this. Give --rpc with a node that you trust.',
    ]
  }
  if (anchoredIn === undefined) return []
  return [`${anchoredIn} That the RPC tells the truth is for you to know.`]
}
