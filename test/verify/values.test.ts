/**
 * What programs hand in beside documents: trusted revocations and heads, hashes, digests. Types can be got round; whoever does must
 * be told, and must not get a wrong answer or spoil a later one.
 */
import { describe, expect, it } from 'vitest'
import { type Anchor, anchoredUnder, judgeAnchor } from '../../src/verify/anchor.ts'
import {
  CairnError,
  ChainVerifier,
  commandsHash,
  decodeHead,
  decodeProof,
  EMPTY,
  EMPTY_ROOT,
  encodeGenesis,
  encodeProof,
  Frontier,
  isDelegatedByColdKey,
  LightClient,
  MemoryStateTree,
  nobleEngine,
  type Revocation,
  toHex,
  verifyConsistency,
  verifyEvidence,
  verifyInclusion,
  verifyProof,
  verifyState,
} from '../../src/verify/index.ts'
import { ChainMaker } from '../support/maker.ts'
import { MemoryRange } from '../support/memory-range.ts'
import { Random, seed } from '../support/seed.ts'

const { hasher } = nobleEngine
const random = new Random()
console.log(`seed ${seed}`)
const maker = new ChainMaker(random).grow(4)
const proof = encodeProof(maker.proof([maker.commandClaim(2n)]))
const { chainId } = maker

describe('what is trusted is decoded like all else', () => {
  const revocation = maker.revoke(0n, maker.madeAt(0))

  const judgeWithIndex = (index: unknown) =>
    verifyProof(proof, { chainId, revocations: [{ ...revocation, index: index as never }] })

  it('an index that is a number, as integers are in some carriers, revokes as one that is a bigint', () => {
    const { verdicts } = judgeWithIndex(0)
    expect(verdicts.find(({ check }) => check === 'revocation')?.verdict).toBe('fail')
  })

  it.each(['0', null])('an index that is %j is refused by name', (index) => {
    expect(() => judgeWithIndex(index)).toThrow(/^\$\.revocations\[0\]\.index: /)
  })

  it.each<[string, object]>([
    ['a head without a hash', { head: { height: 1n } }],
    ['a hash of 31 bytes', { head: { height: 1n, blockHash: new Uint8Array(31) } }],
    ['a list with a hole', { revocations: [undefined] as never as Revocation[] }],
    ['no list', { revocations: {} as never }],
    ['nothing in the place of a list', { revocations: null as never }],
    ['an empty text in the place of a list', { revocations: '' as never }],
    ['nothing in the place of a head', { head: null as never }],
    ['a chain id of 31 bytes', { chainId: new Uint8Array(31) }],
  ])('%s is refused with the typed error', (_, trust) => {
    expect(() => verifyProof(proof, { chainId, ...trust })).toThrow(CairnError)
  })

  const { header: block } = maker.head
  const place = { chainId: 1n, contract: new Uint8Array(20).fill(4), transaction: new Uint8Array(32).fill(5) }
  const head = { chainId, height: block.height, blockHash: maker.head.hash, timestamp: block.timestamp }
  const root = anchoredUnder(head, [], hasher)
  const anchor: Anchor = { format: 'cairn.anchor/v1', evm: place, root, head, path: [] }

  it.each<[string, (trust: object) => unknown]>([
    ['a proof', (trust) => verifyProof(proof, { chainId, ...trust })],
    ['a chain', (trust) => new ChainVerifier({ chainId, genesis: maker.identity.genesis, ...trust })],
    [
      'a light client',
      (trust) => LightClient.pin({ chainId, genesis: encodeGenesis(maker.identity.genesis), ...trust }),
    ],
    ['an anchor', (trust) => judgeAnchor(anchor, { chainId, ...trust })],
  ])('%s is not judged without what is misspelt', (_, judge) => {
    expect(judge({})).toBeDefined()
    expect(() => judge({ revocation: [] })).toThrow(/^The option revocation is refused: there is chainId, /)
  })

  it.each([null, ''])('a chain of which %j is said to be its revocations is not judged either', (revocations) => {
    const trust = { chainId, genesis: maker.identity.genesis, revocations: revocations as never }
    expect(() => new ChainVerifier(trust)).toThrow(CairnError)
  })
})

describe('documents that are neither text nor bytes', () => {
  it.each([null, undefined, 7, [], {}, new Uint16Array(4)])('%j', (given) => {
    expect(verifyProof(given as never, { chainId }).verdicts.map(({ check }) => check)).toEqual(['format'])
    expect(verifyEvidence(given as never, { chainId }).ok).toBe(false)
    expect(() => decodeHead(given as never)).toThrow(CairnError)
  })
})

it('writes nothing that a reader refuses: a proof over 16 MiB is refused when it is made', () => {
  const big = new ChainMaker(random)
  big.block(Array.from({ length: 9 }, () => ({ payload: new Uint8Array(1 << 20), salt: random.bytes(32) })))
  const claims = Array.from({ length: 9 }, (_, seq) => big.commandClaim(BigInt(seq)))
  expect(() => encodeProof(big.proof(claims))).toThrow(/over its bound/)
  const text = encodeProof(big.proof(claims.slice(0, 7)))
  expect(encodeProof(decodeProof(text))).toBe(text)
})

