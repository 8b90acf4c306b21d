/** Blocks as a client follows them, live: over breaks of the connection, and of a server that lies about them. */
import { describe, expect, it, vi } from 'vitest'
import type { CairnClient, CairnError } from '../../src/client/index.ts'
import * as pauses from '../../src/client/sleep.ts'
import type { Fetch } from '../../src/http/fetch.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'
import { json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { blockHash, nobleEngine } from '../../src/verify/index.ts'
import { readJson } from '../../src/verify/json.ts'
import { put, served } from '../server/served.ts'
import { Random, seed } from '../support/seed.ts'
import { clientOf, codeOf, digitChanged, through } from './lies.ts'

vi.mock('../../src/client/sleep.ts', { spy: true })

const random = new Random()

it(`follows the blocks, over breaks of the connection (CAIRN_SEED=${seed})`, async () => {
  const server = await served()
  const heights: bigint[] = []
  let breaks = 0
  const client = clientOf(server, {
    fetch: through((path, response) => {
      if (path !== '/v1/stream' || response.body === null || breaks++ > 2) return response
      const cut = new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          // Half of a piece arrives, then the connection is gone.
          controller.enqueue(piece.slice(0, piece.length >> 1))
          if (random.below(2) === 0) controller.error(new Error('gone'))
          else controller.terminate()
        },
      })
      return new Response(response.body.pipeThrough(cut), { status: 200 })
    }),
  })
  for (let i = 0; i < 5; i++) await server.post(put('a', `${i}`))
  const stop = new AbortController()
  const told: string[] = []
  const onBreak = ({ code }: CairnError): void => void told.push(code)
  for await (const { header } of client.blocks({ from: 0n, signal: stop.signal, onBreak })) {
    heights.push(header.height)
    if (header.height === 4n) await server.post(put('a', 'live'))
    if (header.height === 5n) stop.abort()
    if (stop.signal.aborted) break
  }
  expect(heights).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
  expect(breaks).toBeGreaterThan(1)
  expect(told).toEqual(Array.from({ length: breaks - 1 }, () => 'server_unreachable'))
})

