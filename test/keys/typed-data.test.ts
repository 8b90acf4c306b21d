/**
 * What the cold key is asked to sign and what comes back from a wallet. The oracle is viem: its hash of our JSON is the digest that verifiers
 * check, and what its accounts sign is accepted as it comes.
 */
import * as fc from 'fast-check'
import { type Hex, hashTypedData, parseSignature, serializeCompactSignature, signatureToCompactSignature } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { importDelegation, importRevocation, importSignature } from '../../src/keys/cold-signature.ts'
import { rotationOf } from '../../src/keys/rotation.ts'
import { type ColdRequest, readTypedData, type TypedData, typedDataOf } from '../../src/keys/typed-data.ts'
import { fromHex, toHex, ZERO32 } from '../../src/verify/bytes.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { type Identity, identify } from '../../src/verify/identity.ts'
import {
  delegationDigest,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  nobleEngine,
  revocationDigest,
} from '../../src/verify/index.ts'
import type { Delegation, Genesis, Revocation } from '../../src/verify/types.ts'
import * as arbitrary from '../support/arbitraries.ts'
import { asRead } from '../support/as-read.ts'
import { Random, seed } from '../support/seed.ts'
import { refused } from './refused.ts'

const { hasher } = nobleEngine
const random = new Random()
const cold = privateKeyToAccount(toHex(random.bytes(32)) as Hex)
const START = 1_763_600_000_000n

function identityOf(name = 'exchange', coldKey: string = cold.address): Identity {
  const address = fromHex(coldKey.toLowerCase()) as Uint8Array
  return identify({ name, coldKey: address, machine: 'kv@1', createdAt: START, nonce: random.bytes(32) }, hasher)
}

const identity = identityOf()
const delegation = { delegate: random.bytes(20), index: 7n, validFrom: START, validUntil: START + 1000n }
const revocation = { index: 6n, fromHeight: 12n, parentHash: random.bytes(32) }
const requests: readonly ColdRequest[] = [
  { k: 'delegation', ...delegation },
  { k: 'revocation', ...revocation },
]

type WalletData = Parameters<typeof cold.signTypedData>[0]
/** As it goes through a file to a wallet and back: JSON, and nothing of ours. */
const asWalletSees = (typedData: TypedData): WalletData => JSON.parse(JSON.stringify(typedData)) as WalletData
const signed = (request: ColdRequest, by = cold): Promise<Hex> =>
  by.signTypedData(asWalletSees(typedDataOf(identity, request)))

