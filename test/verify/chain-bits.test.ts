/** One bit changed anywhere in the records of a chain is found, in the block where it stands; what no hash covers is listed here. */
import { expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import type { ChainRecord, ChainVerification } from '../../src/verify/index.ts'
import { bytes } from '../support/busy-chain.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'
import { closeRecord, sealRecord, verify } from '../support/whole-chain.ts'

type Path = readonly (string | number)[]

/** Three blocks with something of everything, each sealed at once, and a clean stop after each. */
function makeRecords(): { maker: ChainMaker; records: readonly ChainRecord[] } {
  const maker = new ChainMaker(new Random(70))
  const next = maker.delegate({ index: 1n })
  const [content, cause] = [{ payload: bytes(1, 2), reply: bytes(3) }, { salt: new Uint8Array(32).fill(4) }]
  maker.block([{ client: 'a', request: 6n, ...content, ...cause }, { payloadHash: new Uint8Array(32) }])
  const events = { obligations: [{ topic: 'xy', data: bytes(5) }], intents: [{ kind: 'pay', data: bytes(6) }] }
  const twice = [
    ['state', bytes(7), bytes(8)],
    ['state', bytes(7), bytes(9)],
    ['risk', bytes(10), null],
  ] as const
  const revocation = maker.revoke(4n, maker.madeAt(0))
  const authority = [
    { k: 'delegation', ...next.delegation },
    { k: 'revocation', ...revocation },
  ] as const
  maker.block(
    [
      { status: 1, ...content, ...cause },
      { client: 'b', request: 4n, ...events, ...content, ...cause, writes: twice },
    ],
    {
      authority,
    },
  )
  maker.block([], { opensEpoch: true, by: next })
  const records = maker.blocks.flatMap((made): ChainRecord[] => {
    return [{ ...made.record, notes: [bytes(1, 2)] }, sealRecord(made), closeRecord(made)]
  })
  return { maker, records }
}

const { maker, records } = makeRecords()
const engine = await loadEngine()

/** The paths of all leaves: numbers, texts and bytes. Null and empty bytes have no bit to change. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (value instanceof Uint8Array) return value.length > 0 ? [path] : []
  if (typeof value !== 'object') return [path]
  return Object.entries(value ?? {}).flatMap(([name, each]) => leaves(each, [...path, name]))
}

function at(value: unknown, [name, ...rest]: Path): unknown {
  return name === undefined ? value : at((value as Record<string, unknown>)[name], rest)
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) }
  ;(copy as Record<string, unknown>)[name] = replaced((value as Record<string, unknown>)[name], rest, by)
  return copy
}

/** The same leaf with one bit changed: any of a number, one of each byte or character. */
function flipped(leaf: unknown, random: Random): unknown[] {
  if (typeof leaf === 'bigint') return Array.from({ length: 64 }, (_, bit) => leaf ^ (1n << BigInt(bit)))
  if (typeof leaf === 'number') return [leaf ^ 1]
  if (typeof leaf === 'string') return Array.from(leaf, (_, i) => withBit(leaf, i))
  const whole = leaf as Uint8Array
  return Array.from(whole, (_, at) => whole.map((byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte)))
}

function withBit(text: string, at: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
}

/** The checks that may find a change of the member at this path. */
const FOUND_BY: readonly (readonly [RegExp, RegExp])[] = [
  [/^(k|v)$|^authority\.\d\.k$/, /^format$/],
  [/^header\.(height|parentHash|commandCount|firstSeq)$/, /^(order|hashes)$/],
  // A later time or the next epoch is in order: but then it is not the block that was sealed.
  [/^header\.(epoch|timestamp)$/, /^(order|hashes|seals)$/],
  [/^header\.(commandsHash|batchRoot)$|^roots\./, /^hashes$/],
  [/^commands\.\d\.seq$/, /^order$/],
  // Who has no name has no number, and the other way round.
  [/^commands\.\d\.(client|request)$/, /^(hashes|format)$/],
  [/^commands\.\d\.(type|payload|salt|payloadHash|receivedAt)$/, /^hashes$/],
  [/^commands\.\d\.(status|reply|obligations\..*|intents\..*)$/, /^ranges$/],
  [/^commands\.\d\.writes\.\d\.0$/, /^format$/],
  [/^commands\.\d\.writes\.\d\.[12]$/, /^state$/],
  [/^authority\./, /^authority$/],
  [/^seal\.|^height$/, /^(seals|order)$/],
  [/^hash$/, /^order$/],
]

/** No hash covers a note; nor what is written and written over in the same block; nor which absent key was taken away. */
const NOT_COVERED = /^\d\.notes\.0$|^3\.commands\.1\.writes\.0\.2$|^3\.commands\.1\.writes\.2\.1$/

function wrongWith({ ok, fault }: ChainVerification, record: number, path: string, was: unknown): string | undefined {
  if (NOT_COVERED.test(`${record}.${path}`))
    return ok ? undefined : `should be covered by nothing, and fails ${fault?.check}`
  if (ok || fault === undefined) return 'passes'
  const expected = FOUND_BY.find(([member]) => member.test(path))
  if (expected === undefined) return 'is of no known kind'
  if (!expected[1].test(fault.check)) return `fails ${fault.check}: ${fault.reason}`
  const height = expectedHeight(record, path, was)
  return fault.height === height ? undefined : `is found at height ${fault.height}`
}

/** The block that a record is or follows; but a seal is of the block that it names, and what is no record of any kind comes next. */
function expectedHeight(record: number, path: string, was: unknown): unknown {
  const isBlock = record % 3 === 0
  if (path === 'height' && records[record]?.k === 'seal') return was
  return BigInt(Math.floor(record / 3) + (path === 'k' && !isBlock ? 1 : 0))
}

it(`is found (seed ${seed})`, async () => {
  const random = new Random()
  expect((await verify(maker, records, {}, engine)).ok).toBe(true)
  const wrong: string[] = []
  let changes = 0
  for (const [first, ...path] of leaves(records)) {
    const record = Number(first)
    for (const leaf of flipped(at(records[record], path), random)) {
      const changed = records.map((each, i) => (i === record ? replaced(each, path, leaf) : each))
      const reason = wrongWith(await verify(maker, changed, {}, engine), record, path.join('.'), leaf)
      if (reason !== undefined) wrong.push(`${record}.${path.join('.')} = ${String(leaf)} ${reason}`)
      changes++
    }
  }
  expect(wrong).toEqual([])
  expect(changes).toBeGreaterThan(3000)
})
