/**
 * `npm run screens`: a picture of every page of the explorer, at 1440 and at 360 pixels, in light and in dark, into docs/screens. The chain is made
 * for it, and every picture shows what the built explorer makes of it.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { explored, launch, live, rotate } from '../test/support/explorer.ts'

const FOLDER = 'docs/screens'
const SIZES = [
  ['1440', { width: 1440, height: 860 }],
  ['360', { width: 360, height: 780 }],
] as const
const THEMES = ['light', 'dark'] as const
const BLOCKS = 42

type Visit = (page: Page) => Promise<void>

const go =
  (hash: string): Visit =>
  async (page) => {
    await page.evaluate((hash) => {
      location.hash = hash
    }, hash)
    await page.waitForFunction(() => document.querySelector('main')?.getAttribute('aria-busy') === null)
  }

const settled: Visit = (page) =>
  page.waitForFunction(() => document.querySelector('[data-known=checking]') === null).then(() => undefined)

const PAGES: readonly (readonly [name: string, visit: Visit])[] = [
  ['blocks', go('#/')],
  ['all-blocks', go('#/blocks')],
  ['block', go('#/block/17')],
  ['command', go('#/command/31')],
  ['range', go('#/range/commands/41')],
  ['state', go('#/state?tree=state&key=account%2F3')],
  ['keys', go('#/keys')],
  ['charts', go('#/charts')],
  ['search', go('#/search?q=12')],
  ['trust', go('#/trust')],
  [
    'check',
    async (page) => {
      await go('#/check')(page)
      await page.getByRole('button', { name: 'Take the newest command’s proof' }).click()
      await page.waitForSelector('.verdict')
      await page.locator('.verdict').evaluate((verdict) => verdict.scrollIntoView())
    },
  ],
  [
    'break',
    async (page) => {
      await page.getByRole('switch', { name: 'Flip this byte' }).click()
      await page.waitForSelector('.caught strong')
      await page.locator('.break').scrollIntoViewIfNeeded()
    },
  ],
]

async function picture(
  browser: Browser,
  url: string,
  size: (typeof SIZES)[number],
  theme: (typeof THEMES)[number],
): Promise<void> {
  const [width, viewport] = size
  const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error.message))
  page.on('console', (message) => message.type() === 'error' && console.error(message.text()))
  await page.goto(url)
  await page.waitForSelector('html[data-ready]')
  await page.waitForSelector('.blocks li')
  // Somebody who has come half the way.
  await page.getByRole('button', { name: 'Append' }).click()
  await page.waitForSelector('.steps .done')
  for (const [name, visit] of PAGES) {
    await visit(page)
    await settled(page)
    await page.screenshot({ path: join(FOLDER, `${name}-${width}-${theme}.png`) })
  }
  // As if this browser had been here when there was another chain.
  await page.evaluate(() => {
    localStorage.setItem('cairn.pin', JSON.stringify({ chainId: `0x${'5e1f'.repeat(16)}`, since: 0 }))
  })
  await page.goto(url)
  await page.waitForSelector('.alarm')
  await page.screenshot({ path: join(FOLDER, `another-chain-${width}-${theme}.png`) })
  await context.close()
}

const chain = await explored()
const browser = await launch()
try {
  await live(chain, BLOCKS)
  await rotate(chain)
  await live(chain, 3, BLOCKS)
  mkdirSync(FOLDER, { recursive: true })
  for (const file of readdirSync(FOLDER)) if (file.endsWith('.png')) rmSync(join(FOLDER, file))
  for (const size of SIZES) for (const theme of THEMES) await picture(browser, chain.url, size, theme)
} finally {
  await browser.close()
  await chain.close()
}
console.log(`${readdirSync(FOLDER).length} pictures in ${FOLDER}`)
