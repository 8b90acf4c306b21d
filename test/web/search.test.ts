/** A search by hash through a chain that is longer than what is looked through unasked; and the way back to where one was. */
import type { Browser, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { toHex } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { SIZES, type Visitor, visit } from './visitor.ts'

requireBuild()
/** More than are looked through unasked. */
const BLOCKS = 600

describe.skipIf(findChromium() === undefined)('in a chain of many blocks', () => {
  let chain: Explored
  let browser: Browser
  let visitor: Visitor
  beforeAll(async () => {
    chain = await explored()
    await live(chain, BLOCKS)
    browser = await launch()
  })
  beforeEach(async () => {
    visitor = await visit(browser, chain.url)
  })
  afterEach(() => visitor.close())
  afterAll(async () => {
    await browser?.close()
    await chain?.close()
  })

  const said = (): Promise<string> => visitor.page.locator('main').innerText()
  const hashOf = async (height: bigint): Promise<string> => {
    for await (const block of chain.chain.headers({ from: height })) return toHex(block.hash)
    throw new Error('there is such a block')
  }

  it('finds an old hash with one more press of a key', async () => {
    const { page } = visitor
    await visitor.go(`#/search?q=${await hashOf(1n)}`)
    expect(await said()).toContain('Block 88 and those above it do not have it.')
    await page.getByRole('button', { name: 'Look through blocks 0 to 87' }).press('Enter')
    await expect.poll(said).toContain('It is the hash of block 1.')
    expect(visitor.complaints).toEqual([])
  })

  it('says that no block has it only after the last', async () => {
    await visitor.go(`#/search?q=0x${'ab'.repeat(32)}`)
    expect(await said()).not.toContain('No block has it.')
    await visitor.page.getByRole('button', { name: 'Look through' }).press('Enter')
    await expect.poll(said).toContain('No block has it.')
  })

  it('stops when it is told to, and goes on from there', async () => {
    const { page } = visitor
    await visitor.go(`#/search?q=0x${'ab'.repeat(32)}`)
    let goOn = (): void => undefined
    const held = new Promise<void>((resolve) => {
      goOn = resolve
    })
    await page.route('**/v1/blocks?*', async (route: Route) => {
      await held
      // Nobody waits any more for what was stopped.
      await route.continue().catch(() => undefined)
    })
    await page.getByRole('button', { name: 'Look through' }).press('Enter')
    await expect.poll(said).toContain('Looking at blocks 0 to 87')
    await page.keyboard.press('Enter')
    await expect.poll(said).toContain('Block 88 and those above it do not have it.')
    await page.unroute('**/v1/blocks?*')
    goOn()
    await page.keyboard.press('Enter')
    await expect.poll(said).toContain('No block has it.')
    expect(visitor.complaints).toEqual([])
  })

  it('believes no server that leaves blocks out', async () => {
    const { page } = visitor
    await page.route('**/v1/blocks?*', async (route: Route) => {
      const response = await route.fetch()
      const { blocks, next } = (await response.json()) as {
        readonly blocks: readonly unknown[]
        readonly next: unknown
      }
      await route.fulfill({ json: { blocks: blocks.slice(0, -1), next } })
    })
    await visitor.go(`#/search?q=${await hashOf(BigInt(BLOCKS) - 1n)}`)
    await expect.poll(said).toContain('it has 255 of 256 blocks from')
    expect(await said()).not.toContain('do not have it')
    await expect.poll(() => page.locator('[role=alert]').first().innerText()).toContain('does not answer as it should')
  })

  it.each(SIZES)(
    'goes back to where one was, and on the link that was followed, at $width × $height',
    async (viewport) => {
      const narrow = await visit(browser, chain.url, { viewport })
      const { page } = narrow
      await narrow.go('#/blocks?to=500')
      const link = page.getByRole('link', { name: '478', exact: true })
      await link.scrollIntoViewIfNeeded()
      await page.evaluate(() => scrollBy(0, 40))
      const scrolled = await page.evaluate(() => scrollY)
      expect(scrolled).toBeGreaterThan(100)
      await link.focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.locator('main h1').innerText()).toBe('Block 478')
      expect(await page.evaluate(() => scrollY)).toBe(0)
      await page.goBack()
      await expect.poll(() => page.locator('main h1').innerText()).toContain('Blocks')
      await expect.poll(() => page.evaluate(() => scrollY)).toBe(scrolled)
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('478')
      // Nobody was there yet: the same page from another link begins at its top.
      await page.goForward()
      await expect.poll(() => page.locator('main h1').innerText()).toBe('Block 478')
      await narrow.go('#/blocks?to=500')
      expect(await page.evaluate(() => scrollY)).toBe(0)
      expect(narrow.complaints).toEqual([])
      await narrow.close()
    },
  )
})
