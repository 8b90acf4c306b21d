/** What is brought to the page that checks, by whoever drops beside it, presses twice, gives up, or brings what does not hold. */
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { type Visitor, visit } from './visitor.ts'

requireBuild()

describe.skipIf(findChromium() === undefined)('what is brought to the page that checks', () => {
  let browser: Browser
  let chain: Explored
  let visitor: Visitor
  let page: Page
  beforeAll(async () => {
    chain = await explored()
    await live(chain, 8)
    browser = await launch()
    visitor = await visit(browser, chain.url)
    ;({ page } = visitor)
  })
  afterAll(async () => {
    await browser?.close()
    await chain?.close()
  })
  beforeEach(async () => {
    await visitor.go('#/')
    await visitor.go('#/check')
  })
  const says = (where: string, words: string | RegExp) =>
    expect.poll(() => page.locator(where).innerText(), { timeout: 15_000 }).toMatch(words)
  const give = async (name: string, buffer: Buffer): Promise<void> => {
    await page.setInputFiles('#file', { name, mimeType: '', buffer })
  }
  const exported = async (): Promise<Buffer> => Buffer.from(await (await fetch(`${chain.url}/v1/export`)).arrayBuffer())

  it('is taken wherever on the page it is dropped: the browser does not open it in place of the page', async () => {
    const text = await chain.chain.prove({})
    for (const where of ['body', 'main h1', '#paste', '.drop']) {
      const prevented = await page.evaluate(
        ([where, text]) => {
          const dataTransfer = new DataTransfer()
          dataTransfer.items.add(new File([text], `${where}.json`))
          return ['dragover', 'drop'].map((name) => {
            const event = new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer })
            document.querySelector(where)?.dispatchEvent(event)
            return event.defaultPrevented
          })
        },
        [where, text] as const,
      )
      expect([where, ...prevented]).toEqual([where, true, true])
      await says('.result', `${where}.json: a proof`)
      expect(await page.locator('.drop.over').count()).toBe(0)
    }
  })

  it('is not said to be caught by a flip where it does not hold as it is', async () => {
    const other = await explored({ seed: 8 })
    await live(other, 2)
    await give('other.json', Buffer.from(await other.chain.prove({ command: 1n })))
    await says('.verdict h2', 'Does not hold: genesis')
    await says('.break', 'It does not hold as it is')
    expect(await page.locator('.break button').count()).toBe(0)
    await give('other.cairn', Buffer.from(await (await fetch(`${other.url}/v1/export`)).arrayBuffer()))
    await says('.verdict', 'other.cairn: an export')
    await says('.break', 'It does not hold as it is')
    await other.close()
  })

  it('gets no advice about a server', async () => {
    const path = join(tmpdir(), `cairn-film-${process.pid}.bin`)
    writeFileSync(path, Buffer.alloc((16 << 20) + 1))
    await page.setInputFiles('#file', path)
    await says('.result', 'A document has at most')
    expect(await page.locator('.result').innerText()).not.toContain('cairn log')
    rmSync(path)
  })

  it('is shown as the switch stands, however fast it is pressed, and says so where one gives up', async () => {
    const exceptions: string[] = []
    page.on('pageerror', ({ message }) => exceptions.push(message))
    await give('demo.cairn', await exported())
    await says('.verdict h2', 'Holds')
    const flip = page.getByRole('switch', { name: 'Flip this byte' })
    // The first reading takes longer than the second one.
    let turns = 0
    await page.route('**/assets/worker-*', async (route) => {
      if (turns++ === 0)
        await new Promise((resolve) => {
          setTimeout(resolve, 1500)
        })
      await route.continue()
    })
    await page.evaluate(() => {
      const press = () => document.querySelector<HTMLElement>('[role=switch]')?.click()
      press()
      setTimeout(press, 300)
    })
    await says('.caught', 'It is as it was, and holds again.')
    await page.waitForTimeout(2000)
    expect(await flip.getAttribute('aria-checked')).toBe('false')
    await says('.verdict h2', 'Holds')
    turns = 0
    await flip.click()
    await page.getByRole('button', { name: 'Give up' }).click()
    await says('.caught', 'It was given up.')
    expect(await page.locator('.result progress').count()).toBe(0)
    // What was given up may still be held back.
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    expect(exceptions).toEqual([])
  })

  it('stands back while the server takes its time for the next page', async () => {
    await page.route('**/v1/proof*', async (route) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 1500)
      })
      await route.continue()
    })
    await page.evaluate(() => {
      location.hash = '#/block/3'
    })
    await expect
      .poll(() => page.evaluate(() => getComputedStyle(document.querySelector('main') as Element).opacity))
      .toBe('0.45')
    await says('main h1', 'Block 3')
    expect(await page.evaluate(() => getComputedStyle(document.querySelector('main') as Element).opacity)).toBe('1')
    await page.unrouteAll({ behavior: 'wait' })
  })
})
