/**
 * Makes a tape shorter while what it shows stays: takes stretches of decisions out of its tracks, sets them to 0 or halves them, larger stretches first,
 * until nothing more can be spared or the tries, or the time up to a moment of `performance.now()`, are used up.
 */
import type { Tracks } from './tape.ts'

export interface Shrunk {
  readonly tracks: Tracks
  readonly tries: number
}

type Change = (track: readonly number[], from: number, to: number) => readonly number[]

const CHANGES: readonly Change[] = [
  (track, from, to) => [...track.slice(0, from), ...track.slice(to)],
  (track, from, to) => track.map((each, i) => (i >= from && i < to ? 0 : each)),
  (track, from, to) => track.map((each, i) => (i >= from && i < to ? each >> 1 : each)),
]

export async function shrink(
  tracks: Tracks,
  stillFails: (tracks: Tracks) => Promise<boolean>,
  triesMax: number,
  until: number = Number.POSITIVE_INFINITY,
): Promise<Shrunk> {
  let best = trimmed(tracks)
  let tries = 0
  const attempt = async (candidate: Tracks): Promise<boolean> => {
    if (tries >= triesMax || performance.now() > until || sizeOf(candidate) >= sizeOf(best)) return false
    tries++
    if (!(await stillFails(candidate))) return false
    best = trimmed(candidate)
    return true
  }
  // A whole track is tried first: most of them have no part in it.
  for (const name of Object.keys(best)) await attempt({ ...best, [name]: [] })
  for (let before = Number.POSITIVE_INFINITY; sizeOf(best) < before; ) {
    before = sizeOf(best)
    for (const name of Object.keys(best)) {
      for (let length = (best[name] ?? []).length; length >= 1; length = Math.floor(length / 2)) {
        for (let from = 0; from < (best[name] ?? []).length; ) {
          const track = best[name] as readonly number[]
          let isTaken = false
          for (const change of CHANGES) {
            isTaken ||= await attempt({ ...best, [name]: change(track, from, from + length) })
          }
          // What followed stands here now, where it was taken out.
          if (!isTaken || (best[name] ?? []).length === track.length) from += length
          if (tries >= triesMax || performance.now() > until) return { tracks: best, tries }
        }
      }
    }
  }
  return { tracks: best, tries }
}

/** How much is decided: what is 0 is hardly a decision, and what is small is less of one. */
function sizeOf(tracks: Tracks): number {
  return Object.values(tracks).reduce(
    (sum, track) => sum + track.reduce((of, each) => of + 1 + Math.log2(1 + each), 0),
    0,
  )
}

/** A tape that ended says 0. */
function trimmed(tracks: Tracks): Tracks {
  const last = (track: readonly number[]): number => track.findLastIndex((each) => each !== 0)
  const kept = Object.entries(tracks).map(([name, track]) => [name, track.slice(0, last(track) + 1)] as const)
  return Object.fromEntries(kept.filter(([, track]) => track.length > 0))
}
