/** Blocks that fit together and are sealed, and that every verifier refuses all the same: a start makes no state of them, and goes on from none. */
import { describe, expect, it } from 'vitest'
import { type Chain, hotSigner, kv } from '../../src/index.ts'
import { Journal } from '../../src/journal/journal.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine, payloadHash, type RecordedCommand, verifyChain } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { ChainMaker, type Order } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'
import { trustIn } from '../support/whole-chain.ts'

/** A chain of three blocks in a journal, the second of them with this command. */
async function withCommand(order: Order) {
  const maker = new ChainMaker(new Random(3))
  for (const each of [{}, order, {}]) maker.block([each])
  const world = new World()
  const { privateKey: hotKey, delegation } = maker.hot
  const { genesis, chainId } = maker.identity
  const signer = hotSigner([{ privateKey: hotKey, delegation }], nobleEngine)
  const keys = { genesis, hotKey, delegation, coldKey: hotKey, identity: maker.identity, signer }
  await (await sim.createIn(world, keys)).close()
  const place = { disk: world.disk, directory: sim.JOURNAL, chainId }
  const journal = await Journal.open({ ...place, rng: systemRng(), fileBytes: 1 << 16 })
  await journal.takeover()
  for (const { record, seal, header } of maker.blocks) {
    const sealed = encodeRecord({ k: 'seal', v: 1, height: header.height, seal })
    await journal.append(header.height, [encodeRecord(record), sealed])
  }
  await journal.close()
  return { maker, world, keys }
}

it.each<[string, Order]>([
  ['a command wrote a key that is the chain’s own', { writes: [['risk', Uint8Array.of(0, 1), utf8('1')]] }],
  [
    'a command put a machine in force that has no such name',
    { type: 'cairn/machine', payload: utf8('no machine'), status: 0 },
  ],
])('%s: journal_corrupt', async (reason, order) => {
  const { maker, world, keys } = await withCommand(order)
  const { fault } = await verifyChain(maker.records(), trustIn(maker))
  expect(fault).toMatchObject({ check: 'state', reason })
  const error = await sim.errorOf(() => sim.openIn(world, keys))
  expect(error).toMatchObject({ code: 'journal_corrupt', details: { height: 1n } })
  expect(error.message).toContain(reason)
})

describe('a command that put a machine in force, of which the payload was erased', () => {
  const keys = chainKeys('kv@1')
  const machine = [kv, { ...kv, name: 'kv@2' }]

  /** A start that makes the store anew. */
  async function started(named: string): Promise<Chain> {
    const world = new World()
    const made = await sim.createIn(world, keys, { machine })
    await made.operate({ type: 'cairn/machine', payload: utf8(named) })
    await made.close()
    await sim.changeFrames(world, `${sim.JOURNAL}/0000000000000000.wal`, (frames) =>
      frames.map((records) =>
        records.map((each) => (each.k === 'block' ? { ...each, commands: each.commands.map(erased) } : each)),
      ),
    )
    const next = world.restart()
    return sim.openIn(next, keys, { machine, ports: { home: next.store('none') } })
  }

  it('and another one than before: nobody knows which: snapshot_needed, and no word of other roots', async () => {
    expect(await sim.errorOf(started('kv@2'))).toMatchObject({ code: 'snapshot_needed', details: { height: 0n } })
  })

  it('and the same as before: the roots say so', async () => {
    const chain = await started('kv@1')
    expect(chain.machine).toBe('kv@1')
    await chain.close()
  })
})

function erased({ payload, salt, ...command }: RecordedCommand): RecordedCommand {
  if (payload === undefined || salt === undefined) return command
  return { ...command, payloadHash: payloadHash(salt, payload, nobleEngine.hasher) }
}
