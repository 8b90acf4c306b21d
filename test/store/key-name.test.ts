/** Names of keys: whatever the bytes and the platform, two keys never share one. */
import { afterEach, expect, it, vi } from 'vitest'
import { keyName } from '../../src/store/key-name.ts'

const BYTES = Array.from({ length: 256 }, (_, byte) => byte)

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

it('has the character with the number of each byte', () => {
  const name = keyName(Uint8Array.from(BYTES))
  expect(BYTES.map((i) => name.charCodeAt(i))).toEqual(BYTES)
  expect(name).toBe(Buffer.from(BYTES).toString('latin1'))
  expect(keyName(new Uint8Array(8).subarray(3, 3))).toBe('')
  expect(keyName(Uint8Array.from(BYTES).subarray(65, 68))).toBe('ABC')
})

it('has one character for each byte, and no two of them the same, where there is no Buffer', async () => {
  vi.stubGlobal('Buffer', undefined)
  vi.resetModules()
  const browser = (await import('../../src/store/key-name.ts')).keyName
  const names = BYTES.map((byte) => browser(Uint8Array.of(byte)))
  expect(names.every(({ length }) => length === 1)).toBe(true)
  expect(new Set(names).size).toBe(256)
  expect(browser(Uint8Array.from(BYTES))).toBe(names.join(''))
})
