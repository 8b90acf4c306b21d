/** The blocks of a chain as its readers get them: from any height, with their seals, while more are made, and across the end of the chain. */
import { setImmediate as idle } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { Chain, FeedBlock, FeedHeader } from '../../src/index.ts'
import { Journal } from '../../src/journal/journal.ts'
import { RECENT_BLOCKS_MAX } from '../../src/limits.ts'
import { ChainVerifier, MemoryStateTree, nobleEngine } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { seed } from '../support/seed.ts'
import { blocksOf, codeOf, createIn, errorOf, openIn, put } from '../support/sim-chain.ts'

const keys = chainKeys()

async function collect(blocks: AsyncIterable<FeedBlock>): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { record, seal } of blocks)
    found.push(`${record.header.height}${seal === undefined ? '' : ' sealed'}`)
  return found
}

const headersOf = (chain: Chain, from: bigint): AsyncGenerator<FeedHeader> => chain.headers({ from, live: true })

/** The first so many. */
async function taken<B>(blocks: AsyncIterable<B>, count: number): Promise<readonly B[]> {
  const found: B[] = []
  for await (const block of blocks) if (found.push(block) === count) break
  return found
}

const sealed = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i} sealed`)

async function made(count: number): Promise<{ world: World; chain: Chain }> {
  const world = new World()
  const chain = await createIn(world, keys)
  await blocksOf(chain, count)
  return { world, chain }
}

describe(`the feed (CAIRN_SEED=${seed})`, () => {
  it('gives the blocks from any height, each with its seal, now, after a restart and after a kill', async () => {
    const { world, chain } = await made(6)
    for (const from of [0, 1, 3, 5])
      expect(await collect(chain.blocks({ from: BigInt(from) }))).toEqual(sealed(from, 6))
    expect(await collect(chain.blocks({ from: 6n }))).toEqual([])
    await chain.close()
    let life = world.restart()
    const second = await openIn(life, keys)
    expect(await collect(second.blocks())).toEqual(sealed(0, 6))
    await blocksOf(second, 2, 6)
    life = life.restart()
    const third = await openIn(life, keys)
    expect(await collect(third.blocks({ from: 4n }))).toEqual(sealed(4, 8))
    await third.close()
  })

  it('gives nothing of a chain without a block', async () => {
    const chain = await createIn(new World(), keys)
    expect(await collect(chain.blocks())).toEqual([])
    await chain.close()
  })

  it('goes on live with every block once, in order, and ends with the chain', async () => {
    const { chain } = await made(2)
    const live = collect(chain.blocks({ live: true }))
    const late = collect(chain.blocks({ from: 4n, live: true }))
    for (let i = 2; i < 30; i += 3) {
      await Promise.all(
        [0, 1, 2].map((j) => chain.submit(put('k', `${i + j}`, { client: 'b', request: BigInt(i + j) }))),
      )
      if (i % 2 === 0) await chain.flush()
    }
    const head = Number(chain.head?.height) + 1
    await chain.flush()
    for (let turn = 0; turn < 50; turn++) await idle()
    await chain.close()
    expect(await live).toEqual(sealed(0, head))
    expect(await late).toEqual(sealed(4, head))
  })

  it('ends when whoever reads gives up, at once: while it waits for a block, and between two', async () => {
    const { chain } = await made(3)
    for (const [view, height] of [
      [chain.blocks.bind(chain), 3],
      [chain.headers.bind(chain), 4],
    ] as const) {
      const stop = new AbortController()
      const reading = view({ from: 2n, live: true, signal: stop.signal })
      expect((await reading.next()).done).toBe(false)
      for (let i = 3; i < height; i++) await reading.next()
      const waiting = reading.next()
      await idle()
      stop.abort()
      expect(await waiting).toEqual({ done: true, value: undefined })
      const between = view({ live: true, signal: AbortSignal.abort() })
      expect((await between.next()).done).toBe(true)
      // The chain goes on, and others read it.
      await blocksOf(chain, 1, height)
      expect(await collect(chain.blocks())).toHaveLength(height + 1)
    }
    // While it looks whether there are more: it does not begin to wait then.
    for (let turns = 0; turns < 12; turns++) {
      const stop = new AbortController()
      const reading = chain.headers({ from: 4n, live: true, signal: stop.signal })
      await reading.next()
      const waiting = reading.next()
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      stop.abort()
      expect(await waiting).toEqual({ done: true, value: undefined })
    }
    const signal = {} as AbortSignal
    expect((await errorOf(chain.blocks({ signal }).next())).code).toBe('invalid_option')
    await chain.close()
  })

  it('gives every seal, however slowly it is read while blocks are made', async () => {
    const { chain } = await made(3)
    const found: string[] = []
    let next = 3
    for await (const { record, seal } of chain.blocks({ live: true })) {
      found.push(`${record.header.height}${seal === undefined ? '' : ' sealed'}`)
      if (next < 20) await blocksOf(chain, 2, next)
      next += 2
      if (record.header.height === 18n) break
    }
    expect(found).toEqual(sealed(0, 19))
    await chain.close()
  })

  it('shows of each block the same, whole or without what it holds, out of the log or out of memory', async () => {
    const { chain } = await made(4)
    const [live, liveHeaders] = [taken(chain.blocks({ live: true }), 8), taken(chain.headers({ live: true }), 8)]
    await blocksOf(chain, 4, 4)
    const remembered = await liveHeaders
    expect(await live).toEqual(await taken(chain.blocks(), 8))
    await chain.flush()
    const logged = await taken(chain.headers(), 8)
    expect(remembered).toEqual(logged)
    expect(logged.map(({ header, roots }) => ({ header, roots }))).toEqual(
      (await live).map(({ record: { header, roots } }) => ({ header, roots })),
    )
    expect(logged.at(-1)?.hash).toEqual(chain.head?.hash)
    await chain.close()
  })

  it('gives a block that was just made out of memory, and reads nothing again', async () => {
    const { chain } = await made(1)
    const reads = vi.spyOn(Journal.prototype, 'read')
    const [blocks, headers] = [taken(chain.blocks({ from: 1n, live: true }), 20), taken(headersOf(chain, 1n), 20)]
    const following = headersOf(chain, 1n)
    const begun = following.next()
    await idle()
    await blocksOf(chain, 20, 1)
    // Also to who reads it a little later.
    const later = await taken(headersOf(chain, 5n), 10)
    expect([later.length, reads.mock.calls.length]).toEqual([10, 0])
    expect([(await blocks).length, (await headers).length, reads.mock.calls.length]).toEqual([20, 20, 0])
    reads.mockRestore()
    await begun
    await following.return(undefined)
    await chain.close()
  })

  it('keeps no more in memory than its bound: who is further behind reads the log, and misses nothing', async () => {
    const { chain } = await made(1)
    const count = RECENT_BLOCKS_MAX + 40
    const slow = chain.headers({ from: 0n, live: true })
    const heights = [(await slow.next()).value?.header.height]
    const reads = vi.spyOn(Journal.prototype, 'read')
    await blocksOf(chain, count, 1)
    for (let i = 0; i < count; i++) heights.push((await slow.next()).value?.header.height)
    expect(heights).toEqual(Array.from({ length: count + 1 }, (_, i) => BigInt(i)))
    expect(reads).toHaveBeenCalledOnce()
    reads.mockRestore()
    await slow.return(undefined)
    await chain.close()
  })

  it('is the reader’s own: what it changes of it, nobody else sees', async () => {
    const { chain } = await made(1)
    const following = headersOf(chain, 1n)
    const begun = following.next()
    const [first, second] = [taken(chain.blocks({ from: 1n, live: true }), 1), taken(headersOf(chain, 1n), 1)]
    await idle()
    await blocksOf(chain, 1, 1)
    const [[block], [header]] = [await first, await second]
    const [before] = structuredClone(await taken(chain.headers({ from: 1n }), 1))
    for (const bytes of [block?.record.commands[0]?.payload, block?.record.roots.state, block?.seal?.signature])
      bytes?.fill(0)
    for (const bytes of [header?.hash, header?.roots.state, header?.header.parentHash, header?.seal?.signature])
      bytes?.fill(0)
    expect(await taken(chain.headers({ from: 1n }), 1)).toEqual([before])
    await blocksOf(chain, 1, 2)
    expect((await taken(chain.blocks({ from: 1n }), 1))[0]?.record.commands[0]?.payload).not.toEqual(
      block?.record.commands[0]?.payload,
    )
    await begun
    await following.return(undefined)
    await chain.close()
  })

  it('of a block that is asked for by its height is the asker’s own', async () => {
    const { chain } = await made(3)
    await chain.flush()
    for (const height of [0n, 2n]) {
      const asked = async (): Promise<FeedBlock> => chain.block(height)
      const before = structuredClone(await asked())
      const { record } = await asked()
      for (const bytes of [record.header.parentHash, record.roots.state, record.commands[0]?.payload]) bytes?.fill(0)
      expect(await asked()).toEqual(before)
    }
    await blocksOf(chain, 1, 3)
    expect((await chain.block(3n)).record.header.parentHash).toEqual(
      (await taken(chain.headers({ from: 2n }), 1))[0]?.hash,
    )
    await chain.close()
  })

  it('a reader that is behind when the chain is closed is told chain_closed', async () => {
    const { chain } = await made(8)
    const blocks = chain.blocks()
    await blocks.next()
    await chain.close()
    const rest = collect(blocks)
    const end = await rest.then((all) => all.length, codeOf)
    expect([7, 'chain_closed']).toContain(end)
    expect((await errorOf(collect(chain.blocks()))).code).toBe('chain_closed')
  })

  it('a live reader is told when the chain fails', async () => {
    const { world, chain } = await made(1)
    const live = collect(chain.blocks({ live: true }))
    live.catch(() => undefined)
    world.failNext('datasync', Object.assign(new Error('EIO'), { code: 'EIO' }), /wal/)
    await errorOf(chain.submit(put('k', 'v')))
    expect((await errorOf(live)).code).toBe('chain_failed')
    await chain.close()
  })

  it('gives a chain that verifies as a whole', async () => {
    const { chain } = await made(10)
    const { hasher } = nobleEngine
    const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
    const verifier = new ChainVerifier(
      { chainId: chain.id, genesis: chain.genesis, trees, revocations: [] },
      nobleEngine,
    )
    for await (const { record, seal } of chain.blocks()) {
      await verifier.take(record)
      if (seal !== undefined) await verifier.take({ k: 'seal', v: 1, height: record.header.height, seal })
    }
    expect(verifier.finish()).toMatchObject({ ok: true, blocks: 10n })
    await chain.close()
  })
})
