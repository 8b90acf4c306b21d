/** What a client reads beside receipts: values, proofs for others, blocks, who may seal. All of it proved, or it is an error that names the lie. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../src/http/fetch.ts'
import { Chain, external } from '../../src/index.ts'
import { CLAIMS_MAX } from '../../src/verify/bounds.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { decodeProof, type RecordedCommand, toHex, verifyProof } from '../../src/verify/index.ts'
import { put, served } from '../server/served.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { changing, clientOf, codeOf, digitChanged, through } from './lies.ts'

/** A server that answers this path with what another path gives. */
const answering = (path: RegExp, other: (url: string) => string): Fetch => {
  return (url, init) => fetch(path.test(url) ? other(url) : url, init)
}

describe('values', () => {
  it('of older blocks, and what was not there yet, with the height that they are of', async () => {
    const server = await served()
    for (const value of ['1', '2', '3']) await server.post(put('a', value))
    const client = clientOf(server)
    expect(await client.read('state', 'a')).toEqual({ height: 2n, value: utf8('3') })
    expect(await client.read('state', 'a', { height: 0n })).toEqual({ height: 0n, value: utf8('1') })
    expect(await client.read('risk', 'a', { height: 1n })).toEqual({ height: 1n })
    expect(await codeOf(client.read('state', 'a', { height: 3n }))).toBe('unknown_height')
  })

  it('of the keys that were asked for, whatever becomes of the buffers that they were asked with', async () => {
    const server = await served()
    for (const key of ['a', 'b']) await server.post(put(key, `of ${key}`))
    const client = clientOf(server)
    const buffer = Buffer.alloc(1)
    const reads: Promise<unknown>[] = []
    for (const key of ['a', 'b']) {
      buffer.write(key)
      reads.push(client.get('state', buffer))
    }
    buffer.write('c')
    const list = [Buffer.from('a')]
    reads.push(client.prove({ state: list }).then(({ claims }) => claims.length))
    list[0]?.write('c')
    list.push(Buffer.from('c'))
    expect(await Promise.all(reads)).toEqual([utf8('of a'), utf8('of b'), 1])
  })

  it('that no compiler looked at are refused, and no server is called a liar for them', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const client = clientOf(server)
    const asks: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['invalid_option', () => client.prove({ comand: [0n] } as never)],
      ['invalid_option', () => client.proof({ height: 0n } as never)],
      ['unknown_entry', () => client.prove({ command: [0] as never })],
      ['unknown_height', () => client.prove({ block: 0 as never })],
      ['unknown_height', () => client.read('state', 'a', { height: 0 as never })],
      ['invalid_key', () => client.prove({ state: [7] as never })],
    ]
    for (const [code, ask] of asks) expect([String(ask), await codeOf(ask())]).toEqual([String(ask), code])
  })

  it('of another block, or of another key, than was asked for', async () => {
    const server = await served()
    for (const value of ['1', '2', '3']) await server.post(put('a', value))
    const later = clientOf(server, { fetch: answering(/block=0/, (url) => url.replace('block=0', 'block=1')) })
    expect(await codeOf(later.read('state', 'a', { height: 0n }))).toBe('proof_invalid')
    const newest = clientOf(server, { fetch: answering(/block=0/, (url) => url.replace(/&block=0/, '')) })
    expect(await codeOf(newest.read('state', 'a', { height: 0n }))).toBe('proof_invalid')
    await server.post(put('b', '9'))
    const other = clientOf(server, { fetch: answering(/key=0x61/, (url) => url.replace('key=0x61', 'key=0x62')) })
    expect(await codeOf(other.read('state', 'a'))).toBe('proof_invalid')
  })

  it('of a chain without a block: the server says so, and nobody who saw one believes it', async () => {
    const [server, empty] = [await served(), await served()]
    await server.post(put('a', '1'))
    let isSwitched = false
    const client = clientOf(server, {
      fetch: (url, init) => fetch(isSwitched ? url.replace(server.url, empty.url) : url, init),
    })
    expect(await codeOf(clientOf(empty).read('state', 'a'))).toBe('nothing_to_prove')
    await client.sync()
    isSwitched = true
    expect(await codeOf(client.read('state', 'a'))).toBe('server_behind')
  })
})

