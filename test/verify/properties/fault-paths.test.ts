/**
 * A refusal names the place: whatever is wrong with a document, the JSON path in the error is that of the very member. Every member
 * of every document is given values of the wrong form, taken away, and given a neighbour that nobody knows.
 */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/verify/bytes.ts'
import {
  decodeEvidence,
  decodeGenesis,
  decodeHead,
  decodeProof,
  decodeRevocations,
  encodeEvidence,
  encodeGenesis,
  encodeHead,
  encodeRevocations,
} from '../../../src/verify/index.ts'
import { type At, jsonPath, type Leaf, leavesOf, replaced, textAround, valueAt } from '../../support/leaves.ts'
import { refusalOf } from '../../support/refusal.ts'
import { richProof } from '../../support/rich-proof.ts'
import { seed } from '../../support/seed.ts'

const { chain, document: proof, proof: made, trust } = richProof(seed)
const { header, seal, roots } = chain.head
const ancestor = { height: 2n, blockHash: chain.madeAt(2).hash, path: chain.ranges.history.path(2n, header.height) }
const evidence = chain.evidence({ block: header, seal }, { block: header, seal, roots, ancestor })

const documents: readonly (readonly [string, unknown, (text: string | Uint8Array) => unknown])[] = [
  ['a proof', proof, decodeProof],
  ['evidence', JSON.parse(encodeEvidence(evidence)), decodeEvidence],
  ['a list of revocations', JSON.parse(encodeRevocations(made.revocations)), decodeRevocations],
  ['a head', JSON.parse(encodeHead(trust.head)), decodeHead],
  ['a genesis', JSON.parse(encodeGenesis(made.genesis)), decodeGenesis],
]

/** No leaf is any of these; the last two are text with half a surrogate pair, and with a control character as it is. */
const NEVER = ['{}', '[]', 'true', '2', '0.5', '10', '-1', '1e0', '00', '"\\ud800"', '"\u0000"']
const NOT_MACHINE = ['kv', 'kv@', '@1', 'kv@01', 'Kv@1', 'kv@1 ', 'kv@1\n', '1@1', 'kv@1@1']
const NOT_NUMBER = ['', ' 1', '1 ', '01', '+1', '-1', '1.0', '1e3', '0x1', '٣', '1\n', '18446744073709551616']
const notHex = (hex: string): string[] => [
  '',
  '0',
  '0x0',
  `${hex}0`,
  ` ${hex}`,
  `${hex} `,
  `0X${hex.slice(2)}`,
  `${hex}AA`,
  `${hex}0g`,
]

/** JSON that is wrong in the place of this leaf. */
function wrongFor({ at, value }: Leaf): string[] {
  if (typeof value === 'number') return [...NEVER, 'null', '"0"', '-0', '0.0']
  if (value === null) return [...NEVER, '0', '1', '""', '"null"', '"0x0"']
  const [holder, name] = [at.at(-2), at.at(-1)]
  const mayBeNull = name === 'value' && holder !== 'other'
  const wrong = [...NEVER, '0', '1', ...(mayBeNull ? [] : ['null'])]
  return [...wrong, ...wrongTexts(value, name, holder).map((each) => JSON.stringify(each))]
}

function wrongTexts(value: string, name: unknown, holder: unknown): string[] {
  if (value.startsWith('0x')) return notHex(value)
  if (/^[0-9]+$/.test(value)) return NOT_NUMBER
  const long = 'x'.repeat(65)
  if (name === 'machine') return [...NOT_MACHINE, long]
  const isFree = ['name', 'client', 'type', 'topic'].includes(name as string) || holder === 'intent'
  return isFree ? [long] : ['', 'toString', `${value} `, value.toUpperCase(), long]
}

/** Where objects and arrays are. */
function holdersOf(value: unknown, at: At = []): At[] {
  if (typeof value !== 'object' || value === null) return []
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return [at, ...steps.flatMap((step) => holdersOf(valueAt(value, [step]), [...at, step]))]
}

/** What may be missing, and who complains if it is missing alone: nobody, or the object that wants it with another. */
function whoMisses(document: unknown, at: At): 'nobody' | 'holder' | 'itself' {
  const name = at.at(-1) as string
  const holder = Object.keys(valueAt(document, at.slice(0, -1)) as object)
  const isHead = holder.includes('blockHash') && !holder.includes('path')
  if (name === 'other' || (isHead && (name === 'epoch' || name === 'timestamp'))) return 'nobody'
  if (['payload', 'salt', 'payloadHash'].includes(name)) return 'holder'
  const isCarried = ['block', 'roots', 'claims'].includes(name) && holder.includes('blockHash')
  const isOfSide = ['roots', 'ancestor'].includes(name) && holder.includes('ancestor')
  return isCarried || isOfSide ? 'holder' : 'itself'
}

