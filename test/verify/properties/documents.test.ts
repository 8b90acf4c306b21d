/**
 * A decoder accepts exactly what the encoder makes, and what says the same in other words (members in another order, white
 * space, escapes). Whatever else is done to a text, it is refused with the place of the fault, or it says what it seems to say: the
 * canonical text of what was read holds the very values of the JSON that was given.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/verify/bytes.ts'
import { documentKinds, writtenLoosely } from '../../support/documents.ts'
import { tried } from '../../support/refusal.ts'
import { Random, seed } from '../../support/seed.ts'

describe.each(documentKinds)('$name', ({ any, decode, encode }) => {
  it('is written as it was read: canonical text comes back to the letter', () => {
    fc.assert(
      fc.property(any, (document) => {
        const text = JSON.stringify(document)
        const read = decode(text)
        expect(encode(read)).toBe(text)
        expect(decode(encode(read))).toEqual(read)
        expect(decode(utf8(text))).toEqual(read)
      }),
      { seed, numRuns: 200 },
    )
  })

  it('is the same in any order of members, with white space and escapes', () => {
    fc.assert(
      fc.property(any, fc.nat(), (document, from) => {
        const random = new Random(from)
        const loose = writtenLoosely(document, (end) => random.below(end))
        expect(encode(decode(loose))).toBe(JSON.stringify(document))
      }),
      { seed, numRuns: 200 },
    )
  })

  it('with a member that stands twice is refused, whatever the second one says', () => {
    fc.assert(
      fc.property(any, fc.nat(), fc.boolean(), (document, place, isEscaped) => {
        const text = JSON.stringify(document)
        const members = [...text.matchAll(/"(\w+)":(?="|null|[01])/g)]
        const member = members[place % Math.max(1, members.length)]
        const name = member?.[1] ?? ''
        const again = isEscaped ? `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}` : name
        const twice = `${text.slice(0, member?.index)}"${again}":null,${text.slice(member?.index)}`
        const result = tried(() => decode(member === undefined ? '{"a":0,"a":0}' : twice))
        expect(result).toMatchObject({ refusal: { code: 'malformed' } })
      }),
      { seed, numRuns: 200 },
    )
  })

  it('that was changed anywhere is refused with the place, or says what its JSON says', () => {
    const counts = { refused: 0, read: 0 }
    fc.assert(
      fc.property(any, fc.array(edit, { minLength: 1, maxLength: 3 }), (document, edits) => {
        const text = edits.reduce(edited, JSON.stringify(document))
        const result = tried(() => decode(text))
        counts['made' in result ? 'read' : 'refused']++
        const said = 'made' in result ? JSON.parse(encode(result.made)) : undefined
        expect(said).toEqual('made' in result ? JSON.parse(text) : undefined)
        const again = 'made' in result ? decode(encode(result.made)) : undefined
        expect(again).toEqual('made' in result ? result.made : undefined)
      }),
      { seed, numRuns: 1500 },
    )
    expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(20)
  })
})

interface Edit {
  readonly at: number
  readonly cut: number
  readonly put: string
}

/** Somewhere, a few characters taken away and a few put there, from those that mean something. */
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  cut: fc.nat({ max: 3 }),
  put: fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefxAF"\\{}[],:. -+eu\n\t\u0000é')), maxLength: 3 }),
    fc.constantFrom(
      '',
      'null',
      'true',
      '"0x"',
      '[]',
      '{}',
      '\\u0041',
      '\ud800',
      '\ufeff',
      '"__proto__":0,',
      '//',
      '1e3',
    ),
  ),
})

function edited(text: string, { at, cut, put }: Edit): string {
  const place = at % (text.length + 1)
  return text.slice(0, place) + put + text.slice(place + cut)
}