describe('proofs for others', () => {
  it('are what the chain gives, with nothing added', async () => {
    const server = await served()
    for (const value of ['1', '2']) await server.post(put('a', value))
    const client = clientOf(server)
    await client.sync()
    const asked = { command: [0n], state: ['a'], absent: ['b'], since: 0n }
    const text = await client.proof(asked)
    expect(text).toBe(await server.chain.prove({ command: [0n], state: [utf8('a')], absent: [utf8('b')], since: 0n }))
    expect(verifyProof(text, { chainId: server.chain.id }).ok).toBe(true)
  })

  it.each([
    ['other commands', 'command=0', 'command=1'],
    ['another value', 'state=0x61', 'state=0x62'],
    ['that another key is absent', 'absent=0x63', 'absent=0x64'],
    ['nothing of it', 'command=0&', ''],
    ['what came after another block', 'since=0', 'since=1'],
    ['another block', 'block=0', 'block=1'],
  ])('that hold, and show %s', async (_, from, to) => {
    const server = await served()
    for (const key of ['a', 'b', 'a']) await server.post(put(key, '1'))
    const liar = clientOf(server, { fetch: (url, init) => fetch(url.replace(from, to), init) })
    const asked = from.startsWith('block') ? { block: 0n } : { command: [0n], state: ['a'], absent: ['c'], since: 0n }
    expect(await codeOf(liar.proof(asked))).toBe('proof_invalid')
  })

  it('of a chain that goes on from another block than was seen', async () => {
    const [server, fork] = [await served(), await served()]
    await server.post(put('a', '1'))
    for (const value of ['2', '3']) await fork.post(put('a', value))
    let isSwitched = false
    const client = clientOf(server, {
      fetch: (url, init) => fetch(isSwitched ? url.replace(server.url, fork.url) : url, init),
    })
    await client.sync()
    isSwitched = true
    expect(await codeOf(client.proof({ state: ['a'] }))).toBe('chain_forked')
  })

  it('that are sealed, and not of the chain that is proved beside them', async () => {
    const [server, fork] = [await served(), await served()]
    for (const each of [server, fork]) await each.post(put('a', each === server ? '1' : '2'))
    const liar = clientOf(server, {
      fetch: answering(/state=/, (url) => url.replace(server.url, fork.url)),
    })
    expect(await codeOf(liar.proof({ state: ['a'] }))).toBe('proof_invalid')
  })
})

