/** Servers that lie, and chains that attack: each lie is called by its name, nothing is marked as checked that was not, and nobody's bytes become HTML. */
import type { Browser, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { defineMachine } from '../../src/machine/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { toHex } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { type Visitor, visit } from './visitor.ts'

requireBuild()

const BIDI = '\u202e\u2066'
const MARKUP = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
const BREAKING = '"><svg onload=alert(1)>\'`'
/** A letter with a tower of marks over what is above it, and letters that look like nothing. */
const UNSEEN = `e${'\u0301'.repeat(60)}\u3164\u2800\ufe0f`
const HOSTILE = `${BIDI}${MARKUP}${BREAKING}\u0000\u001b[31m${UNSEEN}`

/** It says what an attacker would, wherever a machine may say something. */
const hostile = defineMachine({
  id: 'hostile',
  version: 1,
  commands: {
    go: {
      validate: (payload: Uint8Array) => payload,
      execute({ payload }, tx) {
        tx.put('state', utf8(`key ${MARKUP}${BIDI}`), payload)
        tx.put('risk', payload.subarray(0, 200), payload)
        tx.emit(`${MARKUP.slice(0, 30)}${BIDI}`, payload)
        tx.intend(`<b>${BIDI}`, payload)
        return payload
      },
    },
  },
})

describe.skipIf(findChromium() === undefined)('an explorer', () => {
  let browser: Browser
  let chain: Explored
  let visitor: Visitor | undefined
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await visitor?.close()
    visitor = undefined
    await chain.close()
  })

  const alarm = async (words: string): Promise<void> => {
    await expect.poll(() => visitor?.page.locator('#alarm').innerText()).toContain(words)
  }
  /** Another server takes the place of the one that was there. */
  const replaced = async (by: Parameters<typeof explored>[0], blocks: number): Promise<void> => {
    const port = Number(new URL(chain.url).port)
    await visitor?.page.evaluate(
      () =>
        new Promise((resolve) => {
          setTimeout(resolve, 300)
        }),
    )
    await chain.close()
    chain = await explored({ ...by, port })
    await live(chain, blocks)
    await visitor?.page.reload()
    await visitor?.page.waitForSelector('html[data-ready]')
  }

  it('says it when the server shows another chain, and trusts nothing of it', async () => {
    chain = await explored()
    await live(chain, 3)
    visitor = await visit(browser, chain.url)
    const { chainId } = chain
    await replaced({ seed: 8 }, 3)
    await alarm('This server shows another chain')
    const { page } = visitor
    const told = page.locator('#alarm code')
    expect(await told.first().getAttribute('title')).toBe(chainId)
    expect(await told.last().getAttribute('title')).toBe(chain.chainId)
    expect(await page.locator('[data-known=checked]').count()).toBe(0)
    // Who knows why it is another one can say so, and is asked twice.
    await page.getByRole('button', { name: 'Forget the pinned chain' }).click()
    await page.getByRole('button', { name: 'Really forget it?' }).click()
    await expect.poll(() => page.locator('.blocks [data-known=checked]').count()).toBe(3)
    expect(await page.locator('#alarm').innerText()).toBe('')
  })

  it('says it when the chain is forked, and hands out the evidence', async () => {
    chain = await explored()
    await live(chain, 5)
    visitor = await visit(browser, chain.url)
    await expect.poll(() => visitor?.page.locator('#pin').innerText()).toContain('up to block 4')
    // The same keys, and other blocks at the same heights.
    await replaced({}, 7)
    await alarm('This chain is forked')
    const { page } = visitor
    expect(await page.locator('main [data-known=checked]').count()).toBe(0)
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Keep the evidence' }).click()
    const download = await downloading
    await visitor.go('#/check')
    await page.setInputFiles('#file', await download.path())
    await expect.poll(() => page.locator('.verdict h2').innerText()).toBe('Holds')
    expect(await page.locator('.verdict').innerText()).toContain('evidence of two blocks at one height')
  })

  it.each([2, 0])('says it when the server went back, to %s blocks', async (left) => {
    chain = await explored()
    await live(chain, 5)
    visitor = await visit(browser, chain.url)
    await expect.poll(() => visitor?.page.locator('#pin').innerText()).toContain('up to block 4')
    await replaced({}, left)
    await alarm('This server went back')
    expect(await visitor.page.locator('main [data-known=checked]').count()).toBe(0)
  })

  it('says it when a proof does not hold', async () => {
    chain = await explored()
    await live(chain, 3)
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.route('**/v1/proof*', async (route: Route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace(toHex(utf8('1002')), toHex(utf8('9002'))) })
    })
    await visitor.go('#/state?tree=state&key=account%2F2')
    await alarm('This server does not prove what it says')
    expect(await page.locator('main [data-known=checked]').count()).toBe(0)
    expect(await page.locator('main').innerText()).not.toContain('9002')
  })

  it.each([
    [
      'a payload',
      '/v1/blocks/2',
      (text: string) => text.replace(toHex(utf8('"1002"')).slice(2), toHex(utf8('"9002"')).slice(2)),
      'wrong',
    ],
    [
      'a reply',
      '/v1/blocks/2',
      (text: string) => text.replace(toHex(utf8('false')).slice(2), toHex(utf8('true!')).slice(2)),
      'checked',
    ],
  ] as const)('does not mark a block that has another %s as more than it is', async (_, path, change, known) => {
    chain = await explored()
    await live(chain, 3)
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.route(`**${path}`, async (route: Route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: change(await response.text()) })
    })
    await visitor.go('#/block/2')
    // A block commits to what was asked; what came of it is in the range of commands, and its own page shows that.
    expect(await page.locator('main .title .badge').getAttribute('data-known')).toBe(known)
    await visitor.go(`#/command/${await page.locator('main td a').first().innerText()}`)
    expect(await page.locator('main .title .badge').getAttribute('data-known')).toBe('wrong')
  })

  it('does not mark a command as checked of which an event is left out', async () => {
    chain = await explored()
    await live(chain, 1)
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    await visitor.go('#/command/1')
    expect(await page.locator('main .title .badge').getAttribute('data-known')).toBe('checked')
    expect(await page.locator('main').innerText()).toContain('1 event')
    await page.route('**/v1/blocks/*', async (route: Route) => {
      const response = await route.fetch()
      const body = (await response.text()).replace(/"obligations":\[\{.*?\}\]/, '"obligations":[]')
      await route.fulfill({ response, body })
    })
    await visitor.go('#/')
    await visitor.go('#/command/1')
    expect(await page.locator('main').innerText()).not.toContain('1 event')
    expect(await page.locator('main .title .badge').getAttribute('data-known')).toBe('wrong')
  })

  it('does not take what the other tree lacks for a number that was never executed', async () => {
    chain = await explored()
    await live(chain, 1)
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    // All of it is true, and more than was asked for.
    await page.route('**/v1/proof?key=*', async (route: Route) => {
      const url = new URL(route.request().url())
      const key = url.searchParams.get('key') ?? ''
      const response = await route.fetch({ url: url.href.replace('?', `?key=risk:${key}&`) })
      await route.fulfill({ response })
    })
    await visitor.go('#/search?q=desk-7%201')
    const said = await page.locator('main').innerText()
    expect(said).not.toContain('nothing was executed under it')
    expect(said).toContain('Command 0')
  })

  it('does not mark a command as checked in a block that does not hold it', async () => {
    chain = await explored()
    await live(chain, 2, 1)
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    const shown = async (path: string): Promise<Record<string, unknown>> => {
      return (await (await fetch(`${chain.url}${path}`)).json()) as Record<string, unknown>
    }
    const [first, newest] = [await shown('/v1/blocks/0'), Number(chain.chain.head?.header.height)]
    const moved = { ...(await shown(`/v1/blocks/${newest}`)), commands: first.commands }
    const receipt = { ...(await shown('/v1/commands/0')), height: String(newest) }
    await page.route('**/v1/commands/0', (route) => route.fulfill({ json: receipt }))
    await page.route(`**/v1/blocks/${newest}`, (route) => route.fulfill({ json: moved }))
    await visitor.go('#/command/0')
    expect(await page.locator('main .title .badge').getAttribute('data-known')).toBe('wrong')
  })

  it('says it when a block of the list is not that of its hash', async () => {
    chain = await explored()
    await live(chain, 3)
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    await page.route('**/v1/blocks?*', async (route: Route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('"epoch":"1"', '"epoch":"2"') })
    })
    await visitor.go('#/blocks')
    await alarm('This server does not answer as it should')
  })

  it('makes no HTML of what a chain says, and lets nothing turn the page around', async () => {
    chain = await explored({ machine: hostile, name: `<b>x</b>${BIDI}` })
    const { chain: own } = chain
    for (let i = 1n; i <= 3n; i++)
      await own.submit({ client: `<i>${BIDI}"'>`, request: i, type: 'go', payload: utf8(`${HOSTILE}${i}`) })
    await own.submit({ type: 'go', payload: Uint8Array.from({ length: 5000 }, (_, i) => i % 251) })
    await own.submit({ type: 'go', payload: utf8('w'.repeat(900_000)) })
    visitor = await visit(browser, chain.url)
    const { page } = visitor
    page.on('dialog', (dialog) => {
      throw new Error(`a dialog: ${dialog.message()}`)
    })
    const key = encodeURIComponent(`key ${MARKUP}${BIDI}`)
    const places = [
      '#/',
      '#/blocks',
      '#/block/0',
      '#/block/4',
      '#/command/0',
      '#/command/3',
      '#/command/4',
      '#/range/obligations/1',
      '#/range/intents/1',
      `#/state?tree=state&key=${key}`,
      `#/search?q=${encodeURIComponent(HOSTILE)}`,
      '#/keys',
      '#/trust',
      `#/${encodeURIComponent(MARKUP)}`,
    ]
    for (const place of places) {
      await visitor.go(place)
      const found = await page.evaluate(() => ({
        made: document.querySelectorAll('main img, main script, main b, main i, main svg:not([role=img]), .top b')
          .length,
        // Controls, and what turns the direction of writing.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
        raw: /[\u0000-\u0008\u000e-\u001f\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText + document.title),
        towers: /\p{M}{5}/u.test(document.body.innerText),
        unseen: /\u3164|\u2800|\ufe0f/.test(document.body.innerText),
        long: document.body.innerText.length,
        wide: document.documentElement.scrollWidth - innerWidth,
        title: document.title,
      }))
      expect({ place, ...found }).toMatchObject({ made: 0, raw: false, towers: false, unseen: false })
      expect(found.title).not.toBe('owned')
      expect(found.wide).toBeLessThanOrEqual(0)
      expect(found.long).toBeLessThan(20_000)
    }
    await visitor.go('#/command/0')
    expect(await page.locator('main').innerText()).toContain('\\u{202e}\\u{2066}<img src=x')
    await visitor.go('#/check')
    await page.getByRole('button', { name: 'Take the newest command’s proof' }).click()
    await page.waitForSelector('.verdict')
    await page.setInputFiles('#file', {
      name: `${BIDI}${MARKUP}.json`,
      mimeType: 'text/plain',
      buffer: Buffer.from(await own.prove({ command: 0n })),
    })
    await expect.poll(() => page.locator('.verdict').innerText()).toContain('<img src=x onerror')
    expect(await page.locator('main').innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(visitor.complaints).toEqual([])
  })

  it('asks nothing of a chain that it cannot read: what the server shows as one is no chain', async () => {
    chain = await explored()
    const context = await browser.newContext()
    const page = await context.newPage()
    for (const body of [
      'null',
      '[]',
      '{}',
      '{"chainId":"0x00"}',
      '<html>',
      `{"chainId":"${chain.chainId}","head":{"height":"-1"},"commands":"1"}`,
    ]) {
      await page.route('**/v1/chain', (route) => route.fulfill({ body }))
      await page.goto(chain.url)
      await expect.poll(() => page.locator('#alarm').innerText()).toContain('This server does not answer as it should')
      await page.unroute('**/v1/chain')
    }
    expect(await page.evaluate(() => localStorage.getItem('cairn.pin'))).toBeNull()
    await context.close()
  })

  it('calls nothing checked on the word of a service that answers half, as something else, or not at all', async () => {
    chain = await explored()
    await live(chain, 3)
    for (const how of ['half', 'page', 'refused', 'nothing'] as const) {
      visitor = await visit(browser, chain.url)
      const { page } = visitor
      await page.route(/\/v1\/(?:proof|blocks\/|headers)/, async (route) => {
        if (how === 'nothing') return route.abort()
        if (how === 'refused') return route.fulfill({ status: 503, body: '' })
        if (how === 'page') return route.fulfill({ contentType: 'text/html', body: '<h1>Welcome</h1>' })
        const response = await route.fetch()
        const body = await response.text()
        return route.fulfill({ response, body: body.slice(0, body.length / 2) })
      })
      await page.evaluate(() => {
        location.hash = '#/block/1'
      })
      await expect.poll(() => page.locator('main .error, #alarm .alarm').count(), { timeout: 20_000 }).not.toBe(0)
      expect([how, await page.locator('main [data-known=checked]').count()]).toEqual([how, 0])
      await visitor.close()
    }
  })
})
