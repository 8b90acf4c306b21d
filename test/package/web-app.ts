/** A web page that was built with the package, on a server of its own beside a chain's: what a bundler made of it is run in a real Chromium. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { chromium } from 'playwright-core'
import { findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import { ARGS, complaintsOf } from '../support/chromium.ts'

export interface Visit {
  /** What the page's promise `answered` gives. */
  readonly answered: unknown
  readonly complaints: readonly string[]
  /** Of every request that it made. */
  readonly origins: ReadonlySet<string>
  readonly origin: string
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'"

/** Visits the page in a folder. Below `/v1` it has the server of a chain, and the files in `beside` by their names. */
export async function visit(
  folder: string,
  chainUrl: string,
  beside: Readonly<Record<string, string>>,
): Promise<Visit> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(NO_CHROMIUM)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    answer(pathname, request).then(
      ([status, type, body]) =>
        response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })

  async function answer(pathname: string, request: IncomingMessage): Promise<[number, string, Uint8Array | string]> {
    if (pathname.startsWith('/v1/')) {
      const { method = 'GET', url = '' } = request
      const body = method === 'POST' ? { body: await buffer(request) } : {}
      const asked = { method, headers: { 'content-type': 'application/json' }, ...body }
      const found = await fetch(chainUrl + url, asked)
      const type = found.headers.get('content-type') ?? ''
      return [found.status, type, new Uint8Array(await found.arrayBuffer())]
    }
    const other = beside[pathname.slice(1)]
    if (other !== undefined) return [200, 'text/plain', other]
    if (pathname === '/favicon.ico') return [200, 'image/x-icon', '']
    const name = pathname === '/' ? 'index.html' : pathname
    return [200, TYPES[extname(name)] ?? 'application/octet-stream', readFileSync(join(folder, name))]
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = await chromium.launch({ executablePath, args: [...ARGS] })
  try {
    const page = await browser.newPage()
    const complaints = complaintsOf(page)
    const origins = new Set<string>()
    page.on('request', (request) => origins.add(new URL(request.url()).origin))
    await page.goto(origin)
    const answered = await page.evaluate(() => (globalThis as { answered?: unknown }).answered)
    return { answered, complaints, origins, origin }
  } finally {
    await browser.close()
    server.closeAllConnections()
    await once(server.close(), 'close')
  }
}
