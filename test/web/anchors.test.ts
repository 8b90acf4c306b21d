/**
 * An anchor on the page that checks, from end to end: a chain anchored on a real EVM chain, served by `cairn serve --evm-rpc`, and a browser that asks that
 * RPC, and nobody else, whether the transaction is there. Whatever the RPC does, nothing is called anchored that is not.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { encryptKeystore } from '../../src/keys/keystore.ts'
import { fromHex, nobleEngine } from '../../src/verify/index.ts'
import { chainFolder } from '../cli/chain-folder.ts'
import { end, freePort, serve } from '../server/server-process.ts'
import { Anvil, RICH_KEY } from '../support/evm/anvil.ts'
import { MiddleRpc } from '../support/evm/middle-rpc.ts'
import { launch } from '../support/explorer.ts'
import { findingsOn, SIZES, type Visitor, visit } from './visitor.ts'

const ANYBODY = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' }

interface Anchored {
  readonly proof: string
  readonly anchor: string
  readonly chainId: string
  readonly evm: { readonly contract: string; readonly transaction: string }
}

/** A card as it is read: its heading, what is said of the EVM chain, and the verdict on the transaction. */
interface Seen {
  readonly heading: string
  readonly said: string
  readonly verdict: string
  readonly reason: string
}

async function given(page: Page, ...files: readonly (readonly [name: string, text: string])[]): Promise<void> {
  await page.setInputFiles(
    '#file',
    files.map(([name, text]) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })),
  )
}

/** Once the EVM chain has answered, or nobody is asked. */
async function seen(page: Page): Promise<Seen> {
  const transaction = page.locator('[data-check="anchor.transaction"]')
  await page.waitForFunction(
    () =>
      document.querySelector('.result .break') !== null &&
      document.querySelector('[data-check="anchor.transaction"] .reason')?.textContent !==
        'the EVM chain is being asked …',
    undefined,
    { timeout: 40_000 },
  )
  const textOf = async (selector: string): Promise<string> =>
    (await page.locator(selector).allInnerTexts()).map((text) => text.trim()).join('\n')
  return {
    heading: await textOf('.verdict h2'),
    said: await textOf('.on-chain'),
    verdict: (await transaction.getAttribute('data-verdict')) ?? '',
    reason: await textOf('[data-check="anchor.transaction"] .reason'),
  }
}

