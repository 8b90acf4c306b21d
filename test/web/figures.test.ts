/** What the explorer computes that nobody else does: sums of pieces, histograms, bytes to flip. */
import { crc32 as crcOfNode } from 'node:zlib'
import { expect, it } from 'vitest'
import { flipped, otherByte, placesIn } from '../../src/web/check/flip.ts'
import { crc32 } from '../../src/web/crc32.ts'
import { histogramsIn, quantile } from '../../src/web/histograms.ts'
import { routeIn, to } from '../../src/web/router.ts'
import { Random, seed } from '../support/seed.ts'

const random = new Random()

it(`its CRC-32 is that of zlib, in one go and in pieces (CAIRN_SEED=${seed})`, () => {
  for (let i = 0; i < 400; i++) {
    // Views that begin anywhere: a piece of an export does.
    const bytes = random.bytes(random.below(300) + 8).subarray(random.below(8))
    const cut = random.below(bytes.length)
    expect(crc32(bytes)).toBe(crcOfNode(bytes))
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crcOfNode(bytes))
  }
})

it('reads histograms of times, summed over labels, and says in which bucket a share of all lies', () => {
  const text = `# HELP cairn_http_request_seconds How long requests took.
cairn_http_request_seconds_bucket{le="0.001",route="/a",status="200"} 90
cairn_http_request_seconds_bucket{le="0.01",route="/a",status="200"} 99
cairn_http_request_seconds_bucket{le="+Inf",route="/a",status="200"} 99
cairn_http_request_seconds_bucket{le="0.001",route="/b"} 0
cairn_http_request_seconds_bucket{le="0.01",route="/b"} 0
cairn_http_request_seconds_bucket{le="+Inf",route="/b"} 1
cairn_never_seconds_bucket{le="+Inf"} 0
node_other_seconds_bucket{le="+Inf"} 5`
  const [own, ...others] = histogramsIn(text)
  expect(others).toEqual([])
  expect(own).toMatchObject({ name: 'cairn_http_request_seconds', help: 'How long requests took.', total: 100 })
  expect(own?.buckets.map(({ count }) => count)).toEqual([90, 9, 1])
  expect([0.5, 0.95, 0.999].map((share) => own && quantile(own, share))).toEqual([
    0.001,
    0.01,
    Number.POSITIVE_INFINITY,
  ])
})

it('flips each byte to another one: a digit to a digit, a letter to a letter', () => {
  for (let byte = 0; byte < 256; byte++) {
    expect(otherByte(byte, false)).not.toBe(byte)
    expect(otherByte(byte, true)).toBe(byte ^ 1)
  }
  const next = (letter: string) => String.fromCharCode(otherByte(letter.charCodeAt(0), false))
  expect(['0', '9', 'a', 'f', 'g', 'z', 'A', 'Z'].map(next).join('')).toBe('10bahgBA')
})

it('flips that byte of a file and no other', async () => {
  const bytes = random.bytes(1000)
  for (const at of [0, 1, 500, 999]) {
    const changed = new Uint8Array(await flipped(new Blob([bytes as Uint8Array<ArrayBuffer>]), at, 7).arrayBuffer())
    expect(changed).toEqual(bytes.with(at, 7))
  }
})

it('finds places in a document by its bytes, whatever stands before them', () => {
  const bytes = new TextEncoder().encode('{"client":"größe","reply":"0x1234","timestamp":"17"}')
  const byName = Object.fromEntries(
    placesIn(bytes).map(({ name, offset }) => [name, String.fromCharCode(bytes[offset] ?? 0)]),
  )
  expect(byName).toMatchObject({ 'The reply': '4', 'The block’s time': '7', 'A brace': '{' })
})

it('leads back from an address to what it was made of', () => {
  for (const text of ['a b', '0x00', 'ä/ö?#&=', '%', '\u202e"<b>']) {
    const { name, path, query } = routeIn(to('state', [text], { key: text }))
    expect([name, path, query.get('key')]).toEqual(['state', [text], text])
  }
  expect(routeIn('#/block/%E0%A4%A').path).toEqual(['%E0%A4%A'])
})
