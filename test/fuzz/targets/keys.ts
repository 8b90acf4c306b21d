/** What lies beside the keys, what wallets write, and what a signer in a process of its own says and is told. */
import { Readable } from 'node:stream'
import { loadEngine } from '../../../src/hash/index.ts'
import { importSignature } from '../../../src/keys/cold-signature.ts'
import { makeDevKeys, readDevKeys, writeDevKeys } from '../../../src/keys/dev-keys.ts'
import { Guard, type GuardMark } from '../../../src/keys/guard.ts'
import { linesOf } from '../../../src/keys/json-lines.ts'
import { KeysDirectory } from '../../../src/keys/keys-directory.ts'
import { decryptKeystore, encryptKeystore } from '../../../src/keys/keystore.ts'
import { readKeystore } from '../../../src/keys/keystore-file.ts'
import { passphraseOf } from '../../../src/keys/passphrase.ts'
import { SignerMarks } from '../../../src/keys/signer-mark.ts'
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  type SignerAnswer,
  type SignerRequest,
} from '../../../src/keys/signer-protocol.ts'
import { type ColdRequest, readTypedData, typedDataOf } from '../../../src/keys/typed-data.ts'
import { toHex, utf8 } from '../../../src/verify/bytes.ts'
import { json } from '../../../src/verify/codec.ts'
import * as codecs from '../../../src/verify/codecs.ts'
import { nobleEngine } from '../../../src/verify/index.ts'
import { MemoryDisk } from '../../journal/memory-disk.ts'
import { ETHERS, PBKDF2, SCRYPT } from '../../keys/keystores.ts'
import { simRng } from '../../simulation/sim-rng.ts'
import { busy } from '../../support/busy-chain.ts'
import { chainKeys, revoke } from '../../support/chain-keys.ts'
import { demandSameJson, type Example, of, type Target, target } from '../target.ts'
import { FORM } from './documents.ts'

const engine = await loadEngine()
// The same in every run: a seed says all.
const rng = simRng(3)
const { identity, coldKey, hotKey, delegation, genesis } = chainKeys()
const DIRECTORY = 'keys'
const isPrivate = (): Promise<void> => Promise.resolve()

/** A disk on which one file of the keys is this. */
function diskWith(name: string, input: Uint8Array): MemoryDisk {
  return new MemoryDisk([[`${DIRECTORY}/${name}`, input]])
}

function keysWith(name: string, input: Uint8Array): KeysDirectory {
  return new KeysDirectory(DIRECTORY, identity, { engine, disk: diskWith(name, input), privacy: isPrivate })
}

const document = (value: unknown): Example => [of('json', typeof value === 'string' ? value : JSON.stringify(value))]

const PASSPHRASE = utf8('correct horse')
/** As little work as there can be: that its work is bounded is for test/keys. */
const CHEAP = { n: 2, r: 1, p: 1 }
const CHEAP_WORK = 64
const ours = await encryptKeystore(hotKey, PASSPHRASE, { rng, engine: nobleEngine, scrypt: CHEAP })

const revocation = revoke(identity, coldKey, 0n, { height: 5n, parent: new Uint8Array(32).fill(4) })
const requests: readonly ColdRequest[] = [
  { k: 'delegation', delegate: delegation.delegate, index: 1n, validFrom: 5n, validUntil: 9n },
  { k: 'revocation', index: 1n, fromHeight: 5n, parentHash: new Uint8Array(32).fill(3) },
]

const guardAt = (head: GuardMark | null): Example =>
  document({
    format: 'cairn.guard/v1',
    chainId: toHex(identity.chainId),
    head: head && { height: String(head.height), hash: toHex(head.hash) },
  })

const devKeys = makeDevKeys({ name: 'fuzz', machine: 'kv@1', createdAt: 5n }, rng, engine)
const devDisk = new MemoryDisk()
await writeDevKeys(devDisk, DIRECTORY, devKeys)

const { header, seal } = busy.head
const asked: readonly Omit<SignerRequest, 'format'>[] = [
  { id: 0n, ask: 'delegations' },
  { id: 1n, ask: 'seal', chainId: identity.chainId, genesis, header } as Omit<SignerRequest, 'format'>,
]
const answers: readonly Omit<SignerAnswer, 'format'>[] = [
  { id: 0n, delegations: [delegation] },
  { id: 1n, seal },
  { id: 2n, error: { code: 'seal_refused', message: 'It was signed already.' } },
]

/** Lines as they come out of a pipe, each decoded; what they hold goes back to the same. */
async function decodedLines<T>(
  input: Uint8Array,
  decode: (line: Uint8Array) => T,
): Promise<readonly [Uint8Array, T][]> {
  const decoded: [Uint8Array, T][] = []
  const half = input.length >> 1
  const pieces = Readable.from([input.subarray(0, half), input.subarray(half)], { objectMode: false })
  for await (const line of linesOf(pieces)) decoded.push([line, decode(line)])
  return decoded
}

const lines = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts.flatMap((part) => [part, utf8('\n')]))

