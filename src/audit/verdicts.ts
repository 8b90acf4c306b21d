/** The verdicts of an audit: one a check, and for what was not checked why. */
import { judged, unchecked, type Verdict, verification } from '../verify/verdict.ts'
import type { ChainAudit } from './audit.ts'
import { type AuditCheck, type AuditFault, type AuditLevel, CHECKS } from './faults.ts'

/** Why a check was not made, or not of all: by its name. */
export type Unchecked = Readonly<Partial<Record<AuditCheck, string | undefined>>>

export function verdictsOf(fault: AuditFault | undefined, notChecked: Unchecked): readonly Verdict[] {
  return CHECKS.map((check) => {
    if (fault?.check === check) return judged(check, describe(fault))
    const why = notChecked[check]
    if (why !== undefined) return unchecked(check, why)
    return fault === undefined || check === 'genesis'
      ? judged(check, undefined)
      : unchecked(check, 'the reading ended at the fault')
  })
}

/** The one verdict on a chain of which not even the genesis can be read. */
export function refused(level: AuditLevel, fault: AuditFault): ChainAudit {
  return { ...verification(verdictsOf(fault, {})), level, blocks: 0n, commands: 0n, fault }
}

function describe({ reason, height, seq }: AuditFault): string {
  const where = [height !== undefined && `height ${height}`, seq !== undefined && `seq ${seq}`].filter(Boolean)
  return where.length === 0 ? reason : `${where.join(', ')}: ${reason}`
}
