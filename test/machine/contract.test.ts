/** What a machine may do, what becomes of one that does something else, and what its clients get to see of that. */
import { describe, expect, it } from 'vitest'
import { defineMachine, executeBatch, type Machine, type Tx } from '../../src/machine/index.ts'
import { CairnError } from '../../src/verify/error.ts'
import { codeOf, command, parsed, utf8, World } from '../support/batches.ts'

const MIB = 1 << 20
const KEY = utf8('key')

/** A machine whose command `do` does this, after a write, an event and an intent of its own. */
function doing(act: (tx: Tx, payload: Uint8Array) => unknown): Machine {
  return defineMachine({
    id: 'test',
    version: 1,
    commands: {
      do: {
        validate: (payload: Uint8Array) => payload,
        execute({ payload }, tx) {
          tx.put('state', utf8('before'), utf8('1'))
          tx.emit('topic', utf8('2'))
          tx.intend('kind', utf8('3'))
          return act(tx, payload) as Uint8Array | undefined
        },
      },
    },
  })
}

const recurse = (tx: Tx): bigint => tx.seq + recurse(tx)

const MACHINE_ERROR = {
  status: 1,
  reply: utf8('{"error":{"code":"machine_error","message":"the machine failed on this command"}}'),
  obligations: [],
  intents: [],
  writes: [],
}

describe('a command', () => {
  it('gives its reply, writes, obligations and intents, in their order', () => {
    const machine = doing((tx) => {
      tx.put('risk', KEY, utf8('a'))
      tx.delete('state', KEY)
      tx.put('risk', KEY, utf8('b'))
      tx.emit('second', utf8('4'))
      return utf8('reply')
    })
    expect(new World(machine).one('do')).toEqual({
      status: 0,
      reply: utf8('reply'),
      obligations: [
        { topic: 'topic', data: utf8('2') },
        { topic: 'second', data: utf8('4') },
      ],
      intents: [{ kind: 'kind', data: utf8('3') }],
      writes: [
        ['state', utf8('before'), utf8('1')],
        ['risk', KEY, utf8('b')],
        ['state', KEY, null],
      ],
    })
  })

  it('may reply without returning, and without either the reply is empty', () => {
    expect(new World(doing((tx) => tx.reply(utf8('r')))).one('do').reply).toEqual(utf8('r'))
    expect(new World(doing(() => undefined)).one('do').reply).toEqual(utf8(''))
  })

  it('knows its place in the chain', () => {
    const world = new World(doing(({ seq, height, timestamp }) => utf8(`${seq} ${height} ${timestamp}`)))
    world.batch(command('do'), command('do'))
    world.batch(command('do'))
    expect(world.outcomes.map(({ reply }) => new TextDecoder().decode(reply))).toEqual([
      '0 0 1000',
      '1 0 1000',
      '2 1 1001',
    ])
  })

  it('is told whether a key is there as it would read it: before the batch, by commands before it, by itself', () => {
    const machine = doing((tx) => {
      const before = tx.has('state', KEY)
      if (before) tx.delete('state', KEY)
      else tx.put('state', KEY, utf8(''))
      return utf8(`${before} ${tx.has('state', KEY)} ${tx.has('risk', KEY)}`)
    })
    const world = new World(machine)
    world.batch(command('do'))
    world.batch(command('do'), command('do'), command('do'))
    expect(world.outcomes.map(({ reply }) => new TextDecoder().decode(reply))).toEqual([
      'false true false',
      'true false false',
      'false true false',
      'true false false',
    ])
  })

  it('reads what it wrote, and what commands before it in the batch wrote', () => {
    const machine = doing((tx) => {
      const before = tx.get('state', KEY)?.length ?? 0
      tx.put('state', KEY, new Uint8Array(before + 1))
      const after = tx.get('state', KEY)?.length
      tx.delete('risk', KEY)
      return utf8(`${before} ${after} ${String(tx.get('risk', KEY))}`)
    })
    const world = new World(machine)
    world.batch(command('do'), command('do'))
    world.batch(command('do'))
    const replies = world.outcomes.map(({ reply }) => new TextDecoder().decode(reply))
    expect(replies).toEqual(['0 1 undefined', '1 2 undefined', '2 3 undefined'])
  })

  it('cannot change the state through what it was given or gave', () => {
    const world = new World(
      doing((tx, payload) => {
        tx.get('state', KEY)?.fill(9)
        const value = utf8('x')
        tx.put('risk', KEY, value)
        value.fill(9)
        payload.fill(9)
        return undefined
      }),
    )
    world.trees.state.set('0x6b6579', utf8('kept'))
    const given = command('do', 'payload')
    world.batch(given)
    expect(world.text('state', 'key')).toBe('kept')
    expect(world.text('risk', 'key')).toBe('x')
    expect(given.payload).toEqual(utf8('"payload"'))
  })
})

