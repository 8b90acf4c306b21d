/**
 * Requests over real sockets, to servers that end where they should not, say what no server says, or say nothing. Whatever they do, a request ends in an
 * answer or in a rejection, and nothing is thrown where nobody catches it: an error outside of a test fails the file.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { platformFetch } from '../../src/http/fetch.ts'

const servers: Server[] = []
const sockets = new Set<Socket>()

afterEach(() => {
  vi.restoreAllMocks()
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server on a free port of loopback that does this with each connection once the head of a request is there. */
async function serverOf(
  answer: (socket: Socket, request: string) => void,
  onPiece: (piece: Buffer) => void = () => undefined,
): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let request = ''
    socket.on('data', (piece) => {
      onPiece(piece)
      request += piece.toString('latin1')
      if (request.includes('\r\n\r\n')) answer(socket, request)
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/head`
}

const ending = (text: string): ((socket: Socket) => void) => {
  return (socket) => socket.end(text, 'latin1')
}

const BODY = 'x'.repeat(65_536)
const HEAD = 'HTTP/1.1 200 OK\r\nconnection: close\r\n'

describe('an answer', () => {
  it.each([
    ['of a length', `${HEAD}content-length: ${BODY.length}\r\n\r\n${BODY}`],
    ['in chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n10000\r\n${BODY}\r\n0\r\n\r\n`],
    ['up to the end of its connection', `${HEAD}\r\n${BODY}`],
  ])('%s that waits while its connection ends is read whole', async (_, text) => {
    const answer = await platformFetch(await serverOf(ending(text)), {})
    await sleep(100)
    expect((await answer.text()).length).toBe(BODY.length)
  })

  it.each([
    ['of a length', `${HEAD}content-length: ${BODY.length + 1}\r\n\r\n${BODY}`],
    ['in chunks', `${HEAD}transfer-encoding: chunked\r\n\r\n10000\r\n${BODY}\r\n`],
  ])('%s that ends before its end is an error, read at once or later', async (_, text) => {
    const url = await serverOf(ending(text))
    const early = await platformFetch(url, {})
    await expect(early.text()).rejects.toThrow('terminated')
    const late = await platformFetch(url, {})
    await sleep(100)
    await expect(late.text()).rejects.toThrow('terminated')
    await platformFetch(url, {})
    await sleep(100)
  })

  it('comes with its status, its headers and each of its bytes', async () => {
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
    const head = 'HTTP/1.1 503 Any words\r\nconnection: close\r\nretry-after: 7\r\nX-Two: a\r\nX-Two: b\r\n'
    const url = await serverOf(ending(`${head}content-length: 256\r\n\r\n${bytes}`))
    const answer = await platformFetch(url, {})
    expect([answer.status, answer.ok]).toEqual([503, false])
    expect([answer.headers.get('Retry-After'), answer.headers.get('x-two')]).toEqual(['7', 'a, b'])
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual(Array.from({ length: 256 }, (_, i) => i))
  })

  it('without a body is none that is waited for', async () => {
    const answer = await platformFetch(await serverOf(ending('HTTP/1.1 204 No Content\r\n\r\n')), {})
    expect([answer.status, await answer.text()]).toEqual([204, ''])
  })

  it('that nobody reads is not taken out of the network', async () => {
    let sent = 0
    const url = await serverOf((socket) => {
      socket.write(`${HEAD}\r\n`)
      const piece = Buffer.alloc(1 << 16)
      const more = (): void => {
        for (; sent < 64 << 20; sent += piece.length) if (!socket.write(piece)) return void socket.once('drain', more)
      }
      more()
    })
    const { body } = await platformFetch(url, {})
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await sleep(300)
    expect(sent).toBeLessThan(32 << 20)
    const [socket] = sockets
    const closed = new Promise((resolve) => {
      socket?.on('close', resolve)
    })
    await reader.cancel()
    await closed
  })
})

