/** The real server, in a process of its own, and those who are slow, say nothing, never end, or send garbage by the thousand. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { HEADERS_TIME_MAX, REQUEST_TIME_MAX } from '../../src/limits.ts'
import { chainFolder } from '../cli/chain-folder.ts'
import { Random, seed } from '../support/seed.ts'
import { end, errorsIn, freePort, serve, serveWithin } from './server-process.ts'

const folder = chainFolder()
const MIB = 2 ** 20
/** How often it is looked who took too long, and what a machine that is busy takes beside. */
const SLACK = 12_000

async function begun(): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
  const [name, port] = [await folder.newChain(), await freePort()]
  const { child, stderr } = await serve(folder.path, name, port, '--log', 'warn')
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      expect(await end(child, 'SIGTERM')).toBe(0)
      expect(errorsIn(stderr())).toEqual([])
    },
  }
}

async function figure(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

async function submit(url: string): Promise<number> {
  const body = JSON.stringify({ type: 'put', payload: { key: 'a', value: 'b' } })
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/v1/commands`, { method: 'POST', headers, body })).status
}

/** What it sends, a piece a second, until the other side ends it: what it was answered, and after how long. */
async function trickled(port: number, head: string, piece: string): Promise<{ answer: string; after: number }> {
  const start = performance.now()
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  socket.on('error', () => undefined).write(head)
  const writing = setInterval(() => {
    if (piece !== '' && socket.writable) socket.write(piece)
  }, 1000)
  await once(socket, 'close')
  clearInterval(writing)
  return { answer, after: performance.now() - start }
}

const POST = 'POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n'

it('ends those who are slow, each in its time, and answers all others meanwhile', async () => {
  const { url, port, stop } = await begun()
  const each = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, work))
  const slow = Promise.all([
    each(200, () => trickled(port, '', '')),
    each(20, () => trickled(port, 'GET /health HTTP/1.1\r\n', 'x')),
    each(20, () => trickled(port, `${POST}content-length: 100000\r\n\r\n{`, ' ')),
    each(20, () => trickled(port, `${POST}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, '1\r\n \r\n')),
  ])
  let longest = 0
  const over = new AbortController()
  void slow.finally(() => over.abort())
  while (!over.signal.aborted) {
    const start = performance.now()
    expect([await submit(url), (await fetch(`${url}/health`)).status]).toEqual([200, 200])
    longest = Math.max(longest, performance.now() - start)
    await sleep(500)
  }
  expect(longest).toBeLessThan(10_000)
  const [silent, headers, bodies, endless] = await slow
  for (const { after } of [...silent, ...headers]) expect(after).toBeLessThan(HEADERS_TIME_MAX + SLACK)
  for (const { answer, after } of [...bodies, ...endless]) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"too_slow"/s)
    expect([after > REQUEST_TIME_MAX / 2, after < REQUEST_TIME_MAX + SLACK]).toEqual([true, true])
  }
  for (const { answer } of headers) expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"too_slow"/s)
  await stop()
}, 180_000)

/** Requests that are none, or are not as they have to be; each with the statuses that it may be answered with. */
function garbage(random: Random): { readonly method: string; readonly path: string; readonly body?: Buffer } {
  const text = (body: string): Buffer => Buffer.from(body)
  const bytes = Buffer.from(random.bytes(1 + random.below(2000)))
  const bodies: readonly (() => Buffer)[] = [
    () => bytes,
    () => text('{"type":'),
    () => text(`{"type":"put","payload":${'9'.repeat(1 + random.below(5000))}}`),
    () => text('{"type":"put","payload":1e999}'),
    () => text('{"__proto__":{"admin":true},"constructor":{"prototype":{}},"type":"put","payload":{}}'),
    () => text(`{"type":"put","payload":${'['.repeat(2000)}${']'.repeat(2000)}}`),
    () => text(`{"type":"put","payload":{"key":"\\ud800","value":"${'x'.repeat(random.below(3000))}"}}`),
    () => Buffer.concat([text('{"type":"put","payload":"'), Buffer.of(0xff, 0xc0, 0x80), text('"}')]),
    () =>
      text(JSON.stringify({ commands: Array.from({ length: random.below(50) }, () => ({ type: 1, payload: null })) })),
    () => text(JSON.stringify({ type: 'nope', payload: {} })),
    () => text(JSON.stringify({ client: 'a', request: '99999999999999999999', type: 'put', payload: {} })),
  ]
  const paths: readonly (() => string)[] = [
    () => `/v1/blocks/${'9'.repeat(1 + random.below(300))}`,
    () => `/v1/state/state/%${random.below(100)}`,
    () => `/v1/state/state/${'%ff'.repeat(1 + random.below(50))}`,
    () => '/v1/%2e%2e/%2e%2e/etc/passwd',
    () => `/${'../'.repeat(20)}etc/passwd`,
    () => '/__proto__/constructor',
    () => `/v1/proof?${'command=18446744073709551615&'.repeat(1 + random.below(50))}`,
    () => `/v1/proof?__proto__[a]=1&constructor=2&state=${'a'.repeat(random.below(1000))}`,
    () => '/v1/stream?from=18446744073709551616',
    () => `/v1/export?from=5&to=${random.below(4)}`,
    () => `/v1/commands?client=${'c'.repeat(random.below(500))}&request=-1`,
  ]
  if (random.below(2) === 0)
    return { method: 'POST', path: '/v1/commands', body: bodies[random.below(bodies.length)]?.() ?? bytes }
  const method = ['GET', 'DELETE', 'PUT', 'HEAD'][random.below(4)] ?? 'GET'
  return { method, path: paths[random.below(paths.length)]?.() ?? '/' }
}

