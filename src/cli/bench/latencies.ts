/**
 * How long things took, in memory that does not grow with how many they are: counted in steps of one percent, from a microsecond to a quarter of an hour.
 * What is said of them is never less than it was, and at most a step more.
 */
const STEP = Math.log(1.01)
const LEAST = 0.001
const STEPS = 2100

export class Latencies {
  private readonly counts = new Float64Array(STEPS)
  private most = 0
  count = 0

  add(milliseconds: number): void {
    const step = Math.ceil(Math.log(Math.max(milliseconds, LEAST) / LEAST) / STEP)
    const index = Math.min(step, STEPS - 1)
    this.counts[index] = (this.counts[index] as number) + 1
    this.most = Math.max(this.most, milliseconds)
    this.count++
  }

  addAll(others: Latencies): void {
    others.counts.forEach((count, i) => {
      this.counts[i] = (this.counts[i] as number) + count
    })
    this.most = Math.max(this.most, others.most)
    this.count += others.count
  }

  /** Milliseconds within which this part of them was done; no number where there were none. */
  within(part: number): number {
    if (this.count === 0) return Number.NaN
    let left = Math.ceil(part * this.count)
    const index = this.counts.findIndex((count) => {
      left -= count
      return left <= 0
    })
    return Math.min(LEAST * Math.exp(index * STEP), this.most)
  }
}
