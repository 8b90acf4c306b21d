/** Machines, callers and stores that do what they should not: what becomes of it is a refusal or `machine_error`, the same everywhere. */
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  admit,
  type BatchCommand,
  defineMachine,
  executeBatch,
  external,
  kv,
  type Machine,
  MachineSet,
  type Tx,
} from '../../src/machine/index.ts'
import { codeOf, command, parsed, utf8, World } from '../support/batches.ts'

/** A machine with one command. What a type forbids is tried too: machines come from JavaScript as well. */
function doing(act: unknown, validate: unknown = (payload: Uint8Array) => payload): Machine {
  return defineMachine({ id: 'test', version: 1, commands: { do: { validate, execute: act } as never } })
}

const place = (...machines: Machine[]) => ({
  height: 0n,
  timestamp: 0n,
  firstSeq: 0n,
  machines: new MachineSet(machines),
})
const none = (): undefined => undefined
const MACHINE_ERROR = { error: { code: 'machine_error' } }
const outcome = { status: 0, reply: utf8('r'), obligations: [], intents: [], writes: [] } as const

describe('a machine', () => {
  it('that reads as deep as a payload says overflows by its own fault, not in the store', () => {
    const walk = (tx: Tx, depth: number): number => {
      tx.get('state', utf8('k'))
      return depth + walk(tx, depth + 1)
    }
    const deep = (frames: number): undefined => (frames > 0 ? deep(frames - 1) : undefined)
    const machine = doing((_: unknown, tx: Tx) => utf8(String(walk(tx, 0))))
    const { outcomes } = executeBatch(machine, () => deep(20), [command('do'), command('do')], place(machine))
    expect(outcomes.map(({ reply }) => parsed(reply))).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: 'machine_error' }) }),
      expect.objectContaining({ error: expect.objectContaining({ code: 'machine_error' }) }),
    ])
  })

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['an object without a prototype', () => Object.create(null)],
    [
      'what cannot be shown',
      () => ({
        toString: () => {
          throw new Error('no')
        },
      }),
    ],
    [
      'an error whose message throws',
      () =>
        Object.defineProperty(new Error('x'), 'message', {
          get: () => {
            throw new Error('no')
          },
        }),
    ],
  ])('whose validate throws %s refuses the payload', (_, make) => {
    const machine = doing(none, () => {
      throw make()
    })
    expect(codeOf(() => admit(machine, command('do')))).toBe('invalid_payload')
    // Recorded by another version, it is rejected, and the batch goes on.
    const { outcomes } = executeBatch(machine, none, [command('do'), command('do')], place(machine))
    expect(outcomes.map(({ status }) => status)).toEqual([1, 1])
  })

  it('whose validate or execute is late is refused, and what becomes of the promise ends nothing', async () => {
    const lateValidate = doing(none, async () => {
      await Promise.resolve()
      throw new Error('nobody hears this')
    })
    expect(codeOf(() => admit(lateValidate, command('do')))).toBe('invalid_payload')
    class Stubborn extends Promise<unknown> {
      override catch(): never {
        throw new Error('its own catch')
      }
    }
    const late = doing(() => Stubborn.reject(new Error('nobody hears this')))
    expect(parsed(new World(late).one('do').reply)).toMatchObject(MACHINE_ERROR)
    await setTimeout(10)
  })

  it('that nobody defined, and that takes all that it is sent, gets neither the chain’s own types nor such as no record may have', async () => {
    const lenient: Machine = { name: 'test@1', isExternal: false, validate: (_, payload) => payload, execute: none }
    for (const type of ['cairn/machine', 'cairn/other', '', 'x'.repeat(65), 'a\ud800']) {
      expect(codeOf(() => admit(lenient, command(type, utf8('test@2'))))).toBe('unknown_type')
    }
    expect(admit(lenient, command('x'.repeat(64), utf8('p'))).payload).toEqual(utf8('p'))
    const late: Machine = { ...lenient, validate: () => Promise.reject(new Error('nobody hears this')) }
    expect(codeOf(() => admit(late, command('do', utf8('p'))))).toBe('invalid_payload')
    await setTimeout(10)
  })

  it('is told when it is defined what is wrong with it', () => {
    const right = { validate: (payload: Uint8Array) => payload, execute: none }
    const wrong: unknown[] = [
      undefined,
      { do: { validate: right.validate } },
      { do: { execute: none } },
      { do: null },
      Object.create({ do: right }),
      { __proto__: right },
    ]
    for (const commands of wrong) {
      expect(codeOf(() => defineMachine({ id: 'test', version: 1, commands: commands as never }))).toBe(
        'invalid_machine',
      )
    }
  })

  it('gets a tx and nothing of what is behind it', () => {
    const machine = doing((_: unknown, tx: Tx) => {
      const { put } = tx
      put('state', utf8('k'), utf8('v'))
      return utf8(Object.keys(tx).toSorted().join(' '))
    })
    const { reply, writes } = new World(machine).one('do')
    expect(reply).toEqual(utf8('delete emit get has height intend put reject reply seq timestamp'))
    expect(writes).toEqual([['state', utf8('k'), utf8('v')]])
    const forging = doing((_: unknown, tx: Tx) => {
      ;(tx as { seq: bigint }).seq = 99n
    })
    expect(parsed(new World(forging).one('do').reply)).toMatchObject(MACHINE_ERROR)
  })

  it('may change what it read: the store keeps its own, whatever class of bytes it answers', () => {
    const stored = Buffer.from('hello')
    const machine = doing((_: unknown, tx: Tx) => {
      const found = tx.get('state', utf8('k'))
      const shown = utf8(String(found?.constructor.name))
      found?.fill(0)
      return shown
    })
    const { outcomes } = executeBatch(machine, () => stored, [command('do')], place(machine))
    expect(outcomes[0]?.reply).toEqual(utf8('Uint8Array'))
    expect(stored.toString()).toBe('hello')
  })

  it('cannot reply with half a surrogate pair, nor say more in topics than fits', () => {
    const half = doing((_: unknown, tx: Tx) => tx.reject('code', 'a\ud800'))
    expect(parsed(new World(half).one('do').reply)).toMatchObject(MACHINE_ERROR)
    const chatty = doing((_: unknown, tx: Tx) => {
      for (let i = 0; i < 140_000; i++) tx.emit('t'.repeat(64), utf8(''))
    })
    expect(parsed(new World(chatty).one('do').reply)).toMatchObject(MACHINE_ERROR)
  })
})

