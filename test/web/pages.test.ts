/** Every page of the explorer, as it was built, in a real Chromium, at both sizes and in both themes. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import { requireBuild } from '../support/built.ts'
import { revoke } from '../support/chain-keys.ts'
import { type Explored, explored, launch, live, rotate } from '../support/explorer.ts'
import { findingsOn, SIZES, type Visitor, visit } from './visitor.ts'

requireBuild()
const isMissing = findChromium() === undefined
if (isMissing) console.log(`the explorer's test is skipped: ${NO_CHROMIUM}`)

/** An address, and what has to stand there. */
const PAGES: readonly (readonly [hash: string, heading: string, text: RegExp])[] = [
  ['#/', 'demo', /Newest blocks.*Five minutes|Five minutes.*Newest blocks/s],
  ['#/blocks', 'Blocks', /From 10 to 41 of 42/],
  ['#/blocks?to=9', 'Blocks', /From 0 to 9 of 42/],
  ['#/block/0', 'Block 0', /The first block.*none: it is the first/s],
  ['#/block/17', 'Block 17', /Commands hash.*Batch root.*accepted.*Sealed by.*Delegated by/s],
  ['#/block/99', 'Block 99', /There is none yet: the newest is block 41/],
  ['#/command/31', 'Command 31', /What was asked.*desk-7, request 11.*State that it changed.*account\/3.*1010/s],
  ['#/command/1', 'Command 1', /Events.*append.*orders/s],
  ['#/command/9999', 'Command 9,999', /There is none yet: the chain has 120 commands/],
  ['#/range/commands/41', 'Range of commands', /The way of command 41.*7 hashes prove this entry among 120/s],
  ['#/range/obligations', 'Range of events', /The way of event 13/],
  ['#/range/intents', 'Range of intents', /No intent yet/],
  ['#/range/history/3', 'Range of blocks', /The way of block 3.*among 41/s],
  ['#/range/nope', 'No such range', /There is no range nope/],
  ['#/state', 'State', /What the machine remembers/],
  ['#/state?tree=state&key=account%2F3', 'State', /Its value.*1038.*hashes lead from the key to the root/s],
  ['#/state?tree=state&key=nobody', 'State', /It is not there.*there is no such key in this tree/s],
  ['#/state?tree=risk&key=0x00ff', 'State', /It is not there/],
  ['#/keys', 'Keys', /The cold key.*On a line of time.*Delegations.*Revocations/s],
  ['#/charts', 'Rates and latencies', /Commands a second.*Commands in a block.*Requests over HTTP/s],
  ['#/search?q=12', 'Search', /Block 12.*Command 12/s],
  ['#/search?q=desk-7%2012', 'Search', /Command 3[0-9], request 12 of desk-7/],
  ['#/search?q=desk-7%20900', 'Search', /nothing was executed under it. That is proved/],
  ['#/search?q=desk-7%20%2342', 'Search', /request 42 of desk-7/],
  ['#/check', 'Check a proof, evidence, an anchor or an export', /Drop a file here/],
  ['#/trust', 'What this browser trusts', /The pinned chain.*Chain id/s],
  ['#/nonsense', 'No such page', /the newest blocks/],
]

