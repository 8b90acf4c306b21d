/**
 * What the store has of blocks beside trees and ranges (design, "State trees"): a mark for each, an index of requests, and which chain it
 * is of.
 */

import type { Place } from '../ports/commit-log.ts'
import { utf8 } from '../verify/bytes.ts'
import { readNumber, writeNumber } from './keys.ts'

const MARK = 0x62
const REQUESTS = 0x71
const AUTHORITY = 0x61
const META = 0x6d

/** `m|0`: the chain and the layout. Trees and ranges have letters in the place of the 0. */
export const CHAIN_META_KEY: Uint8Array = Uint8Array.of(META, 0)

/** `b|height`: that the block was applied, all of its batch with it. */
export function markKey(height: bigint): Uint8Array {
  return numbered(MARK, height)
}

/** `a|height`: that the block brought delegations or revocations. */
export function authorityKey(height: bigint): Uint8Array {
  return numbered(AUTHORITY, height)
}

function numbered(letter: number, height: bigint): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = letter
  new DataView(key.buffer).setBigUint64(1, height)
  return key
}

export const U64_MAX: bigint = (1n << 64n) - 1n

export function heightOf(key: Uint8Array): bigint {
  return new DataView(key.buffer, key.byteOffset).getBigUint64(1)
}

export interface Mark {
  /** Where the block's record is in the log. */
  readonly place: Place
  readonly hash: Uint8Array
  readonly firstSeq: bigint
  /** Bytes of the batch that the mark came with. */
  readonly batchSize: number
}

const MARK_BYTES = 64

export function encodeMark({ place, hash, firstSeq, batchSize }: Mark): Uint8Array {
  const record = new Uint8Array(MARK_BYTES)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, place.file)
  writeNumber(record, 8, place.offset)
  writeNumber(record, 16, batchSize)
  view.setBigUint64(24, firstSeq)
  record.set(hash, 32)
  return record
}

/** Nothing where these bytes are no mark. */
export function decodeMark(record: Uint8Array): Mark | undefined {
  if (record.length !== MARK_BYTES) return undefined
  const view = new DataView(record.buffer, record.byteOffset)
  return {
    place: { file: view.getBigUint64(0), offset: readNumber(record, 8) },
    batchSize: readNumber(record, 16),
    firstSeq: view.getBigUint64(24),
    hash: record.slice(32),
  }
}

/**
 * `q|client|request`: the requests of a client in one block, under the first of them. A client's requests only grow, so the last entry that
 * does not begin above a number is the one that would have it.
 */
export function requestsKey(client: string, request: bigint): Uint8Array {
  const name = utf8(client)
  const key = new Uint8Array(2 + name.length + 8)
  key[0] = REQUESTS
  // Its length first: no client's keys lie between those of another one.
  key[1] = name.length
  key.set(name, 2)
  new DataView(key.buffer).setBigUint64(2 + name.length, request)
  return key
}

export type Requests = readonly (readonly [request: bigint, seq: bigint])[]

export function encodeRequests(requests: Requests): Uint8Array {
  const record = new Uint8Array(16 * requests.length)
  const view = new DataView(record.buffer)
  requests.forEach(([request, seq], i) => {
    view.setBigUint64(16 * i, request)
    view.setBigUint64(16 * i + 8, seq)
  })
  return record
}

/** The seq of a request among these, or nothing. */
export function findRequest(record: Uint8Array, request: bigint): bigint | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  let [low, high] = [0, Math.floor(record.length / 16)]
  while (low < high) {
    const middle = (low + high) >> 1
    if (view.getBigUint64(16 * middle) < request) low = middle + 1
    else high = middle
  }
  if (16 * low + 16 > record.length || view.getBigUint64(16 * low) !== request) return undefined
  return view.getBigUint64(16 * low + 8)
}
