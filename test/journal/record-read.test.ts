/** Records that are read straight into their shapes are those that the codec gives, or none; whatever the bytes. */
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readRecords } from '../../src/journal/frame.ts'
import { readPlainRecords, readPlainStated } from '../../src/journal/record-read.ts'
import { encodeBlockRecord, encodeCloseRecord, encodeSealRecord } from '../../src/journal/record-write.ts'
import { concat } from '../../src/verify/bytes.ts'
import { native } from '../../src/verify/codec.ts'
import { attempt, CairnError } from '../../src/verify/error.ts'
import { type ChainRecord, chainRecord } from '../../src/verify/records.ts'
import { Random, seed } from '../support/seed.ts'
import { RandomRecords } from './random-records.ts'

function payloadOf(records: RandomRecords): Uint8Array {
  const { random } = records
  const height = BigInt(random.below(1000))
  const all = [
    encodeSealRecord(records.seal(height)),
    encodeBlockRecord(records.block(height)),
    encodeCloseRecord(records.close(height)),
  ].filter(() => random.below(4) > 0)
  return concat(Uint8Array.of(0x90 | all.length), ...all)
}

/** What the codec says, each record by itself. */
function judged(payload: Uint8Array): readonly ChainRecord[] | undefined {
  const records = readRecords(payload)
  if (typeof records === 'string') return undefined
  const decoded = records.map((record) => attempt(() => chainRecord.decode(record, native)))
  return decoded.some((each) => each instanceof CairnError) ? undefined : (decoded as ChainRecord[])
}

describe(`random records (CAIRN_SEED=${seed})`, () => {
  it('are read as they were written', () => {
    const records = new RandomRecords()
    for (let round = 0; round < 500; round++) {
      const payload = payloadOf(records)
      const expected = judged(payload) as readonly ChainRecord[]
      // Not by `toEqual`, which takes ten times as long.
      expect(isDeepStrictEqual(plain(readPlainRecords(payload) ?? []), plain(expected))).toBe(true)
      expect(plain(statedOf(readPlainStated(payload)) ?? [])).toBe(plain(statedOf(expected) ?? []))
    }
  })

  it('that are changed somewhere are read as the codec reads them, or not', () => {
    const records = new RandomRecords(new Random(seed + 1))
    const { random } = records
    const unlike: unknown[] = []
    let read = 0
    for (let round = 0; round < 20_000; round++) {
      const payload = payloadOf(records)
      const at = random.below(payload.length)
      const how = random.below(4)
      let changed = payload
      if (how === 0) changed = payload.slice(0, at)
      else if (how === 1) changed = concat(payload, random.bytes(1 + random.below(3)))
      else
        payload[at] = how === 2 ? random.below(256) : random.pick([0, 0x7f, 0x80, 0xc0, 0xc4, 0xcc, 0xd0, 0xdc, 0xff])
      const found = readPlainRecords(changed)
      const stated = plain(statedOf(readPlainStated(changed)) ?? [])
      if (stated !== plain(statedOf(found) ?? [])) unlike.push({ round, at, how, stated })
      if (found === undefined) continue
      const expected = judged(changed)
      read++
      if (!isDeepStrictEqual(plain(found), expected && plain(expected))) unlike.push({ round, at, how })
    }
    expect(unlike).toEqual([])
    expect(read).toBeGreaterThan(1000)
  })
})

type Records = ReturnType<typeof readPlainStated>

/** What states depend on. */
function statedOf(records: Records): Records {
  return records?.map((record) => {
    if (record.k !== 'block') return record
    const commands = record.commands.map(({ seq, client, request, type, status, payload, writes }) => {
      const named = type === 'cairn/machine' ? payload : undefined
      return { seq, client, request, type, status, ...(named && { payload: named }), ...(writes && { writes }) }
    })
    return { ...record, commands }
  })
}

/** Views and arrays of their own, alike. */
function plain(records: readonly unknown[]): string {
  return JSON.stringify(records, (_, value: unknown) => {
    if (typeof value === 'bigint') return `n${value}`
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  })
}
