/** What one command writes: a key once, with its last value, in the order in which the keys were first written. */
import type { RecordedWrite } from '../verify/records.ts'

/** Up to so many are looked through one by one: most commands write one or two keys, and a map is the dearest thing that they would make. */
const FEW = 8

export class Writes {
  readonly list: RecordedWrite[] = []
  readonly places: string[] = []
  private index: Map<string, number> | undefined

  /** What was written to the key of this place. */
  at(place: string): RecordedWrite | undefined {
    return this.list[this.find(place)]
  }

  set(place: string, write: RecordedWrite): void {
    const found = this.find(place)
    if (found >= 0) {
      this.list[found] = write
      return
    }
    this.index?.set(place, this.list.length)
    this.list.push(write)
    this.places.push(place)
  }

  private find(place: string): number {
    if (this.list.length <= FEW) return this.places.indexOf(place)
    this.index ??= new Map(this.places.map((each, i) => [each, i]))
    return this.index.get(place) ?? -1
  }
}
