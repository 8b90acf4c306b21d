/** `ledger@1`: what a bookkeeper relies on, case by case, and what its clients are told. */
import { describe, expect, it } from 'vitest'
import { admit, ledger } from '../../src/machine/index.ts'
import { codeOf, command, parsed, World } from '../support/batches.ts'

const EUR = { currency: 'EUR' }
const open = (account: string, limit = '0', id = `open ${account}`) => command('open', { id, account, ...EUR, limit })
const deposit = (id: string, account: string, amount: string) => command('deposit', { id, account, ...EUR, amount })
const transfer = (id: string, from: string, to: string, amount: string) =>
  command('transfer', { id, from, to, ...EUR, amount })
const withdraw = (id: string, account: string, amount: string) =>
  command('withdraw', { id, account, ...EUR, amount, destination: 'DE02 1203' })

/** A ledger with the accounts a (limit 0, 100 in it) and b (limit −50, nothing). */
function opened(): World {
  const world = new World(ledger)
  world.batch(open('a'), open('b', '-50'), deposit('d1', 'a', '100'))
  return world
}

const codes = ({ outcomes }: ReturnType<World['batch']>): unknown[] =>
  outcomes.map(({ status, reply }) => (status === 0 ? 'ok' : (parsed(reply) as { error: { code: string } }).error.code))

const balances = (world: World): unknown[] => [
  ...['a', 'b'].map((each) => (parsed(world.reads('state', keyOf(each))) as { balance: string }).balance),
  world.text('state', 'external/EUR'),
]
const keyOf = (account: string): Uint8Array => new TextEncoder().encode(`account/EUR/${account}`)

describe('money', () => {
  it('comes in, moves, and goes out, with another side each time', () => {
    const world = opened()
    expect(balances(world)).toEqual(['100', '0', '-100'])
    const { outcomes } = world.batch(transfer('t1', 'a', 'b', '30'), withdraw('w1', 'b', '5'))
    expect(balances(world)).toEqual(['70', '25', '-95'])
    expect(outcomes.map(({ reply }) => parsed(reply))).toEqual([{ from: '70', to: '30' }, { balance: '25' }])
  })

  it('is counted exactly, however much it is', () => {
    const world = opened()
    const most = '9'.repeat(38)
    world.batch(deposit('d2', 'a', most), deposit('d3', 'a', most), transfer('t', 'a', 'b', most))
    expect(balances(world)).toEqual([`1${'0'.repeat(36)}99`, most, `-2${'0'.repeat(36)}98`])
  })

  it('goes out by an intent, that the outside carries out once', () => {
    const { outcomes } = opened().batch(withdraw('w1', 'a', '5'))
    const data = { id: 'w1', account: 'a', currency: 'EUR', amount: '5', destination: 'DE02 1203' }
    expect(outcomes[0]?.intents.map(({ kind, data }) => [kind, parsed(data)])).toEqual([['withdraw', data]])
  })

  it('is told of in an event for every operation', () => {
    const world = opened()
    world.batch(transfer('t1', 'a', 'b', '30'))
    expect(world.outcomes.flatMap(({ obligations }) => obligations.map(({ topic }) => topic))).toEqual([
      'open',
      'open',
      'deposit',
      'transfer',
    ])
    expect(parsed(world.outcomes[3]?.obligations[0]?.data)).toEqual({
      id: 't1',
      from: 'a',
      to: 'b',
      currency: 'EUR',
      amount: '30',
    })
  })
})

describe('a limit', () => {
  it('may be reached and not passed, by a transfer or a withdrawal', () => {
    const world = opened()
    expect(codes(world.batch(transfer('t1', 'a', 'b', '101'), withdraw('w1', 'a', '101')))).toEqual([
      'limit_exceeded',
      'limit_exceeded',
    ])
    expect(codes(world.batch(transfer('t2', 'a', 'b', '100'), withdraw('w2', 'b', '150')))).toEqual(['ok', 'ok'])
    expect(balances(world)).toEqual(['0', '-50', '50'])
    expect(codes(world.batch(withdraw('w3', 'b', '1')))).toEqual(['limit_exceeded'])
  })

  it('overdrawn is exposure of the account and of the currency, until it is paid back', () => {
    const world = opened()
    world.batch(open('c', '-9'), withdraw('w1', 'b', '20'), withdraw('w2', 'c', '9'))
    const exposures = () => ['/b', '/c', ''].map((each) => world.text('risk', `exposure/EUR${each}`))
    expect(exposures()).toEqual(['20', '9', '29'])
    world.batch(deposit('d2', 'b', '15'), transfer('t1', 'a', 'c', '10'))
    expect(exposures()).toEqual(['5', undefined, '5'])
    world.batch(deposit('d3', 'b', '5'))
    expect(world.trees.risk.size).toBe(0)
  })
})

