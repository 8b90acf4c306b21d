/** What a hostile review found, each kept from coming back: signers, guards, copies, payloads and reporters that are not what they should be. */
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CairnError, Chain, defineMachine, kv } from '../../src/index.ts'
import { Guard } from '../../src/keys/guard.ts'
import type { Machine } from '../../src/machine/contract.ts'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { fromUtf8, utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import type { Seal } from '../../src/verify/types.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys('kv@1', new Random(21), nobleEngine)
/** What a device answers that was unplugged. */
const never = new Promise<Seal>(() => {})
const named = (request: number) => ({ client: 'a', request: BigInt(request) })
const codeOf = (error: unknown): string => (error instanceof CairnError ? error.code : String(error))

describe('a signer', () => {
  it('whose own disk is full has not made the journal’s full: what is durable is never told as unwritten', async () => {
    const world = new World()
    let isFull = false
    const signer = {
      ...keys.signer,
      seal: (...given: Parameters<typeof keys.signer.seal>): Promise<Seal> =>
        isFull ? Promise.reject(new CairnError('disk_full', 'the signer has no room')) : keys.signer.seal(...given),
    }
    const chain = await sim.createIn(world, keys, { signer })
    await chain.submit(sim.put('k1', 'v', named(1)))
    isFull = true
    expect((await sim.errorOf(chain.submit(sim.put('k2', 'v', named(2))))).code).toBe('outcome_unknown')
    await chain.close()
    const next = await sim.openIn(world.restart(), keys)
    expect((await next.submit(sim.put('k2', 'v', named(2)))).seq).toBe(1n)
    await next.close()
  })

  it.each<readonly [string, (seal: Seal) => unknown]>([
    [
      'with a flipped bit',
      ({ delegation, signature }) => ({ delegation, signature: signature.with(5, (signature[5] as number) ^ 1) }),
    ],
    ['of nothing', () => undefined],
    [
      'under another delegation',
      ({ delegation, signature }) => ({ delegation: { ...delegation, index: 9n }, signature }),
    ],
  ])('that gives back a seal %s acknowledges nothing, and the next start seals the block', async (_, change) => {
    const world = new World()
    const signer = {
      ...keys.signer,
      seal: async (...given: Parameters<typeof keys.signer.seal>) => change(await keys.signer.seal(...given)) as Seal,
    }
    const chain = await sim.createIn(world, keys, { signer })
    const error = await sim.errorOf(chain.submit(sim.put('k1', 'v', named(1))))
    expect(error).toMatchObject({ code: 'outcome_unknown', details: { cause: { code: 'signer_failed' } } })
    await chain.close()
    const next = await sim.openIn(world.restart(), keys)
    expect((await next.submit(sim.put('k1', 'v', named(1)))).seq).toBe(0n)
    await next.close()
  })

  it('that refuses is told in its own words, in one sentence, and with what helps: no start seals what it refuses for another block', async () => {
    const world = new World()
    let code = 'seal_refused'
    const seal = () => Promise.reject(new CairnError(code, 'It signed this height already.'))
    const chain = await sim.createIn(world, keys, { signer: { ...keys.signer, seal } })
    const { details } = await sim.errorOf(chain.submit(sim.put('k1', 'v', named(1))))
    const { message } = details.cause as CairnError
    expect(message).toContain(
      'did not seal block 0: It signed this height already. So this is an older copy of the chain',
    )
    expect(message).not.toContain('the next start seals it')
    await chain.close()
    code = 'hsm_busy'
    const again = await sim.errorOf(sim.openIn(world.restart(), keys, { signer: { ...keys.signer, seal } }))
    expect(again.message).toContain('did not seal block 0: It signed this height already. The block is durable;')
  })

  it('that never answers holds nothing up for ever', async () => {
    const world = new World()
    const signer = { ...keys.signer, seal: () => never }
    const chain = await sim.createIn(world, keys, { signer })
    const answer = chain.submit(sim.put('k1', 'v')).catch(codeOf)
    expect(await world.clock.until(answer)).toBe('outcome_unknown')
    await world.clock.until(chain.close())
  })
})

describe('copies of a chain', () => {
  it('that share its guard cannot make blocks beside it', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    const beside = sim.optionsIn(world, keys, { ports: { home: world.store('copy') } })
    const { genesis } = keys
    // As a copy of the directory is: the same chain in another place.
    await world.disk.makeDirectory('copy')
    const file = await world.disk.open('copy/genesis.json', 'create')
    const text = await (await world.disk.open('data/genesis.json', 'read')).read(0, 4096)
    await file.write(0, text)
    await file.close()
    expect(await sim.errorOf(Chain.open('copy', beside))).toMatchObject({
      code: 'chain_locked',
      message: expect.stringMatching(
        /^Another copy of this chain is open under the guard .*guard, by process 1: /,
      ) as string,
    })
    expect((await sim.errorOf(Chain.create('third', genesis, beside))).code).not.toBe('')
    await chain.close()
  })

  it('whose guard another process wrote meanwhile stop: guard_foreign', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    await world.clock.advance(1500)
    const guard = await world.disk.open(sim.GUARD, 'write')
    await guard.write(0, utf8(' '))
    await guard.close()
    await chain.submit(sim.put('k2', 'v', named(2)))
    await world.clock.advance(1500)
    const error = await sim.errorOf(chain.submit(sim.put('k3', 'v', named(3))))
    expect(error).toMatchObject({
      code: 'chain_failed',
      details: { cause: { details: { cause: { code: 'guard_foreign' } } } },
    })
    // Nothing is started again before the other one is found.
    expect((error.details.cause as Error).message).not.toContain('start again')
    await chain.close()
  })

  it('whose guard was moved away under it stop: guard_missing, for nobody else is to be looked for', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    await world.clock.advance(1500)
    await world.disk.unlink(sim.GUARD)
    await chain.submit(sim.put('k2', 'v', named(2)))
    await world.clock.advance(1500)
    const error = await sim.errorOf(chain.submit(sim.put('k3', 'v', named(3))))
    expect(error).toMatchObject({
      code: 'chain_failed',
      details: { cause: { details: { cause: { code: 'guard_missing' } } } },
    })
    await chain.close()
  })

  it('whose keys were moved away under it find no other directory in their place, and are whole when they come back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-guard-'))
    try {
      const [directory, elsewhere] = [join(folder, 'keys'), join(folder, 'elsewhere')]
      const guard = new Guard(nodeDisk, join(directory, 'guard'), keys.identity.chainId)
      await guard.write({ height: 1n, hash: new Uint8Array(32) })
      renameSync(directory, elsewhere)
      await expect(guard.write({ height: 2n, hash: new Uint8Array(32) })).rejects.toMatchObject({
        code: 'guard_missing',
      })
      expect(readdirSync(folder)).toEqual(['elsewhere'])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('without genesis and guard are not made over: chain_exists', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    await chain.close()
    await world.disk.unlink('data/genesis.json')
    await world.disk.unlink(sim.GUARD)
    expect((await sim.errorOf(sim.createIn(world, keys))).code).toBe('chain_exists')
  })

  it('are not begun with a signer that is not theirs', async () => {
    const world = new World()
    const other = chainKeys('kv@1', new Random(3))
    expect((await sim.errorOf(sim.createIn(world, keys, { signer: other.signer }))).code).toBe('delegation_invalid')
    const chain = await sim.createIn(world, keys)
    await chain.close()
  })
})

