/** A block and its commands as lines for people, or as JSON for programs. */
import { fromUtf8 } from '../verify/bytes.ts'
import { json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { blockHash, type Identity, nobleEngine, type RecordedCommand, toHex } from '../verify/index.ts'
import { escaped, quoted } from '../verify/meaning.ts'
import { chainRecord } from '../verify/records.ts'
import type { SealedBlock } from './seals-awaited.ts'
import { cut, type Style } from './terminal.ts'
import { timeOf } from './times.ts'

export function asJsonLine({ record, seal }: SealedBlock, identity: Identity): string {
  const { k: _, v: __, ...members } = chainRecord.encode(record, json) as Readonly<Record<string, unknown>>
  const hash = toHex(blockHash(identity, record.header, nobleEngine.hasher))
  return `${JSON.stringify({ hash, ...members, seal: seal === undefined ? null : codecs.seal.encode(seal, json) })}\n`
}

export function asLines({ record, seal }: SealedBlock, identity: Identity, style: Style, width: number): string {
  const { header, commands, authority } = record
  const hash = toHex(blockHash(identity, header, nobleEngine.hasher))
  const count = `${commands.length} ${commands.length === 1 ? 'command' : 'commands'}`
  const by = seal === undefined ? 'no seal of its own' : `sealed under index ${seal.delegation.index}`
  const title = `block ${header.height}  ${timeOf(header.timestamp)}  ${count}  ${hash.slice(0, 18)}…  ${by}`
  const seen = authority.map(({ k, index }) => `  first seen: the ${k} of index ${index}`)
  const lines = [...seen, ...commands.map((command) => `  ${asLine(command, width)}`)]
  return `${[style.strong(cut(title, width)), ...lines.map((line) => cut(line, width))].join('\n')}\n`
}

function asLine({ seq, client, request, type, status, payload }: RecordedCommand, width: number): string {
  const who = client === '' ? '-' : `${named(client)}/${request}`
  const what = payload === undefined ? '(payload erased)' : shown(payload, width)
  return `seq ${seq}  ${who}  ${named(type)}  ${status === 0 ? 'accepted' : 'rejected'}  ${what}`
}

/** As it is where it is plain; else in quotes, so that it cannot pass for what stands beside it. */
function named(text: string): string {
  return /^[\w.@:/-]+$/.test(text) ? text : quoted(text)
}

/** The beginning of it, as much as can have room: a character takes 4 bytes at most. */
function shown(payload: Uint8Array, width: number): string {
  const text = fromUtf8(payload)
  return text === undefined ? toHex(payload.subarray(0, width)) : escaped(text.slice(0, 2 * width))
}
