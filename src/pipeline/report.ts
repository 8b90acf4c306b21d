/** What a chain tells of its own accord: for a log, a screen, a page on duty. Nothing of it has to be handled. */
import type { CairnError } from '../verify/error.ts'

export type Report =
  /** The store is made again out of the journal. */
  | { readonly kind: 'rebuilding'; readonly why: string }
  /** So far has a start read the journal. */
  | { readonly kind: 'replaying'; readonly height: bigint; readonly of: bigint }
  /** A torn tail, which nobody was told of, was copied aside and cut. */
  | { readonly kind: 'cut'; readonly height: bigint; readonly offset: number }
  /** The head had no usable seal and was sealed again, over the same hash. */
  | { readonly kind: 'sealed-again'; readonly height: bigint }
  | { readonly kind: 'read-only'; readonly error: CairnError }
  /** The delegations run out soon, or have: then no block is made. `until` is absent where none is for this time. */
  | { readonly kind: 'delegation-ends'; readonly until: bigint | undefined; readonly now: bigint }
  /** The clock stands before the time of the newest block: until it is there every block has that time. Told once, until it was right again. */
  | { readonly kind: 'clock-behind'; readonly now: bigint; readonly newest: bigint }
  /** A command ended with `machine_error`: a bug of the machine. */
  | { readonly kind: 'machine-fault'; readonly seq: bigint; readonly cause: unknown }
  /** The chain takes nothing more. */
  | { readonly kind: 'failed'; readonly cause: unknown }

/** Is told what happens beside the answers. */
export type Reporter = (report: Report) => void