export const keyFiles: readonly Target[] = [
  target({
    name: 'keystore',
    codes: ['keystore_invalid', 'passphrase_wrong'],
    examples: [ours, ETHERS.text, PBKDF2.text, SCRYPT.text].map(document),
    async decode(input) {
      const read = readKeystore(input)
      const { derivation } = read
      const isCheap =
        'n' in derivation ? derivation.n * derivation.r * derivation.p < CHEAP_WORK : derivation.c < CHEAP_WORK
      if (isCheap) await decryptKeystore(input, PASSPHRASE, engine)
      return read
    },
  }),
  target({
    name: 'typed-data',
    codes: ['typed_data_invalid'],
    examples: requests.map((request) => document(typedDataOf(identity, request))),
    decode: (input) => readTypedData(identity, input),
    check: (request, input) => demandSameJson(input, JSON.stringify(typedDataOf(identity, request))),
  }),
  target({
    name: 'cold-signature',
    codes: ['signature_invalid', 'wrong_signer'],
    examples: [
      [of('text', toHex(delegation.signature))],
      [of('text', ` ${toHex(revocation.signature).toUpperCase()}\n`)],
    ],
    decode: (input) =>
      importSignature(identity, { k: 'delegation', ...delegation }, Buffer.from(input).toString(), engine),
  }),
  target({
    name: 'delegation',
    codes: ['keys_invalid', ...FORM],
    examples: [document(codecs.delegation.encode(delegation, json))],
    decode: (input) => keysWith('delegation-0.json', input).delegation(0n),
    check: (decoded, input) =>
      demandSameJson(input, JSON.stringify(decoded && codecs.delegation.encode(decoded, json))),
  }),
  target({
    name: 'revocation-files',
    codes: ['keys_invalid', ...FORM],
    examples: [document([codecs.revocation.encode(revocation, json)]), document('[]')],
    decode: (input) => keysWith('revocations.json', input).revocations(),
    check: (decoded, input) => demandSameJson(input, JSON.stringify(codecs.revocations.encode(decoded, json))),
  }),
  target({
    name: 'guard',
    codes: ['guard_invalid'],
    examples: [guardAt(null), guardAt({ height: 5n, hash: new Uint8Array(32).fill(2) })],
    decode: (input) => new Guard(diskWith('guard', input), `${DIRECTORY}/guard`, identity.chainId).read(),
    check(decoded, input) {
      const [{ bytes }] = guardAt(decoded?.head ?? null) as [Example[number]]
      demandSameJson(input, Buffer.from(bytes).toString())
    },
  }),
  target({
    name: 'signer-mark',
    codes: ['signer_mark_invalid', 'seal_refused', ...FORM],
    examples: [
      document({
        format: 'cairn.signer-mark/v1',
        chainId: toHex(identity.chainId),
        height: '5',
        hash: toHex(new Uint8Array(32).fill(2)),
      }),
    ],
    decode: (input) =>
      new SignerMarks(diskWith(`signed-${toHex(identity.chainId).slice(2)}.json`, input), DIRECTORY).allow(
        identity.chainId,
        5n,
        new Uint8Array(32).fill(2),
      ),
  }),
  target({
    name: 'dev-keys',
    codes: ['keys_invalid', ...FORM],
    examples: [[of('json', devDisk.bytesOf(`${DIRECTORY}/dev-keys.json`))]],
    decode: (input) => readDevKeys(diskWith('dev-keys.json', input), DIRECTORY),
    async check(decoded, input) {
      const disk = new MemoryDisk()
      if (decoded !== undefined) await writeDevKeys(disk, DIRECTORY, withoutFormat(decoded))
      demandSameJson(input, Buffer.from(disk.bytesOf(`${DIRECTORY}/dev-keys.json`)).toString())
    },
  }),
  target<readonly [Uint8Array, SignerRequest][]>({
    name: 'signer-request',
    codes: FORM,
    examples: asked.map((each) => document(encodeRequest(each as Parameters<typeof encodeRequest>[0]))),
    assemble: lines,
    decode: (input) => decodedLines(input, decodeRequest),
    check(decoded) {
      for (const [line, request] of decoded) demandSameJson(line, JSON.stringify(encodeRequest(request)))
    },
  }),
  target<readonly [Uint8Array, SignerAnswer][]>({
    name: 'signer-answer',
    codes: FORM,
    examples: [answers.map((each) => of('json', JSON.stringify(encodeAnswer(each))))],
    assemble: lines,
    decode: (input) => decodedLines(input, decodeAnswer),
    check(decoded) {
      for (const [line, answer] of decoded) demandSameJson(line, JSON.stringify(encodeAnswer(answer)))
    },
  }),
  target({
    name: 'passphrase',
    codes: ['passphrase_invalid'],
    examples: [[of('text', 'correct horse\n')], [of('text', 'größe ✓\r\n')]],
    decode: (input) => passphraseOf(input, 'the input'),
  }),
]

function withoutFormat<T extends object>(file: T): Omit<T, 'format' | 'warning'> {
  const { format: _, warning: __, ...keys } = file as T & { readonly format?: unknown; readonly warning?: unknown }
  return keys
}
