/** The machine alone, without a chain: commands in, outcomes and the state after them out. */
import { executeBatch, MachineSet } from 'cairn-log/machine'
import { expect, it } from 'vitest'
import { seats } from './machine.ts'

/** The state that commands leave behind, and what each was answered. */
class Box {
  private readonly state = new Map<string, Uint8Array>()
  private seq = 0n

  run(...commands: readonly (readonly [client: string, type: string, payload: unknown])[]): readonly string[] {
    const entries = commands.map(([client, type, payload], i) => {
      const bytes = Buffer.from(JSON.stringify(payload))
      return { client, request: this.seq + BigInt(i) + 1n, type, payload: bytes, receivedAt: 0n }
    })
    const place = { height: 0n, timestamp: 0n, firstSeq: this.seq, machines: new MachineSet([seats]), twice: true }
    const { outcomes, faults } = executeBatch(
      seats,
      (tree, key) => this.state.get(`${tree} ${keyText(key)}`),
      entries,
      place,
    )
    if (faults.length > 0) throw new Error('the machine failed', { cause: faults[0]?.cause })
    for (const [tree, key, value] of outcomes.flatMap(({ writes }) => writes)) {
      if (value === null) this.state.delete(`${tree} ${keyText(key)}`)
      else this.state.set(`${tree} ${keyText(key)}`, value)
    }
    this.seq += BigInt(commands.length)
    return outcomes.map(({ status, reply }) => {
      const said = JSON.parse(Buffer.from(reply).toString()) as { free?: number; error?: { code: string } }
      return status === 0 ? `${said.free} free` : String(said.error?.code)
    })
  }

  get keys(): readonly string[] {
    return [...this.state.keys()].toSorted()
  }
}

function keyText(key: Uint8Array): string {
  return Buffer.from(key).toString()
}

const open = ['manager', 'open', { show: 'macbeth', seats: 2 }] as const
const seat = (n: number) => ({ show: 'macbeth', seat: n })

it('sells a seat once, within one batch and over several', () => {
  const box = new Box()
  expect(box.run(open, ['a', 'reserve', seat(1)], ['b', 'reserve', seat(1)])).toEqual([
    '2 free',
    '1 free',
    'seat_taken',
  ])
  expect(box.run(['b', 'reserve', seat(1)], ['b', 'reserve', seat(2)])).toEqual(['seat_taken', '0 free'])
})

it('gives a seat back to be sold again, by its owner alone, and leaves no trace of it in the state', () => {
  const box = new Box()
  box.run(open, ['a', 'reserve', seat(1)])
  expect(box.run(['b', 'cancel', seat(1)], ['a', 'cancel', seat(1)])).toEqual(['not_yours', '2 free'])
  expect(box.keys).toEqual(['state show/macbeth'])
  expect(box.run(['b', 'reserve', seat(1)])).toEqual(['1 free'])
})

it('rejects what is not there', () => {
  const box = new Box()
  expect(box.run(['a', 'reserve', seat(1)])).toEqual(['show_unknown'])
  expect(box.run(open, open, ['a', 'reserve', seat(3)], ['a', 'cancel', seat(1)])).toEqual([
    '2 free',
    'show_exists',
    'seat_unknown',
    'not_yours',
  ])
})

it.each([
  { show: 'Macbeth', seat: 1 },
  { show: 'macbeth' },
  { show: 'macbeth', seat: 0 },
  { show: 'macbeth', seat: 1.5 },
  'seat',
])('takes no payload of another form: %o', (payload) => {
  expect(() => seats.validate('reserve', Buffer.from(JSON.stringify(payload)))).toThrow(/^The payload/)
})

it('as many seats as are sold and free there are, whatever happens', () => {
  const box = new Box()
  box.run(['manager', 'open', { show: 'macbeth', seats: 5 }])
  const seed = Date.now() % 2 ** 31
  console.log(`seed ${seed}`)
  let state = seed
  const below = (n: number) => {
    state = (Math.imul(state, 48_271) >>> 0) % 0x7fff_ffff
    return state % n
  }
  const told: (readonly [string, string])[] = []
  for (let i = 0; i < 1000; i++) {
    const answer = box.run([`desk-${below(3)}`, below(2) === 0 ? 'reserve' : 'cancel', seat(1 + below(6))])[0] as string
    const sold = box.keys.filter((key) => key.startsWith('state seat/')).length
    if (answer.endsWith(' free')) told.push([answer, `${5 - sold} free`])
  }
  expect(told.length).toBeGreaterThan(50)
  for (const [answer, counted] of told) expect(answer).toBe(counted)
})
