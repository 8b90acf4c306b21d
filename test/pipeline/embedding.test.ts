/** What a program may do to a chain that it embeds: change what it was given, give up reading, and ask in ways that no compiler looked at. */
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Chain, exportChain, kv, type Machine, readExport, verifyChain } from '../../src/index.ts'
import { decodeProof, nobleEngine } from '../../src/verify/index.ts'
import type { Delegation, Seal } from '../../src/verify/types.ts'
import { wrapped } from '../simulation/broken-ports.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys('kv@1', new Random(22), nobleEngine)

async function sealsOf(blocks: AsyncIterable<{ readonly seal?: Seal }>): Promise<readonly Seal[]> {
  const seals: Seal[] = []
  for await (const { seal } of blocks) if (seal !== undefined) seals.push(seal)
  return seals
}

describe('what a caller was given is his own', () => {
  type Given = Delegation | Seal
  const given: readonly (readonly [string, (chain: Chain) => Promise<readonly Given[]>])[] = [
    ['the delegations', (chain) => Promise.resolve(chain.authority.delegations)],
    ['the seal of a block', async (chain) => [(await chain.block(0n)).seal as Seal]],
    ['the seals of blocks', (chain) => sealsOf(chain.blocks())],
    ['the seals of headers', (chain) => sealsOf(chain.headers())],
  ]
  it.each(given)('%s: whatever he does to them, the chain goes on, and its log is right', async (_, read) => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await chain.submit(sim.put('k', 'v'))
    const all = await read(chain)
    expect(all).toHaveLength(1)
    for (const each of all) {
      if ('delegation' in each) each.delegation.signature.fill(0)
      each.signature.fill(0)
    }
    expect((await chain.submit(sim.put('k', 'w'))).block.height).toBe(1n)
    await chain.close()
    // The seal of the first block rode with the second one.
    const again = await sim.openIn(world.restart(), keys)
    for (const { delegation, signature } of await sealsOf(again.blocks())) {
      expect([delegation.signature, signature].map((each) => each.some((byte) => byte !== 0))).toEqual([true, true])
    }
    await again.close()
  })
})

