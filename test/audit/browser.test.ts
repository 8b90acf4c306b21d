/** The audit of an export where there is no Node: what it says is what the one on a disk says, of whole chains and of every kind of broken one. */
import { describe, expect, it } from 'vitest'
import { type ExportAsked, type ExportAudit, verifyExport } from '../../src/audit/browser.ts'
import { type AuditLevel, LEVELS } from '../../src/audit/faults.ts'
import { type ChainAudit, verifyChain } from '../../src/index.ts'
import { exportJournal } from '../../src/journal/export-write.ts'
import type { Machine } from '../../src/machine/contract.ts'
import { defineMachine, kv, ledger } from '../../src/machine/index.ts'
import { concat, utf8 } from '../../src/verify/bytes.ts'
import { World } from '../simulation/world.ts'
import { type ChainKeys, chainKeys } from '../support/chain-keys.ts'
import { Random } from '../support/seed.ts'
import { append, createIn, JOURNAL, put } from '../support/sim-chain.ts'
import { engine, keys } from './audited.ts'

interface Made {
  readonly whole: Uint8Array
  readonly middle: Uint8Array
  /** Of block 1, and of the newest. */
  readonly proof: string
  readonly proofOfLast: string
}

async function made(machine: Machine, blocks: readonly (readonly object[])[], of: ChainKeys = keys): Promise<Made> {
  const world = new World({ seed: 1 })
  const chain = await createIn(world, of, { engine, machine })
  for (const each of blocks) await chain.submitMany(each as Parameters<typeof chain.submitMany>[0])
  const proofs = { proof: await chain.prove({ height: 1n }), proofOfLast: await chain.prove({}) }
  await chain.close()
  const exported = async (from: bigint): Promise<Uint8Array> => {
    const home = { disk: world.disk, directory: JOURNAL, chainId: of.identity.chainId }
    const pieces: Uint8Array[] = []
    for await (const piece of exportJournal(home, of.identity, { from }, engine.hasher)) pieces.push(piece)
    return concat(...pieces)
  }
  return { whole: await exported(0n), middle: await exported(2n), ...proofs }
}

const named = (request: bigint): { client: string; request: bigint } => ({ client: 'a', request })
const PUTS = [
  [put('k', 'v', named(1n)), put('l', 'w')],
  [append('s', 'one', named(3n)), put('k', 'x', { client: 'b', request: 1n })],
  [{ type: 'delete', payload: utf8('{"key":"l"}') }, put('m', 'y', named(4n))],
  [put('k', 'z', named(5n))],
]

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
}

const here = (bytes: Uint8Array, level: AuditLevel, more: Partial<ExportAsked> = {}, of = keys): Promise<ExportAudit> =>
  verifyExport(
    inPieces(bytes),
    {
      chainId: of.identity.chainId,
      revocations: [],
      level,
      size: bytes.length,
      known: () => Promise.resolve({}),
      ...more,
    },
    engine,
  )

const there = (bytes: Uint8Array, level: AuditLevel, machine: Machine = kv, of = keys): Promise<ChainAudit> =>
  verifyChain(inPieces(bytes), {
    chainId: of.identity.chainId,
    revocations: [],
    engine,
    cores: 1,
    level,
    ...(level === 'replay' && { machine }),
  })

const said = ({ verdicts, blocks, commands, head, fault }: ChainAudit): object => ({
  verdicts,
  blocks,
  commands,
  head,
  fault: fault && { ...fault, file: undefined },
})
const outcomes = ({ verdicts }: ChainAudit): string | undefined =>
  verdicts.find(({ check }) => check === 'outcomes')?.verdict