describe.skipIf(isMissing)('the explorer', () => {
  let chain: Explored
  let browser: Browser
  beforeAll(async () => {
    chain = await explored()
    await live(chain, 42)
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await chain?.close()
  })

  describe.each(SIZES)('at $width × $height', (viewport) => {
    let visitor: Visitor
    beforeAll(async () => {
      visitor = await visit(browser, chain.url, { viewport, colorScheme: viewport.width === 360 ? 'dark' : 'light' })
    })
    afterAll(() => visitor.close())

    it.each(PAGES)('%s', async (hash, heading, text) => {
      const { page } = visitor
      await visitor.go(hash)
      expect(await page.locator('main h1').innerText()).toBe(heading)
      await expect.poll(() => page.locator('main').innerText()).toMatch(text)
      // What was asked for is checked, or there is nothing to check: nothing is called checked and wrong.
      expect(await page.locator('[data-known=wrong]').count()).toBe(0)
      expect(await page.locator('main [data-known=unchecked]').count()).toBe(0)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(overflow).toBeLessThanOrEqual(0)
      expect(await findingsOn(page)).toEqual([])
    })

    it('finds a block by its hash', async () => {
      const { page } = visitor
      await visitor.go('#/block/5')
      const hash = await page.locator('.facts code').first().innerText()
      await page.getByRole('searchbox').fill(hash)
      await page.getByRole('searchbox').press('Enter')
      await expect.poll(() => page.locator('main').innerText()).toContain('It is the hash of block 5.')
    })

    it('marks as checked what it checked', async () => {
      await visitor.go('#/block/17')
      expect(await visitor.page.locator('main .badge[data-known=checked]').count()).toBe(3)
      await visitor.go('#/command/31')
      expect(await visitor.page.locator('main .badge[data-known=checked]').count()).toBe(2)
    })

    it('asked nobody else for anything, and the console is silent', () => {
      expect(visitor.requests.length).toBeGreaterThan(30)
      expect(visitor.requests.filter((address) => new URL(address).origin !== chain.url)).toEqual([])
      expect(visitor.complaints).toEqual([])
    })
  })

  it('shows a rotation: both delegations, what was taken back, and that an old seal counts no more', async () => {
    const rotated = await explored({ seed: 9 })
    await live(rotated, 3)
    await rotate(rotated)
    await live(rotated, 2, 3)
    const visitor = await visit(browser, rotated.url)
    await visitor.go('#/block/1')
    const { page } = visitor
    expect(await page.locator('main').innerText()).toContain('from height 3 on: this seal counts no more')
    expect(await page.locator('main .title [data-known=checked]').count()).toBe(1)
    await visitor.go('#/block/4')
    expect(await page.locator('main').innerText()).not.toContain('counts no more')
    await visitor.go('#/keys')
    expect(await page.locator('main [data-known=checked]').count()).toBe(3)
    expect(await page.locator('main').innerText()).not.toContain('The newest')
    // So many were taken back since that the one of the old key is no longer listed.
    const { identity, coldKey } = rotated.keys
    const { head } = rotated.chain
    if (head === undefined) throw new Error('there is a block by then')
    const at = { height: head.height + 1n, parent: head.hash }
    await rotated.chain.importAuthority(
      Array.from({ length: 64 }, (_, i) => revoke(identity, coldKey, 9n + BigInt(i), at)),
    )
    await visitor.go('#/blocks')
    await visitor.go('#/keys')
    expect(await page.locator('main').innerText()).toContain('The newest 64 of 65: /v1/revocations has them all.')
    expect(await page.locator('.timeline .cut').count()).toBe(1)
    expect(visitor.complaints).toEqual([])
    await visitor.close()
    await rotated.close()
  })

  it('is used by keyboard alone: every stop is seen, in order, and none holds on', async () => {
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    await page.keyboard.press('Shift+Tab')
    const stops: string[] = []
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const { activeElement } = document
        if (activeElement === null || activeElement === document.body) return undefined
        const { outlineStyle, outlineWidth } = getComputedStyle(activeElement)
        return `${activeElement.tagName} ${activeElement.textContent?.slice(0, 20)} ${outlineStyle} ${Number.parseFloat(outlineWidth) > 0}`
      })
      if (stop === undefined) break
      stops.push(stop)
    }
    // To the end of the page, and out of it.
    expect(stops.at(-1)).toContain('openapi.json')
    expect(stops.filter((stop) => !/ (?:solid|auto) true$/.test(stop))).toEqual([])
    await visitor.close()
  })

  it('goes from page to page by keyboard, and says where one is', async () => {
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.getByRole('link', { name: 'Keys' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('main h1:focus').allInnerTexts()).toEqual(['Keys'])
    expect(await page.title()).toBe('Keys · Cairn')
    expect(await page.locator('nav [aria-current=page]').innerText()).toBe('Keys')
    await visitor.close()
  })

  it('has room on a screen of 320 pixels, as one of 1280 has that is zoomed to 400 %', async () => {
    const visitor = await visit(browser, chain.url, { viewport: { width: 320, height: 640 } })
    for (const [hash] of PAGES) {
      await visitor.go(hash)
      const overflow = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect([hash, overflow]).toEqual([hash, 0])
    }
    await visitor.close()
  })

  it('is printed dark on light, whatever was chosen for the screen', async () => {
    const visitor = await visit(browser, chain.url, { colorScheme: 'light' })
    const { page } = visitor
    const ink = () => page.evaluate(() => getComputedStyle(document.body).color)
    const dark = await ink()
    await page.getByRole('button', { name: 'Switch to dark' }).click()
    expect(await ink()).not.toBe(dark)
    await page.emulateMedia({ media: 'print' })
    expect(await ink()).toBe(dark)
    await visitor.close()
  })

  it('remembers the theme that was chosen', async () => {
    const visitor = await visit(browser, chain.url, { colorScheme: 'light' })
    const { page } = visitor
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByRole('button', { name: 'Switch to dark' }).click()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    await page.waitForSelector('html[data-ready]')
    expect(await ground()).toBe(dark)
    await visitor.close()
  })
})