describe('a rejected command', () => {
  it('answers its code and message, and leaves nothing', () => {
    const outcome = new World(doing((tx) => tx.reject('no_funds', 'the balance is 3'))).one('do')
    expect(outcome).toMatchObject({ status: 1, obligations: [], intents: [], writes: [] })
    expect(parsed(outcome.reply)).toEqual({ error: { code: 'no_funds', message: 'the balance is 3' } })
  })

  it('leaves nothing for later commands of its batch to read', () => {
    const machine = doing((tx, payload) => {
      if (tx.get('state', KEY) !== undefined) return utf8('seen')
      tx.put('state', KEY, payload)
      return payload.length > 2 ? tx.reject('no', 'no') : undefined
    })
    const { outcomes } = new World(machine).batch(command('do', 'long'), command('do', ''), command('do', ''))
    expect(outcomes.map(({ status, reply }) => [status, reply.length])).toEqual([
      [1, 38],
      [0, 0],
      [0, 4],
    ])
  })

  it('leaves the machine as an error that tells what was rejected, to whoever catches it on the way', () => {
    let caught: unknown
    const machine = doing((tx) => {
      try {
        tx.reject('no_funds', 'the balance is 3')
      } catch (error) {
        caught = error
        throw error
      }
    })
    expect(new World(machine).one('do').status).toBe(1)
    expect(caught).toBeInstanceOf(CairnError)
    expect(caught).toMatchObject({ name: 'CairnError', code: 'no_funds', message: 'the balance is 3', details: {} })
    expect([caught instanceof Error, String(caught)]).toEqual([true, 'CairnError: the balance is 3'])
  })

  it('stays rejected when the machine catches that and goes on', () => {
    const machine = doing((tx) => {
      expect(codeOf(() => tx.reject('first', 'a'))).toBe('first')
      expect(codeOf(() => tx.reject('second', 'b'))).toBe('command_ended')
      expect(codeOf(() => tx.put('state', KEY, KEY))).toBe('command_ended')
      return utf8('fine')
    })
    const { outcomes, faults } = new World(machine).batch(command('do'))
    expect(parsed(outcomes[0]?.reply)).toEqual({ error: { code: 'first', message: 'a' } })
    expect(faults).toEqual([])
  })
})