describe('what was admitted', () => {
  it('is executed and recorded as it was checked, whatever its caller does with its buffers', () => {
    const given = command('put', { key: 'a', value: '1' })
    const admitted = admit(kv, given)
    given.payload.set(utf8('{"key":"a","value":"2"}'))
    expect(admitted.payload).toEqual(utf8('{"key":"a","value":"1"}'))
    const brought = { ...outcome, reply: utf8('r') }
    const fromElsewhere = admit(external, { ...command('x'), outcome: brought })
    brought.reply = new Uint8Array(70_000)
    const { outcomes } = executeBatch(external, none, [fromElsewhere], place(external))
    expect(outcomes[0]?.reply).toEqual(utf8('r'))
  })

  it('may be executed again, by a machine that changes its payload too', () => {
    const machine = doing(
      ({ payload }: { payload: number[] }) => Uint8Array.of(payload.pop() as number),
      (payload: Uint8Array) => [...payload],
    )
    const admitted = admit(machine, command('do', utf8('ab')))
    const again = () => executeBatch(machine, none, [admitted], { ...place(machine), twice: true }).outcomes[0]?.reply
    expect([again(), again()]).toEqual([utf8('b'), utf8('b')])
  })
})

describe('from outside', () => {
  it.each([null, 0, '', false])('%j is no outcome', (none) => {
    expect(codeOf(() => admit(external, { ...command('x'), outcome: none as never }))).toMatch(/^invalid_/)
  })

  it('an outcome has a bound in all, as one that is executed here', () => {
    const value = new Uint8Array(1 << 20)
    const writes = Array.from({ length: 17 }, (_, i) => ['state', Uint8Array.of(1, i), value] as const)
    expect(codeOf(() => admit(external, { ...command('x'), outcome: { ...outcome, writes } }))).toBe('invalid_entry')
  })

  it('nothing is a command and passthrough at once, and what a prototype says makes nothing passthrough', () => {
    const both = { ...command('x'), outcome, passthrough: utf8('n') }
    expect(codeOf(() => executeBatch(external, none, [both], place(external)))).toBe('invalid_entry')
    const inherits = Object.setPrototypeOf(command('delete', { key: 'a' }), { passthrough: utf8('n') }) as BatchCommand
    const { outcomes } = executeBatch(kv, none, [inherits], place(kv))
    expect(outcomes).toHaveLength(1)
  })

  it.each(['', '-5x', '0x10', ' 7 ', 'ÿ'])('a count that reads %j is a fault, never a number', (count) => {
    const reads = (_: unknown, key: Uint8Array) =>
      new TextDecoder().decode(key).startsWith('stream/count') ? utf8(count) : undefined
    const { outcomes } = executeBatch(kv, reads, [command('append', { stream: 's', entry: 'e' })], place(kv))
    expect(parsed(outcomes[0]?.reply)).toMatchObject(MACHINE_ERROR)
  })
})