describe('an operation id', () => {
  it('used twice answers the first reply, byte for byte, and changes nothing', () => {
    const world = opened()
    const first = world.batch(withdraw('w1', 'a', '60')).outcomes[0]
    world.batch(deposit('d2', 'a', '7'))
    const before = new Map(world.trees.state)
    const { outcomes } = world.batch(withdraw('w1', 'a', '60'), deposit('d1', 'a', '100'), open('b', '-50'))
    expect(outcomes[0]).toEqual({ status: 0, reply: first?.reply, obligations: [], intents: [], writes: [] })
    expect(outcomes.map(({ writes, obligations }) => writes.length + obligations.length)).toEqual([0, 0, 0])
    expect(world.trees.state).toEqual(before)
  })

  it('is the same operation however its members are ordered', () => {
    const payload = { amount: '100', ...EUR, account: 'a', id: 'd1' }
    expect(opened().one('deposit', payload)).toMatchObject({ status: 0, writes: [] })
  })

  it('used for another operation is rejected', () => {
    const world = opened()
    expect(codes(world.batch(deposit('d1', 'a', '99'), withdraw('d1', 'a', '100'), open('a', '-1')))).toEqual(
      Array.from({ length: 3 }, () => 'operation_conflict'),
    )
    expect(balances(world)).toEqual(['100', '0', '-100'])
  })

  it('that was rejected may be used again', () => {
    const world = opened()
    expect(codes(world.batch(withdraw('w1', 'a', '101'), deposit('d2', 'a', '1'), withdraw('w1', 'a', '101')))).toEqual(
      ['limit_exceeded', 'ok', 'ok'],
    )
  })
})

describe('an account', () => {
  it('is opened once in a currency, and has to be', () => {
    const world = opened()
    expect(
      codes(
        world.batch(
          open('a', '0', 'again'),
          deposit('d2', 'nobody', '1'),
          transfer('t1', 'nobody', 'a', '1'),
          transfer('t2', 'a', 'nobody', '1'),
          command('deposit', { id: 'd3', account: 'a', currency: 'USD', amount: '1' }),
        ),
      ),
    ).toEqual(['account_exists', 'account_unknown', 'account_unknown', 'account_unknown', 'account_unknown'])
    expect(balances(world)).toEqual(['100', '0', '-100'])
  })

  it('may have any name and shares its keys with no other', () => {
    const world = new World(ledger)
    const names = ['a', 'a/b', '/', '__proto__', 'é', 'EUR/a', '\n', '"']
    for (const name of names) {
      const opening = command('open', { id: name, account: name, currency: 'EUR', limit: '-9' })
      const taking = command('withdraw', { id: `w${name}`, account: name, ...EUR, amount: '9', destination: '\n' })
      expect(codes(world.batch(opening, taking, taking))).toEqual(['ok', 'ok', 'ok'])
    }
    expect(world.text('risk', 'exposure/EUR')).toBe(String(9 * names.length))
    expect(world.trees.risk.size).toBe(names.length + 1)
  })
})

describe('a payload is refused that', () => {
  const DEPOSIT = { id: 'd', account: 'a', ...EUR, amount: '1' }
  it.each<[string, string, unknown]>([
    ['has an amount of zero', 'deposit', { ...DEPOSIT, amount: '0' }],
    ['has an amount with a sign', 'deposit', { ...DEPOSIT, amount: '-1' }],
    ['has one with a plus', 'deposit', { ...DEPOSIT, amount: '+1' }],
    ['has one with a leading zero', 'deposit', { ...DEPOSIT, amount: '01' }],
    ['has one with a fraction', 'deposit', { ...DEPOSIT, amount: '1.0' }],
    ['has one with an exponent', 'deposit', { ...DEPOSIT, amount: '1e3' }],
    ['has one in hex', 'deposit', { ...DEPOSIT, amount: '0x1' }],
    ['has one with a line feed', 'deposit', { ...DEPOSIT, amount: '1\n' }],
    ['has other digits', 'deposit', { ...DEPOSIT, amount: '١' }],
    ['has an amount of 39 digits', 'deposit', { ...DEPOSIT, amount: '9'.repeat(39) }],
    ['has an amount of a million digits', 'deposit', { ...DEPOSIT, amount: '9'.repeat(1_000_000) }],
    ['has an amount that is a number', 'deposit', { ...DEPOSIT, amount: 1 }],
    ['has no id', 'deposit', { ...DEPOSIT, id: '' }],
    ['has an id over 64 bytes', 'deposit', { ...DEPOSIT, id: 'é'.repeat(33) }],
    ['has a currency with a slash', 'deposit', { ...DEPOSIT, currency: 'E/R' }],
    ['has an account that is no text', 'deposit', { ...DEPOSIT, account: { hex: '0x61' } }],
    ['has a member more', 'deposit', { ...DEPOSIT, memo: '' }],
    ['opens with a limit above zero', 'open', { id: 'o', account: 'a', ...EUR, limit: '1' }],
    ['opens with a limit of minus zero', 'open', { id: 'o', account: 'a', ...EUR, limit: '-0' }],
    ['pays itself', 'transfer', { id: 't', from: 'a', to: 'a', ...EUR, amount: '1' }],
    ['withdraws to nowhere', 'withdraw', { ...DEPOSIT, destination: '' }],
  ])('%s', (_, type, payload) => {
    expect(codeOf(() => admit(ledger, command(type, payload)))).toBe('invalid_payload')
  })
})
