/** The HTTP interface as a program in any language meets it. */
import { describe, expect, it } from 'vitest'
import { readExport } from '../../src/index.ts'
import { reasonOf } from '../../src/server/health.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { native } from '../../src/verify/codec.ts'
import { CairnError } from '../../src/verify/error.ts'
import { decodeProof, judgeProof } from '../../src/verify/index.ts'
import { chainRecord } from '../../src/verify/records.ts'
import { problemOf, put, type Served, served } from './served.ts'

interface ReceiptRead {
  readonly height: string
  readonly blockHash: string
  readonly seq: string
  readonly client: string
  readonly request: string
  readonly status: number
  readonly reply: unknown
  readonly proof?: unknown
}

const receiptOf = async (response: Response): Promise<ReceiptRead> => {
  expect(response.status).toBe(200)
  return (await response.json()) as ReceiptRead
}
const holds = ({ chain }: Served, proof: string): boolean =>
  judgeProof(decodeProof(proof), { chainId: chain.id, revocations: [] }).ok

describe('commands', () => {
  it('come back as receipts of what is durable, and can be proved', async () => {
    const server = await served()
    const receipt = await receiptOf(await server.post(put('greeting', 'hello'), '/v1/commands?proof=1'))
    expect(receipt).toMatchObject({
      height: '0',
      seq: '0',
      client: '',
      request: '0',
      status: 0,
      reply: '{"replaced":false}',
    })
    expect(receipt.blockHash).toBe(toHex(server.chain.head?.hash ?? new Uint8Array()))
    expect(holds(server, JSON.stringify(receipt.proof))).toBe(true)
    const { proof: _, ...plain } = receipt
    expect(await receiptOf(await server.get('/v1/commands/0'))).toEqual(plain)
    const rejected = await receiptOf(
      await server.post({ type: 'cas', payload: { key: 'greeting', expected: 'x', value: 'y' } }),
    )
    expect(rejected.status).toBe(1)
  })

  it('that were executed are not said to be unwritten where the chain fails before it can prove them', async () => {
    const server = await served()
    const submitMany = server.chain.submitMany.bind(server.chain)
    const failing = (): Promise<string> =>
      Promise.reject(new CairnError('chain_failed', 'The chain failed; nothing of this submission was written.'))
    server.chain.submitMany = async (submissions) => {
      const answers = await submitMany(submissions)
      for (const each of answers) Object.assign(each, { proof: failing })
      return answers
    }
    const one = await server.post(put('a', '1', { client: 'desk-7', request: '1' }), '/v1/commands?proof=1')
    expect(await problemOf(one)).toMatchObject({ status: 503, code: 'outcome_unknown' })
    const commands = [
      put('a', '2', { client: 'desk-7', request: '2' }),
      put('a', '3', { client: 'desk-7', request: '3' }),
    ]
    const many = await server.post({ commands }, '/v1/commands?proof=1')
    expect(await problemOf(many)).toMatchObject({ status: 503, code: 'outcome_unknown' })
    expect(server.chain.head?.header).toMatchObject({ firstSeq: 1n, commandCount: 2n })
  })

  it('under a number are executed once, however often they are sent', async () => {
    const { post, get } = await served()
    const command = put('a', '1', { client: 'desk-7', request: '5' })
    const first = await receiptOf(await post(command))
    expect(await receiptOf(await post(command))).toEqual(first)
    expect(await receiptOf(await get('/v1/commands?client=desk-7&request=5'))).toEqual(first)
    const other = await problemOf(await post(put('a', '2', { client: 'desk-7', request: '5' })))
    expect(other).toMatchObject({ status: 409, code: 'request_conflict' })
    const skipped = await problemOf(await post(put('a', '2', { client: 'desk-7', request: '4' })))
    expect(skipped).toMatchObject({ status: 409, code: 'request_skipped' })
    expect((await problemOf(await get('/v1/commands?client=desk-7&request=6'))).status).toBe(404)
  })

  it('are taken in order, all or none of a malformed lot, and each has its own answer', async () => {
    const { post, chain } = await served()
    const commands = Array.from({ length: 300 }, (_, i) => put('k', `${i}`, { client: 'c', request: `${i + 1}` }))
    const { receipts } = (await (await post({ commands })).json()) as { receipts: readonly ReceiptRead[] }
    expect(receipts.map(({ seq }) => seq)).toEqual(commands.map((_, i) => String(i)))
    const again = [
      commands[299],
      put('k', 'other', { client: 'c', request: '300' }),
      put('k', 'x', { client: 'c', request: '301' }),
    ]
    const answer = (await (await post({ commands: again })).json()) as { receipts: readonly Record<string, unknown>[] }
    expect(answer.receipts[0]).toEqual(receipts[299])
    expect(answer.receipts[1]).toMatchObject({ problem: { code: 'request_conflict', status: 409 } })
    expect(answer.receipts[2]).toMatchObject({ seq: '300' })
    const before = chain.head?.height
    const refused = await problemOf(await post({ commands: [put('k', 'y'), { type: 'nope', payload: {} }] }))
    expect(refused).toMatchObject({ status: 422, code: 'unknown_type', index: 1 })
    expect(chain.head?.height).toBe(before)
  })

  it('that nobody waits for are answered with 202, and can be asked for', async () => {
    const { post, get } = await served()
    const taken = await post(put('a', '1', { client: 'c', request: '1' }), '/v1/commands', { prefer: 'respond-async' })
    expect([taken.status, taken.headers.get('preference-applied')]).toEqual([202, 'respond-async'])
    // As /openapi.json says: there is nothing to say yet.
    expect([await taken.text(), taken.headers.get('content-type')]).toEqual(['', null])
    const malformed = await post({ type: 'put', payload: {} }, '/v1/commands', { prefer: 'respond-async' })
    expect((await problemOf(malformed)).code).toBe('invalid_payload')
    for (;;) {
      const asked = await get('/v1/commands?client=c&request=1')
      if (asked.status === 404) continue
      expect(await receiptOf(asked)).toMatchObject({ seq: '0' })
      return
    }
  })

  it.each([
    [{ value: 'é', key: 'b' }, '{"key":"b","value":"é"}'],
    [{ hex: '0x7b226b6579223a2262222c2276616c7565223a2278227d' }, '{"key":"b","value":"x"}'],
  ])('a payload %j becomes the bytes of %s', async (payload, bytes) => {
    const { post, get } = await served()
    await receiptOf(await post({ type: 'put', payload }))
    const { commands } = (await (await get('/v1/blocks/0')).json()) as { commands: readonly { payload: string }[] }
    expect(Buffer.from(commands[0]?.payload.slice(2) ?? '', 'hex').toString()).toBe(bytes)
  })
})