describe('ranges of hashes that are none', () => {
  const range = new MemoryRange(hasher)
  const entries = Array.from({ length: 4 }, () => random.bytes(32))
  for (const entry of entries) range.append(entry)
  const [first = EMPTY, second = EMPTY] = entries
  const whole = range.sizedRoot
  const half = { size: 2n, root: range.rootAt(2n) }

  it('an index below 0 is in no range', () => {
    expect(verifyInclusion(0n, first, whole, range.path(0n), hasher)).toBe(true)
    expect(verifyInclusion(-4n, first, whole, range.path(0n), hasher)).toBe(false)
    expect(verifyConsistency({ size: -1n, root: EMPTY_ROOT }, whole, [], hasher)).toBe(false)
  })

  it.each([0, 31, 33, 40])('a sibling of %d bytes proves nothing, also right after the true one', (length) => {
    expect(verifyInclusion(0n, first, half, range.path(0n, 2n), hasher)).toBe(true)
    expect(verifyInclusion(0n, first, half, [new Uint8Array(length)], hasher)).toBe(false)
    const resized = new Uint8Array(length)
    resized.set(second.subarray(0, length))
    expect(verifyInclusion(1n, resized, half, range.path(1n, 2n), hasher)).toBe(false)
    expect(verifyConsistency(half, whole, [new Uint8Array(length)], hasher)).toBe(false)
    expect(() => Frontier.empty.append([new Uint8Array(length), first], hasher)).toThrow(CairnError)
    expect(Frontier.from(1n, [new Uint8Array(length)])).toBe(undefined)
  })

  it('an entry cut by a byte that is zero is another entry', () => {
    const entry = random.bytes(32).fill(0, 31)
    const { root } = { root: Frontier.empty.append([entry], hasher).root(hasher) }
    expect(verifyInclusion(0n, entry, { size: 1n, root }, [], hasher)).toBe(true)
    expect(verifyInclusion(0n, entry.subarray(0, 31), { size: 1n, root }, [], hasher)).toBe(false)
  })

  it('siblings and leaves of a state proof have 32 bytes', () => {
    const tree = new MemoryStateTree(hasher)
    const keys = Array.from({ length: 8 }, () => random.bytes(9))
    tree.update(keys.map((key) => [key, key]))
    const [key = EMPTY] = keys
    const good = tree.prove(key)
    expect(verifyState(tree.root, key, good, hasher)).toBe(true)
    for (const length of [0, 31, 33]) {
      const siblings = [new Uint8Array(length), ...good.siblings.slice(1)]
      expect(verifyState(tree.root, key, { ...good, siblings }, hasher)).toBe(false)
      const other = { key: random.bytes(length), value: random.bytes(32) }
      expect(verifyState(tree.root, key, { value: null, siblings: good.siblings, other }, hasher)).toBe(false)
    }
  })
})

describe('what was answered cannot be changed from outside', () => {
  it('roots, empty ones too, are the caller’s own', () => {
    const [emptyRoot, empty] = [toHex(EMPTY_ROOT), toHex(EMPTY)]
    const entry = random.bytes(32)
    const one = Frontier.empty.append([entry], hasher)
    const root = toHex(one.root(hasher))
    for (const answered of [Frontier.empty.root(hasher), new MemoryStateTree(hasher).root, one.root(hasher)])
      answered.fill(7)
    expect([toHex(EMPTY_ROOT), toHex(EMPTY), toHex(one.root(hasher))]).toEqual([emptyRoot, empty, root])
  })

  it('a tree keeps its values when the caller uses the buffer again', () => {
    const tree = new MemoryStateTree(hasher)
    const value = random.bytes(5)
    const kept = value.slice()
    tree.update([[Uint8Array.of(1), value]])
    value.fill(0)
    expect(tree.prove(Uint8Array.of(1)).value).toEqual(kept)
  })

  it('a signature that is no array of bytes does not answer for one that is', () => {
    const { delegation } = maker.delegate({ index: 7n })
    const asList = { ...delegation, signature: [...delegation.signature] as never }
    expect(isDelegatedByColdKey(maker.identity, asList, nobleEngine)).toBe(false)
    expect(isDelegatedByColdKey(maker.identity, delegation, nobleEngine)).toBe(true)
    const garbage = { ...delegation, signature: delegation.signature.slice().fill(1, 0, 20) }
    expect(isDelegatedByColdKey(maker.identity, garbage, nobleEngine)).toBe(false)
  })
})

it('hashes a block of more commands than a call may have arguments', () => {
  expect(
    commandsHash(
      Array.from({ length: 200_000 }, () => EMPTY),
      hasher,
    ).length,
  ).toBe(32)
})