describe('live blocks of a server that lies', () => {
  const lie = (change: (text: string) => string): Fetch =>
    through((path, response) => {
      if (path !== '/v1/stream' || response.body === null) return response
      const decoder = new TextDecoder()
      const changed = new TransformStream<Uint8Array, Uint8Array>({
        transform: (piece, controller) => controller.enqueue(utf8(change(decoder.decode(piece)))),
      })
      return new Response(response.body.pipeThrough(changed), { status: 200 })
    })
  const heights = async (client: CairnClient, from: bigint, count: number): Promise<void> => {
    let seen = 0
    for await (const _ of client.blocks({ from })) if (++seen === count) return
  }

  it.each([
    ['a time', (text: string) => text.replace(/"timestamp":"\d/, '"timestamp":"9')],
    ['a hash', (text: string) => text.replace(/"blockHash":"0x./, digitChanged)],
    ['a root', (text: string) => text.replace(/"state":"0x./, digitChanged)],
    ['a seal', (text: string) => text.replace(/"signature":"0x.(?=[0-9a-f]*"\}\}\n)/, digitChanged)],
    ['a delegate', (text: string) => text.replace(/"delegate":"0x./, digitChanged)],
  ])('by changing %s', async (_, change) => {
    const server = await served()
    await server.post(put('a', '1'))
    const liar = clientOf(server, { fetch: lie(change) })
    expect(await codeOf(heights(liar, 0n, 1))).toBe('proof_invalid')
  })

  it('by a block without a seal that is older than the one before it', async () => {
    const server = await served()
    for (let i = 0; i < 2; i++) await server.post(put('a', `${i}`))
    const older = (text: string): string =>
      text.replace(/^data: (.*)$/gm, (line, data: string) => {
        const { header, roots } = JSON.parse(data) as { header: { height: string; timestamp: string }; roots: object }
        if (header.height !== '1') return line
        const changed = { ...header, timestamp: '1' }
        const decoded = codecs.header.decode(readJson(JSON.stringify(changed)), json)
        const hash = toHex(blockHash(server.keys.identity, decoded, nobleEngine.hasher))
        return `data: ${JSON.stringify({ blockHash: hash, header: changed, roots })}`
      })
    expect(await codeOf(heights(clientOf(server, { fetch: lie(older) }), 0n, 2))).toBe('proof_invalid')
  })

  it('by leaving out the first, or sending what is none', async () => {
    const server = await served()
    for (let i = 0; i < 2; i++) await server.post(put('a', `${i}`))
    const skipping = clientOf(server, { fetch: (url, init) => fetch(url.replace('from=0', 'from=1'), init) })
    expect(await codeOf(heights(skipping, 0n, 1))).toBe('proof_invalid')
    const broken = clientOf(server, { fetch: lie((text) => text.replace('"header":{', '"header":[{')) })
    expect(await codeOf(heights(broken, 0n, 1))).toBe('answer_invalid')
    const other = clientOf(server, { chainId: `0x${'ab'.repeat(32)}` })
    expect(await codeOf(heights(other, 0n, 1))).toBe('wrong_chain')
  })

  it('by going back, or by showing another chain than it proved', async () => {
    const [server, copy] = [await served(), await served()]
    for (let i = 0; i < 3; i++) await server.post(put('a', `${i}`))
    await copy.post(put('b', '1'))
    let isSwitched = false
    const client = clientOf(server, {
      fetch: (input, init) => {
        const url = isSwitched ? input.replace(server.url, copy.url) : input
        return fetch(url, init)
      },
    })
    const back = async (): Promise<void> => {
      for await (const { header } of client.blocks({ from: 0n })) {
        if (header.height < 2n) continue
        isSwitched = true
        await server.server.close()
      }
    }
    expect(await codeOf(back())).toBe('server_behind')
  })

  it('by showing another chain than it proved', async () => {
    const [server, copy] = [await served(), await served()]
    await server.post(put('a', '1'))
    await copy.post(put('b', '1'))
    let isSwitched = false
    const client = clientOf(server, {
      fetch: (input, init) => fetch(isSwitched ? input.replace(server.url, copy.url) : input, init),
    })
    await client.sync()
    isSwitched = true
    expect(await codeOf(heights(client, 0n, 1))).toBe('proof_invalid')
  })

  it('by refusing them in an answer that does not end: it is asked again', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    vi.mocked(pauses.sleep).mockResolvedValue()
    let asked = 0
    const client = clientOf(server, {
      fetch: (url, init) => {
        if (!url.includes('/v1/stream') || asked++ > 0) return fetch(url, init)
        const refusal = new ReadableStream({
          start: (controller) => init.signal?.addEventListener('abort', () => controller.error(new Error('silent'))),
        })
        setImmediate(() => vi.advanceTimersByTime(60_000))
        return Promise.resolve(new Response(refusal, { status: 503 }))
      },
    })
    await client.identity()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await heights(client, 0n, 1)
    } finally {
      vi.useRealTimers()
      vi.mocked(pauses.sleep).mockRestore()
    }
    expect(asked).toBe(2)
  })

  it('ends at once where it is given up between two connections', async () => {
    const server = await served()
    const stop = new AbortController()
    const client = clientOf(server, { fetch: () => Promise.reject(new TypeError('fetch failed')) })
    const { sleep } = await vi.importActual<typeof pauses>('../../src/client/sleep.ts')
    const pausing = new Promise<void>((resolve) => {
      vi.mocked(pauses.sleep).mockImplementation((_, signal) => {
        resolve()
        // Longer than any test: only the signal ends it.
        return sleep(2 ** 30, signal)
      })
    })
    const ended = client.blocks({ from: 0n, signal: stop.signal }).next()
    await pausing
    stop.abort()
    expect((await ended).done).toBe(true)
    vi.mocked(pauses.sleep).mockRestore()
  })

  it('ends at once where it is given up when the break is told', async () => {
    const server = await served()
    const stop = new AbortController()
    const client = clientOf(server, { fetch: () => Promise.reject(new TypeError('fetch failed')) })
    const { sleep } = await vi.importActual<typeof pauses>('../../src/client/sleep.ts')
    vi.mocked(pauses.sleep).mockImplementation((_, signal) => sleep(2 ** 30, signal))
    const ended = client.blocks({ from: 0n, signal: stop.signal, onBreak: () => stop.abort() }).next()
    expect((await ended).done).toBe(true)
    vi.mocked(pauses.sleep).mockRestore()
  })
})
