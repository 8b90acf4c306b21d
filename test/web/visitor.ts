/** Somebody with a browser at the explorer, watched: what they were shown, what the console said, whom the page asked for anything. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { complaintsOf } from '../support/chromium.ts'

export const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 780 },
] as const

export interface Visitor {
  readonly page: Page
  readonly complaints: readonly string[]
  readonly requests: readonly string[]
  /** Shows the page that this stands for, and waits until it is there and nothing of it is being checked any more. */
  go(hash: string): Promise<void>
  close(): Promise<void>
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: SIZES[0],
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...options,
  })
  const page = await context.newPage()
  const requests: string[] = []
  context.on('request', (request) => requests.push(request.url()))
  const complaints = complaintsOf(page)
  await page.goto(url)
  await page.waitForSelector('html[data-ready]')
  return {
    page,
    complaints,
    requests,
    async go(hash) {
      // The page learns of it a moment later, and is busy from then on.
      await page.evaluate(
        (to) =>
          new Promise<void>((resolve) => {
            if (location.hash === to) resolve()
            else addEventListener('hashchange', () => resolve(), { once: true })
            location.hash = to
          }),
        hash,
      )
      // The page that was shown goes first: the new one has no word of it.
      await page.waitForFunction(() => document.querySelector('main')?.getAttribute('aria-busy') === null)
      await settled(page)
    },
    close: () => context.close(),
  }
}

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('main [data-known=checking], main .waiting') === null)
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly string[]
}

/** What axe finds that keeps somebody from using the page. */
export async function findingsOn(page: Page): Promise<readonly Finding[]> {
  // Evaluated by the debugger: the policy of the page lets no other script in.
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
    }))
  })
}
