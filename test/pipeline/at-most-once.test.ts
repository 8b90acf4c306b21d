/** FORMAT §9, as a client sees it: `(client, request)` names one command for good, executed once, answered always with the same receipt. */
import { describe, expect, it } from 'vitest'
import { CairnError, type Chain, hotSigner, kv, type Receipt } from '../../src/index.ts'
import type { OpenChain } from '../../src/pipeline/open-chain.ts'
import { answerRepeated } from '../../src/pipeline/repeated.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { CREATED_AT, chainKeys, delegate } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import { append, createIn, errorOf, openIn, put, textOf } from '../support/sim-chain.ts'

const keys = chainKeys()
const U64_MAX = (1n << 64n) - 1n
const named = (client: string, request: bigint) => ({ client, request })

async function made(): Promise<{ world: World; chain: Chain }> {
  const world = new World()
  return { world, chain: await createIn(world, keys) }
}

/** What each command of the chain was, in its order. */
async function executed(chain: Chain): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { record } of chain.blocks()) {
    for (const { seq, client, request, payload } of record.commands) {
      names.push(`${seq} ${client} ${request} ${toHex(payload as Uint8Array)}`)
    }
  }
  return names
}

const codesOf = (answers: readonly (Receipt | CairnError)[]): readonly (string | bigint)[] =>
  answers.map((each) => (each instanceof CairnError ? each.code : each.seq))

