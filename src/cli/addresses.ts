/** Addresses of Ethereum as wallets show them: with the checksum of EIP-55 in the case of their letters. */
import { InvalidArgumentError } from 'commander'
import { utf8 } from '../verify/bytes.ts'
import { fromHex, nobleEngine, toHex } from '../verify/index.ts'

export function checksummed(address: Uint8Array): string {
  const digits = toHex(address).slice(2)
  const hash = nobleEngine.hasher.hash(utf8(digits))
  const isUpper = (i: number): boolean => (((hash[i >> 1] ?? 0) >> (i % 2 === 0 ? 4 : 0)) & 0xf) >= 8
  return `0x${Array.from(digits, (digit, i) => (isUpper(i) ? digit.toUpperCase() : digit)).join('')}`
}

/** Letters of one case say nothing; mixed ones are a checksum, and have to be right. */
export function addressFrom(text: string): Uint8Array {
  const address = fromHex(text.toLowerCase().replace('0X', '0x'))
  if (address?.length !== 20) throw new InvalidArgumentError('It is an address: 0x and 40 hex digits.')
  const digits = text.slice(2)
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase()
  if (isMixed && checksummed(address).slice(2) !== digits) {
    throw new InvalidArgumentError('Its checksum is wrong (EIP-55): a digit was changed. Copy it again.')
  }
  return address
}
