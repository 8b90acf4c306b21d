/**
 * The decision tape: every choice of a simulated run is drawn from it, and noted. A run is made again from its tape, and one that failed is made
 * shorter by taking decisions out of it.
 *
 * It has tracks, one for each kind of choice, so that what is taken out of one does not move all the others. A tape that ended says 0, and 0 is always
 * the plainest choice: no fault, nothing more, the least of it.
 */
import { Random } from '../support/seed.ts'

export type Tracks = Readonly<Record<string, readonly number[]>>

export class Tape {
  private readonly tracks = new Map<string, Track>()
  private readonly source: number | Tracks

  /** From a seed, anew; or from what another one recorded. */
  constructor(source: number | Tracks) {
    this.source = source
  }

  track(name: string): Random {
    const { source } = this
    const track =
      this.tracks.get(name) ??
      (typeof source === 'number' ? new Track(mixed(source, name)) : new Track(0, source[name] ?? []))
    this.tracks.set(name, track)
    return track
  }

  /** What was decided by now. */
  get recorded(): Tracks {
    return Object.fromEntries([...this.tracks].map(([name, { drawn }]) => [name, drawn]))
  }
}

/** Hundreds of times what a long run chooses of a kind. One that waits for what never comes would be waited for without an end, for no timer is heard. */
const CHOICES_MAX = 1 << 24

class Track extends Random {
  readonly drawn: number[] = []
  private readonly given: readonly number[] | undefined

  constructor(seed: number, given?: readonly number[]) {
    super(seed)
    this.given = given
  }

  override below(end: number): number {
    if (this.drawn.length >= CHOICES_MAX) throw new Error(`the run comes to no end: it chose ${CHOICES_MAX} times`)
    const number = this.given === undefined ? super.below(end) : (this.given[this.drawn.length] ?? 0) % end
    this.drawn.push(number)
    return number
  }
}

/** Another seed for each name. */
function mixed(seed: number, name: string): number {
  let hash = seed >>> 0
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash ^ name.charCodeAt(i), 0x01000193) + i) >>> 0
  return hash
}
