/** Anchors: the tree is the one that OpenZeppelin's MerkleProof verifies, a receipt is decoded to the letter, and each check fails for its own reason. */
import { describe, expect, it } from 'vitest'
import { cairnAnchorsAbi, cairnAnchorsBytecode } from '../../contracts-abi/index.ts'
import { anchorTree } from '../../src/evm/anchor-tree.ts'
import { hex, pathValue } from '../../src/evm/values.ts'
import {
  type Anchor,
  type AnchoredHead,
  anchorLeaf,
  decodeAnchor,
  encodeAnchor,
  judgeAnchor,
  saysAnchor,
} from '../../src/verify/anchor.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import { InProcess } from '../support/evm/in-process.ts'
import { testContracts } from '../support/evm/solidity.ts'
import { ChainMaker } from '../support/maker.ts'
import { refusalOf } from '../support/refusal.ts'
import { Random, seed } from '../support/seed.ts'

const { hasher } = nobleEngine
const random = new Random()

function heads(count: number): AnchoredHead[] {
  return Array.from({ length: count }, () => ({
    chainId: random.bytes(32),
    height: BigInt(random.below(2 ** 31)) << 20n,
    blockHash: random.bytes(32),
    timestamp: (1n << 64n) - 1n - BigInt(random.below(9)),
  }))
}

function anchorOf(given: readonly AnchoredHead[], i = 0): Anchor {
  const { root, anchored } = anchorTree(given, hasher)
  const { head, path } = anchored[i] as (typeof anchored)[number]
  const evm = { chainId: 1n, contract: new Uint8Array(20).fill(7), transaction: random.bytes(32) }
  return { format: 'cairn.anchor/v1', evm, root, head, path }
}

const verdictsOf = (anchor: Anchor, trust: Parameters<typeof judgeAnchor>[1]): Record<string, string> =>
  Object.fromEntries(judgeAnchor(anchor, trust).map(({ check, verdict }) => [check, verdict]))

describe(`the tree (CAIRN_SEED=${seed})`, () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 1000])(
    'of %d heads verifies in the contract, in OpenZeppelin’s and here, and for no other head',
    async (count) => {
      const evm = await InProcess.start()
      const stock = await evm.deploy(testContracts('Peers.sol')('StockProof'))
      const anchors = await evm.deploy({ abi: cairnAnchorsAbi, bytecode: cairnAnchorsBytecode })
      const given = heads(count)
      const { root, anchored } = anchorTree(given, hasher)
      expect((await anchors.call('anchor', hex(root), 'https://example.org')).error).toBe(undefined)
      for (const i of new Set([0, count - 1, random.below(count)])) {
        const { head, path } = anchored[i] as (typeof anchored)[number]
        expect(head).toEqual(given[i])
        const args = [hex(head.chainId), head.height, hex(head.blockHash), head.timestamp, pathValue(path), hex(root)]
        expect((await anchors.call('timeOf', ...args)).result).toBe(evm.now)
        expect((await anchors.call('timeOf', ...args.with(1, head.height + 1n))).result).toBe(0n)
        expect((await anchors.call('timeOf', ...args.with(5, hex(random.bytes(32))))).result).toBe(0n)
        const leaf = hex(anchorLeaf(head, hasher))
        expect((await stock.call('verify', pathValue(path), hex(root), leaf)).result).toBe(true)
        expect((await stock.call('verify', pathValue([...path, root]), hex(root), leaf)).result).toBe(false)
        expect(verdictsOf(anchorOf(given, i), { chainId: head.chainId }).path).toBe('ok')
      }
    },
  )

  it('is of at least one chain, and has each chain once', () => {
    const [a, b] = heads(2) as [AnchoredHead, AnchoredHead]
    expect(() => anchorTree([], hasher)).toThrow(expect.objectContaining({ code: 'anchor_empty' }))
    expect(() => anchorTree([a, b, { ...b, chainId: a.chainId }], hasher)).toThrow(
      expect.objectContaining({ code: 'anchor_twice' }),
    )
  })
})

it('a root is anchored once and for all; nobody else moves its time, and there is no root of nothing', async () => {
  const evm = await InProcess.start()
  const anchors = await evm.deploy({ abi: cairnAnchorsAbi, bytecode: cairnAnchorsBytecode })
  const root = hex(random.bytes(32))
  await anchors.call('anchor', root, '')
  const first = evm.now
  evm.now += 1000n
  expect((await anchors.call('anchor', root, 'again')).error).toBe(undefined)
  expect((await anchors.call('anchoredAt', root)).result).toBe(first)
  expect((await anchors.call('anchor', `0x${'00'.repeat(32)}`, '')).error).toBe('NoRoot')
})

