/** What comes from those who mean no good, or whose program is broken: answered with a problem document, without a crash, without growth. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket, Server as TcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import {
  BODY_MAX,
  DRAIN_TIME_MAX,
  EXPORTS_OF_ADDRESS_MAX,
  HELD_BYTES_MAX,
  HELD_BYTES_OF_ADDRESS_MAX,
  LARGE_ANSWERS_MAX,
  LISTENERS_MAX,
  REQUEST_COMMANDS_MAX,
  REQUESTS_OF_ADDRESS_MAX,
} from '../../src/limits.ts'
import { chainFailed } from '../../src/pipeline/failure.ts'
import { problemOf as problemOfError } from '../../src/server/problem.ts'
import { CairnError } from '../../src/verify/error.ts'
import { quickest } from '../support/quick.ts'
import { problemOf, put, type Served, served } from './served.ts'

/** Bytes as they are sent, and what comes back until the other side closes. */
function raw({ url }: Served, bytes: string | Uint8Array): Promise<string> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
    socket.write(bytes)
  })
}

describe('bad input', () => {
  it.each([
    ['no JSON', '{"type":', 400, 'malformed'],
    ['nothing', '', 400, 'malformed'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 400, 'malformed'],
    ['a list', '[]', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['a number', '1e400', 400, 'malformed'],
    ['a number that would be changed', '{"type":"put","payload":9007199254740993}', 400, 'malformed'],
    ['such a number with a fraction', '{"type":"put","payload":9007199254740993.0}', 400, 'malformed'],
    ['such a number with a power', '{"type":"put","payload":9007199254740993e0}', 400, 'malformed'],
    ['more digits than a double keeps', '{"type":"put","payload":0.10000000000000001}', 400, 'malformed'],
    ['strings within a string without an end', `"${'\\"'.repeat(1 << 20)}`, 400, 'malformed'],
    [
      'a text as long as a body',
      JSON.stringify({ type: 'put', payload: 'x'.repeat(15 << 20) }),
      422,
      'invalid_payload',
    ],
    ['too many values', `{"type":"put","payload":[${'0,'.repeat(7 << 20)}0]}`, 413, 'over_limit'],
    ['a member that stands twice', '{"type":"put","type":"put","payload":{}}', 400, 'malformed'],
    [
      'a member that stands twice, written in another way',
      '{"type":"put","payload":{"key":"a","\\u006bey":"b"}}',
      400,
      'malformed',
    ],
    ['a member that is not known', '{"type":"put","payload":{},"admin":true}', 400, 'invalid_request'],
    ['no payload', '{"type":"put"}', 400, 'invalid_request'],
    ['a type that is a number', '{"type":1,"payload":{}}', 400, 'invalid_request'],
    [
      'a request number as a JSON number',
      '{"client":"a","request":1,"type":"put","payload":{}}',
      400,
      'invalid_request',
    ],
    [
      'a request number that is too large',
      '{"client":"a","request":"99999999999999999999","type":"put","payload":{}}',
      400,
      'invalid_request',
    ],
    ['a client without a number', '{"client":"a","type":"put","payload":{}}', 400, 'invalid_request'],
    ['the number 0', '{"client":"a","request":"0","type":"put","payload":{}}', 400, 'invalid_submission'],
    ['a prototype', '{"__proto__":{"admin":true},"type":"put","payload":{}}', 400, 'invalid_request'],
    [
      'a prototype in the payload',
      '{"type":"put","payload":{"__proto__":{"key":"a"},"key":"a","value":"b"}}',
      422,
      'invalid_payload',
    ],
    ['half a surrogate', '{"type":"put","payload":{"key":"\\ud800","value":"b"}}', 400, 'malformed'],
    ['too deep', `{"type":"put","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'malformed'],
    ['hex that is none', '{"type":"put","payload":{"hex":"0xZZ"}}', 400, 'invalid_request'],
    ['no commands', '{"commands":[]}', 400, 'invalid_request'],
    [
      'too many commands',
      JSON.stringify({ commands: Array.from({ length: 2049 }, () => put('a', 'b')) }),
      400,
      'invalid_request',
    ],
    ['a payload over its bound', JSON.stringify(put('a', 'x'.repeat(1 << 20))), 422, 'invalid_payload'],
  ])('%s', async (_, body, status, code) => {
    const server = await served()
    const problem = await problemOf(await server.post(body))
    expect([problem.status, problem.code]).toEqual([status, code])
    expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
    expect(server.chain.head).toBeUndefined()
  })

  it.each([
    ['/v1/blocks/-1', 400],
    ['/v1/blocks/01', 400],
    ['/v1/blocks/1e3', 400],
    ['/v1/blocks/18446744073709551616', 400],
    ['/v1/blocks?limit=0', 400],
    ['/v1/blocks?from=0&from=1', 400],
    ['/v1/blocks?unknown=1', 400],
    ['/v1/state/state/0xZZ', 400],
    ['/v1/state/other/a', 400],
    [`/v1/state/state/${'a'.repeat(3000)}`, 400],
    ['/v1/state/state/%ff', 400],
    ['/v1/proof?state=', 400],
    ['/v1/../etc/passwd', 404],
    ['/v1/%2e%2e/%2e%2e/etc/passwd', 404],
    ['//v1/chain', 404],
    ['/v1/chain/', 404],
    ['/V1/CHAIN', 404],
    ['/constructor', 404],
  ])('the path %s is answered with %d', async (path, status) => {
    const server = await served()
    expect((await problemOf(await server.get(path))).status).toBe(status)
    expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('a body that is too large is refused by its header, and while it comes', async () => {
    const server = await served()
    const head = 'POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n'
    const announced = await raw(server, `${head}content-length: ${BODY_MAX + 1}\r\n\r\n`)
    expect(announced).toMatch(/^HTTP\/1\.1 413 .*"code":"over_limit"/s)
    let sent = 0
    const answer = await new Promise<unknown>((resolve) => {
      const { port } = new URL(server.url)
      const headers = { 'content-type': 'application/json' }
      const sending = httpRequest({ port, method: 'POST', path: '/v1/commands', headers })
      sending.on('response', (response) => {
        resolve(response.statusCode)
        sending.destroy()
      })
      // The connection is ended on whoever goes on sending, and its answer may be lost with it.
      sending.on('error', () => resolve(413))
      const piece = Buffer.alloc(1 << 20, ' ')
      const more = (): void => {
        if (sending.destroyed) return
        sent += piece.length
        sending.write(piece, () => setImmediate(more))
      }
      more()
    })
    expect(sent).toBeLessThan(2 * BODY_MAX)
    expect(answer).toBe(413)
  })

  it.each([
    ['garbage', 'GARBAGE\r\n\r\n', /^HTTP\/1\.1 400 .*"code":"malformed"/s],
    [
      'a flood of headers',
      `GET /health HTTP/1.1\r\n${Array.from({ length: 2000 }, (_, i) => `x-${i}: ${'y'.repeat(50)}\r\n`).join('')}\r\n`,
      /^HTTP\/1\.1 431 .*"code":"headers_too_large"/s,
    ],
    [
      'two lengths',
      'POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      /^HTTP\/1\.1 400/,
    ],
    [
      'a length and chunks',
      'POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
  ])('%s is answered, and the connection ended', async (_, bytes, expected) => {
    const server = await served()
    expect(await raw(server, bytes)).toMatch(expected)
    expect((await server.get('/health')).status).toBe(200)
  })

  it('a method that is not for it is told which is', async () => {
    const { url } = await served()
    const answer = await fetch(`${url}/v1/head`, { method: 'POST' })
    expect([(await problemOf(answer)).code, answer.headers.get('allow')]).toEqual(['method_not_allowed', 'GET'])
    expect((await problemOf(await fetch(`${url}/v1/commands`, { method: 'DELETE' }))).status).toBe(405)
  })
})

describe('too much', () => {
  it('of one address: the newest is told to come back, and all others are answered', async () => {
    const server = await served()
    const { port } = new URL(server.url)
    // Headers that came, and a body that does not.
    const head = `POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`
    const sockets = await Promise.all(
      Array.from({ length: REQUESTS_OF_ADDRESS_MAX }, async () => {
        const socket = connect(Number(port), '127.0.0.1')
        await once(socket, 'connect')
        socket.on('error', () => undefined).write(head)
        return socket
      }),
    )
    let answer = await server.get('/health')
    for (let i = 0; i < 100 && answer.status !== 429; i++) answer = await server.get('/health')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
    for (const socket of sockets) socket.destroy()
    for (answer = await server.get('/health'); answer.status !== 200; ) answer = await server.get('/health')
    expect((await server.post(put('a', '1'))).status).toBe(200)
  })
})

describe('what is left behind', () => {
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`
  const opened = async ({ url }: Served, bytes: string, localAddress = '127.0.0.1'): Promise<Socket> => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress, allowHalfOpen: true })
    await once(socket, 'connect')
    socket.on('error', () => undefined).write(bytes)
    return socket
  }

  it('requests that waited behind another one of their connection are no longer counted when it is gone', async () => {
    const server = await served()
    // Few enough that their answers are made, and wait.
    const behind = ask('/v1/stream') + ask('/v1/chain').repeat(20)
    const sockets = await Promise.all(Array.from({ length: 60 }, () => opened(server, behind)))
    await sleep(500)
    for (const socket of sockets) socket.destroy()
    await sleep(100)
    expect((await server.get('/health')).status).toBe(200)
  })

  it('exports are bounded, and one that nobody reads any more is given up, whose place is free then', async () => {
    const server = await served()
    for (let i = 0; i < 3; i++) await server.post(put('a', 'x'.repeat(900_000)))
    await expect.poll(async () => (await server.get('/v1/export')).status).toBe(200)
    const sockets: Socket[] = []
    for (let i = 0; i < EXPORTS_OF_ADDRESS_MAX; i++) {
      // Nobody reads it: it does not end.
      sockets.push((await opened(server, ask('/v1/export').repeat(3))).pause())
    }
    const refused = async (): Promise<unknown> => {
      const answer = await server.get('/v1/export?from=1&to=1')
      return answer.status === 200 ? answer.arrayBuffer() : answer.json()
    }
    await expect.poll(refused).toMatchObject({ code: 'too_many_requests', limit: EXPORTS_OF_ADDRESS_MAX })
    for (const socket of sockets) socket.destroy()
    await expect.poll(async () => (await server.get('/v1/export?from=1&to=1')).status).toBe(200)
    expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('blocks are made a few at a time, however many ask, and none for who is gone', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const block = server.chain.block.bind(server.chain)
    let [now, most, all] = [0, 0, 0]
    vi.spyOn(server.chain, 'block').mockImplementation(async (height) => {
      all++
      most = Math.max(most, ++now)
      await sleep(200)
      now--
      return block(height)
    })
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.get('/v1/blocks/0')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect([most, all]).toEqual([LARGE_ANSWERS_MAX, 12])
    const sockets = await Promise.all(Array.from({ length: 12 }, () => opened(server, ask('/v1/blocks/0'))))
    await expect.poll(() => now).toBe(LARGE_ANSWERS_MAX)
    for (const socket of sockets) socket.destroy()
    expect((await server.get('/v1/blocks/0')).status).toBe(200)
    expect(all).toBe(12 + LARGE_ANSWERS_MAX + 1)
    expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('proofs of batches are made for a few at a time, however many ask', async () => {
    const server = await served()
    const submitMany = server.chain.submitMany.bind(server.chain)
    let [now, most] = [0, 0]
    vi.spyOn(server.chain, 'submitMany').mockImplementation(async (given) => {
      const proof = async (): Promise<string> => {
        most = Math.max(most, ++now)
        await sleep(50)
        now--
        return '{}'
      }
      const receipts = await submitMany(given)
      return receipts.map((each) => (each instanceof CairnError ? each : Object.assign({}, each, { proof })))
    })
    const body = { commands: [put('a', '1'), put('b', '1')] }
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.post(body, '/v1/commands?proof=1')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    for (const each of answers) expect(await each.json()).toMatchObject({ receipts: [{ proof: {} }, { proof: {} }] })
    expect(most).toBe(LARGE_ANSWERS_MAX)
  })

  it('proofs of a batch are made as long as somebody waits for them', async () => {
    const server = await served()
    const submitMany = server.chain.submitMany.bind(server.chain)
    let made = 0
    vi.spyOn(server.chain, 'submitMany').mockImplementation(async (given) => {
      const receipts = await submitMany(given)
      const proof = async (): Promise<string> => {
        made++
        await sleep(20)
        return '{}'
      }
      return receipts.map((each) => (each instanceof CairnError ? each : Object.assign({}, each, { proof })))
    })
    const body = JSON.stringify({ commands: Array.from({ length: 50 }, (_, i) => put(`${i}`, 'v')) })
    const head = `POST /v1/commands?proof=1 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const socket = await opened(server, head + body)
    await expect.poll(() => made).toBeGreaterThan(0)
    socket.destroy()
    await sleep(1500)
    expect(made).toBeLessThan(50)
    expect((await server.get('/v1/commands/49')).status).toBe(200)
    expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('listeners keep nobody from asking', async () => {
    const server = await served()
    const sockets = await Promise.all(
      Array.from({ length: REQUESTS_OF_ADDRESS_MAX }, async () => {
        const socket = await opened(server, ask('/v1/stream'))
        await once(socket, 'data')
        return socket
      }),
    )
    expect((await server.get('/v1/chain')).status).toBe(200)
    expect((await problemOf(await server.get('/v1/stream'))).code).toBe('too_many_requests')
    for (const socket of sockets) socket.destroy()
  })

  it('as many connections as may listen wait to be taken, where the system allows it', async () => {
    const listen = vi.spyOn(TcpServer.prototype, 'listen')
    await served()
    // Locks listen, too, before it.
    expect(listen.mock.calls.at(-1)?.[0]).toMatchObject({ port: 0, backlog: LISTENERS_MAX })
    listen.mockRestore()
  })

  it('bodies that are not whole yet are bounded, of one address and together: the one that finds no room is told so', async () => {
    const server = await served()
    const size = BODY_MAX - 1024
    const head = `POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${size + 1}\r\n\r\n`
    const body = Buffer.alloc(size, ' ')
    const sockets: Socket[] = []
    const answers: string[] = []
    /** Bodies of an address, but for their last byte. */
    const hold = async (localAddress: string, count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const socket = await opened(server, head, localAddress)
        socket.on('data', (text: Buffer) => answers.push(text.toString()))
        sockets.push(socket)
        await new Promise<void>((resolve) => {
          socket.write(body, () => resolve())
          socket.on('close', () => resolve())
        })
      }
    }
    const share = HELD_BYTES_OF_ADDRESS_MAX / BODY_MAX
    await hold('127.0.0.2', share + 1)
    await expect.poll(() => answers.splice(0).join('')).toMatch(/^HTTP\/1\.1 429 .*"code":"too_many_requests"/s)
    // The others have room.
    expect((await server.post(put('a', '1'))).status).toBe(200)
    await hold('127.0.0.3', HELD_BYTES_MAX / BODY_MAX - share)
    expect(answers).toEqual([])
    await hold('127.0.0.4', 1)
    await expect
      .poll(() => answers.splice(0).join(''))
      .toMatch(/^HTTP\/1\.1 503 .*retry-after: 1.*"code":"overloaded"/s)
    for (const socket of sockets) socket.destroy()
    await sleep(100)
    expect((await server.post(put('a', '2'))).status).toBe(200)
    await hold('127.0.0.2', share)
    expect(answers).toEqual([])
    expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('a connection that sends what is no request is closed, also where the other side keeps it open', async () => {
    const server = await served()
    const socket = await opened(server, 'GARBAGE\r\n\r\n')
    // Half open: it does not close because the server does.
    await once(socket.resume(), 'end')
    const closed = new Promise((resolve) => {
      socket.on('close', resolve)
    })
    const writing = setInterval(() => socket.write('more'), 100)
    await closed
    clearInterval(writing)
  })

  it('what is no request does not stand within the answer before it', async () => {
    const server = await served()
    const answer = await raw(server, `${ask('/v1/stream')}GARBAGE\r\n\r\n`)
    expect(answer).not.toContain('malformed')
  })

  it('what is no request is not the answer to a command before it, which is executed', async () => {
    const server = await served()
    const body = JSON.stringify(put('a', '1', { client: 'desk-7', request: '1' }))
    const head = `POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const submitMany = server.chain.submitMany.bind(server.chain)
    let release = (): void => undefined
    const over = new Promise<void>((resolve) => {
      release = resolve
    })
    const submitted = vi.spyOn(server.chain, 'submitMany').mockImplementation(async (given) => {
      const receipts = await submitMany(given)
      await over
      return receipts
    })
    const socket = await opened(server, head + body)
    await expect.poll(() => submitted.mock.calls.length).toBe(1)
    let answer = ''
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString()
    })
    const ended = Promise.race([once(socket, 'end'), once(socket, 'close')])
    socket.write('}\r\n\r\n')
    await ended
    release()
    await submitted.mock.results[0]?.value
    expect((await server.get('/v1/commands?client=desk-7&request=1')).status).toBe(200)
    expect(answer).toBe('')
    socket.destroy()
  })

  it('a connection that was opened in advance does not keep the server from stopping', async () => {
    const server = await served()
    const socket = await opened(server, '')
    const before = performance.now()
    await server.server.close()
    expect(performance.now() - before).toBeLessThan(5000)
    socket.destroy()
  })

  it('an answer that nobody reads does not keep the server from stopping', async () => {
    const server = await served()
    await server.post(put('a', 'x'.repeat(60_000)))
    const path = `/v1/proof?${'command=0&'.repeat(100)}`
    const sockets = await Promise.all(Array.from({ length: 3 }, () => opened(server, ask(path))))
    for (const socket of sockets) socket.pause()
    await sleep(1500)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const closing = server.server.close()
    await vi.advanceTimersByTimeAsync(DRAIN_TIME_MAX)
    vi.useRealTimers()
    await closing
    for (const socket of sockets) socket.destroy()
  })
})

describe('an answer that was kept', () => {
  it('of another chain that was served here before is not taken for this one', async () => {
    const [server, other] = [await served(), await served()]
    await server.post(put('a', '1'))
    await other.post(put('a', '2'))
    for (const path of ['/v1/state/state/a', '/v1/genesis', '/v1/commands/0', '/v1/head', '/v1/blocks/0/seal']) {
      const etag = (await server.get(path)).headers.get('etag') ?? ''
      expect([path, (await server.get(path, { 'if-none-match': etag })).status]).toEqual([path, 304])
      const isOther = path !== '/v1/genesis'
      expect([path, (await other.get(path, { 'if-none-match': etag })).status]).toEqual([path, isOther ? 200 : 304])
    }
  })
})

it('what has no number is answered when it is done, for nobody could ask for it', async () => {
  const { post } = await served()
  const answer = await post(put('a', '1'), '/v1/commands', { prefer: 'respond-async' })
  expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, null])
})

