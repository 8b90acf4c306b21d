/** What a script says to arguments that it cannot take, and ends. */

/**
 * @param {string} why
 * @returns {never}
 */
export function refuse(why) {
  console.error(why)
  process.exit(2)
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {number}
 */
export function wholeNumberOf(name, text) {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  return refuse(`--${name} takes a whole number, not ${text}`)
}