describe(`at most once (CAIRN_SEED=${seed})`, () => {
  it('joins the same command that is on its way: one execution, one answer', async () => {
    const { chain } = await made()
    const command = append('s', 'e', named('a', 1n))
    const [first, second] = await Promise.all([chain.submit(command), chain.submit({ ...command })])
    expect(second).toBe(first)
    expect(await executed(chain)).toHaveLength(1)
    await chain.close()
  })

  it('finds what a number names, and nothing under one that was left out, not reached yet, or of nobody', async () => {
    const { chain } = await made()
    const receipts: Receipt[] = []
    for (const request of [1n, 2n, 5n, 6n]) receipts.push(await chain.submit(append('s', 'e', named('a', request))))
    for (const receipt of receipts) {
      const found = await chain.find('a', receipt.request)
      expect(found && textOf(found)).toBe(textOf(receipt))
    }
    for (const request of [0n, 3n, 4n, 7n, U64_MAX]) expect(await chain.find('a', request)).toBeUndefined()
    expect(await chain.find('b', 1n)).toBeUndefined()
    await chain.close()
  })

  it('says that a number above the highest names nothing, where the older states are pruned', async () => {
    const { chain } = await made()
    for (const request of [1n, 2n, 5n, 6n]) await chain.submit(append('s', 'e', named('a', request)))
    await chain.flush()
    const { trees } = (chain as unknown as { readonly parts: OpenChain }).parts.store
    await trees.state.prune(Number(chain.head?.height) - 1)
    expect(await chain.find('a', 7n)).toBeUndefined()
    expect((await errorOf(chain.find('a', 3n))).code).toBe('pruned')
    await chain.close()
  })

  it('answers a repeated one with the same receipt, later, after a restart, and after a kill', async () => {
    const { world, chain } = await made()
    const command = append('s', 'e', named('a', 1n))
    const first = textOf(await chain.submit(command))
    await chain.submit(append('s', 'f', named('a', 2n)))
    expect(textOf(await chain.submit(command))).toBe(first)
    await chain.close()
    let life = world.restart()
    const second = await openIn(life, keys)
    expect(textOf(await second.submit(command))).toBe(first)
    life = life.restart()
    const third = await openIn(life, keys)
    expect(textOf(await third.submit(command))).toBe(first)
    expect(await executed(third)).toHaveLength(2)
    await third.close()
  })

  it('answers a repeated one whose first was rejected with that rejection', async () => {
    const { chain } = await made()
    const command = { ...named('a', 1n), type: 'cas', payload: utf8('{"key":"k","expected":"x","value":"y"}') }
    const first = await chain.submit(command)
    expect(first.status).toBe(1)
    await chain.submit(put('k', 'x', named('a', 2n)))
    expect(textOf(await chain.submit(command))).toBe(textOf(first))
    await chain.close()
  })

  it('refuses another type or payload under the same number, in flight, later, after a restart', async () => {
    const { world, chain } = await made()
    const first = chain.submit(put('k', 'v', named('a', 1n)))
    const others = [
      put('k', 'w', named('a', 1n)),
      { ...put('k', 'v', named('a', 1n)), type: 'delete', payload: utf8('{"key":"k"}') },
    ]
    for (const other of others) expect((await errorOf(chain.submit(other))).code).toBe('request_conflict')
    await first
    const isConflict = async (open: Chain): Promise<void> => {
      for (const other of others) {
        const error = await errorOf(open.submit(other))
        expect(error).toMatchObject({ code: 'request_conflict', details: { client: 'a', request: 1n } })
      }
    }
    await isConflict(chain)
    await chain.close()
    const again = await openIn(world.restart(), keys)
    await isConflict(again)
    expect(await executed(again)).toHaveLength(1)
    await again.close()
  })

  it('answers a repeated one that comes while another command under its number is on its way', async () => {
    const { chain } = await made()
    const command = put('k', 'v', named('a', 1n))
    const first = await chain.submit(command)
    const [other, again] = await Promise.allSettled([
      chain.submit(put('k', 'w', named('a', 1n))),
      chain.submit(command),
    ])
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'request_conflict' } })
    expect(again.status === 'fulfilled' && textOf(again.value)).toBe(textOf(first))
    await chain.close()
  })

  it('refuses what stood behind a command that was refused as that one was', async () => {
    const world = new World()
    const { coldKey, hotKey, identity } = keys
    const window = [CREATED_AT, CREATED_AT + 60_000n] as const
    const delegation = delegate(identity, coldKey, hotKey, 0n, window)
    const signer = hotSigner([{ privateKey: hotKey, delegation }], nobleEngine)
    const chain = await createIn(world, keys, { signer })
    await world.clock.advance(120_000)
    const numbers = [2n, 1n]
    const refusals = await Promise.all(numbers.map((each) => errorOf(chain.submit(put('k', 'v', named('a', each))))))
    // Not “skipped”: no higher number was executed.
    expect(refusals.map(({ code }) => code)).toEqual(['delegation_needed', 'delegation_needed'])
    await chain.close()
  })

  it('lets numbers have gaps, and refuses those that were skipped, for good', async () => {
    const { world, chain } = await made()
    for (const request of [3n, 10n, 11n]) await chain.submit(put('k', `v${request}`, named('a', request)))
    const areSkipped = async (open: Chain): Promise<void> => {
      for (const request of [1n, 2n, 4n, 9n]) {
        const error = await errorOf(open.submit(put('k', 'x', named('a', request))))
        expect(error).toMatchObject({ code: 'request_skipped', details: { client: 'a', request } })
      }
    }
    await areSkipped(chain)
    await chain.close()
    const again = await openIn(world.restart(), keys)
    await areSkipped(again)
    expect((await again.submit(put('k', 'x', named('a', 12n)))).seq).toBe(3n)
    await again.close()
  })

  it('never joins or repeats what is anonymous', async () => {
    const { chain } = await made()
    const all = await Promise.all([1, 2, 3].map(() => chain.submit(append('s', 'e'))))
    all.push(await chain.submit(append('s', 'e', named('', 0n))))
    expect(all.map(({ seq }) => seq)).toEqual([0n, 1n, 2n, 3n])
    await chain.close()
  })

  it('takes the same number of another client for another command', async () => {
    const { chain } = await made()
    const clients = ['a', 'b', 'A', 'a ', '1 a', 'é', 'e\u0301']
    const answers = await chain.submitMany(clients.map((client) => put('k', client, named(client, 1n))))
    expect(codesOf(answers)).toEqual(clients.map((_, i) => BigInt(i)))
    expect(codesOf(await chain.submitMany(clients.map((client) => put('k', client, named(client, 1n)))))).toEqual(
      clients.map((_, i) => BigInt(i)),
    )
    await chain.close()
  })

  it('takes clients of any text of 64 bytes, and numbers up to 2^64 − 1', async () => {
    const { world, chain } = await made()
    const clients = ['\0', '\0\0', '𝔘𝔫𝔦', 'x'.repeat(64), 'é'.repeat(32), '𝔘'.repeat(16), '__proto__', 'client/']
    const requests = [1n, 2n, 1n << 32n, (1n << 53n) + 1n, 1n << 63n, U64_MAX - 1n, U64_MAX]
    const commands = requests.flatMap((request) =>
      clients.map((client) => put(`${request}`, client, named(client, request))),
    )
    const first = await chain.submitMany(commands)
    expect(codesOf(first)).toEqual(commands.map((_, i) => BigInt(i)))
    await chain.close()
    const again = await openIn(world.restart(), keys)
    const second = await again.submitMany(commands)
    expect(second.map((each) => textOf(each as Receipt))).toEqual(first.map((each) => textOf(each as Receipt)))
    expect((await errorOf(again.submit(put('k', 'v', named('\0', 3n))))).code).toBe('request_skipped')
    expect((await errorOf(again.submit(put('k', 'v', named('\0', U64_MAX + 1n))))).code).toBe('invalid_submission')
    expect((await errorOf(again.submit(put('k', 'v', named('x'.repeat(65), 1n))))).code).toBe('invalid_submission')
    await again.close()
  })

  it('sorts out one submitMany: joined, conflicting, skipped and fresh ones, each with its own answer', async () => {
    const { chain } = await made()
    const [one, two] = [put('k', '1', named('a', 1n)), put('k', '2', named('a', 2n))]
    const answers = await chain.submitMany([
      two,
      one,
      two,
      put('k', 'other', named('a', 2n)),
      put('k', '3', named('a', 3n)),
      one,
    ])
    expect(codesOf(answers)).toEqual([0n, 'request_skipped', 0n, 'request_conflict', 1n, 'request_skipped'])
    expect(answers[2]).toBe(answers[0])
    await chain.close()
  })

  it('holds across blocks that are in flight at once', async () => {
    const { chain } = await made()
    const pending: Promise<Receipt | CairnError>[] = []
    const random = new Random()
    // Sent while blocks before them are being prepared, written and answered.
    for (let i = 0; i < 200; i++) {
      // Among ever higher numbers: one that is the highest of all at once would leave nothing to be executed.
      const request = BigInt(1 + random.below(5 + Math.floor(i / 5)))
      const client = random.pick(['a', 'b', 'c'])
      pending.push(
        chain
          .submit(append(client, `${request}`, named(client, request)))
          .catch((error: unknown) => error as CairnError),
      )
      for (let turn = random.below(12); turn > 0; turn--) await Promise.resolve()
    }
    const answers = await Promise.all(pending)
    const names = (await executed(chain)).map((each) => each.split(' ').slice(1, 3).join(' '))
    expect(new Set(names).size).toBe(names.length)
    for (const client of ['a', 'b', 'c']) {
      const numbers = names.filter((name) => name.startsWith(`${client} `)).map((name) => BigInt(name.slice(2)))
      expect(numbers).toEqual(numbers.toSorted((x, y) => (x < y ? -1 : 1)))
    }
    const receipts = answers.filter((each): each is Receipt => !(each instanceof CairnError))
    const told = new Map(receipts.map((each) => [`${each.client} ${each.request}`, textOf(each)]))
    expect(receipts.filter((each) => told.get(`${each.client} ${each.request}`) !== textOf(each))).toEqual([])
    const refused = new Set(codesOf(answers).filter((each) => typeof each === 'string'))
    expect([...refused].filter((code) => code !== 'request_skipped')).toEqual([])
    expect([...told.keys()].toSorted()).toEqual(names.toSorted())
    expect((chain.head?.height ?? 0n) > 3n).toBe(true)
    await chain.close()
  })

  it('holds over a change of the machine', async () => {
    const world = new World()
    const second = { ...kv, name: 'kv@2' }
    const machine = [kv, second]
    const chain = await createIn(world, keys, { machine })
    const first = await chain.submit(put('k', 'v', named('a', 1n)))
    const change = { ...named('operator', 1n), type: 'cairn/machine', payload: utf8('kv@2') }
    const changed = await chain.operate(change)
    expect(changed.status).toBe(0)
    expect(textOf(await chain.submit(put('k', 'v', named('a', 1n))))).toBe(textOf(first))
    expect(textOf(await chain.operate(change))).toBe(textOf(changed))
    expect((await errorOf(chain.submit(put('k', 'w', named('a', 1n))))).code).toBe('request_conflict')
    await chain.close()
    const again = await openIn(world.restart(), keys, { machine })
    expect(textOf(await again.submit(put('k', 'v', named('a', 1n))))).toBe(textOf(first))
    expect(textOf(await again.operate(change))).toBe(textOf(changed))
    expect(again.machine).toBe('kv@2')
    await again.close()
  })

  it('request_stale where the journal begins later (what cuts it off before is still to come: asked of the stage itself)', async () => {
    const { chain } = await made()
    const sent = put('k', 'v', named('a', 2n))
    const first = await chain.submit(sent)
    await chain.flush()
    const { store, history } = (chain as unknown as { parts: OpenChain }).parts
    const ask = (request: bigint): Promise<Receipt> => {
      const command = { ...sent, client: 'a', request, receivedAt: 0n }
      return answerRepeated({ command }, store, history, 1n, () => Promise.resolve(''))
    }
    expect(textOf(await ask(2n))).toBe(textOf(first))
    expect(await errorOf(ask(1n))).toMatchObject({
      code: 'request_stale',
      details: { client: 'a', request: 1n, oldest: 1n },
    })
    await chain.close()
  })

  it('keeps receipts its own: what a caller changes in one is not in the next', async () => {
    const { chain } = await made()
    const first = await chain.submit(put('k', 'v', named('a', 1n)))
    const told = textOf(first)
    first.reply.fill(0)
    first.block.hash.fill(0)
    expect(textOf(await chain.submit(put('k', 'v', named('a', 1n))))).toBe(told)
    await chain.close()
  })
})