describe(`typed data (CAIRN_SEED=${seed})`, () => {
  it('is what FORMAT says, word for word', () => {
    expect(typedDataOf(identity, requests[0] as ColdRequest)).toEqual({
      types: {
        EIP712Domain: [
          { name: 'name', type: 'string' },
          { name: 'version', type: 'string' },
          { name: 'salt', type: 'bytes32' },
        ],
        CairnDelegation: [
          { name: 'chain', type: 'string' },
          { name: 'delegate', type: 'address' },
          { name: 'index', type: 'uint64' },
          { name: 'validFrom', type: 'uint64' },
          { name: 'validUntil', type: 'uint64' },
        ],
      },
      domain: { name: 'Cairn', version: '1', salt: toHex(identity.chainId) },
      primaryType: 'CairnDelegation',
      message: {
        chain: 'exchange',
        delegate: toHex(delegation.delegate),
        index: '7',
        validFrom: `${START}`,
        validUntil: `${START + 1000n}`,
      },
    })
    expect(typedDataOf(identity, requests[1] as ColdRequest)).toMatchObject({
      types: {
        CairnRevocation: [
          { name: 'chain', type: 'string' },
          { name: 'index', type: 'uint64' },
          { name: 'fromHeight', type: 'uint64' },
          { name: 'parentHash', type: 'bytes32' },
        ],
      },
      primaryType: 'CairnRevocation',
      message: { chain: 'exchange', index: '6', fromHeight: '12', parentHash: toHex(revocation.parentHash) },
    })
  })

  it('hashes in viem to what verifiers check, and is read back as it was asked', () => {
    fc.assert(
      fc.property(arbitrary.genesis, arbitrary.delegation, arbitrary.revocation, (genesis, delegated, revoked) => {
        const identity = identify(asRead<Genesis>(codecs.genesis, genesis), hasher)
        const { signature: _, ...delegation } = asRead<Delegation>(codecs.delegation, delegated)
        const { signature: __, ...revocation } = asRead<Revocation>(codecs.revocation, revoked)
        const ordered = delegation.validFrom <= delegation.validUntil
        const ask = (request: ColdRequest, digest: Uint8Array): void => {
          const typedData = typedDataOf(identity, request)
          expect(hashTypedData(asWalletSees(typedData))).toBe(toHex(digest))
          expect(readTypedData(identity, JSON.stringify(typedData))).toEqual(request)
        }
        if (ordered) ask({ k: 'delegation', ...delegation }, delegationDigest(identity, delegation, hasher))
        if (revocation.fromHeight === 0n) return
        ask({ k: 'revocation', ...revocation }, revocationDigest(identity, revocation, hasher))
      }),
      { seed, numRuns: 300 },
    )
  })

  it('that asks for something else is refused', async () => {
    const text = JSON.stringify(typedDataOf(identity, requests[0] as ColdRequest))
    for (const [from, to] of [
      ['"uint64"', '"uint256"'],
      ['"Cairn"', '"Cairm"'],
      ['"version":"1"', '"version":"2"'],
      [toHex(identity.chainId), toHex(random.bytes(32))],
      ['"chain":"exchange"', '"chain":"exchangf"'],
      ['"index":"7"', '"index":"07"'],
      ['"index":"7"', '"index":7'],
      [`"validUntil":"${START + 1000n}"`, '"validUntil":"0"'],
      [toHex(delegation.delegate), `0x${'00'.repeat(20)}`],
      ['"primaryType":"CairnDelegation"', '"primaryType":"CairnRevocation"'],
      ['"primaryType"', '"more":"1","primaryType"'],
      [/\{"name":"version".*?\},/, ''],
    ] as const) {
      const other = text.replace(from, to)
      expect(other).not.toBe(text)
      expect((await refused(() => readTypedData(identity, other))).code).toBe('typed_data_invalid')
    }
  })

  it.each<[string, ColdRequest]>([
    ['to nobody', { k: 'delegation', ...delegation, delegate: new Uint8Array(20) }],
    ['that ends before it begins', { k: 'delegation', ...delegation, validUntil: START - 1n }],
    ['with a number beyond 64 bits', { k: 'delegation', ...delegation, index: 1n << 64n }],
    ['of the first block that names a parent', { k: 'revocation', ...revocation, fromHeight: 0n }],
    ['of a later block that names none', { k: 'revocation', ...revocation, parentHash: ZERO32 }],
    ['with a hash that is short', { k: 'revocation', ...revocation, parentHash: new Uint8Array(31) }],
  ])('%s is not asked for', async (_, request) => {
    expect((await refused(() => typedDataOf(identity, request))).code).toBe('typed_data_invalid')
    const sign = () => importSignature(identity, request, `0x${'11'.repeat(65)}`, nobleEngine)
    expect((await refused(sign)).code).toBe('typed_data_invalid')
  })
})

