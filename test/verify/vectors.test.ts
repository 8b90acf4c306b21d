/** Every worked example of FORMAT §2 to §8: the good ones reproduced, the bad ones refused, each verdict by name. */
import { describe, expect, it } from 'vitest'
import { constantHash, tag } from '../../src/verify/abi.ts'
import { batchRoot, blockHash, commandsHash, incoherence } from '../../src/verify/block.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { type Codec, json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { decodeGenesis, decodeHead, decodeRevocations } from '../../src/verify/documents.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { commandLeaf, identityHash, intentLeaf, obligationLeaf } from '../../src/verify/entries.ts'
import { verifyEvidence } from '../../src/verify/evidence.ts'
import { identify } from '../../src/verify/identity.ts'
import { readJson } from '../../src/verify/json.ts'
import { verifyProof } from '../../src/verify/proof.ts'
import { Frontier, verifyConsistency, verifyInclusion } from '../../src/verify/range.ts'
import {
  delegationDigest,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  isValidSeal,
  revocationDigest,
} from '../../src/verify/seal.ts'
import { EMPTY, verifyState } from '../../src/verify/state-proof.ts'
import { MemoryStateTree, type Write } from '../../src/verify/state-tree.ts'
import { bytesOf as bytes, readVectors, type StateProofExample, stateProofOf } from '../vectors/read.ts'

const { hasher } = nobleEngine

function decode<T>(codec: Codec<T>, value: unknown): T {
  return codec.decode(readJson(JSON.stringify(value)), json)
}

interface Case {
  name: string
  ok: boolean
  proof?: object
  revocations?: object[]
  head?: object
  verdicts?: Record<string, string>
  text?: string
  evidence?: object
}

describe('chain.json', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the examples are data of a foreign shape, and every member is compared
  const chain = readVectors<any>('chain')
  const identity = identify(decodeGenesis(JSON.stringify(chain.genesis)), hasher)

  it('names the chain, its tags and its typed hashes', () => {
    expect(toHex(identity.chainId)).toBe(chain.chainId)
    for (const [name, hash] of Object.entries(chain.tags)) expect(toHex(tag(name))).toBe(hash)
    const delegation = decode(codecs.delegation, chain.delegation)
    const revocation = decode(codecs.revocation, chain.revocation)
    expect(toHex(delegationDigest(identity, delegation, hasher))).toBe(chain.delegationHash)
    expect(toHex(revocationDigest(identity, revocation, hasher))).toBe(chain.revocationHash)
    expect(isDelegatedByColdKey(identity, delegation, nobleEngine)).toBe(true)
    expect(isRevokedByColdKey(identity, revocation, nobleEngine)).toBe(true)
  })

  it('hashes every block, its commands and its roots', () => {
    let commands = Frontier.empty
    let history = Frontier.empty
    for (const each of chain.blocks) {
      const header = decode(codecs.header, each.header)
      const roots = decode(codecs.roots, each.roots)
      const hash = blockHash(identity, header, hasher)
      expect(toHex(hash)).toBe(each.blockHash)
      expect(toHex(batchRoot(roots, hasher))).toBe(each.header.batchRoot)
      expect(incoherence(identity, header, roots, hasher)).toBe(undefined)
      const seal = decode(codecs.seal, each.seal)
      expect(isValidSeal(identity, { blockHash: hash, timestamp: header.timestamp }, seal, nobleEngine)).toBe(true)

      const decoded = each.commands.map((command: unknown) => decode(codecs.command, command))
      const identityHashes = decoded.map((command: never) => identityHash(command, hasher))
      const leaves = decoded.map((command: never, i: number) => commandLeaf(identityHashes[i], command, hasher))
      expect(identityHashes.map(toHex)).toEqual(each.identityHashes)
      expect(leaves.map(toHex)).toEqual(each.commandLeaves)
      expect(toHex(commandsHash(identityHashes, hasher))).toBe(each.header.commandsHash)
      commands = commands.append(leaves, hasher)
      expect(toHex(commands.root(hasher))).toBe(each.roots.commands.root)
      expect(toHex(history.root(hasher))).toBe(each.roots.history)
      history = history.append([hash], hasher)
    }
  })

  it('hashes every event and intent', () => {
    for (const { index, leaf, ...obligation } of chain.obligations) {
      expect(toHex(obligationLeaf(BigInt(index), decode(codecs.obligation, obligation), hasher))).toBe(leaf)
    }
    for (const { index, leaf, ...intent } of chain.intents) {
      expect(toHex(intentLeaf(BigInt(index), decode(codecs.intent, intent), hasher))).toBe(leaf)
    }
  })

  it('holds the state that it says', () => {
    const roots = chain.blocks.at(-1).roots
    for (const tree of ['state', 'risk']) {
      const writes: Write[] = chain[tree].map((pair: { key: string; value: string }) => [
        bytes(pair.key),
        bytes(pair.value),
      ])
      expect(toHex(new MemoryStateTree(hasher).update(writes))).toBe(roots[tree])
    }
  })
})

