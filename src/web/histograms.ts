/** The histograms of times among a server's figures, in the text form of Prometheus. */

export interface Histogram {
  readonly name: string
  readonly help: string
  readonly total: number
  /** How many took so long, and longer than the one before; the last one has no end. */
  readonly buckets: readonly { readonly upTo: number; readonly count: number }[]
}

const TEXT_MAX = 1 << 20
const HISTOGRAMS_MAX = 16
const LINE = /^(cairn_[a-z_]*seconds)_bucket\{(?:[^}]*,)?le="([^"]{1,24})"[^}]*\} ([0-9.e+]{1,24})$/

/** Those of Cairn, each summed over its labels; what was never measured is left out. */
export function histogramsIn(text: string): readonly Histogram[] {
  const sums = new Map<string, Map<number, number>>()
  const helps = new Map<string, string>()
  for (const line of text.slice(0, TEXT_MAX).split('\n')) {
    const [, helped, help] = /^# HELP (cairn_[a-z_]*seconds) (.*)$/.exec(line) ?? []
    if (helped !== undefined) helps.set(helped, help ?? '')
    const [, name, le, count] = LINE.exec(line) ?? []
    if (name === undefined) continue
    const upTo = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    const sum = sums.get(name) ?? new Map<number, number>()
    sum.set(upTo, (sum.get(upTo) ?? 0) + Number(count))
    if (sums.has(name) || sums.size < HISTOGRAMS_MAX) sums.set(name, sum)
  }
  return [...sums].flatMap(([name, sum]) => {
    const ends = [...sum].sort(([a], [b]) => a - b)
    const total = ends.at(-1)?.[1] ?? 0
    const buckets = ends.map(([upTo, count], i) => ({ upTo, count: count - (ends[i - 1]?.[1] ?? 0) }))
    return total > 0 ? [{ name, help: helps.get(name) ?? '', total, buckets }] : []
  })
}

/** The end of the bucket in which this share of all lies. */
export function quantile({ buckets, total }: Histogram, share: number): number {
  let seen = 0
  for (const { upTo, count } of buckets) {
    seen += count
    if (seen >= share * total) return upTo
  }
  return Number.POSITIVE_INFINITY
}
