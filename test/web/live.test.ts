/** The newest blocks while the page is open: what it says of them stays true when the server, the worker or the chain is another than it was. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { LightClient, toHex } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { type Visitor, visit } from './visitor.ts'

requireBuild()

describe.skipIf(findChromium() === undefined)('the newest blocks', () => {
  let browser: Browser
  let chain: Explored
  let visitor: Visitor
  let page: Page
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    chain = await explored()
    await live(chain, 4)
  })
  afterEach(async () => {
    await visitor?.close()
    await chain.close()
  })

  const come = async (options = {}): Promise<void> => {
    visitor = await visit(browser, chain.url, options)
    ;({ page } = visitor)
  }
  /** The page is opened while the server refuses its blocks; what comes back ends that. */
  const refused = async (status: number, code: string, detail: string): Promise<() => Promise<void>> => {
    const context = await browser.newContext()
    visitor = { ...visitor, close: () => context.close() }
    page = await context.newPage()
    const problem = { title: 'x', status, code, detail }
    await context.route('**/v1/blocks?*', (route) => route.fulfill({ status, json: problem }))
    await page.goto(chain.url)
    return () => context.unroute('**/v1/blocks?*')
  }
  const says = (where: string, words: string | RegExp) =>
    expect.poll(() => page.locator(where).innerText(), { timeout: 20_000 }).toMatch(words)
  /** Another chain is served in place of the one that was there. */
  const replaced = async (by: Parameters<typeof explored>[0], blocks: number): Promise<void> => {
    const port = Number(new URL(chain.url).port)
    await chain.close()
    chain = await explored({ ...by, port })
    await live(chain, blocks)
  }

  it('are those of every page: of the list, the charts and the search for a hash, too', async () => {
    await come()
    for (const [i, [place, words]] of [
      ['#/blocks', /From 0 to 4 of 5\./],
      ['#/charts', /The last 6 blocks.*block 5/s],
      ['#/search', /It is the hash of block 6\./],
    ].entries()) {
      await live(chain, 1, 4 + i)
      await says('#pin', `up to block ${4 + i}`)
      const hash = toHex(chain.chain.head?.hash ?? new Uint8Array(0))
      await visitor.go(place === '#/search' ? `${place}?q=${hash}` : String(place))
      await says('main', words as RegExp)
    }
  })

  it('are what a server may not go back behind, also those that came while one looked', async () => {
    await come()
    await live(chain, 3, 4)
    await says('#pin', 'up to block 6')
    const kept = () => page.evaluate(() => localStorage.getItem('cairn.light-client') ?? '')
    await expect.poll(async () => LightClient.load(await kept()).head?.height, { timeout: 10_000 }).toBe(6n)
  })

  it('are marked with what was checked of them, and with no more', async () => {
    await come()
    const marks = page.locator('.blocks .badge')
    expect(await marks.first().getAttribute('title')).not.toContain('its seal were checked')
    await live(chain, 1, 4)
    await says('.blocks li:first-child a', '4')
    expect(await marks.first().getAttribute('title')).toContain('its seal were checked')
  })

  it('are not called none where the server does not give them, and are asked for again', async () => {
    const answers = await refused(500, 'internal', 'It broke.')
    await says('.newest', /ended.*It broke\./s)
    expect(await page.locator('.newest').innerText()).not.toContain('No block yet')
    expect(await page.locator('.figures dd').first().innerText()).toBe('–')
    expect(await page.locator('#pin').innerText()).not.toContain('no block yet')
    await answers()
    await page.getByRole('button', { name: 'Try again' }).click()
    await says('.status', 'live')
    expect(await page.locator('.blocks li').count()).toBe(4)
    expect(await page.locator('.newest').innerText()).not.toContain('It broke.')
  })

  it('are asked for again by themselves where the server is only busy', async () => {
    const answers = await refused(503, 'overloaded', 'Come back.')
    await says('.status', 'connecting again')
    await answers()
    await says('.status', 'live')
    expect(await page.locator('.blocks li').count()).toBe(4)
  })

  it('are not called live where the worker that follows them is not there', async () => {
    const context = await browser.newContext()
    visitor = { ...visitor, close: () => context.close() }
    page = await context.newPage()
    await context.route('**/assets/worker-*', (route) => route.fulfill({ status: 404, body: '' }))
    await page.goto(chain.url)
    await says('.newest', /ended.*could not start the worker/s)
  })

  it.each([0, 2, 9])(
    'are not those of another chain that the server began meanwhile, with %s blocks',
    async (blocks) => {
      await come()
      await says('.status', 'live')
      await replaced({ seed: 8 }, blocks)
      await says('#alarm', 'This server shows another chain')
      await says('.newest', /ended.*another chain/s)
    },
  )

  it('are told to be gone where the server went back to a copy, although none came since the page was opened', async () => {
    await come()
    await says('.status', 'live')
    await replaced({}, 0)
    await says('#alarm', 'This server went back')
    await says('.newest', /ended.*older copy/s)
  })
})