describe('blocks', () => {
  const withoutWrites = (command: RecordedCommand): RecordedCommand => {
    const { writes: _, ...shown } = command
    return shown
  }

  it('are as the chain has them, but for what they wrote', async () => {
    const server = await served()
    await server.post(put('a', '1', { client: 'c', request: '7' }))
    const append = { type: 'append', payload: { stream: 's', entry: 'e' } }
    await server.post({ commands: Array.from({ length: 1500 }, (_, i) => (i % 3 === 0 ? append : put(`k${i}`, 'x'))) })
    const client = clientOf(server)
    for (const height of [0n, 1n]) {
      const { record, seal } = await server.chain.block(height)
      const commands = record.commands.map(withoutWrites)
      expect(await client.block(height)).toEqual({ record: { ...record, commands }, seal })
    }
    expect(await codeOf(client.block(2n))).toBe('unknown_height')
  })

  it('of a command that emitted more than one proof can show', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-reading-'))
    const { genesis, signer } = chainKeys('external@1')
    const options = { machine: external, signer, guard: join(folder, 'guard') }
    const chain = await Chain.create(join(folder, 'data'), genesis, options)
    const emitted = Array.from({ length: CLAIMS_MAX + 1 }, (_, i) => ({ topic: 't', data: utf8(`${i}`) }))
    const outcome = { status: 0, reply: utf8(''), obligations: emitted, intents: [], writes: [] } as const
    await chain.submit({ type: 'settle', payload: utf8('x'), outcome })
    const { record } = await clientOf(await served({ chain }), { chainId: toHex(chain.id) }).block(0n)
    expect(record.commands[0]?.obligations).toEqual(emitted)
    await chain.close()
    rmSync(folder, { recursive: true })
  })

  const hex = (text: string): string => toHex(utf8(text))
  // To something else, or to another last digit, whatever it was.
  it.each<readonly [string, string | RegExp, string | undefined]>([
    ['a payload', hex('"value":"1"'), hex('"value":"2"')],
    ['an outcome', /"status":0/, '"status":1'],
    ['a client', '"client":"c"', '"client":"d"'],
    ['a number', '"request":"7"', '"request":"8"'],
    ['a seq', '"seq":"0"', '"seq":"1"'],
    ['a time of arrival', /"receivedAt":"\d/, '"receivedAt":"9'],
    ['an event that was not', '"obligations":[]', '"obligations":[{"topic":"t","data":"0x"}]'],
    ['an intent that was not', '"intents":[]', '"intents":[{"kind":"t","data":"0x"}]'],
    ['another event', '"topic":"append"', '"topic":"upend"'],
    [
      'another one to whom an event is owed',
      /(.*)"obligations":\[\](.*)"obligations":(\[\{.*?\}\])/,
      '$1"obligations":$3$2"obligations":[]',
    ],
    ['a command less', /"commands":\[\{.*\}\],"notes"/, '"commands":[],"notes"'],
    ['a header', /"timestamp":"\d/, '"timestamp":"9'],
    ['a reply', /"reply":"0x./, undefined],
    ['a root', /"state":"0x./, undefined],
    ['a delegation', /"delegate":"0x./, undefined],
  ])('with %s changed', async (_, from, to) => {
    const server = await served()
    const append = { type: 'append', payload: { stream: 's', entry: 'e' } }
    await server.post({ commands: [put('a', '1', { client: 'c', request: '7' }), append] })
    const bare = (text: string): string => text.replaceAll('0x', '')
    const change = (text: string): string => {
      const isHex = typeof from === 'string' && from.startsWith('0x')
      const [own, other] = isHex && to !== undefined ? [bare(from), bare(to)] : [from, to]
      const changed = other === undefined ? text.replace(own, digitChanged) : text.replace(own, other)
      expect(changed).not.toBe(text)
      return changed
    }
    expect(await codeOf(clientOf(server, { fetch: changing('/v1/blocks/0', change) }).block(0n))).toBe('proof_invalid')
  })

  it.each([0n, 1n])('with an event less of its first command, at height %s', async (height) => {
    const server = await served()
    const append = { type: 'append', payload: { stream: 's', entry: 'e' } }
    for (let i = 0; i < 2; i++) await server.post({ commands: [append, append] })
    // The sizes after the commands of the block alone say nothing of it.
    const change = (text: string): string => text.replace(/"obligations":\[\{.*?\}\]/, '"obligations":[]')
    const liar = clientOf(server, { fetch: changing(`/v1/blocks/${height}`, change) })
    expect(await codeOf(liar.block(height))).toBe('proof_invalid')
  })

  it('too large for a document: that is no lie', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const larger = (text: string): string => text.replace('"payload":"0x', `"payload":"0x${'00'.repeat(9 << 20)}`)
    expect(await codeOf(clientOf(server, { fetch: changing('/v1/blocks/0', larger) }).block(0n))).toBe('over_limit')
  })

  it('in more bytes than are read of an answer: asked again, it would be no other', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const larger = (text: string): string => text + ' '.repeat(32 << 20)
    expect(await codeOf(clientOf(server, { fetch: changing('/v1/blocks/0', larger) }).block(0n))).toBe('over_limit')
    // What was sent may have happened, whatever came back.
    const writer = clientOf(server, { fetch: changing('/v1/commands', larger), retries: 0 })
    expect(await codeOf(writer.submit({ type: 'put', payload: '{"key":"a","value":"2"}' }))).toBe('server_unreachable')
  })

  it('with another seal, or with none where there is one above it', async () => {
    const server = await served()
    for (const value of ['1', '2']) await server.post(put('a', value))
    const forged = clientOf(server, {
      fetch: changing('/v1/blocks/0/seal', (text) => text.replace(/"signature":"0x..../g, '"signature":"0xabcd')),
    })
    expect(await codeOf(forged.block(0n))).toBe('proof_invalid')
    const bare = clientOf(server, {
      fetch: through((path, response) =>
        path === '/v1/blocks/0/seal' ? Response.json({ code: 'not_found', detail: 'no' }, { status: 404 }) : response,
      ),
    })
    expect((await bare.block(0n)).seal).toBeUndefined()
    // Without a seal nobody vouches for a header but the proof.
    const changed = clientOf(server, {
      fetch: through(async (path, response) => {
        if (path === '/v1/blocks/0/seal') return Response.json({ code: 'not_found', detail: 'no' }, { status: 404 })
        if (path !== '/v1/blocks/0') return response
        return new Response((await response.text()).replace(/"timestamp":"\d/, '"timestamp":"9'))
      }),
    })
    expect(await codeOf(changed.block(0n))).toBe('proof_invalid')
  })

  it('that are none', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    for (const text of ['{}', '[]', 'null', '{"header":{}}', '<html>'])
      expect(await codeOf(clientOf(server, { fetch: changing('/v1/blocks/0', () => text) }).block(0n))).toBe(
        'answer_invalid',
      )
  })
})

describe('who may seal', () => {
  it('is what the cold key signed', async () => {
    const server = await served()
    await server.post(put('a', '1'))
    const { delegations, revocations } = await clientOf(server).authority()
    expect([delegations, revocations]).toEqual([[server.keys.delegation], []])
    const extended = changing('/v1/delegations', (text) => text.replace(/"validUntil":"\d/, '"validUntil":"9'))
    expect(await codeOf(clientOf(server, { fetch: extended }).authority())).toBe('proof_invalid')
    const revocation = { index: 0n, fromHeight: 0n, parentHash: new Uint8Array(32), signature: new Uint8Array(65) }
    const forged = changing('/v1/revocations', () => JSON.stringify([codecs.revocation.encode(revocation, json)]))
    expect(await codeOf(clientOf(server, { fetch: forged }).authority())).toBe('proof_invalid')
    const broken = changing('/v1/revocations', () => '{}')
    expect(await codeOf(clientOf(server, { fetch: broken }).authority())).toBe('answer_invalid')
  })
})

describe('exports', () => {
  it('come as they are, and an end that is none is told', async () => {
    const server = await served()
    for (const value of ['1', '2']) await server.post(put('a', value))
    const bytes = async (fetching?: Fetch): Promise<number> => {
      let size = 0
      const client = clientOf(server, fetching && { fetch: fetching })
      for await (const piece of client.export({ to: 0n })) size += piece.length
      return size
    }
    expect(await bytes()).toBeGreaterThan(500)
    expect(await codeOf(bytes(answering(/to=0/, (url) => url.replace('to=0', 'to=99'))))).toBe('unknown_height')
    const broken = through(async (_, response) => {
      const [piece] = [new Uint8Array(await response.arrayBuffer())]
      const cut = new ReadableStream({
        start(controller) {
          controller.enqueue(piece.slice(0, 100))
        },
        pull: (controller) => controller.error(new Error('gone')),
      })
      return new Response(cut)
    })
    expect(await codeOf(bytes(broken))).toBe('server_unreachable')
  })

  it.each([200, 503])('of a server that goes silent in an answer of %s are given up', async (status) => {
    const server = await served()
    await server.post(put('a', '1'))
    const silent = clientOf(server, {
      timeout: 200,
      fetch: (_, init) =>
        Promise.resolve(
          new Response(
            new ReadableStream({
              start: (controller) =>
                init.signal?.addEventListener('abort', () => controller.error(new Error('silent'))),
            }),
            { status },
          ),
        ),
    })
    expect(await codeOf(silent.export().next())).toBe('server_unreachable')
    expect(decodeProof(await clientOf(server).proof({})).block.height).toBe(0n)
  })
})
