/**
 * The oracle is viem: its own EIP-712 (`hashDomain`, `hashStruct`, `hashTypedData`), its own recovery, and its accounts as the
 * wallets that sign. What a wallet would show and sign is what FORMAT §2 to §4 say that we hash, for every value that has a form.
 */
import * as fc from 'fast-check'
import { type Address, type Hex, hashDomain, hashStruct, hashTypedData, recoverAddress as viemRecovers } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { blockHash } from '../../../src/verify/block.ts'
import { fromHex, toHex } from '../../../src/verify/bytes.ts'
import * as codecs from '../../../src/verify/codecs.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { type Identity, identify } from '../../../src/verify/identity.ts'
import {
  delegationDigest,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  isSealedByDelegate,
  isValidSeal,
  revocationDigest,
} from '../../../src/verify/seal.ts'
import { recoverAddress } from '../../../src/verify/signature.ts'
import type { Delegation, Genesis, Header, Revocation } from '../../../src/verify/types.ts'
import * as arbitrary from '../../support/arbitraries.ts'
import { asRead } from '../../support/as-read.ts'
import { Random, seed } from '../../support/seed.ts'

const { hasher } = nobleEngine

type TypeName = 'Genesis' | 'Block' | 'CairnDelegation' | 'CairnRevocation'

/** Word for word from FORMAT §2 to §4. */
const types: Readonly<Record<string, readonly { name: string; type: string }[]>> = {
  Genesis: [
    { name: 'name', type: 'string' },
    { name: 'coldKey', type: 'address' },
    { name: 'machine', type: 'string' },
    { name: 'createdAt', type: 'uint64' },
    { name: 'nonce', type: 'bytes32' },
  ],
  EIP712Domain: [
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'salt', type: 'bytes32' },
  ],
  Block: [
    { name: 'height', type: 'uint64' },
    { name: 'epoch', type: 'uint64' },
    { name: 'parentHash', type: 'bytes32' },
    { name: 'commandsHash', type: 'bytes32' },
    { name: 'batchRoot', type: 'bytes32' },
    { name: 'commandCount', type: 'uint64' },
    { name: 'firstSeq', type: 'uint64' },
    { name: 'timestamp', type: 'uint64' },
  ],
  CairnDelegation: [
    { name: 'chain', type: 'string' },
    { name: 'delegate', type: 'address' },
    { name: 'index', type: 'uint64' },
    { name: 'validFrom', type: 'uint64' },
    { name: 'validUntil', type: 'uint64' },
  ],
  CairnRevocation: [
    { name: 'chain', type: 'string' },
    { name: 'index', type: 'uint64' },
    { name: 'fromHeight', type: 'uint64' },
    { name: 'parentHash', type: 'bytes32' },
  ],
}

/** A document's members as a wallet takes them: numbers as such. */
function asMessage(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isNumber = (value: unknown): value is string => typeof value === 'string' && /^[0-9]+$/.test(value)
  const texts = ['name', 'chain', 'machine']
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [
      name,
      isNumber(value) && !texts.includes(name) ? BigInt(value) : value,
    ]),
  )
}

function typedData(chainId: Hex, primaryType: TypeName, message: Record<string, unknown>) {
  return { domain: { name: 'Cairn', version: '1', salt: chainId }, types, primaryType, message } as const
}

/** viem's word for it, with `chain` where the type has it. */
function wantedDigest(identity: Identity, primaryType: TypeName, document: Readonly<Record<string, unknown>>): Hex {
  const message = asMessage({ chain: identity.genesis.name, ...document })
  return hashTypedData(typedData(toHex(identity.chainId) as Hex, primaryType, message))
}

const genesisAndChain = arbitrary.genesis.map((document) => ({
  document,
  identity: identify(asRead<Genesis>(codecs.genesis, document), hasher),
}))

