/**
 * Says in time that the delegations run out: at a start, as blocks are made, and while a chain stands idle.
 *
 * Promise: each threshold (`EXPIRY_WARNINGS`) is told once, and again for what was delegated since.
 */
import { EXPIRY_WARNINGS } from '../limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import type { Delegation } from '../verify/types.ts'
import type { KnownAuthority } from './authority.ts'
import type { Reporter } from './report.ts'

export class Expiry {
  private readonly signer: Signer
  private readonly authority: KnownAuthority
  private readonly clock: Clock
  private readonly report: Reporter
  /** Of which end it was told, and how long before it. */
  private told: { readonly until: bigint | undefined; readonly before: bigint } | undefined
  /** The time at which there is something to tell next. */
  private due = 0n
  private cancel: (() => void) | undefined

  constructor(signer: Signer, authority: KnownAuthority, clock: Clock, report: Reporter) {
    this.signer = signer
    this.authority = authority
    this.clock = clock
    this.report = report
    this.look()
  }

  /** A block of this time is made. */
  at(timestamp: bigint): void {
    if (timestamp >= this.due) this.tell(timestamp)
  }

  /** What is delegated, or when it ends, is another than before. */
  look(): void {
    this.tell(BigInt(this.clock.now()))
  }

  /** The last moment up to which blocks can be sealed from now on, or nothing where none can be. */
  get until(): bigint | undefined {
    return endOf(this.authority.inForce(this.signer.delegations), BigInt(this.clock.now()))
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private tell(now: bigint): void {
    const until = endOf(this.authority.inForce(this.signer.delegations), now)
    const remaining = until === undefined ? -1n : until - now
    const before = THRESHOLDS.find((each) => remaining < each)
    const isNew = until !== this.told?.until || before !== this.told?.before
    if (before !== undefined && isNew) this.report({ kind: 'delegation-ends', until, now })
    this.told = before === undefined ? undefined : { until, before }
    this.wait(now, remaining)
  }

  /** Until the next threshold, where it is near: who makes blocks asks anyway. */
  private wait(now: bigint, remaining: bigint): void {
    this.stop()
    const next = THRESHOLDS.findLast((each) => each <= remaining)
    if (next === undefined) {
      this.due = NEVER
      return
    }
    const after = remaining - next + 1n
    this.due = now + after
    if (after > TIMER_MAX) return
    this.cancel = this.clock.after(Number(after), () => this.look())
  }
}

function endOf(delegations: readonly Delegation[], now: bigint): bigint | undefined {
  let end: bigint | undefined
  for (;;) {
    const from = end === undefined ? now : end + 1n
    const open = delegations.filter(({ validFrom, validUntil }) => validFrom <= from && validUntil >= from)
    if (open.length === 0) return end
    for (const { validUntil } of open) if (end === undefined || validUntil > end) end = validUntil
  }
}

/** Ascending; the first one is that it has ended. */
const THRESHOLDS: readonly bigint[] = [0n, ...EXPIRY_WARNINGS]
const NEVER = 1n << 64n
/** What a timer can be set to. */
const TIMER_MAX = 2n ** 31n - 1n
