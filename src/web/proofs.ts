/** Proofs that the viewer takes along: checked here before they are handed out. */
import { CairnError } from '../verify/error.ts'
import { verifyProof } from '../verify/index.ts'
import type { Session } from './session.ts'
import { download } from './show.ts'
import { keepProof, walk } from './tour.ts'

/** Downloads the proof of a command, and keeps it for the page that checks. */
export async function proofOfCommand(session: Session, seq: bigint): Promise<void> {
  const text = await checkedProof(session, `command=${seq}`)
  keepProof(text)
  walk({ hasProof: true })
  download(`proof-${seq}.json`, 'application/json', text)
}

/** The proof of what the query asks for, as the server wrote it; a lie is told, and no proof is given. */
export async function checkedProof(session: Session, query: string, signal?: AbortSignal): Promise<string> {
  const text = await session.text(`/v1/proof?${query}`, signal)
  const { ok, verdicts } = verifyProof(text, { chainId: session.chainId })
  if (ok) return text
  const why = verdicts.flatMap(({ check, verdict, reason }) =>
    verdict === 'fail' ? [`${check}: ${reason ?? ''}`] : [],
  )
  const lie = new CairnError('proof_invalid', `The proof that the server gives does not hold: ${why.join('; ')}.`)
  session.tell(lie)
  throw lie
}
