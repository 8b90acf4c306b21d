/** Who may ask a server on loopback that wants no token: programs of the machine, and its own page. */
import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { served } from './served.ts'

describe('pages of other sites', () => {
  const statusOf = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(url)
      request({ port, path: '/v1/chain', headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end()
    })
  it.each([
    [{ host: 'evil.example' }],
    [{ host: 'evil.example:80' }],
    [{ origin: 'http://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1' }],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ])('reach nothing, under whatever name: %j', async (headers) => {
    const server = await served()
    expect(await statusOf(server.url, headers)).toBe(403)
  })

  it('of its own are served, and who comes by a link', async () => {
    const { get, url } = await served()
    for (const headers of [
      { origin: url },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ]) {
      expect(await statusOf(url, headers)).toBe(200)
    }
    // On the port that browsers leave out.
    expect(await statusOf(url, { host: 'localhost', origin: 'http://localhost' })).toBe(200)
    expect((await get('/v1/chain')).status).toBe(200)
  })
})
