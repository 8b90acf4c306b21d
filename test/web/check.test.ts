/**
 * The page that checks: every worked example of FORMAT gets there the verdicts that it has to get, said in words; and whatever is thrown at
 * it is answered with what is wrong. Exports are in exports.test.ts.
 */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { anchorTree } from '../../src/evm/anchor-tree.ts'
import { encodeAnchor } from '../../src/verify/anchor.ts'
import {
  blockHash,
  decodeHead,
  decodeProof,
  decodeRevocations,
  identify,
  nobleEngine,
  verifyEvidence,
  verifyProof,
} from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { type Explored, explored, launch, live } from '../support/explorer.ts'
import { readVectors } from '../vectors/read.ts'
import { findingsOn, type Visitor, visit } from './visitor.ts'

// biome-ignore lint/suspicious/noExplicitAny: the examples are data of a foreign shape
type Json = any

requireBuild()

/** What the page is given, and what it shows of it. */
interface Given {
  readonly text: string
  readonly chainId: string
  readonly revocations?: string
  readonly head?: string
  readonly anchor?: string
}
interface Shown {
  readonly ok: boolean
  readonly verdicts: readonly {
    readonly check: string
    readonly verdict: string
    readonly reason: string | undefined
  }[]
}

/** As a person would: fill in, press, read. */
function checkAll(page: Page, all: readonly Given[]): Promise<readonly Shown[]> {
  return page.evaluate(async (all) => {
    const field = (id: string) => document.getElementById(id) as HTMLInputElement
    const press = () =>
      [...document.querySelectorAll('button')].find((each) => each.textContent === 'Check what I pasted')?.click()
    const shown: Shown[] = []
    for (const { text, chainId, revocations, head, anchor } of all) {
      document.querySelector('.result')?.replaceChildren()
      field('paste').value = text
      field('chain-id').value = chainId
      field('source').value = revocations === undefined ? 'none' : 'own'
      field('source').dispatchEvent(new Event('change'))
      field('revocations').value = revocations ?? ''
      field('head').value = head ?? ''
      field('anchor').value = anchor ?? ''
      press()
      let verdict: HTMLElement | null = null
      for (let turns = 0; verdict === null && turns < 1000; turns++) {
        await new Promise((resolve) => {
          setTimeout(resolve)
        })
        verdict = document.querySelector('.result .break') && document.querySelector('.result .verdict')
      }
      if (verdict === null) throw new Error('nothing is shown')
      shown.push({
        ok: verdict.dataset.ok === 'true',
        verdicts: [...verdict.querySelectorAll<HTMLElement>('[data-check]')].map((each) => ({
          check: each.dataset.check ?? '',
          verdict: each.dataset.verdict ?? '',
          reason: each.querySelector('.reason')?.textContent ?? undefined,
        })),
      })
    }
    return shown
  }, all)
}

const byCheck = (verdicts: readonly Json[]) =>
  Object.fromEntries(verdicts.map(({ check, verdict, reason }: Json) => [check, { verdict, reason }]))

/** As the page shows it: the reasons of strangers' documents are cut where they are long. */
const expected = ({ ok, verdicts }: Json) => ({ ok, verdicts: byCheck(verdicts) })
const asShown = ({ ok, verdicts }: Shown) => ({ ok, verdicts: byCheck(verdicts) })

