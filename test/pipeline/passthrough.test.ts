/** Passthrough: what else an engine's journal has rides along in the record of the next command's block, and touches no root. */
import { describe, expect, it } from 'vitest'
import { type Chain, external, type Machine, type Submission } from '../../src/index.ts'
import { NOTES_BYTES_MAX, NOTES_MAX } from '../../src/limits.ts'
import { fromUtf8, utf8 } from '../../src/verify/bytes.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { codeOf, createIn, errorOf, openIn } from '../support/sim-chain.ts'

const keys = chainKeys('external@1')
const machine = external

function fill(seq: number, ...passthrough: readonly string[]): Submission {
  const outcome = { status: 0, reply: utf8(`filled ${seq}`), obligations: [], intents: [], writes: [] } as const
  const named = { client: 'engine', request: BigInt(seq + 1), type: 'order', payload: utf8(`{"order":${seq}}`) }
  return { ...named, receivedAt: BigInt(seq), outcome, passthrough: passthrough.map(utf8) }
}

/** What the blocks hold, in their order: notes, and replies of commands. */
async function told(chain: Chain): Promise<{ readonly notes: readonly string[]; readonly replies: readonly string[] }> {
  const notes: string[] = []
  const replies: string[] = []
  for await (const { record } of chain.blocks()) {
    notes.push(...record.notes.map((note) => fromUtf8(note) as string))
    replies.push(...record.commands.map(({ reply }) => fromUtf8(reply) as string))
  }
  return { notes, replies }
}

describe('passthrough', () => {
  it('is in the records in its order, once, after a restart and a rebuild too', async () => {
    let world = new World()
    let chain = await createIn(world, keys, { machine })
    const heartbeat = { ...fill(0), passthrough: [utf8('heartbeat 1'), new Uint8Array(0)] }
    const first = chain.submit(heartbeat)
    for (const note of heartbeat.passthrough) note.fill(0)
    await first
    await Promise.all([chain.submit(fill(1, 'between')), chain.submit(fill(2)), chain.submit(fill(3, 'heartbeat 2'))])
    // What was executed is not executed again, and its passthrough not written again, whatever it is now.
    expect((await chain.submit(fill(0, 'heartbeat 1'))).seq).toBe(0n)
    const all = await told(chain)
    expect(all).toEqual({
      notes: ['heartbeat 1', '', 'between', 'heartbeat 2'],
      replies: ['filled 0', 'filled 1', 'filled 2', 'filled 3'],
    })
    await chain.close()
    for (const home of ['store', 'anew']) {
      world = world.restart()
      chain = await openIn(world, keys, { machine, ports: { home: world.store(home) } })
      expect(await told(chain)).toEqual(all)
      await chain.close()
    }
  })

  it('does not change what is signed', async () => {
    const hashes: unknown[] = []
    for (const note of ['one', 'another']) {
      const chain = await createIn(new World(), keys, { machine })
      hashes.push((await chain.submit(fill(0, note))).block.hash)
      await chain.close()
    }
    expect(hashes[0]).toEqual(hashes[1])
  })

  it('that does not fit beside that of others goes into another block, and one that fits into none is refused alone', async () => {
    const chain = await createIn(new World(), keys, { machine })
    const long = (seq: number): string => String(seq).repeat(20_000)
    await Promise.all([0, 1, 2, 3, 4].map((seq) => chain.submit(fill(seq, long(seq)))))
    const tooLong = errorOf(chain.submit(fill(5, '5'.repeat(1 << 17))))
    const beside = chain.submit(fill(6, '6'))
    expect((await tooLong).code).toBe('over_limit')
    expect((await beside).status).toBe(0)
    const { notes, replies } = await told(chain)
    expect(notes.map((note) => note[0])).toEqual(['0', '1', '2', '3', '4', '6'])
    expect(replies).toHaveLength(6)
    await chain.close()
  })

  it('is refused where it cannot be taken', async () => {
    const chain = await createIn(new World(), keys, { machine })
    const refusal = (passthrough: unknown) => errorOf(chain.submit({ ...fill(0), passthrough } as Submission))
    expect(await refusal('text')).toMatchObject({ code: 'invalid_submission' })
    expect(await refusal(['text'])).toMatchObject({ code: 'invalid_entry' })
    const many = Array.from({ length: NOTES_MAX + 1 }, () => new Uint8Array(0))
    expect(await refusal(many)).toMatchObject({ code: 'invalid_submission' })
    const half = new Uint8Array(NOTES_BYTES_MAX / 2 + 1)
    expect(await refusal([half, half])).toMatchObject({ code: 'invalid_submission' })
    expect(chain.head).toBeUndefined()
    await chain.close()

    const ofCommands = await createIn(new World(), chainKeys())
    const put = { type: 'put', payload: utf8('{"key":"a","value":"b"}'), passthrough: [utf8('note')] }
    expect(await errorOf(ofCommands.submit(put))).toMatchObject({ code: 'invalid_entry' })
    await ofCommands.close()
  })

  it('waits behind a change of the machine: where the next one takes none, it is refused', async () => {
    const own: Machine = {
      name: 'own@2',
      isExternal: false,
      validate: (_type, payload) => payload,
      execute: () => ({ reply: new Uint8Array(0) }),
    }
    const change = (to: string): Submission => ({ type: 'cairn/machine', payload: utf8(to) })
    const answers: string[] = []
    for (let turns = 0; turns < 20; turns++) {
      const chain = await createIn(new World(), keys, { machine: [external, own] })
      await chain.submit(fill(0))
      const changed = chain.operate(change('own@2'))
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      // It is admitted to the machine that takes it, and its block may come after the other one took force.
      if (chain.machine === 'own@2') turns = Number.POSITIVE_INFINITY
      const behind = chain.operate({ ...change('external@1'), passthrough: [utf8('note')] })
      answers.push(await behind.then(({ status }) => `status ${status}`, codeOf))
      expect((await changed).status).toBe(0)
      const { notes } = await told(chain)
      expect(notes).toEqual(answers.at(-1) === 'status 0' ? ['note'] : [])
      await chain.close()
    }
    expect(answers[0]).toBe('status 0')
    expect(answers.at(-2)).toBe('invalid_entry')
  })
})
