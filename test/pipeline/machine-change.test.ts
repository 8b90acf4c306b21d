/** Another version of the machine takes force by a command of the operator: from the next block on, over restarts, and at every replay. */
import { describe, expect, it } from 'vitest'
import { type Chain, defineMachine, type Machine, type Receipt } from '../../src/index.ts'
import { BATCH_COMMANDS_MAX } from '../../src/limits.ts'
import { fromUtf8, utf8 } from '../../src/verify/bytes.ts'
import { verifyProof } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { seed } from '../support/seed.ts'
import { codeOf, createIn, errorOf, openIn, openTold } from '../support/sim-chain.ts'

/** Answers with its version; `only<n>` is a command of version n alone. */
function version(n: number): Machine {
  const command = { validate: (payload: Uint8Array) => payload, execute: () => utf8(`v${n}`) }
  return defineMachine({ id: 'versions', version: n, commands: { ask: command, [`only${n}`]: command } })
}

const keys = chainKeys('versions@1')
const machine = [version(1), version(2), version(3)]
const ask = { type: 'ask', payload: new Uint8Array(0) }
const change = (to: string) => ({ type: 'cairn/machine', payload: utf8(to) })
const replyOf = ({ reply }: Receipt): string => fromUtf8(reply) as string

describe(`a change of the machine (CAIRN_SEED=${seed})`, () => {
  it('takes force in the next block, is read and proved, and stays over restarts and rebuilds', async () => {
    let world = new World()
    let chain = await createIn(world, keys, { machine })
    expect(chain.machine).toBe('versions@1')
    const [before, changed, same] = await Promise.all([
      chain.submit(ask),
      chain.operate(change('versions@2')),
      chain.submit(ask),
    ])
    expect([replyOf(before), changed.status, replyOf(same)]).toEqual([
      'v1',
      0,
      same.block.height === changed.block.height ? 'v1' : 'v2',
    ])
    expect(chain.machine).toBe('versions@2')
    expect(replyOf(await chain.submit(ask))).toBe('v2')
    const key = Uint8Array.of(0, ...utf8('machine'))
    expect(fromUtf8(chain.get('state', key) as Uint8Array)).toBe('versions@2')
    expect(verifyProof(await chain.prove({ state: [key] }), { chainId: chain.id }).ok).toBe(true)
    await chain.close()
    world = world.restart()
    chain = await openIn(world, keys, { machine })
    expect([chain.machine, replyOf(await chain.submit(ask))]).toEqual(['versions@2', 'v2'])
    await chain.close()
    world = world.restart()
    const { chain: anew, told } = await openTold(world, keys, { machine, ports: { home: world.store('anew') } })
    expect(told.map(({ kind }) => kind)).toContain('rebuilding')
    expect([anew.machine, replyOf(await anew.submit(ask))]).toEqual(['versions@2', 'v2'])
    await anew.close()
  })

  it('back to that of the genesis: nothing stands in the state any more', async () => {
    const chain = await createIn(new World(), keys, { machine })
    for (const to of ['versions@3', 'versions@1']) await chain.operate(change(to))
    expect(chain.get('state', Uint8Array.of(0, ...utf8('machine')))).toBeUndefined()
    expect([chain.machine, replyOf(await chain.submit(ask))]).toEqual(['versions@1', 'v1'])
    await chain.close()
  })

  it('while blocks are prepared on each other: what waits is admitted again, and refused where it is no command any more', async () => {
    const chain = await createIn(new World(), keys, { machine })
    await chain.submit(ask)
    const settle = (sent: Promise<Receipt>): Promise<string> => sent.then(replyOf, codeOf)
    const answers: Promise<string>[] = []
    for (let i = 0; i < 40; i++) {
      if (i === 10) answers.push(settle(chain.operate(change('versions@2'))))
      if (i === 25) answers.push(settle(chain.operate(change('versions@3'))))
      answers.push(settle(chain.submit({ type: 'only1', payload: new Uint8Array(0) })), settle(chain.submit(ask)))
      for (let turn = 0; turn < i % 5; turn++) await Promise.resolve()
    }
    const all = await Promise.all(answers)
    const asked = all.filter((each) => /^v\d$/.test(each))
    expect(asked.includes('v1') && asked.includes('v3')).toBe(true)
    for (const each of all)
      expect(['v1', 'v2', 'v3', 'unknown_type', '{"machine":"versions@2"}', '{"machine":"versions@3"}']).toContain(each)
    await agrees(chain)
    await chain.close()
  })

  it('what was admitted before it and is executed after it is admitted again: no command of the new version is refused', async () => {
    const chain = await createIn(new World(), keys, { machine, journalFileBytes: 1 << 21 })
    const changed = chain.operate(change('versions@2'))
    // More than one block takes: those of the second one were admitted to the first version.
    const only1 = { type: 'only1', payload: new Uint8Array(0) }
    const answers = await chain.submitMany(Array.from({ length: BATCH_COMMANDS_MAX + 9 }, () => only1))
    const { block } = await changed
    const said = answers.map((each) =>
      'seq' in each ? `${replyOf(each)} ${each.block.height - block.height}` : each.code,
    )
    const first = said.filter((each) => each === 'v1 0').length
    expect(first).toBeGreaterThan(100)
    expect(said.slice(first)).toEqual(Array.from({ length: said.length - first }, () => 'unknown_type'))
    expect(said.length - first).toBeGreaterThanOrEqual(9)
    expect(replyOf(await chain.submit(ask))).toBe('v2')
    await chain.close()
  })

  it('to a version that was not given: refused, and nothing changes; by anybody but the operator: unknown_type', async () => {
    const chain = await createIn(new World(), keys, { machine })
    expect((await errorOf(chain.operate(change('versions@9')))).code).toBe('unknown_machine')
    expect((await errorOf(chain.operate(change('nonsense')))).code).toBe('invalid_payload')
    expect((await errorOf(chain.submit(change('versions@2')))).code).toBe('unknown_type')
    expect([chain.machine, replyOf(await chain.submit(ask))]).toEqual(['versions@1', 'v1'])
    await chain.close()
  })

  it('a version in force that is missing at a start: unknown_machine that names it, and a start with it goes on', async () => {
    const world = new World()
    const chain = await createIn(world, keys, { machine })
    await chain.operate(change('versions@2'))
    await chain.close()
    for (let again = 0; again < 3; again++) {
      const error = await errorOf(() => openIn(world, keys, { machine: version(1) }))
      expect(error).toMatchObject({
        code: 'unknown_machine',
        details: { machine: 'versions@2', known: ['versions@1'] },
      })
    }
    const open = await openIn(world, keys, { machine: [version(1), version(2)] })
    expect(replyOf(await open.submit(ask))).toBe('v2')
    await open.close()
  })

  /** Every reply is that of the version which was in force when its block began. */
  async function agrees(chain: Chain): Promise<void> {
    let inForce = 'v1'
    for await (const { record } of chain.blocks()) {
      let next = inForce
      for (const { type, reply, payload } of record.commands) {
        const isChange = type === 'cairn/machine'
        if (isChange) next = `v${(fromUtf8(payload as Uint8Array) as string).at(-1)}`
        expect(isChange ? inForce : fromUtf8(reply)).toBe(inForce)
      }
      inForce = next
    }
  }
})
