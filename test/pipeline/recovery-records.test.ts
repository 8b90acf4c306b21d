/** A journal whose records were changed, with heads and CRCs as they have to be: a start makes every block again, and does not believe it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/verify/bytes.ts'
import type { BlockRecord } from '../../src/verify/records.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const FIRST = `${sim.JOURNAL}/0000000000000000.wal`
let world: World
beforeEach(async () => {
  const made = new World()
  const chain = await sim.createIn(made, keys)
  await sim.blocksOf(chain, 6)
  await chain.close()
  world = made.restart()
})

describe(`a start and changed records (CAIRN_SEED=${seed})`, () => {
  it.each([
    ['state', (roots: BlockRecord['roots']) => ({ ...roots, state: roots.risk })],
    ['risk', (roots: BlockRecord['roots']) => ({ ...roots, risk: roots.state })],
    ['commands', (roots: BlockRecord['roots']) => ({ ...roots, commands: { ...roots.commands, root: roots.state } })],
    ['obligations', (roots: BlockRecord['roots']) => ({ ...roots, obligations: { ...roots.obligations, size: 1n } })],
    ['history', (roots: BlockRecord['roots']) => ({ ...roots, history: roots.state })],
  ] as const)('the %s root differs, under good CRCs: root_mismatch, naming both', async (root, change) => {
    await sim.changeFrames(world, FIRST, (frames) =>
      frames.map((records) =>
        records.map((each) =>
          each.k === 'block' && each.header.height === 4n ? { ...each, roots: change(each.roots) } : each,
        ),
      ),
    )
    const { error, details } = await rebuiltError(world)
    expect(error).toBe('root_mismatch')
    expect(details).toMatchObject({ height: 4n, root })
    expect(details.recorded).not.toEqual(details.recomputed)
  })

  it.each([
    ['a value', (block: BlockRecord) => withCommand(block, { writes: [['state', utf8('k4'), utf8('other')]] })],
    ['a reply', (block: BlockRecord) => withCommand(block, { reply: utf8('other') })],
    ['a payload', (block: BlockRecord) => withCommand(block, { payload: utf8('other') })],
    ['a status', (block: BlockRecord) => withCommand(block, { status: 1 })],
    [
      'a time',
      (block: BlockRecord) => ({
        ...block,
        header: { ...block.header, timestamp: block.header.timestamp + 0n, batchRoot: block.roots.state },
      }),
    ],
  ])('%s was changed, under good CRCs: root_mismatch', async (_, change) => {
    await sim.changeFrames(world, FIRST, (frames) =>
      frames.map((records) =>
        records.map((each) => (each.k === 'block' && each.header.height === 4n ? (change(each) as BlockRecord) : each)),
      ),
    )
    expect((await rebuiltError(world)).error).toBe('root_mismatch')
  })

  it('brings a record that is none, under good CRCs: journal_corrupt', async () => {
    await sim.changeFrames(world, FIRST, (frames) =>
      frames.map((records) =>
        records.map((each) => (each.k === 'block' ? (withCommand(each, { status: 7 }) as BlockRecord) : each)),
      ),
    )
    expect((await rebuiltError(world)).error).toBe('journal_corrupt')
  })

  it('repeats a number of a client, under good CRCs: refused', async () => {
    await sim.changeFrames(world, FIRST, (frames) =>
      frames.map((records) =>
        records.map((each) =>
          each.k === 'block' && each.header.height === 4n ? (withCommand(each, { request: 4n }) as BlockRecord) : each,
        ),
      ),
    )
    expect(await rebuiltError(world)).toMatchObject({ error: 'journal_corrupt', details: { height: 4n } })
  })
})

function withCommand(block: BlockRecord, change: object): unknown {
  return { ...block, commands: block.commands.map((command) => ({ ...command, ...change })) }
}

/** The error of a start that has to make the store anew. */
async function rebuiltError(world: World): Promise<{ error: string; details: Readonly<Record<string, unknown>> }> {
  const { code, details } = await sim.errorOf(() => sim.openIn(world, keys, { ports: { home: world.store('none') } }))
  return { error: code, details }
}