it('behind a proxy it is asked for under any name, and wants a token', async () => {
  const hash = createHash('sha256').update('cairn_x').digest()
  const server = await served({ tokens: [{ name: 'a', hash, scopes: ['read'], createdAt: 0n }] })
  const { port } = new URL(server.url)
  for (const [token, status] of [
    ['cairn_x', 200],
    ['cairn_y', 401],
  ] as const) {
    const headers = { host: 'ledger.example', authorization: `Bearer ${token}` }
    const answered = await new Promise((resolve, reject) => {
      httpRequest({ port, path: '/v1/chain', headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(answered).toBe(status)
  }
})

describe('a proof', () => {
  it('that would be larger than a document is refused before it is made', async () => {
    const server = await served()
    await server.post(put('a', 'x'.repeat(60_000)))
    const both = async (): Promise<void> => {
      expect((await problemOf(await server.get(`/v1/proof?${'command=0&'.repeat(1000)}`))).code).toBe('over_limit')
      expect((await problemOf(await server.get(`/v1/proof?${'state=a&'.repeat(1000)}`))).code).toBe('over_limit')
    }
    expect(await quickest(2000, both)).toBeLessThan(2000)
  })

  it('of each of the most commands of a request reads their block once', async () => {
    const server = await served()
    const commands = Array.from({ length: REQUEST_COMMANDS_MAX }, (_, i) => put(`k${i}`, 'v'))
    const all = async (): Promise<void> => {
      const answer = await server.post({ commands }, '/v1/commands?proof=1')
      const { receipts } = (await answer.json()) as { receipts: readonly { proof: unknown }[] }
      expect(receipts.every(({ proof }) => proof !== undefined)).toBe(true)
    }
    // It took a minute, as long as each of them read the block.
    expect(await quickest(20_000, all)).toBeLessThan(20_000)
  }, 300_000)
})

describe('who listens', () => {
  it('from beyond the newest block is told that there is none', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    expect((await problemOf(await server.get('/v1/stream?from=2'))).code).toBe('unknown_height')
    expect((await problemOf(await server.get('/v1/stream', { 'last-event-id': '1' }))).code).toBe('unknown_height')
    const next = await server.get('/v1/stream', { 'last-event-id': '0' })
    expect(next.status).toBe(200)
    await next.body?.cancel()
  })

  it('to a chain that ends learns it: the stream ends, and another one is refused', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const listening = await server.get('/v1/stream')
    await server.chain.close()
    expect(await listening.text()).toMatch(/^retry: 1000\n\n/)
    expect((await problemOf(await server.get('/v1/stream'))).status).toBe(503)
  })

  it('asks with GET: no stream is made that nobody is sent', async () => {
    const { url } = await served()
    for (const path of ['/v1/stream', '/v1/export']) {
      const answer = await fetch(url + path, { method: 'HEAD' })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET'])
    }
  })
})

it('a chain that failed says nothing of its disk to who asks', async () => {
  const server = await served()
  const cause = new Error("EIO: i/o error, write '/srv/secret/00.journal'")
  Object.defineProperty(server.chain, 'unavailable', { value: chainFailed(cause) })
  expect(await (await server.get('/health')).text()).not.toContain('/srv')
  const { problem } = problemOfError(new CairnError('store_damaged', '/srv is damaged', { directory: '/srv' }))
  expect(problem).toMatchObject({ code: 'store_damaged', status: 500, detail: 'See the log of the server.' })
  expect(JSON.stringify(problem)).not.toContain('/srv')
})

it.each(['invalid_outcome', 'invalid_entry'])(
  '%s is a refusal: nothing of it was written, and nothing is broken',
  (code) => {
    expect(problemOfError(new CairnError(code, 'Bring the outcome with the command.')).problem.status).toBe(422)
  },
)

it('a chain that failed says so, and reads go on', async () => {
  const server = await served()
  await server.post(put('a', '1'))
  await server.chain.close()
  const refused = await server.post(put('a', '2'))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
  const health = await server.get('/health')
  expect([health.status, ((await health.json()) as { reasons: unknown[] }).reasons.length]).toEqual([503, 1])
})

it('opens nothing but loopback without tokens', async () => {
  const opened = served({ host: '0.0.0.0' })
  await expect(opened).rejects.toMatchObject({ code: 'tokens_needed' })
})
