/** What comes from those who mean no good, or whose program is broken: answered with a problem document, without a crash, without growth. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { BODY_MAX, REQUESTS_OF_ADDRESS_MAX } from '../../src/limits.ts'
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
    ['a text as long as a body', JSON.stringify({ type: 'put', payload: 'x'.repeat(15 << 20) }), 422, 'invalid_payload'],
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

describe('pages of other sites', () => {
  it.each([
    [{ host: 'evil.example' }],
    [{ host: 'evil.example:80' }],
    [{ origin: 'http://evil.example' }],
    [{ origin: 'null' }],
  ])('reach nothing, under whatever name: %j', async (headers) => {
    const server = await served()
    const { port } = new URL(server.url)
    const status = await new Promise((resolve, reject) => {
      httpRequest({ port, path: '/v1/chain', headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  it('of its own are served', async () => {
    const { get, url } = await served()
    expect((await get('/v1/chain', { origin: url })).status).toBe(200)
  })
})

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