describe('what is executed is what is recorded', () => {
  it('though a machine that was not defined here hands out the payload it was given, and its caller changes his', async () => {
    const world = new World()
    const plain: Machine = {
      name: 'kv@1',
      isExternal: false,
      validate: (_type, payload) => payload,
      execute: ({ payload }, tx) => {
        tx.put('state', utf8('k'), payload as Uint8Array)
        return undefined
      },
    }
    const chain = await sim.createIn(world, keys, { machine: plain })
    const payload = utf8('AAAA')
    const answer = chain.submit({ type: 'any', payload })
    payload.fill(0x42)
    await answer
    await chain.flush()
    for await (const { record } of chain.blocks()) {
      const [command] = record.commands
      expect(fromUtf8(command?.payload as Uint8Array)).toBe('AAAA')
      expect(fromUtf8(command?.writes?.[0]?.[2] as Uint8Array)).toBe('AAAA')
    }
    await chain.close()
  })

  it('and what a caller does to a head it was given changes nothing', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    const { header } = chain.head as NonNullable<typeof chain.head>
    Object.assign(header, { height: 99n })
    header.parentHash.fill(7)
    expect((await chain.submit(sim.put('k2', 'v', named(2)))).block.height).toBe(1n)
    await chain.close()
  })
})

describe('callers', () => {
  it('whose outcomes are too large together get smaller blocks', async () => {
    const world = new World()
    const large = defineMachine({
      id: 'kv',
      version: 1,
      commands: {
        fill: {
          validate: (payload: Uint8Array) => payload,
          execute(_command, tx) {
            for (let i = 0; i < 10; i++) tx.emit('x', new Uint8Array(64 << 10).fill(1))
            return undefined
          },
        },
      },
    })
    const chain = await sim.createIn(world, keys, { machine: large, journalFileBytes: 4 << 20 })
    const fill = Array.from({ length: 12 }, (_, i) => ({ type: 'fill', payload: new Uint8Array(1), ...named(i + 1) }))
    const answers = await chain.submitMany(fill)
    expect(answers.map((each) => (each instanceof CairnError ? each.code : each.seq))).toEqual(
      fill.map((_, i) => BigInt(i)),
    )
    expect(chain.head?.height).toBeGreaterThan(0n)
    await chain.close()
  })

  it('get their first receipt though the machine in force has no such command any more', async () => {
    const world = new World()
    const newer = defineMachine({
      id: 'kv',
      version: 2,
      commands: { other: { validate: (payload: Uint8Array) => payload, execute: () => undefined } },
    })
    const chain = await sim.createIn(world, keys, { machine: [kv, newer] })
    const first = await chain.submit(sim.put('k1', 'v', named(1)))
    await chain.operate({ type: 'cairn/machine', payload: utf8('kv@2') })
    expect((await chain.submit(sim.put('k1', 'v', named(1)))).seq).toBe(first.seq)
    expect((await sim.errorOf(chain.submit(sim.put('k1', 'v', named(2))))).code).toBe('unknown_type')
    await chain.close()
  })

  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('a reporter with a bug')
      },
    ],
    // What nobody waits for would end the process, and the run of these tests.
    ['is late, and fails', () => Promise.reject(new Error('a reporter with a bug'))],
  ])('are answered though the reporter %s', async (_, report) => {
    const world = new World()
    const chain = await sim.createIn(world, keys, { report })
    await chain.submit(sim.put('k1', 'v', named(1)))
    world.failNext('datasync', Object.assign(new Error('EIO'), { code: 'EIO' }), /\.wal$/)
    const answers = [2, 3].map((request) => chain.submit(sim.put('k', 'v', named(request))).catch(codeOf))
    expect(await Promise.all(answers)).toEqual(['outcome_unknown', 'outcome_unknown'])
    await chain.close()
  })

  it('that read blocks live are let go of by a close that fails', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    const heights: bigint[] = []
    const reading = (async () => {
      for await (const { record } of chain.blocks({ live: true })) heights.push(record.header.height)
    })()
    await world.clock.advance(10)
    world.failNext('datasync', Object.assign(new Error('EIO'), { code: 'EIO' }), /keys/)
    expect(await chain.close().catch(codeOf)).toBe('guard_failed')
    await reading
    expect(heights).toEqual([0n])
    const next = await sim.openIn(world.restart(), keys)
    await next.close()
  })

  it('that ask for what cannot be are told so: invalid_key, unknown_height', async () => {
    const chain = await sim.createIn(new World(), keys)
    await chain.submit(sim.put('k1', 'v', named(1)))
    const wrong: readonly [unknown, unknown][] = [
      ['other', utf8('k')],
      ['state', 'k'],
      ['state', new Uint8Array(0)],
    ]
    for (const [tree, key] of wrong) {
      expect(() => chain.get(tree as 'state', key as Uint8Array)).toThrow(
        expect.objectContaining({ code: 'invalid_key' }),
      )
    }
    expect((await sim.errorOf(chain.blocks({ from: -1n }).next())).code).toBe('unknown_height')
    for (const height of [0, 1.5, Number.NaN, null, '0'] as unknown as bigint[]) {
      const error = expect.objectContaining({ code: 'unknown_height' })
      expect(() => chain.get('state', utf8('k1'), { height })).toThrow(error)
      await expect(chain.prove({ key: [utf8('k1')], height })).rejects.toEqual(error)
      await expect(chain.prove({ key: [utf8('k1')], since: height })).rejects.toEqual(error)
    }
    await chain.close()
  })
})
