/**
 * `npm run bench:web`: what the explorer costs whoever looks, in a real Chromium: bytes until the first view, time until it can be used, frames while
 * 200 blocks a second stream in, memory, a proof from the drop to its verdicts, and an export of 100,000 commands in the worker. `--minutes N` streams for so long.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { type Figure, figure } from '../../src/cli/bench/figures.ts'
import { exportChain } from '../../src/pipeline/export-chain.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { type Explored, explored, launch, live } from '../../test/support/explorer.ts'
import { report } from './report.ts'

const VISITS = 5
const PROOFS = 20
const COMMANDS = 100_000
const A_BLOCK = 100
const RATE = 200

const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1]) || 1
const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-web-'))

/** Bytes on the wire and milliseconds until the page can be used, of visits that have nothing kept. */
async function firstView(browser: Browser, url: string): Promise<readonly Figure[]> {
  const [sizes, times]: [number[], number[]] = [[], []]
  for (let i = 0; i < VISITS; i++) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    let bytes = 0
    await cdp.send('Network.enable')
    await cdp.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true })
    const paths = new Map<string, string>()
    cdp.on('Network.responseReceived', ({ requestId, response }) =>
      paths.set(requestId, new URL(response.url).pathname),
    )
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const path = paths.get(requestId) ?? ''
      if (path === '/' || path.startsWith('/assets/')) bytes += encodedDataLength
    })
    await page.goto(url)
    // It is there, and does what one presses.
    await page.waitForFunction(() => document.querySelector('.append button') !== null)
    times.push(await page.evaluate(() => performance.now()))
    await page.waitForSelector('html[data-ready]')
    sizes.push(bytes / 1024)
    await context.close()
  }
  return [
    figure('first view: page, scripts and style, as sent (without the worker)', 'KiB', sizes, { atMost: 150 }),
    figure('first view: until it can be used', 'ms', times, { atMost: 1000 }),
  ]
}

/** Frames a second, and the heap, while blocks stream in. */
async function streaming(browser: Browser, { url, chain }: Explored): Promise<readonly Figure[]> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await page.goto(url)
  await page.waitForSelector('html[data-ready]')
  const before = chain.head?.height ?? 0n
  const [rates, slowest, heaps]: [number[], number[], number[]] = [[], [], []]
  const end = performance.now() + minutes * 60_000
  const start = performance.now()
  let isOver = false
  const making = makeBlocks(chain, () => isOver)
  while (performance.now() < end) {
    const { rate, longest } = await framesOf(page, 5000)
    rates.push(rate)
    slowest.push(longest)
    heaps.push(await heapOf(cdp))
  }
  isOver = true
  await making
  const made = Number((chain.head?.height ?? 0n) - before) / ((performance.now() - start) / 1000)
  await context.close()
  const third = Math.max(1, Math.floor(heaps.length / 3))
  const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length
  return [
    figure('blocks that streamed in', 'blocks/s', [made]),
    figure(`frames while they did, of each 5 s of ${minutes} min`, 'frames/s', rates, { atLeast: 58 }),
    figure('the longest frame of each 5 s', 'ms', slowest),
    figure('heap of the page', 'MiB', heaps),
    figure(
      'heap: the last third of the time to the first',
      '×',
      [mean(heaps.slice(-third)) / mean(heaps.slice(0, third))],
      { atMost: 1.15 },
    ),
  ]
}

/** As many a second as are wanted, one command each, evenly. */
async function makeBlocks(chain: Explored['chain'], isOver: () => boolean): Promise<void> {
  const start = performance.now()
  for (let made = 0; !isOver(); made++) {
    await chain.submit({ type: 'put', payload: utf8(`{"key":"k${made % 1000}","value":"${made}"}`) })
    const ahead = (made + 1) * (1000 / RATE) - (performance.now() - start)
    if (ahead > 1)
      await new Promise((resolve) => {
        setTimeout(resolve, ahead)
      })
  }
}

