/** The five minutes of a newcomer, by keyboard: append, see it, take its proof, check it without a network, flip a byte, see it fail. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { LightClient, verifyProof } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { SIZES, visit } from './visitor.ts'

requireBuild()

async function pressOn(page: Page, name: string, role: 'button' | 'link' | 'switch' = 'button'): Promise<void> {
  await page.getByRole(role, { name }).first().focus()
  await page.keyboard.press(role === 'switch' ? 'Space' : 'Enter')
}

describe.skipIf(findChromium() === undefined)('a newcomer', () => {
  let browser: Browser
  let chain: Explored
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  it.each(SIZES)('comes to trust a chain that is empty, at $width × $height', async (viewport) => {
    chain = await explored()
    const visitor = await visit(browser, chain.url, { viewport })
    const { page, complaints } = visitor
    expect(await page.locator('main').innerText()).toContain('No block yet')

    for (const place of ['blocks', 'block/0', 'command/0', 'range', 'state?key=a', 'search?q=1']) {
      await visitor.go(`#/${place}`)
      expect(await page.locator('main').innerText()).toContain('No block yet')
    }
    for (const place of ['keys', 'charts', 'trust', 'check']) {
      await visitor.go(`#/${place}`)
      expect(await page.locator('main .error').count()).toBe(0)
    }
    await visitor.go('#/')

    await page.getByLabel('Key', { exact: true }).fill('colour')
    await page.getByLabel('Value', { exact: true }).fill('green')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.locator('.said').innerText())
      .toMatch(/^Accepted as command 0 of block 0, in \d+ ms, with the reply \{"replaced":false\}/)
    // It is there, live, and checked.
    await expect.poll(() => page.locator('.blocks li').count()).toBe(1)
    expect(await page.locator('.blocks li .badge').getAttribute('data-known')).toBe('checked')

    await pressOn(page, 'block 0', 'link')
    await expect.poll(() => page.locator('main h1').innerText()).toBe('Block 0')
    await page.goBack()
    await expect.poll(() => page.locator('.steps .done').count()).toBe(2)

    const downloading = page.waitForEvent('download')
    await pressOn(page, 'Download proof-0.json')
    const download = await downloading
    expect(download.suggestedFilename()).toBe('proof-0.json')
    const text = readFileSync(await download.path(), 'utf8')
    expect(verifyProof(text, { chainId: chain.chainId }).ok).toBe(true)
    await expect.poll(() => page.locator('.steps .done').count()).toBe(3)
    expect(await page.locator('.steps pre').last().innerText()).toBe(
      `npx --no-install cairn verify proof-0.json --chain-id ${chain.chainId}`,
    )

    await pressOn(page, 'the page that checks', 'link')
    await page.context().setOffline(true)
    await page.setInputFiles('#file', { name: 'proof-0.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await expect
      .poll(() => page.locator('.verdict h2').innerText())
      .toBe('Holds, as far as it was checked: revocation and head were not')
    expect(await page.locator('.verdict').innerText()).toContain(
      '“put” with “{"key":"colour","value":"green"}”, was accepted',
    )

    await pressOn(page, 'The payload')
    await pressOn(page, 'Flip this byte', 'switch')
    await expect.poll(() => page.locator('.caught').innerText()).toContain('Caught by claims[0]')
    expect(await page.locator('.verdict h2').innerText()).toBe('Does not hold: claims[0]')
    await pressOn(page, 'Flip this byte', 'switch')
    await expect.poll(() => page.locator('.caught').innerText()).toBe('It is as it was, and holds again.')
    await pressOn(page, 'Flip 200 bytes, one after the other')
    await expect.poll(() => page.locator('.sweeping').innerText(), { timeout: 30_000 }).toContain('200 of 200 caught')
    await page.context().setOffline(false)

    await visitor.go('#/')
    expect(await page.locator('.steps .done').count()).toBe(5)
    // The stream that broke off with the network is all that there may be to complain of.
    expect(
      complaints.filter((each) => !each.includes('/v1/stream') && !each.includes('ERR_INTERNET_DISCONNECTED')),
    ).toEqual([])
    await visitor.close()
    await chain.close()
  })

  it('sees each new block as it comes, and can stop the list', async () => {
    chain = await explored()
    await live(chain, 3)
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    await expect.poll(() => page.locator('.blocks li a').first().innerText()).toBe('2')
    await chain.chain.submit({ type: 'put', payload: new TextEncoder().encode('{"key":"a","value":"b"}') })
    await expect.poll(() => page.locator('.blocks li a').first().innerText()).toBe('3')
    await expect.poll(() => page.locator('#pin').innerText()).toContain('checked here up to block 3')
    await page.getByRole('button', { name: 'Pause' }).click()
    await chain.chain.submit({ type: 'put', payload: new TextEncoder().encode('{"key":"a","value":"c"}') })
    await expect.poll(() => page.locator('#pin').innerText()).toContain('checked here up to block 4')
    expect(await page.locator('.blocks li a').first().innerText()).toBe('3')
    await page.getByRole('button', { name: 'Go on' }).click()
    await expect.poll(() => page.locator('.blocks li a').first().innerText()).toBe('4')
    await visitor.close()
    await chain.close()
  })

  it('goes on where it was when the server is there again', async () => {
    chain = await explored()
    await live(chain, 3)
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    await expect.poll(() => page.locator('.status').innerText()).toBe('live')
    await page.context().setOffline(true)
    await chain.server.close()
    await expect.poll(() => page.locator('.status').innerText(), { timeout: 20_000 }).toBe('connecting again')
    await page.context().setOffline(false)
    await chain.serveAgain()
    await live(chain, 1, 3)
    await expect.poll(() => page.locator('.blocks li a').first().innerText(), { timeout: 30_000 }).toBe('3')
    expect(await page.locator('.status').innerText()).toBe('live')
    await visitor.close()
    await chain.close()
  })

  it('does not forget in one tab what was seen in another', async () => {
    chain = await explored()
    await live(chain, 2)
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    const kept = () => page.evaluate(() => localStorage.getItem('cairn.light-client') ?? '')
    const before = await kept()
    const other = await page.context().newPage()
    await live(chain, 3, 2)
    await other.goto(chain.url)
    await other.waitForSelector('html[data-ready]')
    const after = await kept()
    expect(LightClient.load(before).head?.height).toBe(1n)
    expect(LightClient.load(after).head?.height).toBe(4n)
    // The first tab proves something of a block that the other one is beyond: it goes on, and nothing is lost.
    await visitor.go('#/block/0')
    expect(LightClient.load(await kept()).head?.height).toBe(4n)
    await visitor.close()
    await chain.close()
  })

  it('is told what a machine rejects, and what the server refuses', async () => {
    chain = await explored()
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.getByLabel('Key', { exact: true }).fill('stream/count/x')
    await page.getByRole('button', { name: 'Append' }).click()
    await expect
      .poll(() => page.locator('.said').innerText())
      .toContain('keys that begin with stream/ are those of streams')
    await visitor.close()
    await chain.close()
  })

  it('gives a token where the server wants one', async () => {
    const token = 'cairn_of-a-reader'
    const hash = createHash('sha256').update(token).digest()
    chain = await explored({ tokens: [{ name: 'reader', hash, scopes: ['read'], createdAt: 0n }] })
    await live(chain, 2)
    const visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.getByLabel('Token').fill(token)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.blocks li').count()).toBe(2)
    expect(page.url()).not.toContain(token)
    await page.getByRole('button', { name: 'Append' }).click()
    await expect.poll(() => page.locator('.said').innerText()).toMatch(/scope|token/i)
    await visitor.close()
    await chain.close()
  })
})
