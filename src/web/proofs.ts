/** Proofs that the viewer takes along: checked here before they are handed out. */
import type { Session } from './session.ts'
import { download } from './show.ts'
import { keepProof, walk } from './tour.ts'

/** Downloads the proof of a command, and keeps it for the page that checks. */
export async function proofOfCommand(session: Session, seq: bigint): Promise<void> {
  const text = await session.proof({ command: [seq] })
  keepProof(text)
  walk({ hasProof: true })
  download(`proof-${seq}.json`, 'application/json', text)
}
