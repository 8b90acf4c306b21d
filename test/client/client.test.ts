/** The client against a real server, behind a network that loses answers, and behind servers that lie: each lie has its name. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { CairnClient, type ClientReceipt } from '../../src/client/index.ts'
import * as pauses from '../../src/client/sleep.ts'
import { Chain, hotSigner, kv } from '../../src/index.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'
import { json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { type CairnError, nobleEngine } from '../../src/verify/index.ts'
import { put, served } from '../server/served.ts'
import { chainKeys, delegate, revoke } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import { changing, clientOf, codeOf, digitChanged, through } from './lies.ts'

vi.mock('../../src/client/sleep.ts', { spy: true })

const random = new Random()

const appending = (entry: string) => ({ type: 'append', payload: { stream: 's', entry } })

describe(`a client (CAIRN_SEED=${seed})`, () => {
  it('submits in order, many at a time over few requests, and checks every receipt', async () => {
    const server = await served()
    let posts = 0
    const client = clientOf(server, {
      fetch: through((path, response) => {
        if (path === '/v1/commands') posts++
        return response
      }),
    })
    const receipts = await Promise.all(
      Array.from({ length: 500 }, (_, i) => client.submit({ type: 'put', payload: { key: 'k', value: `${i}` } })),
    )
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, i) => BigInt(i)))
    expect(posts).toBeLessThanOrEqual(3)
    expect(await client.get('state', 'k')).toEqual(utf8('499'))
    expect(await client.get('risk', 'k')).toBeUndefined()
    expect(client.head?.height).toBe(server.chain.head?.height)
  })

  it('sends what it was given, though it comes in a Buffer that is used again at once', async () => {
    const server = await served()
    const client = clientOf(server)
    const buffer = Buffer.from('{"key":"0","value":"v"}')
    const answers = Array.from({ length: 10 }, (_, i) => {
      buffer.write(String(i), 8)
      return client.submit({ type: 'put', payload: buffer })
    })
    buffer.fill(0)
    await Promise.all(answers)
    for (let i = 0; i < 10; i++) expect(await client.get('state', `${i}`)).toEqual(utf8('v'))
  })

  it('sends nothing where it was given what is neither bytes nor text nor JSON', async () => {
    const server = await served()
    const client = clientOf(server)
    const circle: { self?: unknown } = {}
    circle.self = circle
    for (const payload of [undefined, 7, new ArrayBuffer(3), new Uint16Array(3), circle, { amount: 1n }]) {
      expect(await codeOf(client.submit({ type: 'put', payload: payload as never }))).toBe('invalid_payload')
    }
    expect(server.chain.head).toBeUndefined()
  })

  it('executes once what is lost on the way there, and on the way back', async () => {
    const server = await served()
    // With the pauses of a clock that is faster: how long they are plays no part in it.
    const { sleep } = await vi.importActual<typeof pauses>('../../src/client/sleep.ts')
    vi.mocked(pauses.sleep).mockImplementation((milliseconds, signal) => sleep(milliseconds / 100, signal))
    let lost = 0
    const client = clientOf(server, {
      retries: 50,
      fetch: async (input, init) => {
        // The first is lost for certain, so that something is.
        if (lost === 0 || random.below(6) === 0) {
          lost++
          throw new TypeError('fetch failed')
        }
        const response = await fetch(input, init)
        if (random.below(6) !== 0) return response
        lost++
        await response.text()
        throw new TypeError('fetch failed')
      },
    })
    const receipts: ClientReceipt[] = []
    for (let i = 0; i < 12; i++)
      receipts.push(await client.submit({ type: 'append', payload: { stream: 's', entry: `${i}` } }))
    vi.mocked(pauses.sleep).mockRestore()
    expect(lost).toBeGreaterThan(0)
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, i) => BigInt(i)))
    expect(server.chain.head?.header).toMatchObject({ firstSeq: 11n, commandCount: 1n })
  })

  it('gives up after its retries, and nothing behind it is sent', async () => {
    const server = await served()
    let isDown = false
    const client = clientOf(server, {
      retries: 1,
      fetch: (input, init) => (isDown ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init)),
    })
    await client.submit({ type: 'put', payload: { key: 'a', value: '1' } })
    isDown = true
    const first = client.submit({ type: 'put', payload: { key: 'a', value: '2' } })
    const codes = [codeOf(first)]
    await sleep(20)
    codes.push(codeOf(client.submit({ type: 'put', payload: { key: 'a', value: '3' } })))
    expect(await Promise.all(codes)).toEqual(['server_unreachable', 'not_sent'])
  })

  it.each([
    ['ten minutes', 600_000_000n],
    ['thirty years', 30n * 365n * 86_400_000_000n],
  ])('chooses other numbers where its own are taken by a clock that was ahead by %s', async (_, by) => {
    const server = await served()
    const ahead = String(BigInt(Date.now()) * 1000n + by)
    await server.post(put('a', '1', { client: 'desk-7', request: ahead }))
    const client = clientOf(server)
    const entries = Array.from({ length: 20 }, (_, i) => String(i))
    const receipts = await Promise.all(entries.map((entry) => client.submit(appending(entry))))
    expect(receipts.map(({ seq }) => seq)).toEqual(entries.map((_, i) => BigInt(i + 1)))
    expect(receipts.every(({ request }) => request > BigInt(ahead) && request < 3n * BigInt(ahead))).toBe(true)
    expect(await codeOf(clientOf(server).submit({ type: 'put', payload: { key: 'a', value: '3' }, request: 5n }))).toBe(
      'request_skipped',
    )
  })

  it('gives back what the server refuses, with its code', async () => {
    const server = await served()
    expect(await codeOf(clientOf(server).submit({ type: 'nope', payload: {} }))).toBe('unknown_type')
    expect(
      await codeOf(
        clientOf(server, { client: 'x'.repeat(65) }).submit({ type: 'put', payload: { key: 'a', value: 'b' } }),
      ),
    ).toBe('invalid_request')
    const nameless = new CairnClient({ url: server.url, chainId: toHex(server.chain.id) })
    expect(await codeOf(nameless.submit({ type: 'put', payload: {} }))).toBe('invalid_option')
  })

  it('sends again what the chain did not get done: whatever it is, its number is sent until its outcome is known', async () => {
    const server = await served()
    let failures = 0
    const client = clientOf(server, {
      fetch: changing('/v1/commands', (text) => {
        if (failures++ > 0) return text
        const problem = { code: 'outcome_unknown', detail: 'the chain failed', status: 503 }
        return JSON.stringify({ receipts: [{ problem }, { problem: { ...problem, code: 'chain_failed' } }] })
      }),
    })
    const receipts = await Promise.all(['1', '2'].map((entry) => client.submit(appending(entry))))
    expect([receipts.map(({ seq }) => seq), failures]).toEqual([[0n, 1n], 2])
  })

  it('tells only of the one over which the server broke that it is not known: the others have their receipts, and are sent once', async () => {
    const server = await served()
    let asked = 0
    const client = clientOf(server, {
      fetch: changing('/v1/commands', (text) => {
        asked++
        const { receipts } = JSON.parse(text) as { receipts: unknown[] }
        const problem = { code: 'store_damaged', detail: 'See the log of the server.', status: 500 }
        return asked === 1 ? JSON.stringify({ receipts: [{ problem }, ...receipts.slice(1)] }) : text
      }),
    })
    const told = await Promise.allSettled(['1', '2'].map((entry) => client.submit(appending(entry))))
    expect(told).toMatchObject([{ reason: { code: 'outcome_unknown' } }, { value: { seq: 1n } }])
    expect(asked).toBe(1)
  })

  it.each([
    ...['chain_failed', 'chain_closed', 'draining', 'overloaded', 'disk_full'].map((code) => [code, 503] as const),
    // A server that breaks is none that lies: whoever asks again is told.
    ...['internal', 'store_damaged'].map((code) => [code, 500] as const),
  ])(
    'does not say that nothing happened to a command whose receipt came, and whose proof is refused with %s',
    async (code, status) => {
      const server = await served()
      let isFailing = true
      const client = clientOf(server, {
        retries: 0,
        fetch: through((path, response) => {
          if (path !== '/v1/proof' || !isFailing) return response
          const headers = { 'content-type': 'application/problem+json' }
          return new Response(JSON.stringify({ code, title: 'No', detail: 'No', status }), { status, headers })
        }),
      })
      expect(await codeOf(client.submit({ ...appending('1'), request: 1n }))).toBe('outcome_unknown')
      isFailing = false
      expect(await client.submit({ ...appending('1'), request: 1n })).toMatchObject({ seq: 0n })
    },
  )

  it('that sends what is refused has it refused, and nothing beside it', async () => {
    const server = await served()
    const client = clientOf(server)
    const answers = await Promise.allSettled([
      client.submit(appending('1')),
      client.submit({ type: 'nope', payload: {} }),
      client.submit({ type: 'put', payload: 'x'.repeat(2 << 20) }),
      client.submit(appending('2')),
    ])
    expect(
      answers.map((each) => (each.status === 'fulfilled' ? each.value.seq : (each.reason as CairnError).code)),
    ).toEqual([0n, 'unknown_type', 'invalid_payload', 1n])
  })

  it('sends as much in one request as one may have, and checks as much with one proof', async () => {
    const server = await served()
    const client = clientOf(server)
    const value = 'x'.repeat(60_000)
    const receipts = await Promise.all(
      Array.from({ length: 300 }, (_, i) => client.submit({ type: 'put', payload: { key: `${i}`, value } })),
    )
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, i) => BigInt(i)))
  })

  it('names the number of what it gave up, so that it can be sent again', async () => {
    const server = await served()
    let isDown = true
    const client = clientOf(server, {
      retries: 0,
      fetch: async (input, init) => {
        const response = await fetch(input, init)
        if (isDown) throw new TypeError('fetch failed')
        return response
      },
    })
    const error = await client.submit(appending('1')).catch((each: unknown) => each as CairnError)
    expect(error).toMatchObject({
      code: 'server_unreachable',
      details: { client: 'desk-7', request: expect.any(BigInt) },
    })
    isDown = false
    const { request } = (error as CairnError).details
    await client.submit({ ...appending('1'), request: request as bigint })
    expect(server.chain.head?.header).toMatchObject({ firstSeq: 0n, commandCount: 1n })
  })

  it('waits as long as is asked, and not for ever', async () => {
    const server = await served()
    let asked = 0
    const client = clientOf(server, {
      fetch: through((path, response) => {
        if (path !== '/v1/commands' || asked++ > 0) return response
        const headers = { 'retry-after': '1000000000' }
        return Response.json({ code: 'overloaded', detail: 'no' }, { status: 503, headers })
      }),
    })
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const submitted = client.submit(appending('1'))
    const isAsked = (): boolean => asked > 0
    while (!isAsked()) await turn()
    for (let i = 0; i < 20; i++) await turn()
    await vi.advanceTimersByTimeAsync(30_000)
    vi.useRealTimers()
    expect((await submitted).seq).toBe(0n)
  })

  it('leaves nothing on a signal of what is over', async () => {
    const server = await served()
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    await clientOf(server).submit(appending('1'), { signal })
    expect(added).toHaveBeenCalledTimes(1)
    expect(removed).toHaveBeenCalledTimes(1)
  })

  it('says that it was given up where a proof is', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const stop = new AbortController()
    const client = clientOf(server, {
      fetch: async (input, init) => {
        stop.abort()
        return fetch(input, init)
      },
    })
    expect(await codeOf(client.sync(stop))).toBe('aborted')
  })

  it('reads keys that look like something else', async () => {
    const server = await served()
    await server.post(put('risk:x', '1'))
    const client = clientOf(server)
    expect(await client.get('state', 'risk:x')).toEqual(utf8('1'))
    expect(await client.get('state', 'risk:y')).toBeUndefined()
    expect(await codeOf(client.get('state', '0xZZ'))).toBe('invalid_key')
  })

  it('trusts nothing that was kept of another chain', async () => {
    const [server, other] = [await served(), await served({})]
    await other.post(put('a', '1'))
    let kept: string | undefined
    const state = {
      load: () => kept,
      save: (text: string) => {
        kept = text
      },
    }
    await clientOf(other, { state }).sync()
    kept = kept?.replace('"name":"test"', '"name":"best"')
    expect(await codeOf(clientOf(server, { state }).sync())).toBe('wrong_chain')
  })

  it('gives up what is aborted: before it is sent nothing happens, after it the outcome is not known', async () => {
    const server = await served()
    const client = clientOf(server)
    const [before, after] = [new AbortController(), new AbortController()]
    before.abort()
    expect(await codeOf(client.submit({ type: 'put', payload: { key: 'a', value: '1' } }, before))).toBe('aborted')
    const sent = codeOf(client.submit({ type: 'put', payload: { key: 'a', value: '2' } }, after))
    await Promise.resolve()
    await Promise.resolve()
    after.abort()
    expect(await sent).toBe('outcome_unknown')
    await client.submit({ type: 'put', payload: { key: 'b', value: '3' } })
    expect(await client.get('state', 'a')).toEqual(utf8('2'))
  })

  it('goes on from what it kept, over a restart', async () => {
    const server = await served()
    let kept: string | undefined
    const state = {
      load: () => kept,
      save: (text: string) => {
        kept = text
      },
    }
    await clientOf(server, { state }).submit({ type: 'put', payload: { key: 'a', value: '1' } })
    const again = clientOf(server, { state })
    expect(kept).toContain('cairn.light-client/v1')
    expect((await again.sync()).height).toBe(0n)
  })

  it('goes on knowing what it saw taken back, over a restart, though the proof that said so was refused', async () => {
    const server = await served()
    const { identity, coldKey } = server.keys
    let kept: string | undefined
    const state = {
      load: () => kept,
      save: (text: string) => {
        kept = text
      },
    }
    await server.post(put('a', '1'))
    await clientOf(server, { state }).sync()
    const stolen = revoke(identity, coldKey, 0n, { height: 0n, parent: new Uint8Array(32) })
    const revocations = `"revocations":[${JSON.stringify(codecs.revocation.encode(stolen, json))}]`
    const telling = changing('/v1/proof', (text) => text.replace('"revocations":[]', revocations))
    expect(await codeOf(clientOf(server, { state, fetch: telling }).sync())).toBe('seal_outdated')
    // Whoever holds the stolen key says nothing of it.
    await server.post(put('a', '2'))
    expect(await codeOf(clientOf(server, { state }).sync())).toBe('seal_outdated')
  })

  it('calls nobody a liar where all that it accepted was taken back from below it on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-stands-'))
    const { genesis, identity, coldKey, hotKey, delegation } = chainKeys()
    const signer = hotSigner([{ privateKey: hotKey, delegation }], nobleEngine)
    const chain = await Chain.create(join(folder, 'data'), genesis, {
      machine: kv,
      signer,
      guard: join(folder, 'guard'),
    })
    for (let i = 0; i < 3; i++) await chain.submit({ type: 'put', payload: utf8('{"key":"a","value":"1"}') })
    const client = clientOf(await served({ chain }), { chainId: toHex(chain.id) })
    await client.sync()
    // The theft was found late: the same blocks stand by the next key.
    const privateKey = random.bytes(32)
    const times = [delegation.validFrom, delegation.validUntil] as const
    signer.add({ privateKey, delegation: delegate(identity, coldKey, privateKey, 1n, times) })
    const parent = (await chain.block(1n)).record.header.parentHash
    await chain.importAuthority([revoke(identity, coldKey, 0n, { height: 1n, parent })])
    signer.retire(0n)
    expect(await codeOf(client.sync())).toBe('nothing_stands')
    expect(await codeOf(client.submit({ type: 'put', payload: { key: 'a', value: '2' } }))).toBe('nothing_stands')
    await chain.close()
    rmSync(folder, { recursive: true })
  })
})

describe('a server that lies', () => {
  const submit = (client: CairnClient) => client.submit({ type: 'put', payload: { key: 'a', value: '1' } })

  it.each([
    ['another reply', (text: string) => text.replace('false', 'true')],
    ['that it was rejected', (text: string) => text.replace('"status":0', '"status":1')],
    ['another place', (text: string) => text.replace('"seq":"1"', '"seq":"0"')],
    ['another block', (text: string) => text.replace('"height":"1"', '"height":"0"')],
    ['another hash', (text: string) => text.replace(/"blockHash":"0x./, digitChanged)],
    ['another time', (text: string) => text.replace(/"timestamp":"\d/, '"timestamp":"9')],
    ['another number', (text: string) => text.replace(/"request":"\d/, '"request":"9')],
  ])('in the receipt: %s', async (_, change) => {
    const server = await served()
    await server.post(put('first', '1'))
    const liar = clientOf(server, { fetch: changing('/v1/commands', change), retries: 0 })
    expect(await codeOf(submit(liar))).toBe('proof_invalid')
  })

  it.each([
    ['the reply', (text: string) => text.replace(/"reply":"0x./, digitChanged)],
    ['the seal', (text: string) => text.replace(/"seal":\{"delegation":\{"delegate":"0x./, digitChanged)],
    ['the block', (text: string) => text.replace(/"batchRoot":"0x./, digitChanged)],
    ['its form', (text: string) => text.replace(/"claims":\[/, '"claims":[[')],
    ['the chain', (text: string) => text.replace(/"name":"test"/, '"name":"best"')],
  ])('in the proof: %s', async (_, change) => {
    const server = await served()
    const liar = clientOf(server, { fetch: changing('/v1/proof', change), retries: 0 })
    expect(await codeOf(submit(liar))).toBe('proof_invalid')
  })

  it('in the receipt: a later block, which shows the command too', async () => {
    const server = await served()
    await server.post(put('a', '1', { client: 'desk-7', request: '5' }))
    const later = (await (await server.post(put('b', '1'))).json()) as Record<string, string>
    const liar = clientOf(server, {
      retries: 0,
      fetch: changing('/v1/commands', (text) => {
        const { receipts } = JSON.parse(text) as { receipts: Record<string, string>[] }
        const { height, blockHash, timestamp } = later
        return JSON.stringify({
          receipts: receipts.map((each) => Object.assign(each, { height, blockHash, timestamp })),
        })
      }),
    })
    expect(await codeOf(liar.submit({ type: 'put', payload: '{"key":"a","value":"1"}', request: 5n }))).toBe(
      'proof_invalid',
    )
  })

  it('by refusing the proof of what it answered, as if that were a refusal of the command', async () => {
    const server = await served()
    for (const code of ['request_skipped', 'unknown_type', 'forbidden']) {
      const liar = clientOf(server, {
        retries: 0,
        fetch: through((path, response) =>
          path === '/v1/proof' ? Response.json({ code, detail: 'no' }, { status: 422 }) : response,
        ),
      })
      const before = server.chain.head?.height ?? -1n
      expect(await codeOf(submit(liar))).toBe('proof_invalid')
      expect(server.chain.head?.height).toBe(before + 1n)
    }
  })

  it('by repeating the answer to another command', async () => {
    const server = await served()
    let first: string | undefined
    const liar = clientOf(server, {
      retries: 0,
      fetch: changing('/v1/commands', (text) => {
        first ??= text
        return first
      }),
    })
    await submit(liar)
    expect(await codeOf(submit(liar))).toBe('proof_invalid')
  })

  it('by changing the order of its answers', async () => {
    const server = await served()
    const liar = clientOf(server, {
      retries: 0,
      fetch: changing('/v1/commands', (text) => {
        const { receipts } = JSON.parse(text) as { receipts: unknown[] }
        return JSON.stringify({ receipts: receipts.reverse() })
      }),
    })
    expect(await Promise.all([codeOf(submit(liar)), codeOf(submit(liar))])).toEqual(['proof_invalid', 'proof_invalid'])
  })

  it('by leaving an answer out, or saying what is no receipt', async () => {
    const server = await served()
    for (const text of ['{"receipts":[]}', '{}', 'null', '<html>', '{"receipts":[{"seq":1}]}']) {
      const liar = clientOf(server, { retries: 0, fetch: changing('/v1/commands', () => text) })
      expect(await codeOf(submit(liar))).toBe('answer_invalid')
    }
  })

  it('about the chain that it is of', async () => {
    const server = await served()
    const other = clientOf(server, { chainId: `0x${'ab'.repeat(32)}` })
    expect(await codeOf(other.sync())).toBe('wrong_chain')
  })

  it('by going back: an older copy of the chain', async () => {
    const [server, copy] = [await served(), await served()]
    await copy.post(put('first', '1'))
    let isSwitched = false
    const client = clientOf(server, {
      fetch: (input, init) => fetch(isSwitched ? input.replace(server.url, copy.url) : input, init),
    })
    // The same keys, the same genesis: it can only be told by what was seen before.
    for (let i = 0; i < 3; i++) await submit(client)
    isSwitched = true
    expect(await codeOf(client.sync())).toBe('server_behind')
  })

  it.each(['', 'x', '0x7', '1.5', '9'.repeat(1 << 20)])(
    'by naming a newest block that is no number',
    async (newest) => {
      const server = await served()
      let isLying = false
      const refusal = { code: 'unknown_height', detail: 'There is none.', status: 404, newest }
      const client = clientOf(server, {
        fetch: through((path, response) =>
          isLying && path === '/v1/proof' ? Response.json(refusal, { status: 404 }) : response,
        ),
      })
      await submit(client)
      isLying = true
      expect(await codeOf(client.sync())).toBe('unknown_height')
    },
  )

  it('by showing a fork: another block at a height that it showed before', async () => {
    const [server, fork] = [await served(), await served()]
    let isSwitched = false
    const client = clientOf(server, {
      fetch: (input, init) => fetch(isSwitched ? input.replace(server.url, fork.url) : input, init),
    })
    await submit(client)
    for (let i = 0; i < 3; i++) await fork.post(put('other', `${i}`))
    isSwitched = true
    const error = await client.sync().catch((each: unknown) => each)
    expect(error).toMatchObject({ code: 'chain_forked' })
    expect((error as CairnError).details.evidence).toMatchObject({ format: 'cairn.evidence/v1' })
    isSwitched = false
    expect(await codeOf(client.sync())).toBe('chain_forked')
  })

  it('about a value', async () => {
    const server = await served()
    await server.post(put('a', 'hello'))
    const liar = clientOf(server, {
      fetch: changing('/v1/proof', (text) => text.replace(toHex(utf8('hello')), toHex(utf8('jello')))),
    })
    expect(await codeOf(liar.get('state', 'a'))).toBe('proof_invalid')
    const denying = clientOf(server, {
      fetch: through((path, response) =>
        path === '/v1/proof'
          ? Response.json({ code: 'key_absent', detail: 'no', status: 404 }, { status: 404 })
          : response,
      ),
    })
    // It says that there is none, and does not show it.
    expect(await codeOf(denying.get('state', 'a'))).toBe('proof_invalid')
  })
})
