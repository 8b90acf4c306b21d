/** The bounds that an operator draws tighter: each is kept, and says its own number. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { BOUNDS } from '../../src/server/bounds.ts'
import { served } from './served.ts'

it('are kept by the server', async () => {
  const server = await served({ bounds: { ...BOUNDS, maxBody: 2048, maxListeners: 1 } })
  const put = (size: number): Promise<Response> =>
    server.post({ type: 'put', payload: { key: 'a', value: 'x'.repeat(size) } })
  expect((await put(1000)).status).toBe(200)
  const refused = await put(2048)
  expect(refused.status).toBe(413)
  expect(await refused.json()).toMatchObject({ code: 'over_limit', limit: 2048 })
  const stream = await server.get('/v1/stream')
  const second = await server.get('/v1/stream')
  expect(second.status).toBe(429)
  expect(await second.json()).toMatchObject({ code: 'too_many_requests', limit: 1 })
  await stream.body?.cancel()
})

it('are kept of requests that are worked on, too', async () => {
  const server = await served({ bounds: { ...BOUNDS, maxRequests: 1 } })
  const { hostname, port } = new URL(server.url)
  // Its body never comes.
  const slow = connect(Number(port), hostname)
  slow.on('error', () => undefined)
  await once(slow, 'connect')
  slow.write(
    `POST /v1/commands HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
  )
  await expect.poll(async () => (await server.get('/v1/head')).status).toBe(503)
  slow.destroy()
  await expect.poll(async () => (await server.get('/v1/chain')).status).toBe(200)
})
