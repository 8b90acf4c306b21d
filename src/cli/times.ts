/** Moments and spans of time as people read them. */

/** A moment in milliseconds since 1970. */
export function timeOf(timestamp: bigint): string {
  const time = new Date(Number(timestamp))
  return Number.isNaN(time.getTime()) ? `${timestamp} ms` : time.toISOString()
}

const UNITS: readonly (readonly [bigint, string])[] = [
  [86_400_000n, 'day'],
  [3_600_000n, 'hour'],
  [60_000n, 'minute'],
  [1000n, 'second'],
]

/** In the largest unit that it has two of, rounded down: nobody is told of more time than there is. */
export function spanOf(milliseconds: bigint): string {
  const [size, name] = UNITS.find(([each]) => milliseconds >= 2n * each) ?? [1000n, 'second']
  const count = milliseconds / size
  return `${count} ${name}${count === 1n ? '' : 's'}`
}
