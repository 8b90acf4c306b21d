/**
 * The JSON that comes over HTTP, read strictly, and written in one form: what a command's payload becomes when it is given as a JSON value
 * (RFC 8785: members in the order of their names, no spaces, numbers as JavaScript writes them).
 *
 * Promise: nothing is changed on the way without a word. A number that a double does not hold exactly, a member that stands twice, and text that
 * is not Unicode are refused.
 */
import { fromUtf8, isWellFormed } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** How deep values may nest: the call stack is not the sender's to fill. */
const NESTING_MAX = 64

// A string, with the colon that makes it a member's name, or a number, wherever one of them begins.
const TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|-?[0-9][0-9.eE+-]*|[[\]{}]/gs

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

/** Looks at what JSON.parse does not tell of; the answer is how many members there are. */
function examine(text: string): number {
  let names = 0
  let depth = 0
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (++depth > NESTING_MAX) throw malformed(`it nests deeper than ${NESTING_MAX}`)
    } else if (token === '}' || token === ']') depth--
    else if (token.startsWith('"')) {
      if (colon !== undefined) names++
    } else if (!isExact(token)) throw malformed(`the number ${token.slice(0, 32)} would be changed: give it as text`)
  }
  return names
}

/** Whether a double holds it: an integer to its last digit, anything else as a finite number. */
function isExact(token: string): boolean {
  const number = Number(token)
  if (!Number.isFinite(number)) return false
  return !/^-?[0-9]+$/.test(token) || Number.isSafeInteger(number)
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