describe('a request', () => {
  it('takes its method, headers and body along, and asks for nothing to be compressed', async () => {
    let seen = ''
    const url = await serverOf((socket, request) => {
      seen = request
      if (request.endsWith('{"é":1}'.replace('é', 'Ã©'))) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    const headers = { authorization: 'Bearer t', 'content-type': 'application/json' }
    await (await platformFetch(url, { method: 'POST', headers, body: '{"é":1}' })).text()
    expect(seen).toMatch(/^POST \/v1\/head HTTP\/1\.1\r\n/)
    expect(seen).toMatch(/\r\nauthorization: Bearer t\r\n/i)
    expect(seen).toMatch(/\r\ncontent-length: 8\r\n/i)
    expect(seen).not.toMatch(/accept-encoding/i)
  })

  it.each([301, 302, 303, 307, 308])('is not sent on by a %i', async (status) => {
    const elsewhere = vi.fn<() => void>()
    const target = await serverOf(elsewhere)
    const url = await serverOf(
      ending(`HTTP/1.1 ${status} Elsewhere\r\nlocation: ${target}\r\ncontent-length: 0\r\n\r\n`),
    )
    const asked = platformFetch(url, { headers: { authorization: 'Bearer t' } })
    await expect(asked).rejects.toThrow(new TypeError('it sends elsewhere, where nobody follows'))
    expect(elsewhere).not.toHaveBeenCalled()
  })

  it.each([
    ['closes at once', ''],
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['ends in its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    [
      'upgrades what nobody asked to',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello',
    ],
    ['says 999', 'HTTP/1.1 999 Nine\r\ncontent-length: 2\r\n\r\nhi'],
    ['says 42', 'HTTP/1.1 042 Low\r\ncontent-length: 2\r\n\r\nhi'],
    ['says two lengths', `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nhi`],
    ['says a head of a mebibyte', `${HEAD}x: ${'y'.repeat(1 << 20)}\r\n\r\n`],
    ['says a header that no text can be', `${HEAD}x: a\u0001b\r\ncontent-length: 0\r\n\r\n`],
  ])('to what %s is rejected', async (_, text) => {
    await expect(platformFetch(await serverOf(ending(text)), {})).rejects.toThrow('fetch failed')
    await sleep(50)
  })

  it('goes by TLS where its address says so, however that is written, and is rejected where it is no address', async () => {
    let greeting = ''
    const url = await serverOf(
      () => undefined,
      (piece) => {
        greeting ||= piece.subarray(0, 2).toString('hex')
      },
    )
    await expect(
      platformFetch(url.replace('http:', 'HTTPS:'), { signal: AbortSignal.timeout(200) }),
    ).rejects.toMatchObject({ name: 'TimeoutError' })
    // The beginning of a handshake.
    expect(greeting).toBe('1603')
    for (const other of ['localhost', 'ftp://localhost/', '']) {
      await expect(platformFetch(other, {})).rejects.toThrow('fetch failed')
    }
  })

  it('to where nobody listens is rejected, and says why', async () => {
    const url = await serverOf(ending(''))
    servers[0]?.close()
    await expect(platformFetch(url, {})).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })

  it('that was given up is rejected with the reason: before, while it is sent, and while its answer is read', async () => {
    const gone = new Error('given up')
    const url = await serverOf((socket) => socket.write(`${HEAD}content-length: 4\r\n\r\nhi`))
    await expect(platformFetch(url, { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
    const silent = await serverOf(() => undefined)
    await expect(platformFetch(silent, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const control = new AbortController()
    const answer = await platformFetch(url, { signal: control.signal })
    const text = answer.text()
    control.abort(gone)
    await expect(text).rejects.toBe(gone)
  })

  it('that was given up after all of its answer came is not taken for whole', async () => {
    const gone = new Error('given up')
    const url = await serverOf((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'))
    const control = new AbortController()
    const answer = await platformFetch(url, { signal: control.signal })
    await sleep(50)
    control.abort(gone)
    await expect(answer.text()).rejects.toBe(gone)
  })

  it('goes by node:http in Node, and by fetch where there is no Node', async () => {
    const url = await serverOf(ending('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'))
    const browser = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('of a browser'))
    expect(await (await platformFetch(url, {})).text()).toBe('hi')
    expect(browser).not.toHaveBeenCalled()
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
    expect(await (await platformFetch(url, { method: 'POST' })).text()).toBe('of a browser')
    expect(browser).toHaveBeenCalledExactlyOnceWith(url, { method: 'POST', redirect: 'error' })
  })
})
