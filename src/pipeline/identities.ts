/**
 * The identity hashes of a block's commands (FORMAT §5), all payloads in one call of the hasher where they are of one size, and all identities in
 * one: they are what hashing a block costs most. One by one they are `identityHash` of cairn-log/verify, which stays the word on what they are.
 */
import { Messages } from '../state/messages.ts'
import { writeWord } from '../verify/abi.ts'
import { utf8 } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { COMMAND } from '../verify/entries.ts'
import type { RecordedCommand } from '../verify/records.ts'

const SALT = 32
const TAG: Uint32Array = wordsOf(COMMAND)
/** TAG, seq, client, request, type, payload hash, received at. */
const IDENTITY = 7 * 32
/** Clients and types whose hashes are kept: both come again with nearly every command. */
const NAMES_KEPT = 8192

export class Identities {
  private readonly hasher: Hasher
  private readonly names = new Map<string, Uint32Array>()

  constructor(hasher: Hasher) {
    this.hasher = hasher
  }

  /** The hashes, laid out one after the other. */
  of(commands: readonly RecordedCommand[]): Uint8Array {
    const payloads = wordsOf(payloadHashes(commands, this.hasher))
    const messages = new Uint8Array(IDENTITY * commands.length)
    const words = wordsOf(messages)
    commands.forEach(({ seq, client, request, type, payloadHash, receivedAt }, i) => {
      const at = IDENTITY * i
      const word = at / 4
      copyHash(words, word, TAG, 0)
      writeWord(messages, at + 32, seq)
      copyHash(words, word + 16, this.nameHash(client), 0)
      writeWord(messages, at + 96, request)
      copyHash(words, word + 32, this.nameHash(type), 0)
      if (payloadHash === undefined) copyHash(words, word + 40, payloads, 8 * i)
      else messages.set(payloadHash, at + 160)
      writeWord(messages, at + 192, receivedAt)
    })
    return commands.length === 0 ? messages : this.hasher.hashMany(messages, IDENTITY)
  }

  private nameHash(name: string): Uint32Array {
    const known = this.names.get(name)
    if (known !== undefined) return known
    const hash = wordsOf(this.hasher.hash(utf8(name)))
    if (this.names.size >= NAMES_KEPT) this.names.clear()
    this.names.set(name, hash)
    return hash
  }
}

/** The same bytes, four at a time, where they lie so; else a copy of them. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  return new Uint32Array(buffer, byteOffset, length / 4)
}

/** By a loop: for so few of them a call of `set` costs more than copying them. */
function copyHash(target: Uint32Array, at: number, source: Uint32Array, from: number): void {
  for (let i = 0; i < 8; i++) target[at + i] = source[from + i] as number
}

/** Where the hash stands in the command itself, that of nothing. */
function payloadHashes(commands: readonly RecordedCommand[], hasher: Hasher): Uint8Array {
  const messages = new Messages()
  for (const { salt, payload } of commands) {
    if (salt === undefined || payload === undefined) {
      messages.next(0)
      continue
    }
    const { bytes, at } = messages.next(SALT + payload.length)
    bytes.set(salt, at)
    bytes.set(payload, at + SALT)
  }
  return messages.hashes(hasher)
}
