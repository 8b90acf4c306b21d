/**
 * Reading a TypeScript or JavaScript file just well enough to check it, without a compiler.
 *
 * Promise: what stands in a comment, a string or a regular expression is never taken for code, and lines keep their numbers.
 */

const COMMENT = String.raw`//[^\n]*|/\*[\s\S]*?\*/`
const STRING = String.raw`'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"`
const TEMPLATE = '`(?:\\\\[\\s\\S]|[^`\\\\])*`'
// A slash opens a regular expression only where a value may begin; elsewhere it divides.
const REGEXP = String.raw`(?<=(?:^|[(,=:[!&|?{};>]|\breturn)\s*)/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+/[a-z]*`
const NOT_CODE = new RegExp(`(${COMMENT})|(${STRING})|${TEMPLATE}|${REGEXP}`, 'gm')

// On bare code, where every string is "its number": static imports and re-exports, then dynamic ones and `import('…').Type`.
const IMPORTS = [
  /\b(?:import|export)\b[^;"()=]*?\bfrom\s*("\d+")/g,
  /\bimport\s*("\d+")/g,
  /\bimport\s*\(\s*([^)]*?)\s*[,)]/g,
]

/**
 * The code alone: comments are blank, each string is its number in quotes, templates and regular expressions are empty ones.
 * @param {string} text
 * @returns {{ bare: string, strings: string[] }}
 */
export function readCode(text) {
  /** @type {string[]} */
  const strings = []
  const bare = text.replace(NOT_CODE, (match, comment, string) => {
    if (string) return `"${strings.push(string.slice(1, -1)) - 1}"`
    const lines = match.replace(/[^\n]/g, '')
    return comment ? lines || ' ' : `\`${lines}\``
  })
  return { bare, strings }
}

/**
 * What a file imports, in any way. A dynamic import of something else than a string is given as nothing.
 * @param {{ bare: string, strings: string[] }} code
 * @returns {{ specifier: string | undefined, line: number }[]}
 */
export function importsOf({ bare, strings }) {
  return IMPORTS.flatMap((pattern) =>
    [...bare.matchAll(pattern)].map((match) => {
      const [, number] = /^"(\d+)"$/.exec(match[1] ?? '') ?? []
      return { specifier: number === undefined ? undefined : strings[Number(number)], line: lineAt(bare, match.index) }
    }),
  )
}

/**
 * @param {string} text
 * @param {number} index
 */
export function lineAt(text, index) {
  return text.slice(0, index).split('\n').length
}