function framesOf(page: Page, milliseconds: number): Promise<{ readonly rate: number; readonly longest: number }> {
  return page.evaluate(
    (milliseconds) =>
      new Promise<{ rate: number; longest: number }>((resolve) => {
        const start = performance.now()
        let [frames, last, longest] = [0, start, 0]
        const next = (now: number): void => {
          frames++
          longest = Math.max(longest, now - last)
          last = now
          if (now - start < milliseconds) requestAnimationFrame(next)
          else resolve({ rate: (1000 * frames) / (now - start), longest })
        }
        requestAnimationFrame(next)
      }),
    milliseconds,
  )
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.enable')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize / (1 << 20)
}

/** Milliseconds from the drop of a proof to its verdicts on the page. */
async function dropped(page: Page, proof: string): Promise<readonly number[]> {
  await page.evaluate(() => {
    location.hash = '#/check'
  })
  await page.waitForSelector('.drop')
  return page.evaluate(
    async ([proof, times]) => {
      const all: number[] = []
      for (let i = 0; i < times; i++) {
        document.querySelector('.result')?.replaceChildren()
        const given = new DataTransfer()
        given.items.add(new File([proof], 'proof.json'))
        const seen = new Promise<void>((resolve) => {
          const watcher = new MutationObserver(() => {
            if (document.querySelector('.verdict [data-check]') === null) return
            watcher.disconnect()
            resolve()
          })
          watcher.observe(document.querySelector('.result') as Element, { childList: true, subtree: true })
        })
        const start = performance.now()
        document.querySelector('.drop')?.dispatchEvent(new DragEvent('drop', { dataTransfer: given, cancelable: true }))
        await seen
        all.push(performance.now() - start)
        await new Promise((resolve) => {
          setTimeout(resolve, 50)
        })
      }
      return all.slice(2)
    },
    [proof, PROOFS] as const,
  )
}

async function exported(browser: Browser, large: Explored): Promise<readonly Figure[]> {
  const path = join(folder, 'large.cairn')
  const file = await open(path, 'w')
  for await (const piece of exportChain(large.directory, {})) await file.write(piece)
  await file.close()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(large.url)
  await page.waitForSelector('html[data-ready]')
  await page.evaluate(() => {
    location.hash = '#/check'
  })
  await page.setInputFiles('#file', path)
  await page.waitForSelector('.verdict', { timeout: 300_000 })
  const seconds = Number.parseFloat(await page.locator('.took').innerText())
  const isGood = await page.locator('.verdict').getAttribute('data-ok')
  if (isGood !== 'true') throw new Error(await page.locator('.verdict').innerText())
  await context.close()
  return [
    figure(`an export of ${COMMANDS} commands in the worker`, 's', [seconds], { atMost: 15 }),
    figure('its size', 'MiB', [statSync(path).size / (1 << 20)]),
  ]
}

/** Puts over 10,000 keys, a hundred to a block. */
async function fill({ chain }: Explored): Promise<void> {
  const value = '.'.repeat(64)
  for (let i = 0; i < COMMANDS; i += A_BLOCK) {
    const batch = Array.from({ length: A_BLOCK }, (_, j) => ({
      type: 'put',
      payload: utf8(`{"key":"account/${((i + j) * 7919) % 10_000}","value":"${i + j}${value}"}`),
    }))
    await chain.submitMany(batch)
  }
}

const small = await explored()
const large = await explored({ seed: 8 })
const browser = await launch()
const figures: Figure[] = []
try {
  await live(small, 30)
  figures.push(...(await firstView(browser, small.url)))
  const page = await browser.newPage()
  await page.goto(small.url)
  await page.waitForSelector('html[data-ready]')
  figures.push(
    figure(
      'a proof: from the drop to the verdicts',
      'ms',
      await dropped(page, await small.chain.prove({ command: 5n })),
      { atMost: 20 },
    ),
  )
  await page.close()
  figures.push(...(await streaming(browser, small)))
  await fill(large)
  figures.push(...(await exported(browser, large)))
  report(figures, { browser: `Chromium ${browser.version()}` })
} finally {
  await browser.close()
  await small.close()
  await large.close()
  rmSync(folder, { recursive: true, force: true })
}
