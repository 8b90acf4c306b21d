/** How the page asks an RPC: what it sends, and that nothing that comes back, or does not, is more than a verdict that says so. */
import { describe, expect, it } from 'vitest'
import type { Found } from '../../src/evm/anchor-transaction.ts'
import type { Fetch } from '../../src/http/fetch.ts'
import type { Anchor } from '../../src/verify/anchor.ts'
import { askEvm } from '../../src/web/check/evm-rpc.ts'

const URL = 'https://rpc.example.org/key'
const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(7)
const anchor: Anchor = {
  format: 'cairn.anchor/v1',
  evm: { chainId: 31337n, contract: bytes(20), transaction: bytes(32) },
  root: bytes(32),
  head: { chainId: bytes(32), height: 5n, blockHash: bytes(32), timestamp: 7n },
  path: [],
}
const asked = (fetching: Fetch, signal = new AbortController().signal): Promise<Found> =>
  askEvm(URL, anchor, signal, fetching)
const answering =
  (body: BodyInit, status = 200): Fetch =>
  () =>
    Promise.resolve(new Response(body, { status }))
const json = (answer: object): string => JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer })

describe('the page', () => {
  it('sends one question at a time, without anything of whoever reads', async () => {
    const sent: (readonly [url: string, init: RequestInit])[] = []
    await asked((url, init) => {
      sent.push([url, init])
      const { id } = JSON.parse(init.body as string) as { id: number }
      return Promise.resolve(new Response(json({ id, result: id === 1 ? '0x7a69' : null })))
    })
    expect(sent.map(([url]) => url)).toEqual([URL, URL, URL])
    expect(sent.map(([, { body }]) => JSON.parse(body as string) as object)).toEqual(
      [
        ['eth_chainId'],
        ['eth_getTransactionReceipt', `0x${'07'.repeat(32)}`],
        ['eth_getTransactionByHash', `0x${'07'.repeat(32)}`],
      ].map(([method, ...params], i) => ({ jsonrpc: '2.0', id: i + 1, method, params })),
    )
    for (const [, init] of sent) {
      expect(init).toEqual({
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: expect.any(String),
        signal: expect.any(AbortSignal),
        redirect: 'error',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
      })
    }
  })

  it.each<readonly [string, Fetch, string]>([
    [
      'nothing',
      () => Promise.reject(new TypeError('Failed to fetch')),
      'it does not answer, or does not let the pages',
    ],
    ['no JSON', answering('<h1>Welcome</h1>'), 'what it answers is no JSON-RPC.'],
    ['no UTF-8', answering(new Uint8Array([0x22, 0xff, 0x22])), 'not valid'],
    ['brackets', answering('['.repeat(100_000)), 'what it answers is no JSON-RPC.'],
    ['null', answering('null'), 'what it answers is no JSON-RPC.'],
    ['the answer to another question', answering(json({ id: 2, result: '0x7a69' })), 'what it answers is no JSON-RPC.'],
    ['an answer to many', answering(`[${json({ result: '0x7a69' })}]`), 'what it answers is no JSON-RPC.'],
    ['another protocol', answering(json({ jsonrpc: '1.0', result: '0x7a69' })), 'what it answers is no JSON-RPC.'],
    ['no result', answering(json({})), 'what it answers is no JSON-RPC.'],
    ['a status', answering('', 503), 'it answers with status 503.'],
    ['its refusal', answering(json({ error: { code: 1, message: 'no key' } }), 401), 'it says “no key”.'],
    ['a refusal that is none', answering(json({ error: 'x' })), 'it says “that it failed”.'],
    ['a novel', answering(json({ error: { message: 'x'.repeat(9999) } })), `it says “${'x'.repeat(200)}”.`],
    ['what is no number', answering(json({ result: {} })), 'what it answers is none. Ask another node.'],
  ])('says of %s that it could not ask', async (_, fetching, why) => {
    const { verdict, said } = await asked(fetching)
    expect([verdict.check, verdict.verdict, said]).toEqual(['transaction', 'unchecked', undefined])
    expect(verdict.reason).toMatch(/^the EVM chain was not reached\. The RPC gives no chain id: /)
    expect(verdict.reason).toContain(why)
    expect(verdict.reason).not.toContain('rpc.example.org')
  })

  it('reads no more of an answer than it may have', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1 << 16
        controller.enqueue(new Uint8Array(1 << 16).fill(0x20))
      },
    })
    const { verdict } = await asked(answering(endless))
    expect(verdict).toMatchObject({
      verdict: 'unchecked',
      reason: expect.stringContaining('larger than 4194304 bytes'),
    })
    expect(sent).toBeLessThan((4 << 20) + (1 << 18))
  })

  it('gives up with whoever asked', async () => {
    const over = new AbortController()
    const waiting: Fetch = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      })
    const ended = asked(waiting, over.signal)
    over.abort()
    expect((await ended).verdict.verdict).toBe('unchecked')
  })
})
