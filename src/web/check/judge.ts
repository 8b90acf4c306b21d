/** What a file is, and what the verifier says of it. */
import type { AuditLevel } from '../../audit/browser.ts'
import { type Anchor, type AnchorTrust, decodeAnchor, judgeAnchor, saysAnchor } from '../../verify/anchor.ts'
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
  type Verdict,
  type Verification,
} from '../../verify/index.ts'
import { judged, refusedForm, verification } from '../../verify/verdict.ts'

/** What the viewer trusts and brings, and how much of an export is to be checked. */
export interface Brought extends TrustBrought {
  readonly level: AuditLevel
  /** A proof, as text, of a block behind which an export is to be read. */
  readonly fromProof?: string
}

export interface TrustBrought {
  readonly chainId: string
  readonly revocations?: readonly Revocation[]
  readonly head?: Head
  /** An anchor, as text, to be checked beside a proof. */
  readonly anchor?: Uint8Array
  /** Who is asked whether the transaction of an anchor is on its EVM chain. */
  readonly evmRpc?: string
}

export interface Judged {
  readonly verification: Verification
  /** What was decoded, where it could be. */
  readonly document?: Proof | Evidence
  readonly isAnchor?: true
  /** The anchor, alone or beside a proof, where it could be decoded. */
  readonly anchor?: Anchor
}

const EXPORT_MAGIC = utf8('cairn.export/1\n')

/** Whether these bytes begin as an export does. */
export function isExport(bytes: Uint8Array): boolean {
  return bytes.length >= EXPORT_MAGIC.length && EXPORT_MAGIC.every((byte, i) => bytes[i] === byte)
}

export function judge(bytes: Uint8Array, { chainId, revocations, head, anchor }: TrustBrought): Judged {
  if (saysAnchor(bytes)) {
    const { verdicts, ...found } = ofAnchor(bytes, { chainId })
    return { isAnchor: true, ...found, verification: verification(verdicts) }
  }
  const document = attempt(() => decodeDocument(bytes))
  if (document instanceof CairnError) return { verification: refusedForm(document) }
  if (document.format === 'cairn.evidence/v1') return { document, verification: judgeEvidence(document, { chainId }) }
  const trust = { chainId, ...(revocations && { revocations }), ...(head && { head }) }
  const ofProof = judgeProof(document, trust)
  if (anchor === undefined) return { document, verification: ofProof }
  const { verdicts, ...found } = ofAnchor(anchor, { chainId, proof: document })
  return { document, ...found, verification: verification([...ofProof.verdicts, ...verdicts]) }
}

/** The same with another verdict on the transaction of its anchor. */
export function withTransaction(judged: Judged, verdict: Verdict): Judged {
  const own = named(verdict)
  const verdicts = judged.verification.verdicts.map((each) => (each.check === own.check ? own : each))
  return { ...judged, verification: verification(verdicts) }
}

function ofAnchor(
  text: Uint8Array,
  trust: AnchorTrust,
): { readonly anchor?: Anchor; readonly verdicts: readonly Verdict[] } {
  const anchor = attempt(() => decodeAnchor(text))
  if (anchor instanceof CairnError) return { verdicts: [named(judged('format', anchor.message))] }
  return { anchor, verdicts: judgeAnchor(anchor, trust).map(named) }
}

/** Checks of an anchor carry its name, beside a proof and alone: so they are never taken for those of the chain. */
function named(verdict: Verdict): Verdict {
  return { ...verdict, check: `anchor.${verdict.check}` }
}
