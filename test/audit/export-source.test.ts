/** Exports under audit: every byte that changes is found where it lies, at every level; the middle of a chain goes on from a proof. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyChain } from '../../src/audit/audit.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import { type ExportRange, exportJournal } from '../../src/journal/export-write.ts'
import { kv } from '../../src/machine/index.ts'
import { concat } from '../../src/verify/bytes.ts'
import type { World } from '../simulation/world.ts'
import { World as NewWorld } from '../simulation/world.ts'
import { codeOf, createIn, JOURNAL, put } from '../support/sim-chain.ts'
import { engine, keys } from './audited.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-export-audit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'chain.cairn')
let bytes: Uint8Array
let beginning: Uint8Array
let middle: Uint8Array
let proof: string

async function exported(world: World, range: ExportRange = {}): Promise<Uint8Array> {
  const { identity } = keys
  const home = { disk: world.disk, directory: JOURNAL, chainId: identity.chainId }
  const pieces: Uint8Array[] = []
  for await (const piece of exportJournal(home, identity, range, engine.hasher)) pieces.push(piece)
  return concat(...pieces)
}

beforeAll(async () => {
  const world = new NewWorld({ seed: 1 })
  const chain = await createIn(world, keys, { engine })
  for (let i = 0; i < 4; i++) {
    await chain.submitMany([put(`k${i}`, `${i}`, { client: 'a', request: BigInt(i + 1) }), put('k', `${i}`)])
    if (i === 1) proof = await chain.prove({})
  }
  await chain.close()
  bytes = await exported(world)
  beginning = await exported(world, { to: 1n })
  middle = await exported(world, { from: 2n })
})

async function audit(given: Uint8Array, options: Partial<AuditOptions> = {}) {
  writeFileSync(file, given)
  return verifyChain(file, {
    chainId: keys.identity.chainId,
    revocations: [],
    cores: 1,
    engine,
    level: 'seals',
    ...options,
  })
}

describe('an export', () => {
  it.each([
    ['seals', {}],
    ['roots', {}],
    ['replay', { machine: kv }],
  ] as const)('that is whole holds at the level %s, from a file and through a pipe', async (level, more) => {
    const found = await audit(bytes, { level, ...more })
    expect([found.ok, found.blocks, found.commands, found.fault]).toEqual([true, 4n, 8n, undefined])
    async function* pipe(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100)
    }
    const trust = { chainId: keys.identity.chainId, revocations: [], engine }
    const piped = await verifyChain(pipe(), { ...trust, level, ...more })
    expect([piped.ok, piped.head]).toEqual([true, found.head])
  })

  it('with any byte changed is found, where it was changed or right behind it', async () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at] = (changed[at] as number) ^ 1
      const { ok, fault } = await audit(changed)
      expect([at, ok, fault?.check]).toEqual([at, false, 'frames'])
      expect(fault?.offset ?? 0).toBeLessThanOrEqual(at)
    }
  })

  it('that is cut short is found, wherever', async () => {
    for (let length = 1; length < bytes.length; length += 7) {
      const { ok, fault } = await audit(bytes.subarray(0, length))
      expect([length, ok, fault?.check]).toEqual([length, false, 'frames'])
      expect(fault?.reason).toContain('cut short')
    }
  })

  it('of another chain, or through another machine, is found', async () => {
    expect((await audit(bytes, { chainId: new Uint8Array(32) })).fault?.check).toBe('genesis')
    const changed = {
      ...kv,
      execute: () => ({ status: 0 as const, reply: new Uint8Array(0), obligations: [], intents: [], writes: [] }),
    }
    expect((await audit(bytes, { level: 'replay', machine: changed as unknown as typeof kv })).fault?.check).toBe(
      'outcomes',
    )
  })

  it('of the middle of a chain needs a proof to start from, and holds behind it', async () => {
    await expect(audit(middle)).rejects.toMatchObject({ code: 'proof_needed', details: { from: 2n } })
    const found = await audit(middle, { fromProof: proof })
    expect([found.ok, found.blocks, found.head?.height]).toEqual([true, 2n, 3n])
    expect(found.verdicts.find(({ check }) => check === 'requests')?.verdict).toBe('unchecked')
  })

  it.each([
    ['whose middle needs a proof', () => middle, {}, 'proof_needed'],
    ['of another chain', () => bytes, { chainId: new Uint8Array(32) }, false],
    ['whose machine was not given', () => bytes, { level: 'replay', machine: [] }, 'unknown_machine'],
    ['that is read to its end', () => bytes, {}, true],
  ] as const)('%s is closed', async (_, given, options, end) => {
    let isClosed = false
    async function* pipe(): AsyncGenerator<Uint8Array> {
      try {
        for (const byte of given()) yield Uint8Array.of(byte)
      } finally {
        isClosed = true
      }
    }
    const trust = { chainId: keys.identity.chainId, engine, cores: 1, level: 'seals' } as const
    const ended = await verifyChain(pipe(), { ...trust, ...options }).then(({ ok }) => ok, codeOf)
    expect(ended).toBe(end)
    expect(isClosed).toBe(true)
  })

  it('that is another one than what was noted is of is refused, and not passed over', async () => {
    const grown = join(folder, 'grown.state')
    expect(await audit(beginning, { resume: grown })).toMatchObject({ ok: true, head: { height: 1n } })
    await expect(audit(bytes, { resume: grown })).rejects.toMatchObject({ code: 'resume_refused' })
    // One that ends before the place that was noted.
    const resume = join(folder, 'shorter.state')
    expect(await audit(bytes, { resume })).toMatchObject({ ok: true, head: { height: 3n } })
    await expect(audit(beginning, { resume })).rejects.toMatchObject({ code: 'resume_refused' })
  })

  it('is gone on with where an audit of it stopped', async () => {
    const resume = join(folder, 'noted')
    const first = await audit(bytes, { resume })
    const again = await audit(bytes, { resume })
    expect([first.blocks, again.blocks, again.head]).toEqual([4n, 4n, first.head])
  })
})
