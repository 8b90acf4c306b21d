/**
 * Nothing but the one typed error comes out, and soon, whatever goes in: garbage, JSON of anything, values that no text holds,
 * texts made to cost time or memory. A verifier answers with the verdict `format` and no other.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/verify/bytes.ts'
import {
  decodeDocument,
  type Evidence,
  judgeEvidence,
  judgeProof,
  LightClient,
  type Proof,
  verifyEvidence,
  verifyProof,
} from '../../../src/verify/index.ts'
import * as arbitrary from '../../support/arbitraries.ts'
import { documentKinds } from '../../support/documents.ts'
import { quickest } from '../../support/quick.ts'
import { refusalOf, tried } from '../../support/refusal.ts'
import { richProof } from '../../support/rich-proof.ts'
import { seed } from '../../support/seed.ts'

const { text, chain, trust } = richProof(seed)
const { chainId } = chain
const MIB = 1 << 20

/** Everybody who takes text from strangers. */
const readers = [
  ...documentKinds.map(({ name, decode }) => ({ name, decode })),
  { name: 'a document of either kind', decode: decodeDocument },
  {
    name: 'the saved state of a light client',
    decode: (given: string | Uint8Array) => LightClient.load(asText(given)),
  },
]

function asText(given: string | Uint8Array): string {
  return typeof given === 'string' ? given : Buffer.from(given).toString()
}

