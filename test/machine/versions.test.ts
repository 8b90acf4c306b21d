/** Definitions, what is admitted to a batch, versions of a machine, and machines that are not deterministic. */
import { describe, expect, it } from 'vitest'
import { admit, defineMachine, executeBatch, kv, type Machine, MachineSet, type Tx } from '../../src/machine/index.ts'
import { MACHINE_COMMAND } from '../../src/verify/index.ts'
import { codeOf, command, parsed, utf8, World } from '../support/batches.ts'

const PUT_MACHINE = (name: string) => command(MACHINE_COMMAND, utf8(name))

/** A machine of one type, which replies with its version and accepts payloads that begin with one of these letters. */
function versioned(version: number, letters: string, type = 'say'): Machine {
  return defineMachine({
    id: 'speaker',
    version,
    commands: {
      [type]: {
        validate(payload: Uint8Array) {
          const text = new TextDecoder().decode(payload)
          return letters.includes(text.charAt(0)) ? text : new Error(`${text} is not said in version ${version}`)
        },
        execute: ({ payload }: { payload: string }) => utf8(`${payload}${version}`),
      },
    },
  })
}

describe('a definition', () => {
  it.each([
    ['Upper', 1],
    ['', 1],
    ['a b', 1],
    ['a@b', 1],
    ['9a', 1],
    ['a'.repeat(63), 1],
    ['a', -1],
    ['a', 1.5],
    ['a', Number.NaN],
    ['a', 2 ** 53],
  ])('has a name of the form that FORMAT demands: %s@%d is none', (id, version) => {
    expect(codeOf(() => defineMachine({ id, version, commands: {} }))).toBe('invalid_machine')
  })

  it.each(['', 'x'.repeat(65), 'é'.repeat(33), '\ud800', 'cairn/machine', 'cairn/'])(
    'has types that clients may submit: %j is none',
    (type) => expect(codeOf(() => versioned(1, 'a', type))).toBe('invalid_machine'),
  )

  it('is known by its name', () => {
    expect(defineMachine({ id: 'a.b-c9', version: 0, commands: {} }).name).toBe('a.b-c9@0')
  })
})

describe('what never reaches a batch', () => {
  it.each(['nothing', 'constructor', '__proto__', 'toString', '', 'cairn/machine', 'cairn/other'])(
    'a command of a type that the machine does not have: %j',
    (type) => expect(codeOf(() => admit(versioned(1, 'a'), command(type)))).toBe('unknown_type'),
  )

  it('a payload that the machine does not take, and why', () => {
    const attempt = () => admit(versioned(1, 'a'), command('say', utf8('b')))
    expect(attempt).toThrow('b is not said in version 1')
    expect(codeOf(attempt)).toBe('invalid_payload')
  })

  it('a payload over 1 MiB, or one that is no bytes', () => {
    expect(codeOf(() => admit(versioned(1, '\0'), command('say', new Uint8Array((1 << 20) + 1))))).toBe(
      'invalid_payload',
    )
    const text = { ...command('say'), payload: 'a' as unknown as Uint8Array }
    expect(codeOf(() => admit(versioned(1, 'a'), text))).toBe('invalid_payload')
  })

  it('an outcome that somebody brings for a command that is executed here', () => {
    const outcome = { status: 0, reply: utf8('1'), obligations: [], intents: [], writes: [] } as const
    expect(codeOf(() => admit(kv, { ...command('delete', { key: 'a' }), outcome }))).toBe('invalid_outcome')
    expect(codeOf(() => admit(kv, { ...PUT_MACHINE('kv@1'), outcome }, new MachineSet([kv])))).toBe('invalid_outcome')
    expect(codeOf(() => new World(kv).execute([{ passthrough: utf8('') }]))).toBe('invalid_entry')
  })

  it('a change of the machine by anybody but the operator, or to a name that is none', () => {
    expect(codeOf(() => admit(kv, PUT_MACHINE('kv@1')))).toBe('unknown_type')
    expect(codeOf(() => admit(kv, PUT_MACHINE('KV'), new MachineSet([kv])))).toBe('invalid_payload')
    expect(codeOf(() => admit(kv, PUT_MACHINE('kv@1'), new MachineSet([kv])))).toBe('nothing thrown')
  })
})

