/** What a file is, and what the verifier says of it. */
import { utf8 } from '../../verify/bytes.ts'
import { attempt, CairnError } from '../../verify/error.ts'
import {
  decodeDocument,
  type Evidence,
  type Head,
  judgeEvidence,
  judgeProof,
  type Proof,
  type Revocation,
  type Verification,
} from '../../verify/index.ts'
import { refusedForm } from '../../verify/verdict.ts'

/** What the viewer trusts and brings. */
export interface Brought {
  readonly chainId: string
  readonly revocations?: readonly Revocation[]
  readonly head?: Head
}

export interface Judged {
  readonly verification: Verification
  /** What was decoded, where it could be. */
  readonly document?: Proof | Evidence
}

const EXPORT_MAGIC = utf8('cairn.export/1\n')

/** Whether these bytes begin as an export does. */
export function isExport(bytes: Uint8Array): boolean {
  return bytes.length >= EXPORT_MAGIC.length && EXPORT_MAGIC.every((byte, i) => bytes[i] === byte)
}

export function judge(bytes: Uint8Array, { chainId, revocations, head }: Brought): Judged {
  const document = attempt(() => decodeDocument(bytes))
  if (document instanceof CairnError) return { verification: refusedForm(document) }
  if (document.format === 'cairn.evidence/v1') return { document, verification: judgeEvidence(document, { chainId }) }
  const trust = { chainId, ...(revocations && { revocations }), ...(head && { head }) }
  return { document, verification: judgeProof(document, trust) }
}