describe('ranges.json', () => {
  const ranges = readVectors<{
    entries: string[]
    roots: string[]
    inclusion: { index: string; size: string; path: string[] }[]
    consistency: { size1: string; size2: string; path: string[] }[]
  }>('ranges')
  const entries = ranges.entries.map(bytes)
  const rootAt = (size: string) => ({ size: BigInt(size), root: bytes(ranges.roots[Number(size)] as string) })

  it('has these roots, grown one by one and at once', () => {
    let grown = Frontier.empty
    ranges.roots.forEach((root, size) => {
      expect(toHex(grown.root(hasher))).toBe(root)
      expect(toHex(Frontier.empty.append(entries.slice(0, size), hasher).root(hasher))).toBe(root)
      const next = entries[size]
      if (next !== undefined) grown = grown.append([next], hasher)
    })
  })

  it.each(ranges.inclusion)('proves entry $index of $size', ({ index, size, path }) => {
    const entry = entries[Number(index)] as Uint8Array
    expect(verifyInclusion(BigInt(index), entry, rootAt(size), path.map(bytes), hasher)).toBe(true)
  })

  it.each(ranges.consistency)('proves that $size2 extend $size1', ({ size1, size2, path }) => {
    expect(verifyConsistency(rootAt(size1), rootAt(size2), path.map(bytes), hasher)).toBe(true)
  })
})

describe('state.json and state-updates.json', () => {
  interface StateSets {
    empty: string
    sets: {
      pairs: { key: string; value: string }[]
      root: string
      proofs: StateProofExample[]
    }[]
  }
  const { empty, sets } = readVectors<StateSets>('state')

  it('marks an empty subtree as FORMAT does', () => expect(toHex(EMPTY)).toBe(empty))

  it.each(sets.map((set) => [set.pairs.length, set] as const))('a set of %d keys', (_, { pairs, root, proofs }) => {
    const tree = new MemoryStateTree(hasher)
    expect(toHex(tree.update(pairs.map(({ key, value }) => [bytes(key), bytes(value)])))).toBe(root)
    for (const example of proofs) {
      const key = bytes(example.key)
      const proof = stateProofOf(example)
      expect(tree.prove(key)).toEqual(proof)
      expect(verifyState(bytes(root), key, proof, hasher)).toBe(true)
    }
  })

  it('follows every update', () => {
    const tree = new MemoryStateTree(hasher)
    for (const { key, value, root } of readVectors<{ steps: { key: string; value: string | null; root: string }[] }>(
      'state-updates',
    ).steps) {
      expect(toHex(tree.update([[bytes(key), value === null ? null : bytes(value)]]))).toBe(root)
    }
  })
})

describe('proofs.json', () => {
  const { chainId, cases } = readVectors<{ chainId: string; cases: Case[] }>('proofs')

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
    const known = each.revocations && decodeRevocations(JSON.stringify(each.revocations))
    const head = each.head && decodeHead(JSON.stringify(each.head))
    const trust = { chainId, ...(known && { revocations: known }), ...(head && { head }) }
    const { ok, verdicts } = verifyProof(JSON.stringify(each.proof), trust)
    expect(Object.fromEntries(verdicts.map(({ check, verdict }) => [check, verdict]))).toEqual(each.verdicts)
    expect(ok).toBe(each.ok)
  })
})

describe('texts.json', () => {
  const { chainId, cases } = readVectors<{ chainId: string; cases: Case[] }>('texts')

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_, { text = '', ok }) => {
    for (const given of [text, new TextEncoder().encode(text)]) {
      const verification = verifyProof(given, { chainId })
      expect(verification.ok).toBe(ok)
      // What is wrong with these texts is their form: nothing else is looked at.
      const [first, ...more] = verification.verdicts
      expect(first).toMatchObject({ check: 'format', verdict: ok ? 'ok' : 'fail' })
      expect(more.length > 0).toBe(ok)
    }
  })
})

describe('evidence.json', () => {
  const { chainId, cases } = readVectors<{ chainId: string; cases: Case[] }>('evidence')

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
    expect(verifyEvidence(JSON.stringify(each.evidence), { chainId }).ok).toBe(each.ok)
  })
})

it('hashes a constant as keccak-256 does', () => {
  expect(toHex(constantHash(''))).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
})
