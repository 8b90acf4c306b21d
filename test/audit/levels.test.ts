/** The three levels on chains that were made for real: what each finds, and what each leaves to the next. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainAudit } from '../../src/audit/audit.ts'
import type { AuditLevel } from '../../src/audit/faults.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import type { Machine } from '../../src/machine/contract.ts'
import { defineMachine, external, kv, ledger } from '../../src/machine/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { CairnError } from '../../src/verify/error.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { changeFrames, createIn, put, walFiles } from '../support/sim-chain.ts'
import { withBlocks, withoutWrites } from '../support/whole-chain.ts'
import { audit as auditAt, closedChain, type Files, filesIn, keys, verdictsOf } from './audited.ts'

let files: Files
beforeAll(async () => {
  files = await closedChain()
})

const scratch = mkdtempSync(join(tmpdir(), 'cairn-audit-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const at = (level: AuditLevel): Partial<AuditOptions> => ({
  level,
  scratch,
  ...(level === 'replay' && { machine: kv }),
})

/** On one core the state is recomputed as blocks are joined; on two it is ahead of them, on a thread of its own, where there is more than one stretch. */
describe.each([
  ['on one core', 1, undefined],
  ['on two cores, a frame at a time', 2, 512],
] as const)('%s', (_, cores, pieceBytes) => {
  const audit = (of: Files, options: Partial<AuditOptions> = {}): Promise<ChainAudit> =>
    auditAt(of, { cores, ...options }, pieceBytes)

  describe('a chain that is whole', () => {
    it.each([
      ['seals', ['ranges', 'state', 'outcomes', 'head']],
      ['roots', ['outcomes', 'head']],
      ['replay', ['head']],
    ] as const)('holds at the level %s, which says what it did not check', async (level, unchecked) => {
      const verified = await audit(files, at(level))
      expect(verified).toMatchObject({ ok: true, level, blocks: 4n, commands: 6n, head: { height: 3n } })
      expect(verified.fault).toBeUndefined()
      const left = verified.verdicts.filter(({ verdict }) => verdict === 'unchecked').map(({ check }) => check)
      expect(left).toEqual(unchecked)
      expect(readdirSync(scratch)).toEqual([])
    })

    it('is told from one of another id, and nothing of it is read', async () => {
      const chainId = new Uint8Array(32)
      expect(await audit(files, { chainId })).toMatchObject({ ok: false, blocks: 0n, fault: { check: 'genesis' } })
    })

    it('contains the head that was accepted before, or is rolled back', async () => {
      const { head } = await audit(files)
      if (head === undefined) throw new Error('it has a head')
      expect(verdictsOf(await audit(files, { head })).head).toBe('ok')
      const other = { ...head, blockHash: new Uint8Array(32) }
      expect((await audit(files, { head: other })).fault).toMatchObject({ check: 'head', height: 3n })
      const newer = { height: 9n, blockHash: head.blockHash }
      expect((await audit(files, { head: newer })).fault).toMatchObject({ check: 'head', height: 3n })
    })
  })

  describe('a machine', () => {
    /** `kv`, but for one line: what was put is written twice as long. */
    const changed: Machine = {
      ...kv,
      execute: (command, tx) =>
        kv.execute(command, command.seq === 3n ? { ...tx, put: (tree, key) => tx.put(tree, key, utf8('other')) } : tx),
    }

    it('that was changed by one line is found by the replay, and only by it', async () => {
      for (const level of ['seals', 'roots'] as const) expect((await audit(files, at(level))).ok).toBe(true)
      const { fault } = await audit(files, { ...at('replay'), machine: changed })
      expect(fault).toMatchObject({ check: 'outcomes', height: 1n, seq: 3n, file: 'journal/0000000000000000.wal' })
      expect(fault?.reason).toBe('kv@1, executed again, gives the command another list of writes')
    })

    it.each([
      ['status', { reject: true }, 'status (accepted or rejected)'],
      ['reply', { reply: true }, 'reply'],
      ['events', { emit: true }, 'list of obligations'],
      ['intents', { intend: true }, 'list of intents'],
    ] as const)('that gives another %s is named so', async (_, what, words) => {
      const machine: Machine = {
        ...kv,
        execute: (command, tx) => {
          if (command.seq !== 4n) return kv.execute(command, tx)
          if ('reject' in what) return tx.reject('no', 'no')
          const reply = kv.execute(command, tx)
          if ('emit' in what) tx.emit('more', utf8('more'))
          if ('intend' in what) tx.intend('more', utf8('more'))
          return 'reply' in what ? utf8('"other"') : reply
        },
      }
      const { fault } = await audit(files, { ...at('replay'), machine })
      expect(fault).toMatchObject({ check: 'outcomes', height: 2n, seq: 4n })
      expect(fault?.reason).toContain(`another ${words}`)
    })

    it.each([null, '', 0])('is not judged where %j is said to be what the cold key took back', async (given) => {
      // As a list it would be an empty one, under which nothing is taken back: without one revocation is unchecked.
      const refused = audit(files, { ...at('seals'), revocations: given as never })
      await expect(refused).rejects.toMatchObject({ code: 'malformed' })
    })

    it('is not read where what is asked of it is misspelt', async () => {
      await expect(audit(files, { ...at('seals'), revocation: [] } as never)).rejects.toThrow(
        /option revocation is refused/,
      )
    })

    it('that was not given is asked for before anything is read', async () => {
      const refused = audit(files, { ...at('replay'), machine: ledger })
      await expect(refused).rejects.toMatchObject({ code: 'unknown_machine' })
      await expect(audit(files, { level: 'replay' })).rejects.toMatchObject({ code: 'invalid_option' })
    })

    it('that takes the place of another executes from the next block on', async () => {
      const second = defineMachine({
        id: 'kv',
        version: 2,
        commands: {
          say: {
            validate: (payload: Uint8Array) => payload,
            execute: ({ payload }, tx) => {
              tx.put('risk', utf8('said'), payload)
              return payload
            },
          },
        },
      })
      const world = new World({ seed: 2 })
      const chain = await createIn(world, keys, { machine: [kv, second] })
      await chain.submit(put('a', 'b'))
      await chain.operate({ type: 'cairn/machine', payload: utf8('kv@2') })
      await chain.submit({ type: 'say', payload: utf8('hello') })
      await chain.close()
      const changedFiles = await filesIn(world)
      for (const cores of [1, 2]) {
        const audited = await audit(changedFiles, { ...at('replay'), machine: [kv, second], cores })
        expect(verdictsOf(audited)).toMatchObject({ outcomes: 'ok', state: 'ok' })
      }
      const without = await audit(changedFiles, at('replay'))
      expect(without.ok).toBe(true)
      expect(without.verdicts.find(({ check }) => check === 'outcomes')).toMatchObject({
        verdict: 'unchecked',
        reason: 'at height 1 a machine was put in force that was not given',
      })
    })

    it('is not compared with writes that a copy left out', async () => {
      const world = new World({ seed: 4 })
      const chain = await createIn(world, keys)
      await chain.submit(put('a', 'b'))
      await chain.submit(put('a', 'c'))
      await chain.close()
      const [path = ''] = await walFiles(world)
      await changeFrames(world, path, (frames) =>
        frames.map((records) => withBlocks(records, ({ commands }) => ({ commands: commands.map(withoutWrites) }))),
      )
      const { ok, blocks, verdicts } = await audit(await filesIn(world), at('replay'))
      expect([ok, blocks]).toEqual([true, 2n])
      const reason = 'from height 0 on the records do not hold all that was written'
      for (const check of ['state', 'outcomes']) {
        expect(verdicts.find((each) => each.check === check)).toMatchObject({ verdict: 'unchecked', reason })
      }
    })

    it('elsewhere is said to have executed', async () => {
      const world = new World({ seed: 3 })
      const ofEngine = chainKeys('external@1')
      const chain = await createIn(world, ofEngine, { machine: external })
      const outcome = { status: 0, reply: utf8('r'), obligations: [], intents: [], writes: [] } as const
      await chain.submit({ type: 'any', payload: utf8('p'), outcome })
      await chain.close()
      const options = { chainId: ofEngine.identity.chainId, level: 'replay', machine: external } as const
      const { ok, verdicts } = await audit(await filesIn(world), options)
      expect(ok).toBe(true)
      expect(verdicts.find(({ check }) => check === 'outcomes')).toMatchObject({ verdict: 'unchecked' })
    })
  })

  it('names an option that it does not take', async () => {
    const refused = async (options: Partial<AuditOptions>): Promise<unknown> =>
      audit(files, options).catch((error: unknown) => error instanceof CairnError && error.details.option)
    expect(await refused({ level: 'all' as AuditLevel })).toBe('level')
    expect(await refused({ machine: kv })).toBe('machine')
    expect(await refused({ cores: 0 })).toBe('cores')
    expect(await refused({ level: 'roots', resume: 'x' })).toBe('resume')
    expect(await refused({ level: 'roots', fromProof: '{}' })).toBe('fromProof')
  })
})