describe.each(documents)('the fault of %s is at its place', (_, document, decode) => {
  const pathOf = (value: unknown): string => refusalOf(() => decode(JSON.stringify(value))).path
  const members = [...holdersOf(document), ...leavesOf(document).map(({ at }) => at)].filter(({ length }) => length > 0)

  it('where a value has a wrong form', () => {
    for (const leaf of leavesOf(document)) {
      const write = textAround(document, leaf.at)
      for (const wrong of wrongFor(leaf)) {
        expect(refusalOf(() => decode(write(utf8(wrong)))).path, wrong).toBe(jsonPath(leaf.at))
      }
    }
  })

  it('where an object or an array is something else', () => {
    for (const at of holdersOf(document)) {
      const isArray = Array.isArray(valueAt(document, at))
      const write = at.length === 0 ? (json: Uint8Array) => json : textAround(document, at)
      for (const wrong of ['null', '0', '""', 'true', isArray ? '{}' : '[]']) {
        expect(refusalOf(() => decode(write(utf8(wrong)))).path).toBe(jsonPath(at))
      }
    }
  })

  it('where a member is missing', () => {
    for (const at of members.filter((each) => typeof each.at(-1) === 'string')) {
      const whom = whoMisses(document, at)
      const without = replaced(document, at, undefined)
      const missing = whom === 'nobody' ? decode(JSON.stringify(without)) && '' : pathOf(without)
      expect(missing).toBe(whom === 'nobody' ? '' : jsonPath(whom === 'holder' ? at.slice(0, -1) : at))
    }
  })

  it('where a member is one that nobody knows, or stands twice', () => {
    for (const at of holdersOf(document).filter((each) => !Array.isArray(valueAt(document, each)))) {
      const holder = valueAt(document, at) as object
      const write = at.length === 0 ? (json: Uint8Array) => json : textAround(document, at)
      const body = JSON.stringify(holder)
      for (const name of ['extra', '__proto__', 'constructor', 'Kind']) {
        const text = write(utf8(`{"${name}":"0x",${body.slice(1)}`))
        expect(refusalOf(() => decode(text)).path).toBe(`${jsonPath(at)}.${name}`)
      }
      const [first = ''] = Object.keys(holder)
      const twice = write(utf8(`{"${first}":"0x",${body.slice(1)}`))
      expect(refusalOf(() => decode(twice)).path).toBe(`${jsonPath(at)}.${first}`)
      const strange = write(utf8(`{"a.b":0,${body.slice(1)}`))
      expect(refusalOf(() => decode(strange)).path).toBe(`${jsonPath(at)}["a.b"]`)
    }
  })
})

describe('the fault of a rule is at what it is a rule of', () => {
  const put = (at: At, value: unknown): unknown => replaced(proof, at, value)
  const nestedBlock = { ...(valueAt(proof, ['claims', 11]) as object) }

  it.each<readonly [string, unknown, string]>([
    ['the zero address as cold key', put(['genesis', 'coldKey'], `0x${'00'.repeat(20)}`), '$.genesis.coldKey'],
    [
      'the zero address as delegate',
      put(['seal', 'delegation', 'delegate'], `0x${'00'.repeat(20)}`),
      '$.seal.delegation.delegate',
    ],
    ['a client without a request', put(['claims', 0, 'command', 'request'], '0'), '$.claims[0].command'],
    ['an anonymous request', put(['claims', 1, 'command', 'request'], '1'), '$.claims[1].command'],
    [
      'payload beside its hash',
      put(['claims', 0, 'command', 'payloadHash'], `0x${'00'.repeat(32)}`),
      '$.claims[0].command',
    ],
    ['salt beside the hash', put(['claims', 1, 'command', 'salt'], `0x${'00'.repeat(32)}`), '$.claims[1].command'],
    ['another leaf beside a value', put(['claims', 7, 'value'], '0x00'), '$.claims[7]'],
    ['claims nested twice', put(['claims', 11, 'claims', 3], nestedBlock), '$.claims[11].claims[3].block'],
    ['empty claims nested twice', put(['claims', 11, 'claims', 3, 'claims'], []), '$.claims[11].claims[3].claims'],
    ['a block without its roots', put(['claims', 10, 'block'], valueAt(proof, ['block'])), '$.claims[10]'],
    ['a claim of another kind', put(['claims', 0, 'kind'], 'obligation'), '$.claims[0].obligation'],
  ])('%s', (_, document, path) => {
    expect(refusalOf(() => decodeProof(JSON.stringify(document)))).toEqual({ code: 'malformed', path })
  })
})

describe('what is no JSON is refused where reading stopped', () => {
  const text = JSON.stringify(proof)

  it.each([
    ['a comma too many in an object', text.replace('"height":"6",', '"height":"6",,'), '$.block'],
    ['a comma too many in an array', text.replace('"revocations":[', '"revocations":[,'), '$.revocations[0]'],
    ['a comma at the end', `${text.slice(0, -1)},}`, '$'],
    ['no colon', text.replace('"height":', '"height"'), '$.block'],
    ['a name without quotes', text.replace('"height"', 'height'), '$.block'],
    ['single quotes', text.replace('"6"', "'6'"), '$.block.height'],
    ['a comment', text.replace('"height"', '/**/"height"'), '$.block'],
    ['an escape that is none', text.replace('"6"', '"\\x36"'), '$.block.height'],
    ['half an escape', text.replace('"6"', '"\\u003"'), '$.block.height'],
    ['a line break in text', text.replace('"6"', '"6\n"'), '$.block.height'],
    ['white space that JSON does not know', text.replace('"height"', '\u00a0"height"'), '$.block'],
    ['cut short', text.slice(0, -1), '$'],
    ['cut short further in', text.slice(0, text.indexOf('"epoch"')), '$.block'],
  ])('%s', (_, broken, path) => {
    expect(refusalOf(() => decodeProof(broken))).toEqual({ code: 'malformed', path })
  })
})
