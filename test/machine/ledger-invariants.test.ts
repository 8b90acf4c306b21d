/** What holds in every state that the ledger can reach, under random commands, many of them repeated or impossible. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommandOutcome, ledger, trialBalance } from '../../src/machine/index.ts'
import { fromHex } from '../../src/verify/index.ts'
import { command, parsed, World } from '../support/batches.ts'
import { seed } from '../support/seed.ts'

const account = fc.constantFrom('a', 'b', 'c')
const currency = fc.constantFrom('EUR', 'USD')
const amount = fc.oneof(fc.integer({ min: 1, max: 60 }).map(String), fc.constant('9'.repeat(38)))
// Few ids, so that many are used again, for the same and for something else.
const id = fc.integer({ min: 0, max: 40 }).map(String)
const operation = fc.oneof(
  { weight: 2, arbitrary: of('open', { account, limit: fc.constantFrom('0', '-50', `-${'9'.repeat(38)}`) }) },
  { weight: 3, arbitrary: of('deposit', { account, amount }) },
  { weight: 4, arbitrary: of('transfer', { from: account, to: account, amount }).filter(isBetweenTwo) },
  { weight: 3, arbitrary: of('withdraw', { account, amount, destination: fc.constant('x') }) },
)
const batches = fc.array(fc.array(operation, { maxLength: 10 }), { maxLength: 10 })

interface Given {
  readonly type: string
  readonly payload: Readonly<Record<string, string>>
}

function of(type: string, members: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<Given> {
  return fc
    .record({ id, currency, ...members })
    .map((payload) => ({ type, payload: { ...payload } as Given['payload'] }))
}

function isBetweenTwo({ payload }: Given): boolean {
  return payload.from !== payload.to
}

function run(given: readonly (readonly Given[])[]): World {
  const world = new World(ledger)
  for (const batch of given) world.batch(...batch.map(({ type, payload }) => command(type, payload)))
  return world
}

const entriesOf = (tree: Map<string, Uint8Array>): [Uint8Array, Uint8Array][] =>
  [...tree].map(([key, value]) => [fromHex(key) as Uint8Array, value])
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Each account as `<currency>/<account>`, with its balance and limit. */
function accountsOf({ trees }: World): [string, bigint, bigint][] {
  return entriesOf(trees.state).flatMap(([key, value]) => {
    if (!text(key).startsWith('account/')) return []
    const { balance, limit } = parsed(value) as { balance: string; limit: string }
    return [[text(key).slice('account/'.length), BigInt(balance), BigInt(limit)]]
  })
}

/** Checks this in the states and outcomes that random commands lead to. */
function inAny(check: (world: World, given: readonly (readonly Given[])[]) => void): void {
  fc.assert(
    fc.property(batches, (given) => check(run(given), given)),
    { seed, numRuns: 150 },
  )
}

describe(`in every state (CAIRN_SEED=${seed})`, () => {
  it('the trial balance of every currency is zero', () =>
    inAny((world) => {
      for (const sum of trialBalance(entriesOf(world.trees.state)).values()) expect(sum).toBe(0n)
    }))

  it('and is not, where somebody else wrote into the books', () => {
    const world = run([[{ type: 'open', payload: { id: '1', account: 'a', currency: 'EUR', limit: '0' } }]])
    const [key] = [...world.trees.state.keys()]
    world.trees.state.set(key as string, new TextEncoder().encode('{"balance":"1","limit":"0"}'))
    expect(trialBalance(entriesOf(world.trees.state))).toEqual(new Map([['EUR', 1n]]))
  })

  it('no balance is below its limit', () =>
    inAny((world) => {
      for (const [, balance, limit] of accountsOf(world)) expect(balance).toBeGreaterThanOrEqual(limit)
    }))

  it('exposures are what the balances say, and their sums', () =>
    inAny((world) => {
      const expected = new Map<string, bigint>()
      for (const [name, balance] of accountsOf(world)) {
        if (balance >= 0n) continue
        const [currency] = name.split('/')
        for (const key of [`exposure/${name}`, `exposure/${currency}`])
          expected.set(key, (expected.get(key) ?? 0n) - balance)
      }
      expect(new Map(entriesOf(world.trees.risk).map(([key, value]) => [text(key), BigInt(text(value))]))).toEqual(
        expected,
      )
    }))

  it('an id counts once: repeated it has the first reply, and every accepted withdrawal has one intent', () =>
    inAny((world, given) => {
      const firsts = new Map<string, unknown>()
      const repeated: unknown[] = []
      const expected: unknown[] = []
      const withdrawn: unknown[] = []
      for (const [i, { type, payload }] of given.flat().entries()) {
        const { status, reply, writes } = world.outcomes[i] as CommandOutcome
        const { id = '' } = payload
        if (status === 1) continue
        const asked = JSON.stringify([type, payload])
        const first = firsts.get(id)
        if (first !== undefined) {
          repeated.push({ asked, reply, writes })
          expected.push(first)
          continue
        }
        firsts.set(id, { asked, reply, writes: [] })
        if (type === 'withdraw') withdrawn.push(id)
      }
      expect(repeated).toEqual(expected)
      const intents = world.outcomes.flatMap(({ intents }) =>
        intents.map(({ data }) => (parsed(data) as { id: string }).id),
      )
      expect(intents).toEqual(withdrawn)
    }))

  it('nothing is ever a machine_error', () =>
    inAny((world) => {
      expect(world.outcomes.filter(({ reply }) => text(reply).includes('machine_error'))).toEqual([])
    }))

  it('the recorded writes alone give the same state, and executing again gives the same outcomes', () =>
    inAny((world, given) => {
      const replayed = new World(ledger)
      for (const { writes } of world.outcomes) replayed.apply(writes)
      expect(replayed.trees).toEqual(world.trees)
      // In one batch or in many: what a command finds is the same, but for the block it is in.
      const [again, whole] = [run(given), run([given.flat()])]
      expect(again.outcomes).toEqual(world.outcomes)
      expect(whole.outcomes).toEqual(world.outcomes)
    }))
})
