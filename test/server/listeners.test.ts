/** Server-sent events: none is missed over breaks, and who does not read is dropped. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { CATCHING_UP_MAX, LISTENERS_OF_ADDRESS_MAX } from '../../src/limits.ts'
import { Random, seed } from '../support/seed.ts'
import { put, type Served, served } from './served.ts'

/** Who listens; what it read is gathered as long as it reads. */
class Reader {
  text = ''
  readonly response: IncomingMessage

  private constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8').on('error', () => undefined)
  }

  static async of({ url }: Served, path = '/v1/stream', headers: Record<string, string> = {}): Promise<Reader> {
    const asked = get(`${url}${path}`, { headers, agent: false })
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return new Reader(response)
  }

  read(): this {
    this.response.on('data', (piece: string) => {
      this.text += piece
    })
    return this
  }

  get heights(): readonly number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map(([, height]) => Number(height))
  }

  async reaches(height: number): Promise<void> {
    while (!this.heights.includes(height)) await sleep(10)
  }
}

describe(`who listens (CAIRN_SEED=${seed})`, () => {
  it('is sent what is made, what it missed, and what it asks for', async () => {
    const server = await served()
    for (let i = 0; i < 3; i++) await server.post(put('a', `${i}`))
    const [live, resumed, all] = [
      (await Reader.of(server)).read(),
      (await Reader.of(server, '/v1/stream', { 'last-event-id': '0' })).read(),
      (await Reader.of(server, '/v1/stream?from=0')).read(),
    ]
    for (let i = 3; i < 6; i++) await server.post(put('a', `${i}`))
    for (const reader of [live, resumed, all]) await reader.reaches(5)
    expect(live.heights).toEqual([3, 4, 5])
    expect(resumed.heights).toEqual([1, 2, 3, 4, 5])
    expect(all.heights).toEqual([0, 1, 2, 3, 4, 5])
    expect(all.text).toMatch(/^event: block\ndata: \{"blockHash":"0x/m)
  })

  it('comes and goes while blocks are made, and each is sent every block once, in order, from where it asked on', async () => {
    const [server, random] = [await served(), new Random()]
    const over = new AbortController()
    const making = (async () => {
      while (!over.signal.aborted) await server.post(put('a', '1'))
    })()
    await server.post(put('a', '0'))
    const readers: { readonly reader: Reader; readonly from: number | undefined }[] = []
    for (let i = 0; i < 60; i++) {
      const from = random.below(2) === 0 ? undefined : random.below(Number(server.chain.head?.height ?? 0n) + 1)
      const reader = (await Reader.of(server, from === undefined ? '/v1/stream' : `/v1/stream?from=${from}`)).read()
      readers.push({ reader, from })
      if (random.below(4) === 0) readers.splice(random.below(readers.length), 1)[0]?.reader.response.destroy()
    }
    over.abort()
    await making
    await server.post(put('a', '2'))
    const head = Number(server.chain.head?.height)
    for (const { reader, from } of readers) {
      await reader.reaches(head)
      const [first = -1] = reader.heights
      expect(reader.heights).toEqual(Array.from({ length: head + 1 - first }, (_, i) => first + i))
      expect(first).toBe(from ?? first)
    }
  })

  it('is sent what the log has of a block that was sent before: the same bytes', async () => {
    const server = await served()
    const live = (await Reader.of(server)).read()
    for (let i = 0; i < 3; i++) await server.post(put('a', `${i}`))
    await live.reaches(2)
    live.response.destroy()
    await server.chain.flush()
    const again = (await Reader.of(server, '/v1/stream?from=0')).read()
    await again.reaches(2)
    expect(again.text).toBe(live.text)
  })

  it('and does not read is dropped, and all others are sent everything', async () => {
    const server = await served()
    const stalled = await Reader.of(server)
    stalled.response.pause()
    const reading = (await Reader.of(server)).read()
    let blocks = 0
    // Some megabytes fit into the buffers of the system; then the server would have to keep what comes.
    while (blocks < 12_000 && (await listeners(server)) > 1) {
      for (let i = 0; i < 200; i++, blocks++)
        await server.chain.submit({ type: 'delete', payload: Buffer.from('{"key":"a"}') })
    }
    expect(await listeners(server)).toBe(1)
    await reading.reaches(blocks - 1)
    expect(reading.heights).toEqual(Array.from({ length: blocks }, (_, i) => i))
    stalled.response.resume()
    while (!stalled.response.closed) await sleep(10)
  })

  it('is sent what it missed in turns, however many come back at once: a few read the journal, and none for long', async () => {
    const server = await served()
    for (let i = 0; i < 200; i++) await server.chain.submit({ type: 'delete', payload: Buffer.from('{"key":"a"}') })
    const headers = server.chain.headers.bind(server.chain)
    let [now, most, turns] = [0, 0, 0]
    vi.spyOn(server.chain, 'headers').mockImplementation(async function* (options) {
      if (options?.live === true) {
        yield* headers(options)
        return
      }
      turns++
      most = Math.max(most, ++now)
      try {
        await sleep(5)
        yield* headers(options)
      } finally {
        now--
      }
    })
    const asked = Array.from({ length: 12 }, () => Reader.of(server, '/v1/stream?from=0'))
    const readers = (await Promise.all(asked)).map((each) => each.read())
    for (const reader of readers) {
      await reader.reaches(199)
      expect(reader.heights).toEqual(Array.from({ length: 200 }, (_, i) => i))
      expect(reader.response.headers['x-content-type-options']).toBe('nosniff')
    }
    expect([now, most]).toEqual([0, CATCHING_UP_MAX])
    expect(turns).toBeGreaterThanOrEqual(2 * readers.length)
  })

  it('too often from one address is told so', async () => {
    const server = await served()
    const readers = await Promise.all(Array.from({ length: LISTENERS_OF_ADDRESS_MAX }, () => Reader.of(server)))
    const answer = await server.get('/v1/stream')
    expect([answer.status, await answer.json()]).toEqual([429, expect.objectContaining({ code: 'too_many_requests' })])
    for (const { response } of readers) response.destroy()
  })

  it('behind another request of its connection is gone with that connection', async () => {
    const server = await served()
    await server.post(put('a', 'b'))
    const warned = vi.spyOn(process, 'emitWarning')
    // The one before it is not answered while it lasts.
    vi.spyOn(server.chain, 'prove').mockReturnValue(new Promise<never>(() => {}))
    const { hostname, port } = new URL(server.url)
    const asked = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`
    const listening = async (): Promise<string | undefined> =>
      /^cairn_listeners (\d+)$/m.exec(await (await server.get('/metrics')).text())?.[1]
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(asked('/v1/proof?command=0') + asked('/v1/stream').repeat(20))
    await expect.poll(listening).toBe('20')
    socket.destroy()
    await expect.poll(listening).toBe('0')
    expect(warned).not.toHaveBeenCalled()
  })

  it('is let go when the server stops', async () => {
    const server = await served()
    const reader = (await Reader.of(server)).read()
    const closed = once(reader.response, 'close')
    await server.server.close()
    await closed
  })
})

async function listeners(server: Served): Promise<number> {
  const text = await (await server.get('/metrics')).text()
  return Number(/^cairn_listeners (\d+)$/m.exec(text)?.[1])
}