describe('typed hashes are those of viem', () => {
  it('the chain id and its domain', () => {
    fc.assert(
      fc.property(genesisAndChain, ({ document, identity }) => {
        const chainId = hashStruct({ data: asMessage(document), primaryType: 'Genesis', types })
        expect(toHex(identity.chainId)).toBe(chainId)
        const { domain } = typedData(chainId, 'Block', {})
        expect(toHex(identity.domainSeparator)).toBe(hashDomain({ domain, types }))
      }),
      { seed, numRuns: 500 },
    )
  })

  it('a block, a delegation and a revocation', () => {
    fc.assert(
      fc.property(
        genesisAndChain,
        arbitrary.header,
        arbitrary.delegation,
        arbitrary.revocation,
        ({ identity }, block, delegation, revocation) => {
          const header = asRead<Header>(codecs.header, block)
          expect(toHex(blockHash(identity, header, hasher))).toBe(wantedDigest(identity, 'Block', block))
          const delegated = asRead<Delegation>(codecs.delegation, delegation)
          const digest = delegationDigest(identity, delegated, hasher)
          expect(toHex(digest)).toBe(wantedDigest(identity, 'CairnDelegation', delegation))
          const revoked = asRead<Revocation>(codecs.revocation, revocation)
          const revocationHash = revocationDigest(identity, revoked, hasher)
          expect(toHex(revocationHash)).toBe(wantedDigest(identity, 'CairnRevocation', revocation))
        },
      ),
      { seed, numRuns: 500 },
    )
  })

  it('with every number at its largest and names beyond ASCII', () => {
    const max = `${(1n << 64n) - 1n}`
    const document = { name: '鎖🪨é\u0000"\\', coldKey: `0x${'ff'.repeat(20)}`, machine: 'kv@1', createdAt: max }
    const whole = { ...document, nonce: `0x${'ff'.repeat(32)}` }
    const identity = identify(asRead<Genesis>(codecs.genesis, whole), hasher)
    expect(toHex(identity.chainId)).toBe(hashStruct({ data: asMessage(whole), primaryType: 'Genesis', types }))
    const delegation = {
      delegate: whole.coldKey,
      index: max,
      validFrom: max,
      validUntil: max,
      signature: `0x${'00'.repeat(65)}`,
    }
    const digest = delegationDigest(identity, asRead<Delegation>(codecs.delegation, delegation), hasher)
    expect(toHex(digest)).toBe(wantedDigest(identity, 'CairnDelegation', delegation))
  })
})

describe(`what a viem account signs is accepted (CAIRN_SEED=${seed})`, () => {
  const random = new Random()
  const account = (): PrivateKeyAccount => privateKeyToAccount(toHex(random.bytes(32)) as Hex)

  function chainOf(cold: PrivateKeyAccount, document: Readonly<Record<string, unknown>>): Identity {
    const owned = { ...document, coldKey: cold.address.toLowerCase() }
    return identify(asRead<Genesis>(codecs.genesis, owned), hasher)
  }

  async function signed(
    by: PrivateKeyAccount,
    identity: Identity,
    primaryType: TypeName,
    document: Readonly<Record<string, unknown>>,
  ): Promise<Hex> {
    const { signature: _, ...unsigned } = document
    const message = asMessage({ chain: identity.genesis.name, ...unsigned })
    return by.signTypedData(typedData(toHex(identity.chainId) as Hex, primaryType, message))
  }

  it('a delegation and the seal that rests on it, and not from another wallet', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.genesis, arbitrary.header, arbitrary.delegation, async (document, block, blank) => {
        const [cold, hot, stranger] = [account(), account(), account()]
        const identity = chainOf(cold, document)
        const unsigned = { ...blank, delegate: hot.address.toLowerCase(), validFrom: '0', validUntil: block.timestamp }
        const delegationBy = async (who: PrivateKeyAccount): Promise<Delegation> => {
          const signature = await signed(who, identity, 'CairnDelegation', unsigned)
          return asRead<Delegation>(codecs.delegation, { ...unsigned, signature })
        }
        const delegation = await delegationBy(cold)
        expect(isDelegatedByColdKey(identity, delegation, nobleEngine)).toBe(true)
        expect(isDelegatedByColdKey(identity, await delegationBy(stranger), nobleEngine)).toBe(false)

        const header = asRead<Header>(codecs.header, block)
        const hash = blockHash(identity, header, hasher)
        const sealBy = async (who: PrivateKeyAccount) => ({
          delegation,
          signature: fromHex(await who.sign({ hash: toHex(hash) as Hex })) as Uint8Array,
        })
        const seal = await sealBy(hot)
        expect(isSealedByDelegate(hash, seal, nobleEngine)).toBe(true)
        expect(isValidSeal(identity, { blockHash: hash, timestamp: header.timestamp }, seal, nobleEngine)).toBe(true)
        expect(isSealedByDelegate(hash, await sealBy(stranger), nobleEngine)).toBe(false)
      }),
      { seed, numRuns: 60 },
    )
  })

  it('a revocation, and not from another wallet', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.genesis, arbitrary.revocation, async (document, revocation) => {
        const [cold, stranger] = [account(), account()]
        const identity = chainOf(cold, document)
        for (const by of [cold, stranger]) {
          const signature = await signed(by, identity, 'CairnRevocation', revocation)
          const decoded = asRead<Revocation>(codecs.revocation, { ...revocation, signature })
          expect(isRevokedByColdKey(identity, decoded, nobleEngine)).toBe(by === cold)
        }
      }),
      { seed, numRuns: 60 },
    )
  })

  it('and who signed what we sign, viem recovers as we do', async () => {
    for (let i = 0; i < 60; i++) {
      const digest = random.bytes(32)
      const signature = nobleEngine.secp256k1.sign(digest, random.bytes(32))
      const viemSays: Address = await viemRecovers({ hash: toHex(digest) as Hex, signature: toHex(signature) as Hex })
      expect(toHex(recoverAddress(digest, signature, nobleEngine) as Uint8Array)).toBe(viemSays.toLowerCase())
    }
  })
})
