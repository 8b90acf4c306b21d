/**
 * The JSON that comes over HTTP, read strictly, and written in one form: what a command's payload becomes when it is given as a JSON value
 * (RFC 8785: members in the order of their names, no spaces, numbers as JavaScript writes them).
 *
 * Promise: nothing is changed on the way without a word. A number that would be another one when it is written again, a member that stands twice, and
 * text that is not Unicode are refused. Time and memory in proportion to the text.
 */
import { VALUES_MAX } from '../verify/bounds.ts'
import { fromUtf8, isWellFormed } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** How deep values may nest: the call stack is not the sender's to fill. */
const NESTING_MAX = 64

export function readJsonBody(bytes: Uint8Array): JsonValue {
  const text = fromUtf8(bytes)
  if (text === undefined) throw malformed('it is not UTF-8')
  const names = examine(text)
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error))
  }
  // JSON.parse keeps the last of two members of one name: what another reader took for the value would be another.
  if (countMembers(value) !== names) throw malformed('a member stands twice')
  return value
}

/** Looks at what JSON.parse does not tell of, before it takes memory; the answer is how many members there are. */
function examine(text: string): number {
  let [names, depth, values] = [0, 0, 0]
  // By hand, each letter once: an expression that matches strings looks for the end of each one that has none, or overflows in a long one.
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (letter === QUOTE) at = endOfString(text, at)
    else if (letter === COLON) names++
    else if (letter === COMMA) values++
    else if (letter === MINUS || isDigit(letter)) {
      const end = endOfNumber(text, at)
      const token = text.slice(at, end)
      if (!isKept(token)) throw malformed(`the number ${token.slice(0, 32)} would be changed: give it as text`)
      at = end - 1
    } else if (letter === BRACE || letter === BRACKET) {
      values++
      if (++depth > NESTING_MAX) throw malformed(`it nests deeper than ${NESTING_MAX}`)
    } else if (letter === BRACE_END || letter === BRACKET_END) depth--
    // Each takes many times the memory of its letters.
    if (values > VALUES_MAX) throw tooManyValues()
  }
  return names
}

const [QUOTE, BACKSLASH, COLON, COMMA, MINUS] = [0x22, 0x5c, 0x3a, 0x2c, 0x2d]
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d]
const IN_NUMBER = /[0-9.eE+-]*/y

function isDigit(letter: number): boolean {
  return letter >= 0x30 && letter <= 0x39
}

/** Where its last quote stands, or the end of a text that has none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (letter === BACKSLASH) at++
    else if (letter === QUOTE) return at
  }
  return text.length
}

function endOfNumber(text: string, start: number): number {
  IN_NUMBER.lastIndex = start
  IN_NUMBER.test(text)
  return IN_NUMBER.lastIndex
}

/** Whether what JavaScript writes for it is the same number; of integers those alone that a double tells from their neighbours. */
function isKept(token: string): boolean {
  // Nearly always.
  if (token.length < 16 && /^-?[0-9]+$/.test(token)) return true
  // What is longer is no number that anybody means, and takes long to read.
  if (token.length > DIGITS_MAX) return false
  const number = Number(token)
  if (Number.isNaN(number)) return true // JSON.parse says so.
  if (!Number.isFinite(number)) return false
  if (/^-?[0-9]+$/.test(token)) return Number.isSafeInteger(number)
  // Written again it would be digits that are refused.
  if (/^-?[0-9]+$/.test(String(number)) && !Number.isSafeInteger(number)) return false
  return String(number) === token || decimalOf(token) === decimalOf(String(number))
}

const DIGITS_MAX = 1024

/** A number as its digits without zeros around them, and the power of ten of the last one: the same for `1.50`, `15e-1`, `1.5`. */
function decimalOf(token: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(token) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

function countMembers(value: JsonValue): number {
  if (value === null || typeof value !== 'object') return 0
  if (Array.isArray(value))
    return (value as readonly JsonValue[]).reduce<number>((sum, each) => sum + countMembers(each), 0)
  const members = Object.values(value as Record<string, JsonValue>)
  return members.reduce<number>((sum, each) => sum + countMembers(each), members.length)
}

export function canonicalText(value: JsonValue): string {
  if (typeof value === 'string' && !isWellFormed(value)) throw malformed('a text is not well-formed Unicode')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonicalText).join(',')}]`
  const members = value as Record<string, JsonValue>
  const names = Object.keys(members).sort((a, b) => (a < b ? -1 : 1))
  return `{${names.map((name) => `${canonicalText(name)}:${canonicalText(members[name] as JsonValue)}`).join(',')}}`
}

function malformed(why: string): CairnError {
  return new CairnError('malformed', `The body is not the JSON that is taken here: ${why}.`, { why })
}

function tooManyValues(): CairnError {
  const message = `The body holds more than the ${VALUES_MAX} values that it may have: send less at once.`
  return new CairnError('over_limit', message, { limit: VALUES_MAX })
}
