/** JSON as FORMAT §1 has it: numbers as decimal text, bytes as hex. */
import { toHex } from '../verify/index.ts'

export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return String(each)
    return each instanceof Uint8Array ? toHex(each) : each
  })
  return `${text}\n`
}