describe('a machine that fails rejects the command with machine_error, always the same, and the chain lives on', () => {
  it.each<[string, (tx: Tx, payload: Uint8Array) => unknown]>([
    ['it throws an error', () => JSON.parse('{')],
    ['it never comes back', (tx) => recurse(tx)],
    ['it answers a promise', async () => utf8('later')],
    ['it answers a promise that fails', async () => JSON.parse('{')],
    ['it answers text', () => 'text'],
    ['it answers null', () => null],
    ['its reply is over 64 KiB', () => new Uint8Array((64 << 10) + 1)],
    ['a reply by tx.reply is', (tx) => tx.reply(new Uint8Array((64 << 10) + 1))],
    ['it reads a key of the chain', (tx) => tx.get('state', utf8('\0chain'))],
    ['it asks whether a key of the chain is there', (tx) => tx.has('state', utf8('\0chain'))],
    ['it writes a key of the chain', (tx) => tx.put('state', utf8('\0chain'), KEY)],
    ['it writes such a key in the risk tree', (tx) => tx.put('risk', utf8('\0'), KEY)],
    ['it deletes a key of the chain', (tx) => tx.delete('risk', utf8('\0chain'))],
    ['a key is empty', (tx) => tx.put('state', utf8(''), KEY)],
    ['a key is over 1024 bytes', (tx) => tx.get('state', new Uint8Array(1025).fill(1))],
    ['a key is text', (tx) => tx.get('state', 'key' as unknown as Uint8Array)],
    ['a value is over 1 MiB', (tx) => tx.put('state', KEY, new Uint8Array(MIB + 1))],
    ['a value is null', (tx) => tx.put('state', KEY, null as unknown as Uint8Array)],
    ['a tree is none', (tx) => tx.put('other' as 'state', KEY, KEY)],
    ['a topic is empty', (tx) => tx.emit('', KEY)],
    ['a topic is over 64 bytes', (tx) => tx.emit('é'.repeat(33), KEY)],
    ['a topic is half a surrogate pair', (tx) => tx.emit('\ud800', KEY)],
    ['an event is over 64 KiB', (tx) => tx.emit('t', new Uint8Array((64 << 10) + 1))],
    ['a kind is over 64 bytes', (tx) => tx.intend('k'.repeat(65), KEY)],
    ['an intent is over 64 KiB', (tx) => tx.intend('k', new Uint8Array((64 << 10) + 1))],
    ['a rejection has no code', (tx) => tx.reject('', 'message')],
    ['a rejection is over 64 KiB', (tx) => tx.reject('code', 'x'.repeat(64 << 10))],
    [
      'one command writes more than a record can hold',
      (tx) => {
        for (let i = 1; i <= 17; i++) tx.put('state', Uint8Array.of(i), new Uint8Array(MIB))
      },
    ],
    [
      'one command emits more than that',
      (tx) => {
        for (let i = 0; i <= 256; i++) tx.emit('t', new Uint8Array(64 << 10))
      },
    ],
    [
      'one command intends more than that',
      (tx) => {
        for (let i = 0; i <= 256; i++) tx.intend('k', new Uint8Array(64 << 10))
      },
    ],
    ['the message of a rejection is no text', (tx) => tx.reject('code', { now: 1 } as unknown as string)],
    [
      'it breaks a bound and catches that',
      (tx) => {
        expect(codeOf(() => tx.emit('', KEY))).toBe('malformed')
        return utf8('fine')
      },
    ],
  ])('%s', (_, act) => {
    const world = new World(doing((tx, payload) => (payload.length === 2 ? act(tx, payload) : utf8('alive'))))
    const { outcomes, faults } = world.batch(command('do'), command('do', 'other'))
    expect(outcomes[0]).toEqual(MACHINE_ERROR)
    expect(outcomes[1]).toMatchObject({ status: 0, reply: utf8('alive') })
    expect(faults).toMatchObject([{ seq: 0n }])
  })

  it.each([
    ['text', 'text', 'malformed'],
    ['an object', { sum: 3 }, 'malformed'],
    ['a reply that is too long', new Uint8Array((64 << 10) + 1), 'over_limit'],
  ])('whose execute returns %s is told so: no line of it is in the stack', (_, returned, code) => {
    const { faults } = new World(doing(() => returned)).batch(command('do'))
    expect(faults[0]?.cause).toMatchObject({ code, message: expect.stringMatching(/^execute returned/) as string })
  })

  it('what it does after the end changes nothing', () => {
    let kept: Tx | undefined
    const world = new World(
      doing((tx) => {
        kept = tx
      }),
    )
    const { outcomes } = world.batch(command('do'))
    const before = structuredClone(outcomes)
    expect(codeOf(() => kept?.put('state', KEY, KEY))).toBe('command_ended')
    expect(codeOf(() => kept?.get('state', KEY))).toBe('command_ended')
    expect(codeOf(() => kept?.emit('t', KEY))).toBe('command_ended')
    expect(outcomes).toEqual(before)
  })

  it('the largest that FORMAT allows are not a failure', () => {
    const machine = doing((tx) => {
      tx.put('state', new Uint8Array(1024).fill(1), new Uint8Array(MIB))
      tx.put('state', KEY, new Uint8Array(0))
      tx.emit('é'.repeat(32), new Uint8Array(64 << 10))
      tx.intend('k'.repeat(64), new Uint8Array(64 << 10))
      return new Uint8Array(64 << 10)
    })
    expect(new World(machine).one('do').status).toBe(0)
  })
})

describe('a state that cannot be read', () => {
  it('ends the batch with the reader’s error: that is no outcome, whatever the machine makes of it', () => {
    const machine = doing((tx) => {
      try {
        tx.get('state', KEY)
      } catch {
        return utf8('never mind')
      }
      return undefined
    })
    const reads = (): never => {
      throw new Error('the disk is gone')
    }
    const place = new World(machine).place
    expect(() => executeBatch(machine, reads, [command('do')], place)).toThrow('the disk is gone')
  })
})