describe('what is there', () => {
  it('of a chain without a block is said so', async () => {
    const { get, keys } = await served()
    expect(await (await get('/v1/chain')).json()).toMatchObject({ head: null, commands: '0', readOnly: null })
    expect(await (await get('/v1/genesis')).json()).toMatchObject({ name: keys.genesis.name })
    expect(await (await get('/v1/blocks')).json()).toEqual({ blocks: [], next: null })
    for (const path of ['/v1/head', '/v1/blocks/0', '/v1/commands/0', '/v1/state/state/a', '/v1/proof']) {
      expect([path, (await problemOf(await get(path))).status]).toEqual([path, 404])
    }
  })

  it('in finished blocks never changes; what may change is asked for again', async () => {
    const { get, post } = await served()
    await post(put('a', '1'))
    const block = await get('/v1/blocks/0')
    expect(block.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const etag = block.headers.get('etag') ?? ''
    expect((await get('/v1/blocks/0', { 'if-none-match': etag })).status).toBe(304)
    const head = await get('/v1/head')
    const before = head.headers.get('etag') ?? ''
    expect([head.headers.get('cache-control'), (await get('/v1/head', { 'if-none-match': before })).status]).toEqual([
      'no-cache',
      304,
    ])
    await post(put('a', '2'))
    expect((await get('/v1/head', { 'if-none-match': before })).status).toBe(200)
    expect((await get('/v1/blocks/0', { 'if-none-match': etag })).status).toBe(304)
  })

  it('is paged, and read at older heights', async () => {
    const { get, post } = await served()
    for (let i = 0; i < 5; i++) await post(put('a', `${i}`))
    const page = (await (await get('/v1/blocks?from=1&limit=3')).json()) as {
      blocks: readonly { header: { height: string } }[]
      next: string
    }
    expect([page.blocks.map(({ header }) => header.height), page.next]).toEqual([['1', '2', '3'], '4'])
    expect(await (await get('/v1/blocks?from=4')).json()).toMatchObject({ next: null })
    expect(await (await get('/v1/state/state/a?height=2')).json()).toEqual({
      tree: 'state',
      key: 'a',
      height: '2',
      value: '2',
    })
    expect(await (await get('/v1/state/state/0x61')).json()).toMatchObject({ height: '4', value: '4' })
    expect((await problemOf(await get('/v1/state/state/a?height=9'))).code).toBe('unknown_height')
    expect((await problemOf(await get('/v1/state/risk/a'))).code).toBe('key_absent')
  })

  it('is proved: commands, values, absence, as of older blocks, leading on from an older one', async () => {
    const server = await served()
    for (let i = 0; i < 4; i++) await server.post(put(`k${i}`, `${i}`))
    const proof = await (
      await server.get('/v1/proof?command=0&command=2&state=k1&absent=nobody&absent=risk:k1&since=1')
    ).text()
    expect(holds(server, proof)).toBe(true)
    expect(decodeProof(proof).claims.map(({ kind }) => kind)).toEqual([
      'block',
      'command',
      'command',
      'state',
      'state',
      'state',
    ])
    const older = await (await server.get('/v1/proof?absent=k3&block=1')).text()
    expect(holds(server, older)).toBe(true)
    expect((await problemOf(await server.get('/v1/proof?absent=k1'))).code).toBe('key_present')
    expect((await problemOf(await server.get('/v1/proof?command=99'))).code).toBe('unknown_entry')
  })

  it('is exported as a stream, which is whole', async () => {
    const server = await served()
    expect((await problemOf(await server.get('/v1/export'))).code).toBe('nothing_to_export')
    for (let i = 0; i < 4; i++) await server.post(put('a', `${i}`))
    const answer = await server.get('/v1/export?to=2')
    expect(answer.headers.get('content-type')).toBe('application/vnd.cairn.export')
    const { head, frames } = await readExport([new Uint8Array(await answer.arrayBuffer())])
    const heights: bigint[] = []
    for await (const { records } of frames) {
      for (const each of records.map((record) => chainRecord.decode(record, native))) {
        if (each.k === 'block') heights.push(each.header.height)
      }
    }
    expect([head.genesis, heights]).toEqual([server.keys.genesis, [0n, 1n, 2n]])
    expect((await problemOf(await server.get('/v1/export?from=9'))).status).toBe(404)
  })

  it('after a rotation: the same block under another seal, and the revocation for everybody', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const seal = await server.get('/v1/blocks/0/seal')
    expect(((await seal.json()) as { delegation: { index: string } }).delegation.index).toBe('0')
    expect(await (await server.get('/v1/delegations')).json()).toHaveLength(1)
    expect(await (await server.get('/v1/revocations')).json()).toEqual([])
    const health = (await (await server.get('/health')).json()) as { ready: boolean; delegationEnds: string }
    expect([health.ready, BigInt(health.delegationEnds)]).toEqual([true, server.keys.delegation.validUntil])
  })
})

it('describes itself: as OpenAPI 3.1, and as a page', async () => {
  const { get } = await served()
  const document = (await (await get('/openapi.json')).json()) as { openapi: string; paths: Record<string, unknown> }
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/v1/commands', '/v1/blocks/{height}', '/health']),
  )
  const page = await get('/docs')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const text = await page.text()
  for (const path of Object.keys(document.paths)) expect(text).toContain(path)
})

it('says how it is to Prometheus', async () => {
  const { get, post } = await served()
  await post(put('a', '1'))
  await get('/v1/blocks/7')
  const text = await (await get('/metrics')).text()
  for (const line of [
    'cairn_height 0',
    'cairn_commands 1',
    'cairn_ready 1',
    'cairn_refusals_total{code="unknown_height"} 1',
  ]) {
    expect(text).toContain(`\n${line}\n`)
  }
  expect(text).toMatch(/cairn_http_request_seconds_count\{route="\/v1\/commands",status="200"\} 1/)
})

it('a disk without room is told with all that may stand behind it, and without a path', () => {
  const { message } = reasonOf(new CairnError('disk_full', 'there is no room for /srv/cairn', { path: '/srv/cairn' }))
  expect(message).toContain('ulimit -f')
  expect(message).not.toContain('/srv')
})