describe.skipIf(findChromium() === undefined)('an anchor on the page that checks', () => {
  const folder = chainFolder()
  const { at, cairn, path: cwd } = folder
  let anvil: Anvil
  let rpc: MiddleRpc
  let browser: Browser
  let chain: Anchored
  let url = ''
  let visitor: Visitor

  async function served(name: string, ...options: readonly string[]): Promise<string> {
    const port = await freePort()
    await serve(cwd, name, port, ...options)
    return `http://127.0.0.1:${port}`
  }

  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await cairn(...args)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }

  async function anchored(): Promise<Anchored> {
    const rng = { bytes: (size: number) => new Uint8Array(size).fill(7) }
    const key = fromHex(RICH_KEY) as Uint8Array
    const keystore = await encryptKeystore(key, Buffer.from('pay'), {
      rng,
      engine: nobleEngine,
      scrypt: { n: 1024, r: 8, p: 1 },
    })
    writeFileSync(at('payer.json'), keystore, { mode: 0o600 })
    writeFileSync(at('passphrase'), 'pay\n', { mode: 0o600 })
    const paid = [
      '--rpc',
      anvil.url,
      '--keystore',
      'payer.json',
      '--passphrase-file',
      'passphrase',
      '--confirmations',
      '1',
      '--yes',
    ]
    const name = await folder.newChain()
    for (const value of ['hello', 'again']) await ok('append', name, 'put', 'greeting', value)
    const { contract } = JSON.parse(await ok('evm', 'deploy', 'anchors', ...paid, '--json')) as { contract: string }
    await ok('anchor', '--chain', name, '--contract', contract, '-o', 'receipts', ...paid)
    await ok('prove', name, '--command', '1', '-o', 'proof.json')
    // Two servers of one directory would be one too many.
    folder.copyChain(name, 'copy')
    const [receipt = ''] = readdirSync(at('receipts'))
    const anchor = readFileSync(at('receipts', receipt), 'utf8')
    const { evm } = JSON.parse(anchor) as Anchored
    return { proof: readFileSync(at('proof.json'), 'utf8'), anchor, chainId: await folder.idOf(name), evm }
  }

  beforeAll(async () => {
    anvil = await Anvil.start()
    rpc = await MiddleRpc.start(anvil.url)
    chain = await anchored()
    await anvil.chain.mine({ blocks: 4 })
    browser = await launch()
    url = await served('chain-0', '--evm-rpc', rpc.url)
    visitor = await visit(browser, url)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await rpc?.close()
    await anvil?.stop()
  })
  afterEach(() => rpc.reset())

  /** The proof with its anchor, on a page that was just opened. */
  async function checked({ proof, anchor }: Anchored, on: Visitor = visitor): Promise<Seen> {
    await on.go('#/')
    await on.go('#/check')
    await given(on.page, ['head.anchor.json', anchor], ['proof.json', proof])
    return seen(on.page)
  }

  const changed = (change: object): Anchored => {
    const receipt = JSON.parse(chain.anchor) as { readonly evm: object }
    return { ...chain, anchor: JSON.stringify({ ...receipt, evm: { ...receipt.evm, ...change } }) }
  }

  it('beside a proof is asked for at the RPC that the operator named, and shown where it stands', async () => {
    const { page } = visitor
    const { heading, said, verdict, reason } = await checked(chain)
    expect({ verdict, reason }).toEqual({ verdict: 'ok', reason: '' })
    expect(heading).toBe('Holds, as far as it was checked: revocation and head were not')
    expect(said).toMatch(/^Anchored in block \d+ of the EVM chain 31337, [5-9] blocks deep\. So says the RPC at http/)
    expect(said).toContain(
      `${rpc.url}, which the operator of this server named. That it tells the truth is for you to know.`,
    )
    // In the words of the command line.
    const ofCli = await ok(
      'verify',
      'proof.json',
      '--chain-id',
      chain.chainId,
      '--anchor',
      at('receipts', readdirSync(at('receipts'))[0] ?? ''),
      '--rpc',
      rpc.url,
    )
    const words = said.split(' So says')[0] ?? ''
    expect(ofCli.replace(/\s+/g, ' ')).toContain(words)
    expect(await page.locator('[data-check="anchor.transaction"]').innerText()).toContain(
      'The root stands on the EVM chain, in the contract and by the transaction that it names.',
    )
    expect(await page.locator('.lead').innerText()).toContain(rpc.url)
    const findings = await findingsOn(page)
    expect(findings).toEqual([])
    expect(visitor.complaints).toEqual([])
  })

  it('alone is asked for, too, and what is flipped in it is caught by the EVM chain', async () => {
    const { page } = visitor
    await visitor.go('#/')
    await visitor.go('#/check')
    await given(page, ['head.anchor.json', chain.anchor])
    expect(await seen(page)).toMatchObject({ heading: 'Holds', verdict: 'ok' })
    const place = chain.anchor.indexOf(chain.evm.transaction) + 10
    await page.locator('#offset').fill(`${place}`)
    await page.getByRole('switch', { name: 'Flip this byte' }).click()
    await expect.poll(() => page.locator('.caught').innerText()).toContain('Caught by anchor.transaction')
    expect(await seen(page)).toMatchObject({
      heading: 'Does not hold: anchor.transaction',
      reason: 'there is no such transaction on the EVM chain',
    })
  })

  it('tells the RPC nothing of whoever reads, and nobody else anything', async () => {
    const other = await visit(browser, url)
    await checked(chain, other)
    expect(rpc.asked.map(({ method }) => method)).toEqual([
      'eth_chainId',
      'eth_getTransactionReceipt',
      'eth_getCode',
      'eth_getBlockByNumber',
      'eth_blockNumber',
    ])
    for (const { headers } of rpc.asked) {
      expect([headers.cookie, headers.referer, headers.authorization]).toEqual([undefined, undefined, undefined])
      expect(headers.origin).toBe(url)
    }
    const origins = new Set(other.requests.map((address) => new URL(address).origin))
    expect(origins).toEqual(new Set([url, rpc.url]))
    // The policy keeps it from everybody else, the EVM chain behind that RPC included.
    expect(await blocked(other.page, anvil.url)).toBe(true)
    await other.close()
  })

  it('is not asked for where whoever reads does not want it', async () => {
    const other = await visit(browser, url, { viewport: SIZES[1], colorScheme: 'dark' })
    const { page } = other
    await other.go('#/check')
    await page.locator('.brought summary').click()
    await page.getByLabel(`Ask ${rpc.url} whether its transaction is there`).uncheck()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    const findings = await findingsOn(page)
    expect(findings).toEqual([])
    await given(page, ['head.anchor.json', chain.anchor], ['proof.json', chain.proof])
    expect(await seen(page)).toMatchObject({
      verdict: 'unchecked',
      reason: 'anchored (not checked against the EVM chain)',
      said: expect.stringContaining('The EVM chain was not asked'),
    })
    expect(rpc.asked).toEqual([])
    await other.close()
  })

  it.each<readonly [string, object, string]>([
    ['another transaction', { transaction: `0x${'12'.repeat(32)}` }, 'there is no such transaction on the EVM chain'],
    [
      'another contract',
      { contract: `0x${'12'.repeat(20)}` },
      'that transaction anchored another root, or in another contract',
    ],
    ['another EVM chain', { chainId: '1' }, 'the RPC is of the EVM chain 31337, and the anchor of 1'],
  ])('that names %s fails', async (_, change, reason) => {
    const shown = await checked(changed(change))
    expect(shown).toEqual({ heading: 'Does not hold: anchor.transaction', said: '', verdict: 'fail', reason })
  })

  it('whose root is another one fails', async () => {
    const receipt = JSON.parse(chain.anchor) as object
    const other = { ...chain, anchor: JSON.stringify({ ...receipt, root: `0x${'12'.repeat(32)}` }) }
    expect(await checked(other)).toMatchObject({ heading: 'Does not hold: anchor.path, anchor.transaction', said: '' })
  })

  it('whose head is not under the root fails, and what is said of the root is not said of it', async () => {
    const receipt = JSON.parse(chain.anchor) as { readonly head: object }
    const other = { ...chain, anchor: JSON.stringify({ ...receipt, head: { ...receipt.head, timestamp: '1' } }) }
    expect(await checked(other)).toMatchObject({
      heading: 'Does not hold: anchor.path, anchor.head',
      said: '',
      verdict: 'ok',
    })
  })

  const receipt = (change: object) => (method: string, result: unknown) =>
    method === 'eth_getTransactionReceipt' ? { ...(result as object), ...change } : result
  it.each<readonly [string, (method: string, result: unknown) => unknown, string, string]>([
    [
      'is on another EVM chain',
      (method, result) => (method === 'eth_chainId' ? '0x1' : result),
      'fail',
      'the RPC is of the EVM chain 1, and the anchor of 31337',
    ],
    ['says that it failed', receipt({ status: '0x0' }), 'fail', 'that transaction failed: it anchored nothing'],
    [
      'says that it did nothing',
      receipt({ logs: [] }),
      'fail',
      'that transaction anchored another root, or in another contract',
    ],
    [
      'says that it waits',
      (method, result) => (method === 'eth_getTransactionReceipt' ? null : result),
      'unchecked',
      'the transaction is in no block yet: ask again later',
    ],
    [
      'says that its block was replaced',
      receipt({ blockHash: `0x${'12'.repeat(32)}` }),
      'unchecked',
      'the block that it was in is not on the EVM chain any more: ask again later',
    ],
    [
      'says that it is the newest',
      (method, result) => (method === 'eth_blockNumber' ? '0x1' : result),
      'unchecked',
      'it is 0 blocks deep, of 3: ask again later',
    ],
    [
      'knows another contract there',
      (method, result) => (method === 'eth_getCode' ? '0xfd' : result),
      'unchecked',
      'the contract is none that is known here: know who wrote it',
    ],
    [
      'answers with another one',
      receipt({ transactionHash: `0x${'12'.repeat(32)}` }),
      'unchecked',
      'the EVM chain was not reached. The RPC gives no receipt: what it answers is none. Ask another node.',
    ],
    [
      'answers with markup',
      () => '<img src=x onerror=alert(1)>',
      'unchecked',
      'the EVM chain was not reached. The RPC gives no chain id: what it answers is none. Ask another node.',
    ],
  ])('where the RPC %s is not called anchored', async (_, change, verdict, reason) => {
    rpc.change = change
    const shown = await checked(chain)
    expect(shown).toMatchObject({ said: '', verdict, reason })
    expect(shown.heading).not.toBe('Holds')
    expect(visitor.complaints).toEqual([])
  })

  const refused =
    'the EVM chain was not reached. The RPC gives no chain id: it does not answer, or does not let the pages of this server ask (CORS).'
  it.each<readonly [string, NonNullable<MiddleRpc['answer']>, string]>([
    ['breaks off', (response) => response.destroy(), refused],
    ['lets no page ask', (response) => response.end('{}'), refused],
    [
      'sends the page elsewhere',
      (response) => response.writeHead(307, { ...ANYBODY, location: anvil.url }).end(),
      refused,
    ],
    [
      'is a web site',
      (response) => response.writeHead(200, ANYBODY).end('<h1>hello</h1>'),
      'the EVM chain was not reached. The RPC gives no chain id: what it answers is no JSON-RPC.',
    ],
    [
      'refuses, with markup',
      (response) => response.writeHead(200, ANYBODY).end('{"error":{"message":"<b onclick=alert(1)>\\u202e"}}'),
      'the EVM chain was not reached. The RPC gives no chain id: it says “<b onclick=alert(1)>\\u{202e}”.',
    ],
    [
      'has no end',
      endless,
      'the EVM chain was not reached. The RPC gives no chain id: its answer is larger than 4194304 bytes.',
    ],
    [
      'never answers',
      () => undefined,
      'the EVM chain was not reached. The RPC gives no chain id: it took longer than 20 s.',
    ],
  ])('where the RPC %s is not called anchored', async (_, answer, reason) => {
    rpc.answer = answer
    const other = await visit(browser, url)
    const start = Date.now()
    expect(await checked(chain, other)).toMatchObject({ said: '', verdict: 'unchecked', reason })
    expect(Date.now() - start).toBeLessThan(30_000)
    // What holds without the EVM chain was shown, and holds.
    expect(await other.page.locator('[data-check="anchor.path"]').getAttribute('data-verdict')).toBe('ok')
    expect(await other.page.locator('.verdict [onclick], .verdict img, .verdict b').count()).toBe(0)
    expect(other.complaints.filter((each) => each.startsWith('exception'))).toEqual([])
    await other.close()
  })

  it('shows what holds without the EVM chain while that is being asked, and gives up with whoever goes on', async () => {
    const answers: (() => void)[] = []
    rpc.answer = (response) => void answers.push(() => response.destroy())
    const other = await visit(browser, url)
    const { page } = other
    await other.go('#/check')
    await given(page, ['head.anchor.json', chain.anchor], ['proof.json', chain.proof])
    await page.waitForSelector('.result .break')
    expect(await page.locator('[data-check="anchor.transaction"] .reason').innerText()).toBe(
      'the EVM chain is being asked …',
    )
    expect(await page.locator('.verdict h2:focus').count()).toBe(1)
    while (answers.length === 0) await sleep(10)
    // The next file is not overtaken by the answer on the one before.
    await given(page, ['proof.json', chain.proof])
    await page.waitForSelector('.result .break')
    for (const answer of answers) answer()
    await sleep(200)
    expect(await page.locator('[data-check^="anchor."]').count()).toBe(0)
    expect(other.complaints.filter((each) => each.startsWith('exception'))).toEqual([])
    await other.close()
  })

  it('shows of what was flipped what the EVM chain says of that, however late it answers on what was there before', async () => {
    const other = await visit(browser, url)
    const { page } = other
    let late = true
    rpc.change = async (_, result) => {
      const isFirst = late
      late = false
      if (isFirst) await sleep(1500)
      return result
    }
    await other.go('#/check')
    await given(page, ['head.anchor.json', chain.anchor])
    await page.waitForSelector('.result .break')
    await page.locator('#offset').fill(`${chain.anchor.indexOf(chain.evm.transaction) + 10}`)
    await page.getByRole('switch', { name: 'Flip this byte' }).click()
    expect(await seen(page)).toMatchObject({ heading: 'Does not hold: anchor.transaction' })
    await expect.poll(() => rpc.asked.length, { timeout: 10_000 }).toBe(3 + 5)
    await sleep(200)
    expect(await seen(page)).toMatchObject({ heading: 'Does not hold: anchor.transaction' })
    expect(await page.locator('#said').textContent()).toBe('')
    await other.close()
  })

  it('two files are a proof and its anchor, or are refused', async () => {
    const { page } = visitor
    await visitor.go('#/')
    await visitor.go('#/check')
    for (const two of [
      [chain.proof, chain.proof],
      [chain.anchor, chain.anchor],
    ] as const) {
      await given(page, ['a.json', two[0]], ['b.json', two[1]])
      await expect.poll(() => page.locator('.result').innerText()).toContain('a proof and its anchor together')
    }
    await given(page, ['a.json', chain.anchor], ['b.json', chain.proof], ['c.json', chain.proof])
    await expect.poll(() => page.locator('.result').innerText()).toContain('a proof and its anchor together')
  })

  it('where the operator named no RPC nobody is asked, and it is said what can be done', async () => {
    const own = await served('copy')
    const other = await visit(browser, own)
    expect(await checked(chain, other)).toMatchObject({
      verdict: 'unchecked',
      reason: 'anchored (not checked against the EVM chain)',
      said: 'The EVM chain was not asked: that it is anchored is the word of whoever gave you this. cairn verify --rpc asks a node of yours; this page can ask the one alone that the operator of its server names, with cairn serve --evm-rpc.',
    })
    expect(await other.page.locator('#asks-evm').count()).toBe(0)
    expect(await other.page.locator('.brought').textContent()).toContain('cairn serve --evm-rpc')
    expect(other.requests.filter((address) => new URL(address).origin !== own)).toEqual([])
    expect(rpc.asked).toEqual([])
    expect(other.complaints).toEqual([])
    expect(await blocked(other.page, rpc.url)).toBe(true)
    await other.close()
  })
})

