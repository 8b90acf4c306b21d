/** What two clients saw of one chain, side by side, where one text is kept for both. */
import type { LightClient } from '../verify/index.ts'

/** The one of the two that has seen more (a fork that was found stays), with what the other one knows to be taken back. */
export function seenByBoth(kept: LightClient, next: LightClient): LightClient {
  return isAhead(kept, next) ? kept.informedBy(next) : next.informedBy(kept)
}

function isAhead(kept: LightClient, next: LightClient): boolean {
  if (next.fork !== undefined) return false
  return kept.fork !== undefined || (kept.head?.height ?? -1n) > (next.head?.height ?? -1n)
}
