/** The blocks of a chain as its readers get them: from any height, with their seals, while more are made, and across the end of the chain. */
import { setImmediate as idle } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Chain, FeedBlock } from '../../src/index.ts'
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