/** What is no HTTP at all, or far too much of it. */
function noise(random: Random): string | Uint8Array {
  const kinds: readonly (() => string | Uint8Array)[] = [
    () => random.bytes(1 + random.below(3000)),
    () => `GET /health HTTP/1.1\r\n${'x: y\r\n'.repeat(3000)}\r\n`,
    () => `GET /health HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    () => `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    () => `${POST}content-length: 99999999999999999999\r\n\r\n`,
    () => `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    () => `${POST}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
  ]
  return kinds[random.below(kinds.length)]?.() ?? ''
}

it(`answers thousands of requests of garbage, takes no memory for them, and logs no error (CAIRN_SEED=${seed})`, async () => {
  const { url, port, stop } = await begun()
  const random = new Random()
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const statuses = new Map<number, number>()
  const ask = async (): Promise<void> => {
    const { method, path, body } = garbage(random)
    const headers = { ...(body && { 'content-type': 'application/json', 'content-length': body.length }) }
    const status = await new Promise<number>((resolve, reject) => {
      request({ port, method, path, headers, agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', reject)
        .end(body)
    })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const shout = async (): Promise<void> => {
    const socket: Socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.write(noise(random))
    // Some of it could be the beginning of a request.
    socket.end()
    await once(socket, 'close')
  }
  const flood = async (count: number): Promise<void> => {
    let left = count
    const worker = async (): Promise<void> => {
      while (left-- > 0) await (random.below(5) === 0 ? shout() : ask())
    }
    await Promise.all(Array.from({ length: 16 }, worker))
  }
  await flood(4000)
  const before = await figure(url, 'process_resident_memory_bytes')
  await flood(10_000)
  const after = await figure(url, 'process_resident_memory_bytes')
  agent.destroy()
  expect((after - before) / MIB).toBeLessThan(48)
  // Refused each, as what it is; none of them is this server's fault.
  expect([...statuses.keys()].filter((status) => status < 400 || status >= 500)).toEqual([])
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 404, 405, 422]))
  expect(await submit(url)).toBe(200)
  expect(await figure(url, 'cairn_commands')).toBe(1)
  await stop()
}, 180_000)

it('leaves descriptors to the chain, and connections to other addresses, whoever opens as many as there are', async () => {
  const [name, port] = [await folder.newChain(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const { child, stderr } = await serveWithin(200, folder.path, name, port)
  const connections = Array.from({ length: 400 }, () => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    return socket.on('error', () => undefined)
  })
  await expect.poll(() => connections.filter(({ closed }) => closed).length, { timeout: 5000 }).toBeGreaterThan(300)
  expect(connections.filter(({ closed }) => !closed).length).toBeGreaterThan(20)
  // Files of the journal and of the store are made meanwhile.
  const headers = { 'content-type': 'application/json' }
  for (let i = 0; i < 60; i++) {
    const commands = Array.from({ length: 50 }, (_, k) => ({
      type: 'put',
      payload: { key: `k${i}-${k}`, value: 'v'.repeat(20_000) },
    }))
    const body = JSON.stringify({ commands })
    expect((await fetch(`${url}/v1/commands`, { method: 'POST', headers, body })).status).toBe(200)
  }
  expect(await figure(url, 'cairn_refusals_total\\{code="too_many_connections"\\}')).toBeGreaterThan(300)
  for (const each of connections) each.destroy()
  expect(await end(child, 'SIGTERM')).toBe(0)
  // Once, however many they were.
  const told = stderr().trim().split('\n')
  expect(told.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 40, code: 'too_many_connections', address: '127.0.0.2', max: 100 }),
  ])
})
