/** How the explorer's files are served: small, kept where they may be, under a strict policy. */
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { problemOf, served } from './served.ts'

requireBuild()

/** The bytes as they come: fetch would decompress them. */
function raw(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

it('serves the page at /, asked for again each time, under a policy that lets nothing else in', async () => {
  const { get } = await served()
  const page = await get('/')
  expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-cache',
  ])
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toMatch(/unsafe|http|\*/)
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  const html = await page.text()
  expect(html).not.toMatch(/<style|<script(?! type="module" src="\/assets\/)|\sstyle=|\son[a-z]+=/)
  const again = await get('/', { 'if-none-match': page.headers.get('etag') ?? '' })
  expect([again.status, await again.text()]).toEqual([304, ''])
})

it('serves what the page names for ever, each in the encoding that the browser takes', async () => {
  const { url, get } = await served()
  const html = await (await get('/')).text()
  const named = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThanOrEqual(4)
  for (const path of new Set(named)) {
    const plain = readFileSync(`dist/web${path}`)
    const br = await raw(url + path, { 'accept-encoding': 'gzip, deflate, br' })
    expect([br.headers['content-encoding'], brotliDecompressSync(br.body).equals(plain)]).toEqual(['br', true])
    const gzip = await raw(url + path, { 'accept-encoding': 'gzip;q=0.5, br;q=0' })
    expect([gzip.headers['content-encoding'], gunzipSync(gzip.body).equals(plain)]).toEqual(['gzip', true])
    const identity = await raw(url + path, {})
    expect([identity.headers['content-encoding'], identity.body.equals(plain)]).toEqual([undefined, true])
    expect(br.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(br.headers.vary).toBe('accept-encoding')
  }
})

it.each(['/assets/nothing.js', '/assets/', '/assets/..%2Findex.html', '/assets/explorer.js.br', '/index.html'])(
  'has no %s',
  async (path) => {
    const { get } = await served()
    expect(await problemOf(await get(path))).toMatchObject({ status: 404, code: 'not_found' })
  },
)

it('is left out where it was not built, and the rest is there', async () => {
  const { get } = await served({ explorer: new URL('file:///nowhere/') })
  expect(await problemOf(await get('/'))).toMatchObject({ status: 404 })
  expect((await get('/docs')).status).toBe(200)
})

it('is small: all of the first view, and the worker with it', () => {
  const files = [
    'dist/web/index.html',
    ...readdirSync('dist/web/assets')
      .filter((name) => !name.endsWith('.br'))
      .map((name) => `dist/web/assets/${name}`),
  ]
  expect(files.length).toBeGreaterThan(3)
  const zipped = files.map((path) => gzipSync(readFileSync(path), { level: 9 }).length)
  expect(zipped.reduce((sum, length) => sum + length, 0)).toBeLessThan(150 * 1024)
})
