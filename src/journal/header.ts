/** The first sector of a journal file (FORMAT §10): which chain, from which height on, and the salt of its frames. */
import { crc32 } from 'node:zlib'
import { SECTOR } from '../limits.ts'
import { equal, utf8 } from '../verify/bytes.ts'
import { isZero } from './zeros.ts'

export const MAGIC: Uint8Array = utf8('cairn.journal/1\n')
const CHAIN_AT = 16
const FIRST_AT = 48
const SALT_AT = 56
const CRC_AT = 72
const HEADER_END = 76
export const SALT_BYTES = 16

export interface FileHeader {
  readonly chainId: Uint8Array
  readonly first: bigint
  readonly salt: Uint8Array
}

/** The sector. */
export function encodeHeader({ chainId, first, salt }: FileHeader): Uint8Array {
  const sector = new Uint8Array(SECTOR)
  const view = new DataView(sector.buffer)
  sector.set(MAGIC)
  sector.set(chainId, CHAIN_AT)
  view.setBigUint64(FIRST_AT, first, true)
  sector.set(salt, SALT_AT)
  view.setUint32(CRC_AT, crc32(sector.subarray(0, CRC_AT)), true)
  return sector
}

/** What the sector says, or undefined where it is not whole. */
export function decodeHeader(sector: Uint8Array): FileHeader | undefined {
  if (sector.length !== SECTOR || !equal(sector.subarray(0, MAGIC.length), MAGIC)) return undefined
  const view = new DataView(sector.buffer, sector.byteOffset, SECTOR)
  if (view.getUint32(CRC_AT, true) !== crc32(sector.subarray(0, CRC_AT)) || !isZero(sector, HEADER_END))
    return undefined
  return rawHeader(sector)
}

/** What stands where a header has it, checked against nothing. */
export function rawHeader(bytes: Uint8Array): FileHeader {
  const sector = new Uint8Array(SECTOR)
  sector.set(bytes.subarray(0, SECTOR))
  return {
    chainId: sector.slice(CHAIN_AT, FIRST_AT),
    first: new DataView(sector.buffer).getBigUint64(FIRST_AT, true),
    salt: sector.slice(SALT_AT, CRC_AT),
  }
}
