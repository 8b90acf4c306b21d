/**
 * A page of ours in a real Chromium: served on loopback under a strict policy, and watched. Nothing of it is left when it was
 * closed.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserBundle, browserEngineBundle, pageScript } from '../../scripts/lib/bundles.mjs'
import { findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import type { tasks } from '../browser/page.ts'

export type Tasks = typeof tasks

export interface WatchedPage {
  readonly origin: string
  /** Runs a task of test/browser/page.ts in the page. */
  run<Name extends keyof Tasks>(name: Name, ...args: Parameters<Tasks[Name]>): Promise<Awaited<ReturnType<Tasks[Name]>>>
  /** The address of every request, also those of workers. */
  readonly requests: readonly string[]
  /** Errors and warnings on the console, exceptions that nobody caught, requests that failed. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

export interface PageOptions {
  /** Whether the policy of the page lets it compile WebAssembly. */
  readonly allowsWasm: boolean
}

export const ARGS: readonly string[] = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Root gets no sandbox, and what is loaded is ours.
  '--no-sandbox',
]

export async function openPage(options: PageOptions): Promise<WatchedPage> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(NO_CHROMIUM)
  const server = await serve(options)
  const browser = await chromium.launch({ executablePath, args: [...ARGS] }).catch((error: unknown) => {
    server.close()
    throw error
  })
  const close = async (): Promise<void> => {
    await browser.close()
    server.closeAllConnections()
    await once(server.close(), 'close')
  }
  try {
    return { ...(await load(browser, server)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function load(browser: Browser, server: Server): Promise<Omit<WatchedPage, 'close'>> {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const context = await browser.newContext()
  const page = await context.newPage()
  const requests: string[] = []
  context.on('request', (request) => requests.push(request.url()))
  const complaints = complaintsOf(page)
  await page.goto(origin, { waitUntil: 'load' })
  return {
    origin,
    requests,
    complaints,
    async run(name, ...args) {
      const call = ([name, args]: readonly [string, readonly unknown[]]): unknown =>
        (globalThis as unknown as { tasks: Record<string, (...args: unknown[]) => unknown> }).tasks[name]?.(...args)
      return (await page.evaluate(call, [name, args] as const)) as never
    },
  }
}

export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('requestfailed', (request) => {
    // What the page itself gave up, as when another page is shown, is no failure.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`no answer: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`status ${response.status()}: ${response.url()}`)
  })
  return complaints
}

/** The scripts, the package and the worked examples, on a free port, for this machine alone. */
async function serve({ allowsWasm }: PageOptions): Promise<Server> {
  const script = async (code: Promise<Uint8Array>) => ['text/javascript', await code] as const
  const files = new Map<string, readonly [type: string, content: Uint8Array | string]>([
    ['/', ['text/html', '<!doctype html><title>Cairn</title><script type="module" src="/page.js"></script>']],
    ['/page.js', await script(pageScript('test/browser/page.ts'))],
    ['/worker.js', await script(pageScript('test/browser/worker.ts'))],
    ['/verify.js', await script(browserBundle())],
    ['/hash.js', await script(browserEngineBundle())],
    ['/favicon.ico', ['image/x-icon', '']],
  ])
  const policy = [
    "default-src 'none'",
    `script-src 'self'${allowsWasm ? " 'wasm-unsafe-eval'" : ''}`,
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

  const server = createServer(({ url = '/' }, response) => {
    const [, name] = /^\/vectors\/([a-z-]+)\.json$/.exec(url) ?? []
    const file = name ? (['application/json', readFileSync(`test/vectors/${name}.json`)] as const) : files.get(url)
    response.writeHead(file ? 200 : 404, {
      'content-type': file?.[0] ?? 'text/plain',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      // With these a page may measure time to 5 microseconds.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    })
    response.end(file?.[1])
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}
