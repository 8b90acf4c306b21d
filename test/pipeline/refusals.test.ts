/** How a chain refuses: every option, every submission, every question that it cannot take, with its code and what it names. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Chain, type ChainOptions, external, hotSigner, kv, type Submission } from '../../src/index.ts'
import { QUEUE_BYTES_MAX, QUEUE_COMMANDS_MAX } from '../../src/limits.ts'
import type { Report } from '../../src/pipeline/report.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { CREATED_AT, chainKeys, delegate } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import { createIn, DIRECTORY, errorOf, GUARD, openIn, optionsIn, put } from '../support/sim-chain.ts'

const keys = chainKeys()
const CENTURY = 3_155_760_000_000n

async function made(other: Partial<ChainOptions> = {}): Promise<{ world: World; chain: Chain }> {
  const world = new World()
  return { world, chain: await createIn(world, keys, other) }
}

describe(`refusals (CAIRN_SEED=${seed})`, () => {
  const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
    ['more', { more: 1 }],
    ['machine', { machine: undefined }],
    ['machine', { machine: [] }],
    ['machine', { machine: [kv, null] }],
    ['machine', { machine: { name: 'kv@1' } }],
    ['signer', { signer: {} }],
    ['signer', { signer: null }],
    ['signer', { signer: { seal: () => undefined, delegations: 'none' } }],
    ['guard', { guard: undefined }],
    ['guard', { guard: '' }],
    ['guard', { guard: 'keys/' }],
    ['guard', { guard: 'data' }],
    ['guard', { guard: 'data/guard' }],
    ['guard', { guard: './data//keys/guard' }],
    ['guard', { guard: 'keys/../data/guard' }],
    ['report', { report: 'yes' }],
    ['twice', { twice: 1 }],
    ['cacheBytes', { cacheBytes: 0 }],
    ['cacheBytes', { cacheBytes: 1.5 * (1 << 20) + 0.5 }],
    ['cacheBytes', { cacheBytes: 3 * 2 ** 30 + 1 }],
    ['cacheBytes', { cacheBytes: '100000000' }],
    ['checkpointEvery', { checkpointEvery: 0 }],
    ['checkpointEvery', { checkpointEvery: 1e9 }],
    ['journalFileBytes', { journalFileBytes: 1000 }],
    ['journalFileBytes', { journalFileBytes: 512 }],
    ['journalFileBytes', { journalFileBytes: (64 << 20) + 512 }],
    ['journalFileBytes', { journalFileBytes: (1 << 16) + 1 }],
  ]
  it.each(wrong)('invalid_option names the option %s: %o', async (option, other) => {
    const world = new World()
    const options = { ...optionsIn(world, keys), ...other } as ChainOptions
    for (const attempt of [
      () => Chain.create(DIRECTORY, keys.genesis, options),
      () => Chain.open(DIRECTORY, options),
    ]) {
      expect(await errorOf(attempt)).toMatchObject({ code: 'invalid_option', details: { option } })
    }
    expect(await world.disk.list('.')).toEqual([])
  })

  it('invalid_option: a directory that is none, and no options at all', async () => {
    const options = optionsIn(new World(), keys)
    expect(await errorOf(() => Chain.open('', options))).toMatchObject({ details: { option: 'directory' } })
    expect((await errorOf(() => Chain.open(DIRECTORY, undefined as unknown as ChainOptions))).code).toBe(
      'invalid_option',
    )
  })

  it('no_chain, chain_exists, unknown_machine, delegation_invalid, delegation_mismatch', async () => {
    const world = new World()
    const none = await errorOf(() => openIn(world, keys))
    expect([none.code, none.message.includes('cairn init')]).toEqual(['no_chain', true])
    expect((await errorOf(() => createIn(world, keys, { machine: external }))).code).toBe('unknown_machine')
    const chain = await createIn(world, keys)
    await chain.submit(put('a', 'b'))
    await chain.close()
    expect((await errorOf(() => createIn(world, keys))).code).toBe('chain_exists')
    const others = chainKeys('kv@1', new Random(77))
    expect((await errorOf(() => openIn(world, keys, { signer: others.signer }))).code).toBe('delegation_invalid')
    // Nobody is told to make another chain where the blocks of one lie.
    await world.disk.unlink(`${DIRECTORY}/genesis.json`)
    const lost = await errorOf(() => openIn(world, keys))
    expect([lost.code, lost.message]).toEqual(['no_chain', expect.stringMatching(/There is a journal in .* any proof/)])
    const mismatch = (): Promise<unknown> =>
      Promise.resolve().then(() => hotSigner([{ privateKey: others.hotKey, delegation: keys.delegation }], nobleEngine))
    expect((await errorOf(mismatch)).code).toBe('delegation_mismatch')
  })

  it.each(['EACCES', 'EROFS'])(
    'data_unwritable, with the file, of a journal that may only be read (%s)',
    async (code) => {
      const { world, chain } = await made()
      await chain.close()
      const disk = Object.create(world.disk) as Disk
      disk.open = (path, how) =>
        how !== 'read' && path.endsWith('.wal')
          ? Promise.reject(Object.assign(new Error('permission denied'), { code, path }))
          : world.disk.open(path, how)
      const refused = await errorOf(() => openIn(world, keys, { ports: { disk } }))
      expect(refused).toMatchObject({ code: 'data_unwritable', message: expect.stringContaining('.wal') as string })
      await (await openIn(world, keys)).close()
    },
  )

  it('chain_locked while it is open, in this process and on real files; free again after close', async () => {
    const { world, chain } = await made()
    const error = await errorOf(() => openIn(world, keys))
    expect(error).toMatchObject({ code: 'chain_locked', details: { holder: expect.anything() } })
    await chain.submit(put('k', 'v'))
    await chain.close()
    await (await openIn(world, keys)).close()

    const folder = await mkdtemp(join(tmpdir(), 'cairn-lock-'))
    const options = { machine: kv, signer: keys.signer, guard: join(folder, 'guard'), journalFileBytes: 1 << 16 }
    const real = await Chain.create(join(folder, 'data'), keys.genesis, options)
    expect((await errorOf(() => Chain.open(join(folder, 'data'), options))).code).toBe('chain_locked')
    await real.close()
    await (await Chain.open(join(folder, 'data'), options)).close()
    await rm(folder, { recursive: true })
  })

  const submissions: readonly (readonly [string, string, object])[] = [
    ['invalid_submission', 'a client without a number', { client: 'a' }],
    ['invalid_submission', 'a number without a client', { request: 1n }],
    ['invalid_submission', 'a number 0 of a client', { client: 'a', request: 0n }],
    ['invalid_submission', 'a number below 0', { client: 'a', request: -1n }],
    ['invalid_submission', 'a number that is none', { client: 'a', request: 1.5 }],
    ['invalid_submission', 'a client of half a character', { client: '\ud800', request: 1n }],
    ['invalid_submission', 'a client that is no text', { client: 7, request: 1n }],
    ['invalid_submission', 'a time beyond u64', { receivedAt: 1n << 64n }],
    ['unknown_type', 'a type that there is not', { type: 'fly' }],
    ['unknown_type', 'a type of the chain', { type: 'cairn/machine' }],
    ['invalid_submission', 'no type', { type: undefined }],
    ['invalid_submission', 'a client and a number that are misspelt', { clientId: 'a', requestId: 1n }],
    ['invalid_submission', 'passthrough that is misspelt', { passThrough: [] }],
    ['invalid_payload', 'a payload that the machine does not take', { payload: utf8('{}') }],
    ['invalid_payload', 'a payload that is no bytes', { payload: 'text' }],
    ['invalid_payload', 'no payload', { payload: undefined }],
    ['invalid_payload', 'a payload over 1 MiB', { payload: new Uint8Array((1 << 20) + 1) }],
    ['invalid_outcome', 'an outcome where the machine executes', { outcome: { status: 0 } }],
  ]
  it.each(submissions)('%s: %s, alone and among others, and nothing is executed', async (code, _, other) => {
    const { chain } = await made()
    const bad = { ...put('k', 'v'), ...other } as Submission
    expect((await errorOf(chain.submit(bad))).code).toBe(code)
    expect((await errorOf(chain.submitMany([put('a', 'b'), bad]))).code).toBe(code)
    await chain.flush()
    expect(chain.head).toBeUndefined()
    await chain.close()
  })

  it('overloaded by count and by bytes, at once and as a whole; what finds room is executed', async () => {
    const { chain } = await made()
    const details = { limit: QUEUE_COMMANDS_MAX, bytesLimit: QUEUE_BYTES_MAX }
    const many = Array.from({ length: QUEUE_COMMANDS_MAX + 1 }, () => put('k', 'v'))
    expect(await errorOf(chain.submitMany(many))).toMatchObject({ code: 'overloaded', details })
    const large = Array.from({ length: 70 }, () => put('k', 'x'.repeat(1_000_000)))
    expect(await errorOf(chain.submitMany(large))).toMatchObject({ code: 'overloaded', details })
    expect(chain.head).toBeUndefined()
    // What waits takes room from those who come later.
    const first = chain.submitMany(many.slice(0, 10))
    const rest = await errorOf(chain.submitMany(many.slice(0, QUEUE_COMMANDS_MAX - 5)))
    expect(rest).toMatchObject({ code: 'overloaded', details })
    expect((await first).map((each) => 'seq' in each && each.seq)).toEqual(
      Array.from({ length: 10 }, (_, i) => BigInt(i)),
    )
    await chain.close()
  })

  it('over_limit: one command whose record fits into no file; others go on', async () => {
    const { chain } = await made()
    const [large, small] = await chain.submitMany([put('k', 'x'.repeat(60_000)), put('k', 'v')])
    expect([(large as { code?: string }).code, (small as { seq?: bigint }).seq]).toEqual(['over_limit', 0n])
    await chain.close()
  })

  it('clock_jump: the chain stops, nothing is written, and a start with the clock as it is goes on', async () => {
    const { world, chain } = await made()
    await chain.submit(put('k', 'v'))
    world.clock.jump(4999)
    const { block } = await chain.submit(put('k', 'v'))
    world.clock.jump(5001)
    expect((await errorOf(chain.submit(put('k', 'v')))).code).toBe('chain_failed')
    const later = await errorOf(chain.submit(put('k', 'v')))
    const cause = { code: 'clock_jump', message: expect.stringContaining('the machine slept. See that it is right') }
    expect(later.details).toMatchObject({ cause: { ...cause, details: { ahead: 5001, limit: 5000 } } })
    await chain.close()
    const again = await openIn(world.restart(), keys)
    expect(again.head?.height).toBe(block.height)
    await again.submit(put('k', 'v'))
    await again.close()
  })

  it('a clock that runs back is clamped to the time of the parent', async () => {
    const { world, chain } = await made()
    const first = await chain.submit(put('k', 'v'))
    world.clock.jump(-3_600_000)
    const second = await chain.submit(put('k', 'w'))
    expect(second.block.timestamp).toBe(first.block.timestamp)
    await chain.close()
    const again = await openIn(world.restart(), keys)
    expect((await again.submit(put('k', 'x'))).block.timestamp >= first.block.timestamp).toBe(true)
    await again.close()
  })

  it('a clock that stands behind the newest block is told once, again when it was right since, and at a start', async () => {
    const told: Report[] = []
    const report = (each: Report): unknown => each.kind === 'clock-behind' && told.push(each)
    const world = new World()
    const chain = await createIn(world, keys, { report })
    const back = (behind: bigint): void =>
      world.clock.jump(Number((chain.head?.header.timestamp ?? 0n) - behind) - world.clock.now())
    const behind = (by: bigint): unknown => {
      const newest = chain.head?.header.timestamp ?? 0n
      return { kind: 'clock-behind', now: newest - by, newest }
    }
    await chain.submit(put('k', 'v'))
    back(5000n)
    await chain.submit(put('k', 'w'))
    expect(told).toEqual([])
    back(5001n)
    for (const value of ['x', 'y']) await chain.submit(put('k', value))
    const first = behind(5001n)
    expect(told).toEqual([first])
    await world.clock.advance(5001)
    await chain.submit(put('k', 'z'))
    back(6000n)
    await chain.submit(put('k', 'z'))
    expect(told).toEqual([first, behind(6000n)])
    await chain.close()
    // Nobody has to send a command first.
    const next = world.restart()
    const newest = chain.head?.header.timestamp ?? 0n
    next.clock.jump(Number(newest) - 86_400_000 - next.clock.now())
    const again = await openIn(next, keys, { report })
    expect(told.slice(2)).toEqual([{ kind: 'clock-behind', now: newest - 86_400_000n, newest }])
    await again.close()
  })

  it('delegation_needed when it has run out; renewed by opening with a new one, and nothing is lost', async () => {
    const world = new World()
    const short = delegate(keys.identity, keys.coldKey, keys.hotKey, 0n, [CREATED_AT, CREATED_AT + 60_000n])
    const signerOf = (...delegations: (typeof short)[]) =>
      hotSigner(
        delegations.map((delegation) => ({ privateKey: keys.hotKey, delegation })),
        nobleEngine,
      )
    const chain = await createIn(world, keys, { signer: signerOf(short) })
    await chain.submit(put('k', 'v', { client: 'a', request: 1n }))
    await world.clock.advance(60_001)
    for (let again = 0; again < 2; again++) {
      const error = await errorOf(chain.submit(put('k', 'w', { client: 'a', request: 2n })))
      expect(error).toMatchObject({ code: 'delegation_needed', details: { timestamp: expect.any(BigInt) } })
    }
    expect(chain.head?.height).toBe(0n)
    await chain.close()
    const renewed = delegate(keys.identity, keys.coldKey, keys.hotKey, 1n, [CREATED_AT, CREATED_AT + CENTURY])
    const again = await openIn(world.restart(), keys, { signer: signerOf(short, renewed) })
    expect((await again.submit(put('k', 'w', { client: 'a', request: 2n }))).seq).toBe(1n)
    await again.close()
  })

  it('seal_refused: the signer refuses a second hash at a height, and whatever is below', async () => {
    const { chain } = await made()
    await chain.submit(put('k', 'v'))
    const { header } = chain.head as NonNullable<typeof chain.head>
    const signer = hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], nobleEngine)
    await signer.seal(keys.identity, { ...header, height: 5n })
    await signer.seal(keys.identity, { ...header, height: 5n })
    const other = { ...header, height: 5n, timestamp: header.timestamp + 1n }
    expect((await errorOf(async () => signer.seal(keys.identity, other))).code).toBe('seal_refused')
    expect((await errorOf(async () => signer.seal(keys.identity, { ...header, height: 4n }))).code).toBe('seal_refused')
    const early = { ...header, height: 6n, timestamp: 0n }
    expect((await errorOf(async () => signer.seal(keys.identity, early))).code).toBe('delegation_needed')
    await chain.close()
  })

  it('nothing_to_prove, unknown_height, unknown_entry, key_absent, key_present', async () => {
    const { chain } = await made()
    expect((await errorOf(chain.prove({ command: 0n }))).code).toBe('nothing_to_prove')
    expect((await errorOf(chain.prove({ height: 0n }))).code).toMatch(/nothing_to_prove|unknown_height/)
    await chain.submit(put('k', 'v'))
    const codes: readonly (readonly [Parameters<Chain['prove']>[0], string])[] = [
      [{ command: 1n }, 'unknown_entry'],
      [{ command: -1n }, 'unknown_entry'],
      [{ obligation: 0n }, 'unknown_entry'],
      [{ intent: 0n }, 'unknown_entry'],
      [{ height: 1n }, 'unknown_height'],
      [{ height: -1n }, 'unknown_height'],
      [{ since: -1n }, 'unknown_height'],
      [{ state: [utf8('none')] }, 'key_absent'],
      [{ absent: [utf8('k')] }, 'key_present'],
    ]
    for (const [request, code] of codes)
      expect([request, (await errorOf(chain.prove(request))).code]).toEqual([request, code])
    for (const height of [1n, -1n]) {
      expect(() => chain.get('state', utf8('k'), { height })).toThrow(
        expect.objectContaining({ code: 'unknown_height' }),
      )
    }
    await chain.close()
  })

  it('chain_closed after close, whatever is asked; close may be called again', async () => {
    const { chain } = await made()
    const receipt = await chain.submit(put('k', 'v'))
    await Promise.all([chain.close(), chain.close()])
    await chain.close()
    const attempts = [
      () => chain.submit(put('k', 'v')),
      () => chain.submitMany([put('k', 'v')]),
      () => chain.operate(put('k', 'v')),
      () => chain.prove({ command: 0n }),
      () => receipt.proof(),
      () => chain.flush(),
      async () => chain.get('state', utf8('k')),
      async () => chain.blocks().next(),
    ]
    for (const attempt of attempts)
      expect([String(attempt), (await errorOf(attempt)).code]).toEqual([String(attempt), 'chain_closed'])
  })

  it('what is on its way when close is called is answered', async () => {
    const { world, chain } = await made()
    const sent = Array.from({ length: 20 }, (_, i) =>
      chain.submit(put('k', `${i}`, { client: 'a', request: BigInt(i + 1) })),
    )
    await chain.close()
    expect((await Promise.all(sent)).map(({ seq }) => seq)).toEqual(sent.map((_, i) => BigInt(i)))
    expect(GUARD).toBe('data.keys/guard')
    const again = await openIn(world, keys)
    expect(again.head?.header.firstSeq).toBeDefined()
    await again.close()
  })
})
