/** One object of JSON on a line, with numbers and bytes as in FORMAT: u64 are decimal text, bytes are 0x and hex digits. */
import { toHex } from '../verify/index.ts'

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, plain)}\n`
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return value.message
  return value instanceof Uint8Array ? toHex(value) : value
}
