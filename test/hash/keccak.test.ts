/** The WebAssembly hasher against noble: every border of words, blocks and chunks, and random messages between them. */
import { describe, expect, it } from 'vitest'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { Random, seed } from '../support/seed.ts'

const noble = nobleEngine.hasher
const wasm = await wasmHasher()
const random = new Random()
console.log(`CAIRN_SEED=${seed}`)

/** The kernel takes in this many bytes, and gives this many hashes, at once. */
const INPUT_SIZE = 240 * 136
const OUTPUT_HASHES = 512

const kib = 1024
const pool = random.bytes(1024 * kib + 64)

function expectSameHash(message: Uint8Array): void {
  expect(toHex(wasm.hash(message)), `${message.length} bytes`).toBe(toHex(noble.hash(message)))
}

function expectSameHashes(messages: Uint8Array, size: number): void {
  const what = `${messages.length / size} messages of ${size} bytes`
  expect(toHex(wasm.hashMany(messages, size)), what).toBe(toHex(noble.hashMany(messages, size)))
}

describe('one message', () => {
  it('gives known answers', () => {
    const hello = new TextEncoder().encode('hello')
    expect(toHex(wasm.hash(new Uint8Array(0)))).toBe(
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    )
    expect(toHex(wasm.hash(hello))).toBe('0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8')
  })

  it('of any length up to three blocks', () => {
    for (let length = 0; length <= 3 * 136 + 1; length++) expectSameHash(pool.subarray(0, length))
  })

  it('of a kibibyte, a mebibyte and around what the kernel takes in at once', () => {
    const lengths = [kib, INPUT_SIZE - 1, INPUT_SIZE, INPUT_SIZE + 1, 2 * INPUT_SIZE, 2 * INPUT_SIZE + 136, 1024 * kib]
    for (const length of lengths) expectSameHash(pool.subarray(0, length))
  })

  it('of random lengths, in views at odd offsets', () => {
    for (let i = 0; i < 300; i++) {
      const from = 1 + 2 * random.below(kib)
      expectSameHash(pool.subarray(from, from + random.below(4 * kib)))
    }
  })

  it('in a Buffer, and in memory that is shared', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(200))
    shared.set(pool.subarray(0, 200))
    expectSameHash(shared)
    expectSameHash(Buffer.from(pool.subarray(0, 200)))
  })

  it('leaves nothing behind for the next one', () => {
    const short = toHex(wasm.hash(pool.subarray(0, 3)))
    for (const length of [INPUT_SIZE + 200, 300, 135, 0]) {
      wasm.hash(pool.subarray(0, length))
      wasm.hashMany(pool.subarray(0, 10 * 65), 65)
      expect(toHex(wasm.hash(pool.subarray(0, 3)))).toBe(short)
    }
  })

  it('gives a buffer of its own', () => {
    const first = wasm.hash(pool.subarray(0, 64))
    const kept = toHex(first)
    wasm.hash(pool.subarray(1, 65))
    expect(toHex(first)).toBe(kept)
    expect(first.buffer.byteLength).toBe(32)
  })
})

describe('many messages', () => {
  it('of 1 to 300 bytes, none to five of them', () => {
    for (let size = 1; size <= 300; size++) {
      for (let count = 0; count <= 5; count++) {
        const from = 1 + 2 * random.below(kib)
        expectSameHashes(pool.subarray(from, from + count * size), size)
      }
    }
  })

  it('around what the kernel takes in, and gives, at once', () => {
    for (const size of [1, 33, 63, 64, 65, 136, 160, 192, 224, 1000]) {
      const atOnce = Math.min(Math.floor(INPUT_SIZE / size), OUTPUT_HASHES) & ~1
      for (const count of [atOnce - 1, atOnce, atOnce + 1, atOnce + 2, 2 * atOnce, 2 * atOnce + 1]) {
        expectSameHashes(pool.subarray(1, 1 + count * size), size)
      }
    }
  })

  it('so long that only two, or not even two, are taken in at once', () => {
    const half = INPUT_SIZE / 2
    for (const size of [half - 1, half, half + 1, INPUT_SIZE, INPUT_SIZE + 1, 100_000]) {
      for (const count of [1, 2, 3, 5]) expectSameHashes(pool.subarray(3, 3 + count * size), size)
    }
  })

  it('of random sizes and numbers', () => {
    for (let i = 0; i < 100; i++) {
      const size = 1 + random.below(700)
      expectSameHashes(pool.subarray(i, i + size * random.below(600)), size)
    }
  })

  it('gives a buffer of its own', () => {
    const first = wasm.hashMany(pool.subarray(0, 192), 64)
    const kept = toHex(first)
    wasm.hashMany(pool.subarray(64, 256), 64)
    expect(toHex(first)).toBe(kept)
    expect(first.buffer.byteLength).toBe(96)
  })

  it.each([
    [10, 3],
    [10, 0],
    [10, -5],
    [10, 2.5],
    [10, Number.NaN],
    [10, 20],
  ])('refuses %d bytes as messages of %d', (length, size) => {
    expect(() => wasm.hashMany(new Uint8Array(length), size)).toThrow(RangeError)
  })
})

it('refuses what noble refuses', () => {
  for (const wrong of ['text', [1, 2, 3], new Uint16Array(4), undefined] as unknown as Uint8Array[]) {
    expect(() => wasm.hash(wrong)).toThrow(TypeError)
    expect(() => wasm.hashMany(wrong, 1)).toThrow()
  }
})
