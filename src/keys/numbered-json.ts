/**
 * JSON with numbers and truth values in it, as other programs write it, through the strict reader of `verify`, which knows neither: no member
 * stands twice, nothing follows the document, and everything is bounded.
 */
import { isWellFormed } from '../verify/bytes.ts'
import { malformed } from '../verify/fault.ts'
import { type Json, readJson } from '../verify/json.ts'

/**
 * A string first, so that what stands inside of one is left alone. One that does not end is taken as far as the text goes: looked for its end from each
 * quote in it, 30 KB take a second.
 */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"?|-?\b[0-9][0-9.eE+-]*|\b(?:true|false)\b/g
/** No text of another program begins like this one. */
const MARK = '\u0000number:'
const WRITTEN_MARK = JSON.stringify(MARK).slice(0, -1)

/** Numbers and truth values come as strings that only `wholeNumber` reads. */
export function readNumberedJson(text: string): Json {
  if (!isWellFormed(text)) throw malformed('the text holds half a surrogate pair')
  return readJson(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : `${WRITTEN_MARK}${token}"`)))
}

/** A whole number from `min` to `max` as it was written, or nothing. */
export function wholeNumber(value: Json | undefined, min: number, max: number): number | undefined {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return undefined
  const digits = value.slice(MARK.length)
  const number = /^(?:0|[1-9][0-9]{0,15})$/.test(digits) ? Number(digits) : Number.NaN
  return number >= min && number <= max ? number : undefined
}
