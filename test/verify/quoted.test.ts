/** Text of strangers in quotes: a reader tells what was written out from what was there, and nothing in it ends the quotes. */
import { expect, test } from 'vitest'
import { quoted } from '../../src/verify/meaning.ts'

test.each([
  ['plain “text”', '“plain \\u{201c}text\\u{201d}”'],
  ['{"path":"a\\b"}', '“{"path":"a\\\\b"}”'],
  ['\u202e', '“\\u{202e}”'],
  ['\\u{202e}', '“\\\\u{202e}”'],
  ['ends so \\', '“ends so \\\\”'],
  ['\\”', '“\\\\\\u{201d}”'],
  // What is there and is not seen: two keys that differ by it alone would look the same.
  ['a\u3164b\u034fc\ufe0fd\u2800', '“a\\u{3164}b\\u{34f}c\\u{fe0f}d\\u{2800}”'],
])('%j is shown as %s', (text, shown) => {
  expect(quoted(text)).toBe(shown)
})
