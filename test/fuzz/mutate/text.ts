/** Changes of a text of words: of a path, a query, a header. One word in the place of another, doubled, or written in percents. */
import type { Random } from '../../support/seed.ts'
import { NAMES, NOT_UTF8, number } from './hostile.ts'

const BETWEEN = /([=&?/:,;\s"]+)/

export function mutateText(text: string, random: Random): string {
  const words = text.split(BETWEEN)
  const at = random.below(words.length)
  const word = words[at] ?? ''
  words[at] = changed(word, random)
  return words.join('')
}

function changed(word: string, random: Random): string {
  switch (random.below(9)) {
    case 0:
      return ''
    case 1:
      return word + word
    case 2:
      return random.pick(NAMES)
    case 3:
      return encodeURIComponent(random.pick(NAMES))
    case 4:
      return random
        .pick(NOT_UTF8)
        .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
        .join('')
    case 5:
      return random.pick([
        '0x',
        '0x0',
        `0x${'ab'.repeat(random.pick([1, 1024, 1025]))}`,
        '0XAB',
        '%',
        '%zz',
        '*',
        '..',
        '[]',
      ])
    case 6:
      return Array.from({ length: random.pick([2, 65, 1025]) }, () => word).join(random.pick(['&', '/', ',', '&a=']))
    case 7:
      return 'x'.repeat(random.pick([64, 65, 1024, 1025, 4096, 5000]))
    default:
      return number(random)
  }
}