describe('what no compiler looked at', () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

  type Ask = (chain: Chain) => Promise<unknown>
  const asks: readonly (readonly [code: string, what: string, ask: Ask])[] = [
    ['unknown_entry', 'the number of a command as a number', (chain) => chain.find('a', 1 as never)],
    ['unknown_entry', 'the number of a command as text', (chain) => chain.find('a', '1' as never)],
    ['unknown_entry', 'a client that is no text', (chain) => chain.find(7 as never, 1n)],
    ['unknown_entry', 'a proof of a number', (chain) => chain.prove({ command: 0 as never })],
    ['unknown_entry', 'a proof of numbers', (chain) => chain.prove({ command: [0] as never })],
    ['unknown_entry', 'a proof of text', (chain) => chain.prove({ command: '0' as never })],
    ['unknown_entry', 'a proof of null', (chain) => chain.prove({ obligation: null as never })],
    ['unknown_entry', 'a proof of nothing among others', (chain) => chain.prove({ intent: [undefined] as never })],
    ['invalid_key', 'a proof of a tree that is none', (chain) => proveKey(chain, { tree: 'other', key: utf8('k') })],
    ['invalid_key', 'a proof of a key without a tree', (chain) => proveKey(chain, { key: utf8('k') })],
    ['invalid_key', 'a proof of a key as text', (chain) => proveKey(chain, { tree: 'state', key: 'k' })],
    ['invalid_key', 'a proof of an empty key', (chain) => proveKey(chain, new Uint8Array(0))],
    ['invalid_key', 'a proof of undefined', (chain) => proveKey(chain, undefined)],
    ['invalid_key', 'a key that is in no list', (chain) => chain.prove({ absent: utf8('k') as never })],
    ['invalid_option', 'a proof of what is misspelt', (chain) => chain.prove({ comand: 0n } as never)],
    ['invalid_option', 'a proof of a bare number', (chain) => chain.prove(0n as never)],
    ['invalid_option', 'a proof of null', (chain) => chain.prove(null as never)],
    ['invalid_option', 'a value at a bare height', async (chain) => chain.get('state', utf8('k'), 0n as never)],
    [
      'invalid_option',
      'a value at what is misspelt',
      async (chain) => chain.get('state', utf8('k'), { at: 0n } as never),
    ],
    ['invalid_option', 'blocks from a bare height', (chain) => chain.blocks(1n as never).next()],
    ['invalid_option', 'headers from what is misspelt', (chain) => chain.headers({ form: 1n } as never).next()],
    ['invalid_submission', 'several commands as a set', (chain) => chain.submitMany(new Set() as never)],
    [
      'invalid_submission',
      'several commands with a gap',
      (chain) => chain.submitMany(Object.assign([], { length: 2 })),
    ],
    ['revocation_invalid', 'revocations in no list', (chain) => chain.importAuthority(null as never)],
    ['invalid_payload', 'a payload that was handed on', (chain) => chain.submit({ type: 'put', payload: handedOn() })],
    ['invalid_payload', 'a payload that is none', (chain) => chain.submit({ type: 'put', payload: disguised() })],
    ['invalid_key', 'a key that was handed on', async (chain) => chain.get('state', handedOn())],
  ]
  const proveKey = (chain: Chain, key: unknown): Promise<string> => chain.prove({ key: [key] as never })
  const disguised = (): Uint8Array => Object.create(Uint8Array.prototype) as Uint8Array

  function handedOn(): Uint8Array {
    const bytes = utf8('{"key":"k","value":"v"}')
    structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })
    return bytes
  }

  it.each(asks)('is refused as %s: %s', async (code, _, ask) => {
    const chain = await sim.createIn(new World(), keys)
    await chain.submit(sim.put('k', 'v', { client: 'a', request: 1n }))
    expect((await sim.errorOf(() => ask(chain))).code).toBe(code)
    expect((await chain.submit(sim.put('k', 'w'))).seq).toBe(1n)
    await chain.close()
  })

  it('is no export of all where a part was meant, and no audit of what is no chain', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-asked-'))
    // A signer of its own: one signs a height once.
    const own = chainKeys('kv@1', new Random(23), nobleEngine)
    const options = { machine: kv, signer: own.signer, guard: join(folder, 'guard') }
    const chain = await Chain.create(join(folder, 'data'), own.genesis, options)
    for (const value of ['1', '2', '3']) await chain.submit(sim.put('k', value))
    await chain.close()
    const { id: chainId } = chain
    const pieces = async (range: unknown, directory: unknown = join(folder, 'data')): Promise<number> => {
      let count = 0
      for await (const piece of exportChain(directory as never, range as never)) count += piece.length
      return count
    }
    const audit = (source: unknown, more = {}): Promise<unknown> => verifyChain(source as string, { chainId, ...more })
    const wrong: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['invalid_option', () => pieces({ form: 1n })],
      ['invalid_option', () => pieces(null)],
      ['unknown_height', () => pieces({ from: 1 })],
      ['unknown_height', () => pieces({ to: '1' })],
      ['unknown_height', () => pieces({ from: -1n })],
      ['invalid_option', () => pieces({}, new URL(`file://${folder}/data`))],
      ['invalid_option', () => audit(new URL(`file://${folder}/data`))],
      ['invalid_option', () => audit(undefined)],
      ['invalid_option', () => audit(Promise.resolve(join(folder, 'data')))],
      ['invalid_option', () => audit(join(folder, 'data'), { signal: new AbortController() })],
      ['invalid_option', () => readExport('demo.cairn' as never)],
    ]
    for (const [code, ask] of wrong) expect([String(ask), (await sim.errorOf(ask)).code]).toEqual([String(ask), code])
    expect(await pieces({ from: 2n })).toBeLessThan(await pieces({}))
    expect(await audit(join(folder, 'data'))).toMatchObject({ ok: true })
    await rm(folder, { recursive: true })
  })

  it('makes a chain though its genesis has a number for the time, and none of what is no genesis', async () => {
    const world = new World()
    const options = sim.optionsIn(world, keys)
    const { genesis } = keys.identity
    const wrong = [undefined, null, {}, { ...genesis, nonce: new Uint8Array(31) }, { ...genesis, createdAt: 'now' }]
    for (const each of wrong) {
      expect((await sim.errorOf(Chain.create(sim.DIRECTORY, each as never, options))).code).toBe('malformed')
      expect(await world.disk.list('data.keys')).not.toContain('guard')
    }
    const createdAt = Number(genesis.createdAt) as never
    const chain = await Chain.create(sim.DIRECTORY, { ...genesis, createdAt }, options)
    expect(chain.id).toEqual(keys.identity.chainId)
    await chain.submit(sim.put('k', 'v'))
    await chain.close()
  })

  it('is promised an answer, where the chain is closed, too', async () => {
    const chain = await sim.createIn(new World(), keys)
    await chain.close()
    const codes = await Promise.all([chain.importAuthority(), chain.flush()].map((each) => each.catch(sim.codeOf)))
    expect(codes).toEqual(['chain_closed', 'chain_closed'])
  })

  it('proves what it asked for, whatever becomes of its buffers meanwhile', async () => {
    const chain = await sim.createIn(new World(), keys)
    await chain.submit(sim.put('k', 'v'))
    const key = utf8('k')
    const command = [0n]
    const proving = chain.prove({ state: [key], command })
    key.fill(0x61)
    command.push(1n)
    const { claims } = decodeProof(utf8(await proving))
    expect(claims).toMatchObject([
      { kind: 'command', index: 0n },
      { kind: 'state', key: utf8('k'), value: utf8('v') },
    ])
    await chain.close()
  })

  it('is a clock that tells parts of a millisecond', async () => {
    const world = new World()
    const clock = wrapped(world.clock, { now: () => Number(keys.genesis.createdAt) + 9.75 })
    const chain = await sim.createIn(world, keys, { ports: { clock } })
    await sim.blocksOf(chain, 1)
    expect(chain.head?.header.timestamp).toBe(keys.genesis.createdAt + 9n)
    await chain.close()
  })

  it('is a machine, though it does not say that none executes elsewhere', async () => {
    const { isExternal: _, ...machine } = kv
    const chain = await sim.createIn(new World(), keys, { machine: machine as Machine })
    expect((await chain.submit(sim.put('k', 'v'))).status).toBe(0)
    await chain.close()
  })
})

describe.skipIf(process.platform !== 'linux')('on files', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  async function openJournalFilesIn(folder: string): Promise<readonly string[]> {
    const numbers = await readdir('/proc/self/fd')
    const links = await Promise.all(numbers.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')))
    return links.filter((each) => each.startsWith(folder) && each.endsWith('.wal'))
  }

  it('who takes the first block and gives up the rest, without a word, leaves no file open for good', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-embedding-'))
    const options = { machine: kv, signer: keys.signer, guard: join(folder, 'guard'), cacheBytes: 1 << 20 }
    const chain = await Chain.create(join(folder, 'data'), keys.genesis, { ...options, journalFileBytes: 1 << 16 })
    for (let i = 0; i < 5; i++) await chain.submit(sim.put('k', 'v'))
    for (let i = 0; i < 10; i++) expect((await chain.blocks().next()).done).toBe(false)
    expect((await openJournalFilesIn(folder)).length).toBeGreaterThan(10)
    await chain.close()
    for (let again = 0; again < 50 && (await openJournalFilesIn(folder)).length > 0; again++) {
      collect()
      await sleep(10)
    }
    expect(await openJournalFilesIn(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })
})
