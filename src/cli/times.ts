/** Moments and spans of time as people write and read them. */
import { InvalidArgumentError } from 'commander'

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

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds since 1970, or a date with or without a time; a time has to say its zone. */
export function momentFrom(text: string): bigint {
  if (/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return BigInt(text)
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN
  if (time >= 0) return BigInt(time)
  throw new InvalidArgumentError('It is 2027-01-31, 2027-01-31T12:00Z, or milliseconds since 1970.')
}