describe('versions', () => {
  const [first, second] = [versioned(1, 'ab'), versioned(2, 'bc')]
  const machines = new MachineSet([first, second])
  const place = { ...new World(first).place, machines, twice: true }
  const none = (): undefined => undefined
  const replies = (machine: Machine, ...commands: Parameters<typeof command>[]) =>
    executeBatch(
      machine,
      none,
      commands.map((each) => command(...each)),
      place,
    )

  it('the one in force is found by its name', () => {
    expect(machines.inForce('speaker@2')).toBe(second)
    expect(codeOf(() => machines.inForce('speaker@3'))).toBe('unknown_machine')
    expect(codeOf(() => new MachineSet([first, versioned(1, 'z')]))).toBe('invalid_machine')
  })

  it('another one takes force from the next block on, by the last command that names one', () => {
    const { outcomes, machine } = replies(
      first,
      [MACHINE_COMMAND, utf8('speaker@1')],
      [MACHINE_COMMAND, utf8('speaker@2')],
      ['say', utf8('a')],
      [MACHINE_COMMAND, utf8('nonsense')],
    )
    expect(machine).toBe('speaker@2')
    expect(outcomes[1]).toMatchObject({ status: 0, reply: utf8('{"machine":"speaker@2"}'), writes: [] })
    expect(outcomes[2]?.reply).toEqual(utf8('a1'))
  })

  it.each(['speaker@3', 'kv@1'])(
    '%j was not given: that is refused, and never an outcome that another process would not have',
    (name) => {
      const change = command(MACHINE_COMMAND, utf8(name))
      expect(codeOf(() => admit(first, change, machines))).toBe('unknown_machine')
      expect(codeOf(() => executeBatch(first, none, [change], place))).toBe('unknown_machine')
    },
  )

  it.each(['nonsense', '', 'speaker@02'])('%j is no name of a machine, and nothing changes', (name) => {
    const { outcomes, machine } = replies(first, [MACHINE_COMMAND, utf8(name)])
    expect(machine).toBeUndefined()
    expect(outcomes[0]).toMatchObject({ status: 1, writes: [] })
    expect(parsed(outcomes[0]?.reply)).toMatchObject({ error: { code: 'unknown_machine' } })
  })

  it('what one version admitted is decoded again by the one that executes, and rejected where that takes it no more', () => {
    const admitted = ['a', 'b'].map((text) => admit(first, command('say', utf8(text))))
    const { outcomes } = executeBatch(second, none, [...admitted, command('shout')], place)
    expect(outcomes.map(({ status }) => status)).toEqual([1, 0, 1])
    expect(parsed(outcomes[0]?.reply)).toMatchObject({ error: { code: 'invalid_payload' } })
    expect(outcomes[1]?.reply).toEqual(utf8('b2'))
    expect(parsed(outcomes[2]?.reply)).toMatchObject({ error: { code: 'unknown_type' } })
  })
})

describe('executing twice finds a machine that is not deterministic', () => {
  let calls = 0
  const odd = (): boolean => ++calls % 2 === 1
  it.each<[string, (tx: Tx) => unknown]>([
    ['status', (tx) => (odd() ? undefined : tx.reject('a', 'b'))],
    ['reply', () => utf8(String(odd()))],
    ['obligations', (tx) => tx.emit('t', utf8(String(odd())))],
    ['obligations', (tx) => (odd() ? tx.emit('t', utf8('')) : undefined)],
    ['intents', (tx) => tx.intend(odd() ? 'k' : 'l', utf8(''))],
    ['writes', (tx) => tx.put(odd() ? 'state' : 'risk', utf8('k'), utf8(''))],
    ['writes', (tx) => tx.put('state', utf8('k'), utf8(odd() ? '1' : '2'))],
    ['writes', (tx) => (odd() ? tx.put('state', utf8('k'), utf8('')) : tx.delete('state', utf8('k')))],
  ])('by its %s', (differs, act) => {
    calls = 0
    const machine = defineMachine({
      id: 'odd',
      version: 1,
      commands: {
        fine: { validate: (payload) => payload, execute: () => utf8('x') },
        do: { validate: (payload) => payload, execute: (_, tx) => act(tx) as undefined },
        reply: { validate: (payload) => payload, execute: () => utf8(String(odd())) },
      },
    })
    const type = differs === 'reply' ? 'reply' : 'do'
    const attempt = () => new World(machine).batch(command('fine'), command(type))
    expect(attempt).toThrow(`The command 1, executed twice, gave different ${differs}.`)
    expect(codeOf(attempt)).toBe('machine_not_deterministic')
  })

  it('and one that changes what it was given', () => {
    const machine = defineMachine({
      id: 'greedy',
      version: 1,
      commands: {
        take: {
          validate: (payload: Uint8Array) => [...payload],
          execute: ({ payload }) => Uint8Array.of(payload.pop() ?? 0),
        },
        both: { validate: () => shared, execute: ({ payload }) => Uint8Array.of(payload.pop() ?? 0) },
      },
    })
    const shared = [1, 2]
    expect(codeOf(() => new World(machine).batch(command('take', utf8('ab'))))).toBe('nothing thrown')
    expect(codeOf(() => new World(machine).batch(command('both')))).toBe('machine_not_deterministic')
  })
})
