/**
 * Exports on the page that checks: a worker reads them, at each level, and its verdicts are those of `cairn verify`; of one that begins in the middle of
 * the chain it says what it goes on from, or what is not shown.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { type ChainAudit, verifyChain } from '../../src/audit/audit.ts'
import type { AuditOptions } from '../../src/audit/options.ts'
import { kv } from '../../src/machine/index.ts'
import { exportChain } from '../../src/pipeline/export-chain.ts'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { type Visitor, visit } from './visitor.ts'

requireBuild()

describe.skipIf(findChromium() === undefined)('an export on the page that checks', () => {
  let browser: Browser
  let chain: Explored
  let visitor: Visitor
  let whole: Buffer
  let middle: Buffer
  beforeAll(async () => {
    chain = await explored()
    await live(chain, 30)
    whole = await exported({ to: 25n })
    middle = await exported({ from: 5n, to: 25n })
    browser = await launch()
    visitor = await visit(browser, chain.url)
  })
  afterAll(async () => {
    await browser?.close()
    await chain?.close()
  })

  const exported = async (range: { readonly from?: bigint; readonly to: bigint }): Promise<Buffer> => {
    const pieces: Uint8Array[] = []
    for await (const piece of exportChain(chain.directory, range)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  interface Brought {
    readonly level?: 'seals' | 'roots' | 'replay'
    readonly fromProof?: string
    readonly chainId?: string
  }

  /** As a person would; the answer is what stands there then. */
  const give = async (name: string, buffer: Buffer, { level, fromProof, chainId }: Brought = {}): Promise<string> => {
    const { page } = visitor
    await visitor.go('#/')
    await visitor.go('#/check')
    await page.locator('.brought summary').click()
    if (level !== undefined) await page.getByLabel('How much of an export is checked').selectOption(level)
    if (fromProof !== undefined) await page.getByLabel('a proof of the block before it').fill(fromProof)
    if (chainId !== undefined) await page.getByLabel('Chain id', { exact: true }).fill(chainId)
    await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer })
    await page.waitForSelector('.result .verdict, .result .error', { timeout: 30_000 })
    return page.locator('.result').innerText()
  }

  const shown = async (): Promise<Readonly<Record<string, string>>> => {
    const all = await visitor.page
      .locator('.result [data-check]')
      .evaluateAll((found) =>
        found.map((each) => [
          (each as HTMLElement).dataset.check ?? '',
          `${(each as HTMLElement).dataset.verdict} ${each.querySelector('.reason')?.textContent ?? ''}`.trim(),
        ]),
      )
    return Object.fromEntries(all) as Record<string, string>
  }
  const verdictsOf = ({ verdicts }: ChainAudit): Readonly<Record<string, string>> =>
    Object.fromEntries(verdicts.map(({ check, verdict, reason }) => [check, `${verdict} ${reason ?? ''}`.trim()]))
  const onNode = async (bytes: Buffer, options: Partial<AuditOptions>): Promise<Readonly<Record<string, string>>> =>
    verdictsOf(await verifyChain(pieces(bytes), { chainId: chain.keys.identity.chainId, cores: 1, ...options }))
  async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
    yield bytes
  }

  it.each([
    ['seals', {}],
    ['roots', {}],
    ['replay', { machine: kv }],
  ] as const)('has at the level %s every verdict that cairn verify gives', async (level, options) => {
    const text = await give('demo.cairn', whole, { level })
    expect(text).toMatch(/^Holds, as far as it was checked: .*revocation/)
    expect(text).toContain('demo.cairn: an export of demo, 26 blocks and')
    // The head that this browser accepted is a newer block than the last one of this export.
    expect(await shown()).toEqual(await onNode(whole, { level, ...options }))
    expect((await shown()).outcomes).toMatch(level === 'replay' ? /^ok$/ : /^unchecked/)
  })

  it('finds a byte that is flipped in it, and puts it back', async () => {
    const { page } = visitor
    await page.getByLabel('Byte', { exact: true }).fill('2000')
    await page.getByRole('switch', { name: 'Flip this byte' }).click()
    await expect.poll(() => page.locator('.caught').innerText()).toContain('Caught by frames')
    expect(await page.locator('.verdict').innerText()).toMatch(/The first fault is at byte [\d,]+ of the file/)
    await page.getByRole('switch', { name: 'Flip this byte' }).click()
    await expect.poll(() => page.locator('.caught').innerText()).toContain('holds again')
  })

  it('that is still being read makes room for what is given next', async () => {
    const { page } = visitor
    await visitor.go('#/')
    await visitor.go('#/check')
    const proof = Buffer.from(await chain.chain.prove({}))
    await page.setInputFiles('#file', { name: 'demo.cairn', mimeType: '', buffer: whole })
    await page.setInputFiles('#file', { name: 'proof.json', mimeType: '', buffer: proof })
    await page.waitForSelector('.result .break')
    // By then the export would have been read, had nobody given it up.
    await page.waitForTimeout(1500)
    expect(await page.locator('.result .verdict').allInnerTexts()).toEqual([
      expect.stringContaining('proof.json: a proof'),
    ])
    expect(await page.locator('.result .break').count()).toBe(1)
  })

  it('has the head that this browser accepted in it, where it reaches that far', async () => {
    const { head } = chain.chain
    if (head === undefined) throw new Error('there is a block by then')
    await give('all.cairn', await exported({ to: head.height }))
    expect((await shown()).head).toBe('ok')
  })

  it('is told where it was cut short, and where it is of another chain', async () => {
    expect(await give('cut.cairn', whole.subarray(0, whole.length - 100))).toContain('it is cut short')
    expect((await shown()).frames).toMatch(/^fail/)
    expect(await give('demo.cairn', whole, { chainId: `0x${'12'.repeat(32)}` })).toContain(
      'it is of another chain than the trusted one',
    )
  })

  it('that begins in the middle goes on from a proof of this server, or one that was brought', async () => {
    const expected = await onNode(middle, { fromProof: await chain.chain.prove({ height: 4n }) })
    expect(expected).toMatchObject({
      order: 'ok',
      seals: 'ok',
      requests: expect.stringMatching(/^unchecked/) as string,
    })
    expect(await give('middle.cairn', middle)).toContain('the proof of block 4 came from this server')
    expect(await shown()).toEqual(expected)

    const asked = visitor.requests.length
    const text = await give('middle.cairn', middle, { fromProof: await chain.chain.prove({ height: 4n }) })
    expect(text).toMatch(/^Holds, as far as it was checked/)
    expect(await shown()).toEqual(expected)
    expect(visitor.requests.slice(asked).filter((url) => url.includes('/v1/proof?block'))).toEqual([])
  })

  it('that begins in the middle is not joined to a proof of something else', async () => {
    const proof = await chain.chain.prove({ height: 4n })
    const text = await give('middle.cairn', middle, { fromProof: proof.replace('"height":"4"', '"height":"3"') })
    expect(text).toMatch(/^Does not hold: head/)
  })

  it('that begins in the middle with nobody to prove what stands before it: that is not shown', async () => {
    const { page } = visitor
    await page.route('**/v1/proof?*', (route) => route.abort())
    const text = await give('middle.cairn', middle)
    await page.unroute('**/v1/proof?*')
    expect(text).toContain('gave no proof of block 4 that holds (server_unreachable)')
    expect(await shown()).toMatchObject({
      order: expect.stringMatching(/^unchecked before block 5 nothing was read, and no proof/) as string,
      requests: expect.stringMatching(/^unchecked/) as string,
      state: expect.stringMatching(/^unchecked/) as string,
      hashes: 'ok',
      seals: 'ok',
    })
  })

  it('and the console is silent but for the answer that never came', () => {
    expect(visitor.complaints).toEqual([
      expect.stringMatching(/^no answer: .*\/v1\/proof\?block=4$/),
      'error: Failed to load resource: net::ERR_FAILED',
    ])
  })
})
