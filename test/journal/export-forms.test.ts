/** An export by another program: msgpack has several forms for one value, and FORMAT §10 and §11 name none of them for maps. */
import { expect, it } from 'vitest'
import { EXPORT_MAGIC, pieceHead } from '../../src/journal/export-format.ts'
import { readExport } from '../../src/journal/export-read.ts'
import { arrayHead } from '../../src/journal/frame.ts'
import { encodeExportEnd, encodeExportHead, encodeRecord } from '../../src/journal/record-write.ts'
import { busy, records as recorded } from '../support/busy-chain.ts'

/** The same map with its number of members in 2 bytes, or in 4. */
const FORMS: Readonly<Record<string, (map: Uint8Array) => Uint8Array>> = {
  fixmap: (map) => map,
  'map 16': (map) => Uint8Array.of(0xde, 0, (map[0] as number) & 15, ...map.subarray(1)),
  'map 32': (map) => Uint8Array.of(0xdf, 0, 0, 0, (map[0] as number) & 15, ...map.subarray(1)),
}

function exportIn(form: (map: Uint8Array) => Uint8Array): Uint8Array {
  const records = recorded.map(encodeRecord)
  const head = { genesis: busy.identity.genesis, from: 0n, to: 4n, parentHash: new Uint8Array(32), authority: [] }
  const payloads = [
    [form(encodeExportHead(head))],
    [arrayHead(records.length), ...records.map(form)],
    [form(encodeExportEnd({ blocks: 5n, hash: busy.head.hash }))],
  ]
  const parts: Uint8Array[] = [EXPORT_MAGIC]
  for (const payload of payloads) parts.push(pieceHead(payload, Buffer.concat(parts).length), ...payload)
  return Buffer.concat(parts)
}

it.each(Object.entries(FORMS))('head, records and end are maps in the form %s', async (_, form) => {
  const { head, frames } = await readExport([exportIn(form)])
  expect(head.to).toBe(4n)
  expect((await frames.next()).done).toBe(false)
  expect(await frames.next()).toEqual({ done: true, value: { blocks: 5n, hash: busy.head.hash } })
})
