/**
 * `kv@1`: keys with values, and streams that only grow.
 *
 *   put {key, value}              → {"replaced": whether it was there}
 *   delete {key}                  → {"deleted": whether it was there}
 *   cas {key, expected, value}    → {"swapped": true}, or rejected with `cas_mismatch`; `expected: null` means absent
 *   append {stream, entry}        → {"index": "0"}; emits `append` {"stream", "index"}
 *
 * Layout of `state`; `risk` stays empty:
 *   <key>                                     → <value>
 *   stream/count/<stream>                     → how many entries, in decimal digits
 *   stream/entry/<stream>/<index in 16 hex digits> → the entry; indexes are 0 to count − 1
 * So `stream/` begins no key of put, delete and cas. An index has always 16 digits: two streams never share a key.
 */
import { KEY_MAX, PAYLOAD_MAX } from '../verify/bounds.ts'
import { concat, equal, utf8 } from '../verify/bytes.ts'
import { type Codec, nullable, refine } from '../verify/codec.ts'
import type { Machine, Tx } from './contract.ts'
import { defineMachine } from './define.ts'
import { payload, readInteger, shown, textOrHex, withoutOwnKeys } from './payload.ts'
import { toJson } from './reply.ts'

const STREAMS = utf8('stream/')
const COUNT = utf8('stream/count/')
const ENTRY = utf8('stream/entry/')
const INDEX_DIGITS = 16

// Made once: nearly every command of a store of keys is answered so.
const REPLACED = toJson({ replaced: true })
const NEW = toJson({ replaced: false })

const key: Codec<Uint8Array> = refine(textOrHex(1, KEY_MAX), (key) =>
  equal(key.subarray(0, STREAMS.length), STREAMS)
    ? 'keys that begin with stream/ are those of streams'
    : withoutOwnKeys(key),
)
const value = textOrHex(0, PAYLOAD_MAX)
const stream = textOrHex(1, KEY_MAX - ENTRY.length - INDEX_DIGITS - 1)

interface Put {
  readonly key: Uint8Array
  readonly value: Uint8Array
}
interface Cas extends Put {
  readonly expected: Uint8Array | null
}
interface Append {
  readonly stream: Uint8Array
  readonly entry: Uint8Array
}

/** Keys and values: `put`, `delete`, `cas` and `append`, each with a payload of JSON. */
export const kv: Machine = defineMachine({
  id: 'kv',
  version: 1,
  commands: {
    put: {
      validate: payload<Put>({ key, value }),
      execute({ payload: { key, value } }, tx) {
        const replaced = tx.has('state', key)
        tx.put('state', key, value)
        return replaced ? REPLACED : NEW
      },
    },
    delete: {
      validate: payload<Pick<Put, 'key'>>({ key }),
      execute({ payload: { key } }, tx) {
        const deleted = tx.has('state', key)
        if (deleted) tx.delete('state', key)
        return toJson({ deleted })
      },
    },
    cas: {
      validate: payload<Cas>({ key, expected: nullable(value), value }),
      execute({ payload: { key, expected, value } }, tx) {
        if (!isExpected(tx.get('state', key), expected)) tx.reject('cas_mismatch', 'the key has another value')
        tx.put('state', key, value)
        return toJson({ swapped: true })
      },
    },
    append: {
      validate: payload<Append>({ stream, entry: value }),
      execute({ payload: { stream, entry } }, tx) {
        const count = countOf(stream, tx)
        tx.put('state', entryKey(stream, count), entry)
        tx.put('state', concat(COUNT, stream), utf8(String(count + 1n)))
        tx.emit('append', toJson({ stream: shown(stream), index: String(count) }))
        return toJson({ index: String(count) })
      },
    },
  },
})

function isExpected(found: Uint8Array | undefined, expected: Uint8Array | null): boolean {
  return found === undefined || expected === null ? found === undefined && expected === null : equal(found, expected)
}

function countOf(stream: Uint8Array, tx: Tx): bigint {
  const count = tx.get('state', concat(COUNT, stream))
  return count === undefined ? 0n : readInteger(count)
}

function entryKey(stream: Uint8Array, index: bigint): Uint8Array {
  return concat(ENTRY, stream, utf8(`/${index.toString(16).padStart(INDEX_DIGITS, '0')}`))
}