describe('an export', () => {
  it('that is whole has the same verdicts at every level', async () => {
    const { whole } = await made(kv, PUTS)
    for (const level of LEVELS) {
      const found = await here(whole, level)
      expect([level, found.ok, said(found)]).toEqual([level, true, said(await there(whole, level))])
    }
    expect(outcomes(await here(whole, 'replay'))).toBe('ok')
  })

  it('with a byte changed, or cut short, has the same first fault', async () => {
    const { whole } = await made(kv, PUTS)
    for (let at = 0; at < whole.length; at += 37) {
      const changed = whole.slice()
      changed[at] = (changed[at] as number) ^ 1
      for (const bytes of [changed, whole.subarray(0, at)])
        expect([at, said(await here(bytes, 'roots'))]).toEqual([at, said(await there(bytes, 'roots'))])
    }
  })

  it('of a machine that was changed by one line is found by the replay, and only by it', async () => {
    const changed: Machine = {
      ...kv,
      execute: (command, tx) =>
        kv.execute(command, command.seq === 3n ? { ...tx, put: (tree, key) => tx.put(tree, key, utf8('other')) } : tx),
    }
    const { whole } = await made(changed, PUTS)
    expect((await here(whole, 'roots')).ok).toBe(true)
    const found = await here(whole, 'replay')
    expect(found.fault).toMatchObject({ check: 'outcomes', height: 1n, seq: 3n })
    expect(said(found)).toEqual(said(await there(whole, 'replay')))
  })

  it('of the ledger is executed again', async () => {
    const of = chainKeys(ledger.name)
    const command = (type: string, payload: object): object => ({ type, payload: utf8(JSON.stringify(payload)) })
    const EUR = { currency: 'EUR' }
    const open = ['a', 'b'].map((account) => command('open', { id: `o${account}`, account, ...EUR, limit: '0' }))
    const { whole } = await made(
      ledger,
      [
        open,
        [command('deposit', { id: 'd', account: 'a', ...EUR, amount: '7' })],
        [command('transfer', { id: 't', from: 'a', to: 'b', ...EUR, amount: '5' })],
      ],
      of,
    )
    const found = await here(whole, 'replay', {}, of)
    expect([outcomes(found), said(found)]).toEqual(['ok', said(await there(whole, 'replay', ledger, of))])
  })

  it('of a machine that is not here is not executed, and that is said', async () => {
    const own = defineMachine({
      id: 'own',
      version: 1,
      commands: { put: { validate: () => undefined, execute: () => undefined } },
    })
    const of = chainKeys(own.name)
    const { whole } = await made(own, [[put('k', 'v')], [put('k', 'w')], [put('k', 'x')]], of)
    const found = await here(whole, 'replay', {}, of)
    expect(found.ok).toBe(true)
    expect(found.verdicts.find(({ check }) => check === 'outcomes')).toEqual({
      check: 'outcomes',
      verdict: 'unchecked',
      reason: 'from height 0 on the machine own@1 is in force, which was not given',
    })
  })
})

describe('an export that begins in the middle', () => {
  it('goes on from a proof, with the verdicts that it has on a disk', async () => {
    const { middle, proof, proofOfLast } = await made(kv, PUTS)
    for (const fromProof of [proof, proofOfLast, proof.replace('"height":"1"', '"height":"0"'), 'none']) {
      const found = await here(middle, 'replay', { known: () => Promise.resolve({ proof: fromProof }) })
      const trust = { chainId: keys.identity.chainId, revocations: [], engine, cores: 1, fromProof }
      expect(said(found)).toEqual(said(await verifyChain(inPieces(middle), trust)))
      expect([found.from, found.level]).toEqual([2n, 'seals'])
    }
  })

  it('without one is checked by itself, and what that does not show is not called checked', async () => {
    const { middle } = await made(kv, PUTS)
    const found = await here(middle, 'roots')
    expect([found.ok, found.blocks, found.head?.height]).toEqual([true, 2n, 3n])
    const unchecked = found.verdicts.filter(({ verdict }) => verdict === 'unchecked').map(({ check }) => check)
    expect(unchecked).toEqual(['order', 'requests', 'ranges', 'state', 'outcomes', 'head'])
  })

  it('without one is still bound by the seals to the chain, and to a head that was accepted', async () => {
    const { middle } = await made(kv, PUTS)
    const other = await here(middle, 'seals', { chainId: chainKeys(kv.name, new Random(8)).identity.chainId })
    expect(other.fault?.check).toBe('genesis')
    const head = { height: 3n, blockHash: new Uint8Array(32) }
    const forked = await here(middle, 'seals', { known: () => Promise.resolve({ head }) })
    expect(forked.fault?.check).toBe('head')
  })
})
