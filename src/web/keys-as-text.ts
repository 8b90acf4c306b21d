/** Raw keys as they stand in addresses: their text, or hex digits where they are none that can be read and typed. */
import { fromUtf8, toHex } from '../verify/bytes.ts'
import { escaped } from '../verify/meaning.ts'

export function keyText(key: Uint8Array): string {
  const text = fromUtf8(key)
  if (text === undefined || text.startsWith('0x') || escaped(text) !== text) return toHex(key)
  return text
}