describe.skipIf(findChromium() === undefined)('the page that checks', () => {
  let browser: Browser
  let chain: Explored
  let visitor: Visitor
  beforeAll(async () => {
    chain = await explored()
    await live(chain, 30)
    browser = await launch()
    visitor = await visit(browser, chain.url)
    await visitor.go('#/check')
  })
  afterAll(async () => {
    await browser?.close()
    await chain?.close()
  })

  it('gives every proof every verdict, with the reason that Node gives', async () => {
    const { chainId, cases } = readVectors<Json>('proofs')
    const given = cases.map(
      ({ proof, revocations, head }: Json): Given => ({
        text: JSON.stringify(proof),
        chainId,
        ...(revocations && { revocations: JSON.stringify(revocations) }),
        ...(head && { head: JSON.stringify(head) }),
      }),
    )
    const shown = await checkAll(visitor.page, given)
    const verdictsOf = (verdicts: readonly Json[]) =>
      Object.fromEntries(verdicts.map((each) => [each.check, each.verdict]))
    expect(shown.map(({ ok, verdicts }, i) => ({ name: cases[i].name, ok, verdicts: verdictsOf(verdicts) }))).toEqual(
      cases.map(({ name, ok, verdicts }: Json) => ({ name, ok, verdicts })),
    )
    const ofNode = given.map(({ text, revocations, head }: Given) =>
      verifyProof(text, {
        chainId,
        ...(revocations && { revocations: decodeRevocations(revocations) }),
        ...(head && { head: decodeHead(head) }),
      }),
    )
    expect(shown.map(asShown)).toEqual(ofNode.map(expected))
  })

  it('accepts or refuses every text, and every evidence', async () => {
    const texts = readVectors<Json>('texts')
    // A text area has no carriage returns, and nothing that is no text: those come as files.
    const typed = texts.cases.filter(({ text }: Json) => text !== '' && !text.includes('\r'))
    const shown = await checkAll(
      visitor.page,
      typed.map(({ text }: Json) => ({ text, chainId: texts.chainId })),
    )
    expect(shown.map(({ ok }, i) => [typed[i].name, ok])).toEqual(typed.map(({ name, ok }: Json) => [name, ok]))
    const evidence = readVectors<Json>('evidence')
    const all = evidence.cases.map((each: Json) => JSON.stringify(each.evidence))
    const judged = await checkAll(
      visitor.page,
      all.map((text: string) => ({ text, chainId: evidence.chainId })),
    )
    expect(judged.map(asShown)).toEqual(all.map((text: string) => expected(verifyEvidence(text, evidence))))
  })

  it('says of each check what it means and what it does not', async () => {
    await visitor.go('#/')
    await visitor.go('#/check')
    const { page } = visitor
    await page.getByRole('button', { name: 'Take the newest command’s proof' }).click()
    await page.waitForSelector('.break')
    const holding = page.locator('[data-verdict=ok]')
    expect(await holding.count()).toBe(6)
    expect(await holding.locator('.caveat').count()).toBe(6)
    const findings = await findingsOn(page)
    expect(findings).toEqual([])
  })

  it('is as quick as a proof deserves', async () => {
    const { page } = visitor
    let best = Number.POSITIVE_INFINITY
    // What is costly is so each time; a machine that is busy with other work is not.
    for (let i = 0; i < 4 && best >= 250; i++) {
      await visitor.go('#/')
      await visitor.go('#/check')
      await page.getByRole('button', { name: 'Take the newest command’s proof' }).click()
      await page.waitForSelector('.break')
      best = Math.min(best, Number.parseFloat(await page.locator('.took').innerText()))
    }
    expect(best).toBeLessThan(250)
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'Does not hold: format'],
    ['noise', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)), 'Does not hold: format'],
    ['a beginning of an export', Buffer.from('cairn.export/1\n'), 'it is cut short'],
    [
      'an export of noise',
      Buffer.concat([Buffer.from('cairn.export/1\n'), Buffer.alloc(9000, 0xfe)]),
      'the CRC of its head is another',
    ],
    ['deep brackets', Buffer.from('['.repeat(100_000)), 'Does not hold: format'],
    ['more than a document may have', Buffer.alloc((16 << 20) + 1, 0x20), 'A document has at most'],
  ])('answers %s with what is wrong', async (_, buffer, words) => {
    const path = join(tmpdir(), `cairn-given-${process.pid}.bin`)
    writeFileSync(path, buffer)
    const { page } = visitor
    await visitor.go('#/')
    await visitor.go('#/check')
    await page.setInputFiles('#file', path)
    await expect.poll(() => page.locator('.result').innerText(), { timeout: 20_000 }).toContain(words)
  })

  it('takes an anchor, alone and beside a proof, and says that the EVM chain was not asked', async () => {
    const { chainId, cases } = readVectors<Json>('proofs')
    const { proof } = cases.find(({ ok }: Json) => ok)
    const { genesis, block } = decodeProof(JSON.stringify(proof))
    const { hasher } = nobleEngine
    const own = identify(genesis, hasher)
    const head = {
      chainId: own.chainId,
      height: block.height,
      blockHash: blockHash(own, block, hasher),
      timestamp: block.timestamp,
    }
    const { root, anchored } = anchorTree([head, { ...head, chainId: new Uint8Array(32).fill(1) }], hasher)
    const path = anchored[0]?.path ?? []
    const evm = { chainId: 1n, contract: new Uint8Array(20).fill(7), transaction: new Uint8Array(32) }
    const anchor = encodeAnchor({ format: 'cairn.anchor/v1', evm, root, head, path })
    const broken = encodeAnchor({ format: 'cairn.anchor/v1', evm, root: new Uint8Array(32), head, path })
    const text = JSON.stringify(proof)
    const foreign = `0x${'12'.repeat(32)}`
    const shown = await checkAll(visitor.page, [
      { text, chainId, anchor },
      { text: anchor, chainId },
      { text: anchor, chainId: foreign },
      { text, chainId, anchor: broken },
      { text, chainId, anchor: anchor.replace('cairn.anchor/v1', 'cairn.anchor/v2') },
    ])
    const ofAnchor = shown.map(({ ok, verdicts }) => [
      ok,
      ...verdicts
        .filter(({ check }) => check.startsWith('anchor.'))
        .map(({ check, verdict }) => `${check} ${verdict}`)
        .toSorted(),
    ])
    const [format, chain, way, ofProof, not] = [
      'format ok',
      'chain ok',
      'path ok',
      'head ok',
      'transaction unchecked',
    ].map((each) => `anchor.${each}`)
    expect(ofAnchor).toEqual([
      [true, chain, format, ofProof, way, not],
      [true, chain, format, way, not],
      [false, 'anchor.chain fail', format, way, not],
      [false, chain, format, ofProof, 'anchor.path fail', not],
      [false, 'anchor.format fail'],
    ])
    for (const { verdicts } of shown.slice(0, 4)) {
      const { reason } = verdicts.find(({ check }) => check === 'anchor.transaction') ?? {}
      expect(reason).toBe('anchored (not checked against the EVM chain)')
    }
  })

  it('refuses what is brought and is none of it', async () => {
    const { page } = visitor
    await visitor.go('#/')
    await visitor.go('#/check')
    await page.locator('.brought summary').click()
    await page.getByLabel('Chain id', { exact: true }).fill('demo')
    await page.locator('#paste').fill('{}')
    await page.getByRole('button', { name: 'Check what I pasted' }).click()
    await expect
      .poll(() => page.locator('.result').innerText())
      .toContain('A chain id is 0x and 64 lower-case hex digits')
  })

  it('and the console is silent', () => {
    expect(visitor.complaints).toEqual([])
  })
})