describe('a signature', () => {
  it('of a viem account is accepted as it comes', async () => {
    for (let i = 0; i < 20; i++) {
      const account = privateKeyToAccount(generatePrivateKey())
      const identity = identityOf('büro 🪨', account.address)
      for (const request of requests) {
        const signature = await account.signTypedData(asWalletSees(typedDataOf(identity, request)))
        const authority = importSignature(identity, request, signature, nobleEngine)
        const { k, ...members } = authority
        expect(authority).toEqual({ ...request, signature: fromHex(signature) })
        const holds =
          k === 'delegation'
            ? isDelegatedByColdKey(identity, members as Delegation, nobleEngine)
            : isRevokedByColdKey(identity, members as Revocation, nobleEngine)
        expect(holds).toBe(true)
      }
    }
  })

  it('with v 0 or 1, in upper case, with a newline, is the same', async () => {
    const signature = await signed({ k: 'delegation', ...delegation })
    const wanted = importDelegation(identity, delegation, signature, nobleEngine)
    const v = signature.slice(-2) === '1b' ? '00' : '01'
    for (const same of [`${signature.slice(0, -2)}${v}`, ` ${signature}\n`, signature.toUpperCase()]) {
      expect(importDelegation(identity, delegation, same, nobleEngine)).toEqual(wanted)
    }
  })

  it('is not one: the message says why', async () => {
    const signature = await signed({ k: 'revocation', ...revocation })
    const { r, s, yParity } = parseSignature(signature)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const high = `${r}${(order - BigInt(s)).toString(16).padStart(64, '0')}${yParity === 0 ? '1c' : '1b'}`
    const compact = serializeCompactSignature(signatureToCompactSignature({ r, s, yParity }))
    for (const [other, why] of [
      [high, /upper half/],
      [compact, /64 bytes, the compact form/],
      [signature.slice(0, -2), /64 bytes/],
      [`${signature}00`, /66 bytes/],
      [signature.slice(2), /not 0x and hex/],
      [`${signature.slice(0, -2)}25`, /v, is 37/],
      [`0x${'00'.repeat(64)}1b`, /not a signature of anybody/],
      ['', /not 0x and hex/],
      [`0x${'ab'.repeat(1 << 20)}`, /not 0x and hex/],
    ] as const) {
      const error = await refused(() => importRevocation(identity, revocation, other, nobleEngine))
      expect([error.code, error.message]).toEqual(['signature_invalid', expect.stringMatching(why)])
    }
  })

  it('of another account, or over something else, is wrong_signer and says whose', async () => {
    const other = privateKeyToAccount(generatePrivateKey())
    const request = { k: 'delegation', ...delegation } as const
    const error = await refused(async () =>
      importSignature(identity, request, await signed(request, other), nobleEngine),
    )
    expect(error).toMatchObject({
      code: 'wrong_signer',
      details: { signer: other.address.toLowerCase(), coldKey: cold.address.toLowerCase() },
    })
    const signature = await signed(request)
    for (const changed of [
      { ...delegation, index: 8n },
      { ...delegation, validFrom: START - 1n },
      { ...delegation, delegate: random.bytes(20) },
    ]) {
      const error = await refused(() => importDelegation(identity, changed, signature, nobleEngine))
      expect(['wrong_signer', 'signature_invalid']).toContain(error.code)
    }
    const elsewhere = await refused(() => importDelegation(identityOf(), delegation, signature, nobleEngine))
    expect(['wrong_signer', 'signature_invalid']).toContain(elsewhere.code)
  })
})

describe('a rotation', () => {
  const head = { height: 41n, hash: random.bytes(32) }
  const ask = { next: delegation, retired: 6n, head, oldestUnsealed: START + 500n }

  it('is both documents, and what comes back is both authorities', async () => {
    const { delegation: asked, revocation: taken } = rotationOf(identity, ask)
    expect(asked.request).toEqual({ k: 'delegation', ...delegation })
    expect(taken.request).toEqual({ k: 'revocation', index: 6n, fromHeight: 42n, parentHash: head.hash })
    for (const { request, typedData } of [asked, taken]) {
      const signature = await cold.signTypedData(asWalletSees(typedData))
      expect(importSignature(identity, request, signature, nobleEngine)).toMatchObject(request)
    }
  })

  it('of a chain without a block revokes from the first on', () => {
    const { revocation } = rotationOf(identity, { next: delegation, retired: 6n, oldestUnsealed: START })
    expect(revocation.request).toEqual({ k: 'revocation', index: 6n, fromHeight: 0n, parentHash: ZERO32 })
  })

  it.each([
    ['the index that is retired', { ...ask, retired: 7n }, 'index'],
    ['that begins after a block that it may have to seal', { ...ask, oldestUnsealed: START - 1n }, 'window'],
    ['that is over before it', { ...ask, oldestUnsealed: START + 1001n }, 'window'],
  ])('with %s is refused', async (_, wrong, what) => {
    expect(await refused(() => rotationOf(identity, wrong))).toMatchObject({
      code: 'rotation_invalid',
      details: { what },
    })
  })
})