describe('cairn serve --evm-rpc', () => {
  const folder = chainFolder()

  it('refuses an address with credentials in it, and does not repeat it', async () => {
    const name = await folder.newChain()
    const { code, stdout, stderr } = await folder.cairn(
      'serve',
      name,
      '--port',
      '0',
      '--evm-rpc',
      'https://user:geheim@rpc.example.org',
    )
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('credentials')
    expect(stderr).not.toContain('geheim')
  })

  it('comes from the config file, too, as all that is set for good', async () => {
    const name = await folder.newChain()
    folder.write('rpc.json', JSON.stringify({ evmRpc: 'http://127.0.0.1:8545/of-file' }))
    const port = await freePort()
    const { child } = await serve(folder.path, name, port, '--config', 'rpc.json')
    const page = await fetch(`http://127.0.0.1:${port}/`)
    expect(page.headers.get('content-security-policy')).toContain("connect-src 'self' http://127.0.0.1:8545;")
    expect(await (await fetch(`http://127.0.0.1:${port}/v1/chain`)).json()).toMatchObject({
      evmRpc: 'http://127.0.0.1:8545/of-file',
    })
    expect(await end(child, 'SIGTERM')).toBe(0)
  })
})

/** More than a page may have, as fast as it is read. */
function endless(response: Parameters<NonNullable<MiddleRpc['answer']>>[0]): void {
  response.writeHead(200, ANYBODY)
  const piece = Buffer.alloc(1 << 16, 0x20)
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more).on('error', () => undefined)
  more()
}

/** Whether the policy of the page keeps it from asking there. */
async function blocked(page: Page, address: string): Promise<boolean> {
  return page.evaluate(async (address) => {
    const violated = new Promise<boolean>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        resolve(effectiveDirective === 'connect-src'),
      )
    })
    await fetch(address).catch(() => undefined)
    return violated
  }, address)
}