/** That a verifier says `format` and no more. */
function expectOnlyFormat(given: string | Uint8Array): void {
  for (const { ok, verdicts } of [verifyProof(given, trust), verifyEvidence(given, { chainId })]) {
    expect(ok).toBe(false)
    expect(verdicts.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual(['format fail'])
  }
}

describe('garbage is refused by everyone who reads', () => {
  const garbage = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.json(),
    fc.json({ depthSize: 'large' }),
    fc.jsonValue().map((value) => JSON.stringify({ format: 'cairn.proof/v1', genesis: value, claims: value })),
    fc.uint8Array({ maxLength: 200 }),
    fc.stringMatching(/^[[\]{}",:01nul\\ ]{0,40}$/),
  )

  it.each(readers)('$name', ({ decode }) => {
    fc.assert(
      fc.property(garbage, (given) => {
        const result = tried(() => decode(given))
        // An empty list is a list of revocations.
        expect('refusal' in result || Array.isArray(result.made)).toBe(true)
      }),
      { seed, numRuns: 1500 },
    )
  })

  it('and verifiers answer with one verdict', () => {
    fc.assert(fc.property(garbage, expectOnlyFormat), { seed, numRuns: 1000 })
  })
})

describe('what is in memory is checked as well as text', () => {
  it.each(documentKinds)('$name is not written where nobody would read it', ({ any, encode, decode }) => {
    const broken = fc.tuple(any, fc.anything(), fc.nat()).map(([document, thing, place]) => {
      const value = decode(JSON.stringify(document))
      if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return thing
      const names = Object.keys(value)
      return Object.assign(value, { [names[place % names.length] as string]: thing })
    })
    fc.assert(
      fc.property(fc.oneof(fc.anything(), broken), (value) => {
        const result = tried(() => encode(value))
        const written = 'made' in result ? result.made : undefined
        // What is written is read.
        expect(written === undefined || encode(decode(written)) === written).toBe(true)
      }),
      { seed, numRuns: 1000 },
    )
  })

  it('documents right in form alone are judged and fail, without an error', () => {
    const [proofs, evidences] = [documentKinds[0], documentKinds[1]]
    fc.assert(
      fc.property(arbitrary.proof, arbitrary.evidence, (proof, evidence) => {
        const decoded = proofs?.decode(JSON.stringify(proof)) as Proof
        expect(judgeProof(decoded, trust).ok).toBe(false)
        expect(judgeEvidence(evidences?.decode(JSON.stringify(evidence)) as Evidence, { chainId }).ok).toBe(false)
      }),
      { seed, numRuns: 200 },
    )
  })
})

/** What each is, what it costs to make is not counted, and where the fault is. */
const COSTLY: readonly (readonly [string, () => string | Uint8Array, string])[] = [
  ['100,000 open brackets', () => '['.repeat(100_000), `$${'[0]'.repeat(13)}`],
  ['100,000 open objects', () => '{"a":'.repeat(100_000), `$${'.a'.repeat(13)}`],
  ['16 MiB of open brackets', () => '['.repeat(16 * MIB), `$${'[0]'.repeat(13)}`],
  [
    'brackets inside a proof',
    () => text.replace('"claims":[', `"claims":[${'['.repeat(50_000)}`),
    `$.claims${'[0]'.repeat(12)}`,
  ],
  ['17 MiB of text', () => `"${'a'.repeat(17 * MIB)}"`, '$'],
  ['17 MiB of white space around a proof', () => text + ' '.repeat(17 * MIB), '$'],
  ['17 MiB of bytes', () => new Uint8Array(17 * MIB).fill(0x20), '$'],
  ['16 MiB of UTF-8 in 6 MiB of text', () => `"${'€'.repeat(6 * MIB)}"`, '$'],
  [
    'a number of a million digits',
    () => text.replace('"height":"6"', `"height":"${'9'.repeat(MIB)}"`),
    '$.block.height',
  ],
  ['a bare number of a million digits', () => '1'.repeat(MIB), '$'],
  ['2^64', () => text.replace('"height":"6"', `"height":"${1n << 64n}"`), '$.block.height'],
  [
    'a hex string of 15 MiB',
    () => text.replace(/"nonce":"0x/, `"nonce":"0x${'a'.repeat(15 * MIB - 20_000)}`),
    '$.genesis.nonce',
  ],
  [
    'a name of 15 MiB',
    () => text.replace('"genesis":', `"${'a'.repeat(15 * MIB)}":0,"genesis":`),
    `$["${'a'.repeat(64)}"]`,
  ],
  ['half a surrogate pair', () => text.replace('réich', 'r\ud800eich'), '$.genesis.name'],
  ['half a pair, escaped', () => text.replace('réich', 'r\\udc00eich'), '$.genesis.name'],
  ['two halves the wrong way round', () => text.replace('réich', '\\udc00\\ud800'), '$.genesis.name'],
  ['a member __proto__', () => text.replace('"genesis":', '"__proto__":{"a":0},"genesis":'), '$.__proto__'],
  ['__proto__ for a genesis', () => text.replace('"genesis":', '"__proto__":'), '$.genesis'],
  ['a member constructor', () => text.replace('"genesis":{', '"genesis":{"constructor":0,'), '$.genesis.constructor'],
  ['a kind of toString', () => text.replace('"kind":"command"', '"kind":"toString"'), '$.claims[0].kind'],
  ['bytes that are no UTF-8', () => replacedBytes(text, 'réich', [0x72, 0xff, 0xfe]), '$'],
  ['a surrogate in UTF-8', () => replacedBytes(text, 'réich', [0xed, 0xa0, 0x80]), '$'],
  ['UTF-8 longer than it need be', () => replacedBytes(text, 'réich', [0xc1, 0xa1]), '$'],
  ['a byte order mark', () => Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8(text)), '$'],
  ['a byte order mark in text', () => `\ufeff${text}`, '$'],
  ['UTF-16', () => Uint8Array.from(Buffer.from(text, 'utf16le')), '$'],
  ['something after the end', () => `${text}{}`, '$'],
  ['a zero after the end', () => `${text}\u0000`, '$'],
  ['nothing', () => '', '$'],
]

function replacedBytes(from: string, what: string, by: readonly number[]): Uint8Array {
  const [before, after] = from.split(what).map(utf8)
  return Uint8Array.from([...(before as Uint8Array), ...by, ...(after as Uint8Array)])
}

describe('texts made to be costly are refused at once, with the place', () => {
  it.each(COSTLY)('%s', async (_, make, path) => {
    const given = make()
    const bound = given.length > 5 * MIB ? 1000 : 200
    expect(await quickest(bound, () => refusalOf(() => decodeDocument(given)))).toBeLessThan(bound)
    expect(refusalOf(() => decodeDocument(given)).path).toBe(path)
    expectOnlyFormat(given)
  })
})

/** Values of 2 bytes, each of which would take a hundred times that of memory. */
const MANY: readonly (readonly [string, () => string])[] = [
  ['empty objects', () => `[${'{},'.repeat(5 * MIB)}0]`],
  ['empty arrays', () => `[${'[],'.repeat(5 * MIB)}0]`],
  ['objects in lists in lists', () => `[${`[${'[{},{},{},{}],'.repeat(1000)}0],`.repeat(1000)}0]`],
  ['members', () => `{${Array.from({ length: MIB }, (_, i) => `"${i}":0`).join()}}`],
]

describe('16 MiB of very small values take no memory in proportion to their number', () => {
  it.each(MANY)('%s', (_, make) => {
    const given = make()
    const before = process.memoryUsage().heapUsed
    expect(refusalOf(() => decodeDocument(given)).code).toBe('over_limit')
    expect((process.memoryUsage().heapUsed - before) / MIB).toBeLessThan(200)
  })
})
