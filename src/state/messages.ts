/**
 * Messages of any sizes that are hashed together, those of one size in one call, for they are nearly all alike. Each is written where the hasher
 * takes it from: an array of its own costs more than what is written into it.
 */
import type { Hasher } from '../verify/engine.ts'
import { bytesOf, copyHash, HASH_WORDS, wordsOf } from './slots.ts'

/** Few, for payloads are long and of many sizes: room for more is made where there are more. */
const FIRST_MESSAGES = 8

/** Those of one size; the newest is to be written at `at`. */
export class Group {
  bytes: Uint8Array
  at = 0
  /** The number of each among all messages. */
  readonly numbers: number[] = []
  private readonly size: number

  constructor(size: number) {
    this.size = size
    this.bytes = new Uint8Array(FIRST_MESSAGES * size)
  }

  add(number: number): void {
    this.at = this.size * this.numbers.length
    this.numbers.push(number)
    if (this.at + this.size <= this.bytes.length) return
    const { bytes } = this
    this.bytes = new Uint8Array(2 * bytes.length)
    this.bytes.set(bytes)
  }

  hashes(hasher: Hasher): Uint8Array {
    const { size, numbers, bytes } = this
    if (size > 0) return hasher.hashMany(bytes.subarray(0, size * numbers.length), size)
    // No bytes are no messages that could be laid out.
    const hashes = new Uint8Array(32 * numbers.length)
    const hash = hasher.hash(bytes)
    for (let at = 0; at < hashes.length; at += 32) hashes.set(hash, at)
    return hashes
  }
}

export class Messages {
  private readonly groups = new Map<number, Group>()
  private count = 0

  /** Room for the next message, full of zeros. */
  next(size: number): Group {
    let group = this.groups.get(size)
    if (group === undefined) {
      group = new Group(size)
      this.groups.set(size, group)
    }
    group.add(this.count++)
    return group
  }

  add(message: Uint8Array): void {
    const { bytes, at } = this.next(message.length)
    bytes.set(message, at)
  }

  /** Their hashes, one after the other. */
  hashes(hasher: Hasher): Uint8Array {
    // By words: byte by byte it takes as long as hashing half of them.
    const words = new Uint32Array(HASH_WORDS * this.count)
    for (const group of this.groups.values()) {
      const found = group.hashes(hasher)
      if (this.groups.size === 1) return found
      const from = wordsOf(found)
      group.numbers.forEach((number, i) => {
        copyHash(from, HASH_WORDS * i, words, HASH_WORDS * number)
      })
    }
    return bytesOf(words)
  }
}
