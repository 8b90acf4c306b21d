/**
 * Says in time that the delegations run out: at a start, as blocks are made, and while a chain stands idle.
 *
 * Promise: each threshold (`EXPIRY_WARNINGS`) is told once, and again for what was delegated since.
 */
import { EXPIRY_WARNINGS } from '../limits.ts'
import { asRecorded, type Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import type { Delegation } from '../verify/types.ts'
import type { KnownAuthority } from './authority.ts'
import type { Reporter } from './report.ts'

export class Expiry {
  private readonly signer: Signer
  private readonly authority: KnownAuthority
  private readonly clock: Clock
  private readonly report: Reporter
  /** The time of the newest block: none that comes is older, whatever the clock says. */
  private readonly earliest: () => bigint
  /** Of which end it was told last, and the lowest threshold of it: also where the clock ran back since. */
  private told: { readonly until: bigint | undefined; readonly before: bigint } = { until: undefined, before: NEVER }
  /** The time at which there is something to tell next. */
  private due = 0n
  private cancel: (() => void) | undefined

  constructor(signer: Signer, authority: KnownAuthority, clock: Clock, report: Reporter, earliest: () => bigint) {
    this.signer = signer
    this.authority = authority
    this.clock = clock
    this.report = report
    this.earliest = earliest
    this.look()
  }

  /** A block of this time is made. */
  at(timestamp: bigint): void {
    if (timestamp >= this.due) this.tell(timestamp)
  }

  /** What is delegated, or when it ends, is another than before. */
  look(): void {
    this.tell(this.now)
  }

  /** The last moment up to which blocks can be sealed from now on, or nothing where none can be. */
  get until(): bigint | undefined {
    return endOf(this.authority.inForce(this.signer.delegations), this.now)
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  /** The time that a block would have that is made now. */
  private get now(): bigint {
    const wall = asRecorded(this.clock.now())
    const earliest = this.earliest()
    if (wall > earliest) return wall
    return earliest
  }

  private tell(now: bigint): void {
    const delegations = this.authority.inForce(this.signer.delegations)
    const until = endOf(delegations, now)
    const remaining = until === undefined ? ENDED : until - now
    const before = THRESHOLDS.find((each) => remaining < each) ?? NEVER
    // What has ended is no other end than the one that was told of.
    const of = until ?? this.told.until
    const isNew = of !== this.told.until || before < this.told.before
    if (before !== NEVER && isNew) this.report({ kind: 'delegation-ends', until, now })
    if (isNew) this.told = { until: of, before }
    const next = THRESHOLDS.findLast((each) => each <= remaining)
    this.wait(next === undefined ? nextOpening(delegations, now) : now + remaining - next + 1n)
  }

  /**
   * A timer does not reach as far as a delegation does: then it is only looked. It runs by the clock, also where that is behind the newest block: else it
   * would look again and again until the clock is there.
   */
  private wait(due: bigint): void {
    this.stop()
    this.due = due
    if (due === NEVER) return
    const left = due - asRecorded(this.clock.now())
    const after = left < TIMER_MAX ? left : TIMER_MAX
    this.cancel = this.clock.after(Number(after), () => this.look())
  }
}

/** When one opens that is not open yet. */
function nextOpening(delegations: readonly Delegation[], now: bigint): bigint {
  return delegations.reduce((next, { validFrom }) => (validFrom > now && validFrom < next ? validFrom : next), NEVER)
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
const ENDED = -1n
/** What a timer can be set to. */
const TIMER_MAX = 2n ** 31n - 1n