describe('a receipt', () => {
  const anchor = anchorOf(heads(5), 3)
  const text = encodeAnchor(anchor)

  it('comes back as it was written', () => {
    expect(decodeAnchor(text)).toEqual(anchor)
    expect(encodeAnchor(decodeAnchor(text))).toBe(text)
    expect([saysAnchor(Buffer.from(text)), saysAnchor(Buffer.from('{}')), saysAnchor(Buffer.from('x'))]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('is refused for anything that is not to the letter', () => {
    const document = JSON.parse(text) as Record<string, Record<string, unknown>>
    const bad: readonly object[] = [
      { ...document, more: '0' },
      { ...document, format: 'cairn.anchor/v2' },
      { ...document, root: anchor.root.join() },
      { ...document, path: Array.from({ length: 66 }, () => hex(anchor.root)) },
      { ...document, path: [...anchor.path.map(hex), '0x00'] },
      { ...document, evm: { ...document.evm, chainId: '01' } },
      { ...document, evm: { ...document.evm, contract: `0x${'00'.repeat(20)}` } },
      { ...document, evm: { ...document.evm, transaction: hex(anchor.root).toUpperCase() } },
      { ...document, head: { ...document.head, height: '18446744073709551616' } },
      { ...document, head: { ...document.head, timestamp: 1 } },
      { format: 'cairn.anchor/v1' },
    ]
    for (const each of bad) expect(refusalOf(() => decodeAnchor(JSON.stringify(each)))).toBeDefined()
    expect(refusalOf(() => decodeAnchor(`${text}${' '.repeat(17_000)}`))).toMatchObject({ code: 'over_limit' })
    expect(refusalOf(() => decodeAnchor(text.replace('"root"', '"root":"0x","root"')))).toBeDefined()
  })

  it('every bit of head, root and path counts', () => {
    const { head, path } = anchor
    const ok = { format: 'ok', chain: 'ok', path: 'ok', transaction: 'unchecked' }
    const flipped = (bytes: Uint8Array, at = random.below(bytes.length)) => bytes.with(at, (bytes[at] as number) ^ 4)
    expect(verdictsOf(anchor, { chainId: head.chainId })).toEqual(ok)
    for (const changed of [
      { ...anchor, root: flipped(anchor.root) },
      { ...anchor, path: path.slice(1) },
      { ...anchor, path: [...path, anchor.root] },
      { ...anchor, path: [flipped(path[0] as Uint8Array), ...path.slice(1)] },
      { ...anchor, head: { ...head, height: head.height + 1n } },
      { ...anchor, head: { ...head, timestamp: head.timestamp - 1n } },
      { ...anchor, head: { ...head, blockHash: flipped(head.blockHash) } },
    ]) {
      expect(verdictsOf(changed, { chainId: head.chainId })).toEqual({ ...ok, path: 'fail' })
    }
    expect(verdictsOf(anchor, { chainId: flipped(head.chainId) })).toEqual({ ...ok, chain: 'fail' })
  })

  it('an inner node does not pass for a head', () => {
    const given = heads(4)
    const { root, anchored } = anchorTree(given, hasher)
    // The two hashes of a node are 64 bytes; a head is 128, and hashed twice.
    const [, above] = (anchored[0]?.path ?? []) as [Uint8Array, Uint8Array]
    const forged = {
      ...anchorOf(given),
      head: { ...(given[0] as AnchoredHead), blockHash: above },
      path: [above],
      root,
    }
    expect(verdictsOf(forged, { chainId: forged.head.chainId }).path).toBe('fail')
  })
})

describe('beside a proof', () => {
  const maker = new ChainMaker(random).grow(6)
  const fork = maker.fork(2).grow(3)
  const anchored = (of: ChainMaker, height: number): Anchor => {
    const { header, hash } = of.madeAt(height)
    const head = { chainId: of.chainId, height: header.height, blockHash: hash, timestamp: header.timestamp }
    return anchorOf([...heads(2), head], 2)
  }
  const judged = (anchor: Anchor, height: number, ...names: bigint[]): string | undefined => {
    const at = maker.madeAt(height)
    const proof = maker.proof(
      names.map((name) => maker.blockClaim(name, at)),
      at,
    )
    return verdictsOf(anchor, { chainId: maker.chainId, proof }).head
  }

  it('holds for its block, its parent and what it names, and is unchecked for what it does not speak of', () => {
    expect(judged(anchored(maker, 5), 5)).toBe('ok')
    expect(judged(anchored(maker, 4), 5)).toBe('ok')
    expect(judged(anchored(maker, 3), 5)).toBe('unchecked')
    expect(judged(anchored(maker, 3), 5, 1n, 3n)).toBe('ok')
    expect(judged(anchored(maker, 5), 4)).toBe('unchecked')
  })

  it('fails where the proof has another block at that height, or the block another time', () => {
    expect(judged(anchored(fork, 5), 5)).toBe('fail')
    expect(judged(anchored(fork, 4), 5)).toBe('fail')
    expect(judged(anchored(fork, 3), 5, 3n)).toBe('fail')
    const early = anchored(maker, 5)
    const { root, path, head } = anchorOf([{ ...early.head, timestamp: 5n }])
    expect(judged({ ...early, root, path, head }, 5)).toBe('fail')
  })
})
