/** What a browser does not let the page keep, keys that open nothing, and addresses that nobody made: none of them ends the page. */
import { createHash } from 'node:crypto'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { visit } from './visitor.ts'

requireBuild()

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

describe.skipIf(findChromium() === undefined)('a page', () => {
  let browser: Browser
  let chain: Explored
  let context: BrowserContext
  let page: Page
  beforeAll(async () => {
    browser = await launch()
    chain = await explored()
    await live(chain, 3)
  })
  afterAll(async () => {
    await browser?.close()
    await chain?.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    return () => context.close()
  })
  const says = (where: string, words: string | RegExp) =>
    expect.poll(() => page.locator(where).innerText()).toMatch(words)

  it.each([
    [
      'may keep nothing',
      () => {
        const get = (): never => {
          throw new DOMException('denied', 'SecurityError')
        }
        Object.defineProperty(window, 'localStorage', { get })
        Object.defineProperty(window, 'sessionStorage', { get })
      },
    ],
    [
      'has no room to keep anything',
      () => {
        Storage.prototype.setItem = () => {
          throw new DOMException('full', 'QuotaExceededError')
        }
      },
    ],
  ] as const)('that %s does all the same, and says that it forgets', async (_, limit) => {
    const exceptions: string[] = []
    page.on('pageerror', ({ message }) => exceptions.push(message))
    await page.addInitScript(limit)
    await page.goto(chain.url)
    await says('.status', 'live')
    await says('#pin', 'pinned until this page is closed')
    await page.getByRole('button', { name: 'Append' }).click()
    await says('.said', /^Accepted as command/)
    await page.getByRole('button', { name: /Download proof/ }).click()
    await expect.poll(() => page.locator('.steps .done').count()).toBe(2)
    await page.getByRole('link', { name: 'the page that checks' }).click()
    await says('.verdict h2', 'Holds')
    await page.getByRole('button', { name: 'Switch to' }).click()
    await page.getByRole('link', { name: 'What this browser trusts' }).click()
    await says('main', 'It does not let this page keep anything')
    expect(exceptions).toEqual([])
  })

  it('is shown where something else was put into the place of what is kept', async () => {
    await page.goto(chain.url)
    await says('.status', 'live')
    await page.evaluate(() => {
      localStorage.setItem('cairn.pin', JSON.stringify({ ...JSON.parse(localStorage['cairn.pin']), since: {} }))
      localStorage.setItem('cairn.light-client', '{"format":')
      sessionStorage.setItem('cairn.latencies', '[')
      sessionStorage.setItem('cairn.tour', '{')
    })
    await page.goto('about:blank')
    await page.goto(`${chain.url}/#/trust`)
    await says('main', 'Stop trusting it')
    await page.getByRole('button', { name: 'Forget the pinned chain' }).click()
    await page.getByRole('button', { name: 'Really forget it?' }).click()
    await page.waitForURL(/trust/)
    await page.getByRole('link', { name: 'Charts' }).click()
    await says('main h1', 'Rates and latencies')
  })

  it('asks for another token where one is none, unknown, or not for reading, and says why', async () => {
    const tokens = ['cairn_reader', 'cairn_writer'].map((token, i) => ({
      name: token.slice(6),
      hash: hashOf(token),
      scopes: [i === 0 ? ('read' as const) : ('append' as const)],
      createdAt: 0n,
    }))
    const closed = await explored({ tokens, seed: 8 })
    await live(closed, 2)
    await page.goto(closed.url)
    const give = async (token: string): Promise<void> => {
      await page.getByLabel('Token').fill(token)
      await page.keyboard.press('Enter')
    }
    expect(await page.locator('main .wrong').count()).toBe(0)
    await give('tökén→')
    await says('main .wrong', 'That is no token')
    await give('two words')
    await says('main .wrong', 'That is no token')
    await give('cairn_nobody')
    await says('main .wrong', /token/)
    await give('cairn_writer')
    await says('main .wrong', 'it has no scope read')
    await give('cairn_reader')
    await expect.poll(() => page.locator('.blocks li').count()).toBe(2)
    await closed.close()
  })

  it.each(['constructor', '__proto__', 'toString'])('is none at the address %s', async (name) => {
    const visitor = await visit(browser, `${chain.url}/#/${name}`)
    expect(await visitor.page.locator('main h1').innerText()).toBe('No such page')
    await visitor.close()
  })

  it('takes all that stands behind the first question mark of an address', async () => {
    const visitor = await visit(browser, `${chain.url}/#/state?tree=state&key=what?now`)
    expect(await visitor.page.locator('main .facts').first().innerText()).toContain('what?now')
    await visitor.close()
  })
})
