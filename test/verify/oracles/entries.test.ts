/**
 * The oracle is viem's `encodeAbiParameters`, which encodes as Solidity's `abi.encode` does, and its keccak-256: every hash of FORMAT
 * §3 and §5 that is not typed data is put together with them here from the words of the format.
 */
import * as fc from 'fast-check'
import { concat, encodeAbiParameters, type Hex, keccak256, stringToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { tag } from '../../../src/verify/abi.ts'
import { batchRoot, commandsHash } from '../../../src/verify/block.ts'
import { fromHex, toHex } from '../../../src/verify/bytes.ts'
import * as codecs from '../../../src/verify/codecs.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { commandLeaf, identityHash, intentLeaf, obligationLeaf } from '../../../src/verify/entries.ts'
import { ownWrites } from '../../../src/verify/own-writes.ts'
import { recoverAddress } from '../../../src/verify/signature.ts'
import * as arbitrary from '../../support/arbitraries.ts'
import { asRead } from '../../support/as-read.ts'
import { seed } from '../../support/seed.ts'

const { hasher } = nobleEngine

type Word = Hex | bigint | number
/** A JSON document with text and hex in it. */
// biome-ignore lint/suspicious/noExplicitAny: its shape is the arbitrary's, and all of it is hashed
type Document = any

/** `abi(…)`: hashes as bytes32, numbers as uint64, and the status as uint8. */
function abi(...words: readonly Word[]): Hex {
  const types = words.map((word) => ({
    type: typeof word === 'bigint' ? 'uint64' : typeof word === 'number' ? 'uint8' : 'bytes32',
  }))
  return encodeAbiParameters(types, words)
}

const TAG = (name: string): Hex => keccak256(stringToHex(`cairn/v1/${name}`))
const H = (text: string): Hex => keccak256(stringToHex(text))

function wantedIdentity({ seq, client, request, type, payload, salt, payloadHash, receivedAt }: Document): Hex {
  const content: Hex = payloadHash ?? keccak256(concat([salt, payload]))
  return keccak256(abi(TAG('command'), BigInt(seq), H(client), BigInt(request), H(type), content, BigInt(receivedAt)))
}

describe('hashes are those of Solidity', () => {
  it('the tags', () => {
    for (const name of ['batch-root', 'command', 'outcome', 'obligation', 'intent'])
      expect(toHex(tag(name))).toBe(TAG(name))
  })

  it('a command and its outcome', () => {
    fc.assert(
      fc.property(arbitrary.command, (document: Document) => {
        const command = asRead(codecs.command, document)
        const identity = wantedIdentity(document)
        expect(toHex(identityHash(command, hasher))).toBe(identity)
        const { status, reply, obligationSize, intentSize } = document
        const leaf = abi(TAG('outcome'), identity, status, keccak256(reply), BigInt(obligationSize), BigInt(intentSize))
        expect(toHex(commandLeaf(identityHash(command, hasher), command, hasher))).toBe(keccak256(leaf))
      }),
      { seed, numRuns: 500 },
    )
  })

  it('an event and an intent', () => {
    fc.assert(
      fc.property(arbitrary.u64, arbitrary.obligation, arbitrary.intent, (index, event: Document, intent: Document) => {
        const at = BigInt(index)
        const obligation = abi(TAG('obligation'), at, BigInt(event.seq), H(event.topic), keccak256(event.data))
        expect(toHex(obligationLeaf(at, asRead(codecs.obligation, event), hasher))).toBe(keccak256(obligation))
        const leaf = abi(TAG('intent'), at, BigInt(intent.seq), H(intent.kind), keccak256(intent.data))
        expect(toHex(intentLeaf(at, asRead(codecs.intent, intent), hasher))).toBe(keccak256(leaf))
      }),
      { seed, numRuns: 500 },
    )
  })

  it('the commands and the roots of a block', () => {
    fc.assert(
      fc.property(fc.array(arbitrary.bytes32, { maxLength: 20 }), arbitrary.roots, (hashes, document: Document) => {
        const identities = hashes.map((hash) => fromHex(hash) as Uint8Array)
        expect(toHex(commandsHash(identities, hasher))).toBe(keccak256(concat(hashes as Hex[])))
        const { state, risk, commands, obligations, intents, history } = document
        const ranges = [commands, obligations, intents].flatMap(({ size, root }): Word[] => [BigInt(size), root])
        const root = keccak256(abi(TAG('batch-root'), state, risk, ...ranges, history))
        expect(toHex(batchRoot(asRead(codecs.roots, document), hasher))).toBe(root)
      }),
      { seed, numRuns: 300 },
    )
  })

  it('what a chain writes of its newest block and of its clients', () => {
    fc.assert(
      fc.property(arbitrary.bytes32, arbitrary.u64, arbitrary.command, (hash, nextSeq, document: Document) => {
        const command = asRead(codecs.command, document)
        const made = { commandsHash: fromHex(hash) as Uint8Array, nextSeq: BigInt(nextSeq), commands: [command] }
        const client: Hex = concat(['0x00', stringToHex(`client/${document.client}`)])
        const ofChain = [concat(['0x00', stringToHex('chain')]), abi(hash as Hex, BigInt(nextSeq))]
        const ofClient = [client, abi(BigInt(document.request), BigInt(document.seq))]
        const wanted = document.client === '' ? [ofChain] : [ofChain, ofClient]
        expect(ownWrites(made).map((write) => write.map((each) => each && toHex(each)))).toEqual(wanted)
      }),
      { seed, numRuns: 200 },
    )
  })
})

it('the zero address signed nothing, even if a key hashed to it', () => {
  const secp256k1 = { ...nobleEngine.secp256k1, recover: () => new Uint8Array(64) }
  const digest = new Uint8Array(32)
  const found = recoverAddress(digest, digest, {
    hasher: { ...hasher, hash: () => Uint8Array.of(...digest.subarray(1), 1) },
    secp256k1,
  })
  expect(found?.[19]).toBe(1)
  expect(
    recoverAddress(digest, digest, { hasher: { ...hasher, hash: () => new Uint8Array(32).fill(1, 0, 12) }, secp256k1 }),
  ).toBeUndefined()
})
