/**
 * What a server, or whoever stands in its place, sends to a client: live blocks over a connection that breaks, and the answers to everything that a client
 * asks. The client believes none of it, and says so in its own errors.
 */
import { crc32 } from 'node:zlib'
import { type BlockEvent, CairnClient } from '../../../src/client/index.ts'
import { loadEngine } from '../../../src/hash/index.ts'
import type { Fetch } from '../../../src/http/fetch.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import { json } from '../../../src/verify/codec.ts'
import * as codecs from '../../../src/verify/codecs.ts'
import { encodeGenesis, encodeProof } from '../../../src/verify/index.ts'
import { chainRecord } from '../../../src/verify/records.ts'
import { busy } from '../../support/busy-chain.ts'
import { type Example, of, type Target, target } from '../target.ts'

const engine = await loadEngine()
const chainId = toHex(busy.chainId)
const genesis = encodeGenesis(busy.identity.genesis)

const EVENTS: Example = busy.blocks.map(({ header, roots, hash, seal }) =>
  of(
    'json',
    JSON.stringify({
      blockHash: toHex(hash),
      header: codecs.header.encode(header, json),
      roots: codecs.roots.encode(roots, json),
      seal: codecs.seal.encode(seal, json),
    }),
  ),
)

function streamOf(parts: readonly Uint8Array[]): Uint8Array {
  const events = parts.map((part, i) =>
    Buffer.concat([Buffer.from(`id: ${i}\nevent: block\ndata: `), part, Buffer.from('\n\n')]),
  )
  return Buffer.concat([Buffer.from('retry: 1000\n\n: still here\n\n'), ...events])
}

/**
 * The stream as far as it came before the connection broke, then as a server goes on that is asked for what comes next, then nothing more. Where it
 * breaks, and in what pieces it comes, the bytes themselves say.
 */
async function listened(input: Uint8Array): Promise<readonly bigint[]> {
  const mark = crc32(input)
  const given = new AbortController()
  const asked: string[] = []
  const seen: bigint[] = []
  const fetch: Fetch = async (url) => {
    const { pathname, searchParams } = new URL(url)
    if (pathname === '/v1/genesis') return new Response(genesis)
    const from = searchParams.get('from')
    if (from !== String(nextOf(seen))) throw new Error(`it asks for block ${from} after ${seen.join(' ')}`)
    asked.push(from)
    const rest = asked.length === 1 ? input.subarray(0, mark % (input.length + 1)) : after(input, from)
    if (asked.length > 2) given.abort()
    return new Response(pieces(rest, mark), { headers: { 'content-type': 'text/event-stream' } })
  }
  const client = new CairnClient({ url: 'http://server', chainId, engine, fetch })
  await withoutWaiting(async () => {
    for await (const event of client.blocks({ from: 0n, signal: given.signal })) {
      seen.push((event satisfies BlockEvent).header.height)
    }
  })
  return seen
}

const nextOf = (seen: readonly bigint[]): bigint => (seen.at(-1) ?? -1n) + 1n

/** From the event of this height on; all of it where there is none. */
function after(input: Uint8Array, from: string): Uint8Array {
  const at = Buffer.from(input).indexOf(`id: ${from}\n`)
  return input.subarray(Math.max(0, at))
}

/** What comes of a network at a time: letter by letter seldom, for it takes long. */
const SIZES = [1, 64, 1000, 1000, 1000, 1000, 4096, 4096, 4096, 4096, 65_536, 65_536]
/** Each piece costs whoever hands it on more than a short one costs its reader. */
const PIECES_MAX = 4096

function pieces(bytes: Uint8Array, mark: number): ReadableStream<Uint8Array> {
  const size = Math.max(SIZES[mark % SIZES.length] ?? 1, Math.ceil(bytes.length / PIECES_MAX))
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close()
      else controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
}

/** Pauses between attempts end at once; what limits an answer stays. */
async function withoutWaiting(act: () => Promise<void>): Promise<void> {
  const { setTimeout: real } = globalThis
  const quick = ((call: () => void, milliseconds: number) =>
    real(call, milliseconds > LONGEST_PAUSE ? milliseconds : 0)) as typeof setTimeout
  globalThis.setTimeout = quick
  try {
    await act()
  } finally {
    globalThis.setTimeout = real
  }
}

const LONGEST_PAUSE = 10_000

/** Each thing that a client asks, by the first letter of an input; every path is answered with the rest of it. */
const ASKING: Readonly<Record<string, (client: CairnClient) => Promise<unknown>>> = {
  s: (client) => client.submit({ type: 'put', payload: '{}', request: 5n }),
  v: (client) => client.sync(),
  p: (client) => client.prove({ command: [1n] }),
  d: (client) => client.proof({ command: [1n], since: 1n }),
  g: (client) => client.get('state', 'k'),
  i: (client) => client.identity(),
  b: (client) => client.block(2n),
  a: (client) => client.authority(),
}

const STATUSES: Readonly<Record<string, number>> = { o: 200, b: 400, n: 404, c: 409, u: 422, l: 413, o5: 500, r: 503 }

async function answered(input: Uint8Array): Promise<unknown> {
  const [letter = '', status = ''] = Buffer.from(input.subarray(0, 2)).toString('latin1')
  const body = input.slice(2)
  const fetch: Fetch = (url) => {
    // What is behind the genesis is reached by who shows the right one.
    const isGenesis = new URL(url).pathname === '/v1/genesis' && letter !== 'i'
    const good = { status: STATUSES[status] ?? 200, headers: { 'content-type': 'application/json' } }
    return Promise.resolve(isGenesis ? new Response(genesis) : new Response(pieces(body, crc32(body)), good))
  }
  const options = { url: 'http://server', chainId, client: 'desk', engine, fetch, retries: 0, verify: letter !== 's' }
  const ask = ASKING[letter] ?? ASKING.s
  return ask?.(new CairnClient(options))
}

const receipt = {
  height: '1',
  blockHash: toHex(busy.madeAt(1).hash),
  timestamp: '5',
  seq: '2',
  client: 'desk',
  request: '5',
  status: 0,
  reply: 'ok',
}
const problem = {
  type: 'about:blank',
  title: 'no',
  status: 409,
  detail: 'It is another one.',
  code: 'request_conflict',
}
const proof = encodeProof(busy.proof([busy.commandClaim(1n), busy.blockClaim(1n)]))
const { k: _, v: __, ...record } = chainRecord.encode(busy.madeAt(2).record, json) as Record<string, unknown>
const block = { blockHash: toHex(busy.madeAt(2).hash), ...record }

const answerOf = (asking: string, body: unknown): Example => [
  of('fixed', asking),
  of('json', typeof body === 'string' ? body : JSON.stringify(body)),
]

export const clients: readonly Target[] = [
  target<readonly bigint[]>({
    name: 'events',
    codes: ['answer_invalid', 'proof_invalid'],
    examples: [EVENTS],
    assemble: streamOf,
    decode: listened,
    check(seen, input) {
      if (seen.some((height, i) => height !== BigInt(i))) throw new Error(`it gives the blocks ${seen.join(' ')}`)
      const isWhole = Buffer.compare(input, streamOf(EVENTS.map(({ bytes }) => bytes))) === 0
      if (isWhole && seen.length !== EVENTS.length) throw new Error(`a break takes blocks: ${seen.join(' ')} are left`)
    },
  }),
  target({
    name: 'answers',
    // Its own, and whatever a server names in the form of one.
    codes: /^[a-z][a-z0-9_]{0,63}$/,
    examples: [
      answerOf('so', { receipts: [receipt] }),
      answerOf('so', { receipts: [{ ...receipt, status: 1, reply: { hex: '0xff' } }] }),
      answerOf('so', { receipts: [{ problem }] }),
      answerOf('sc', problem),
      answerOf('pn', { ...problem, code: 'not_found', status: 404 }),
      answerOf('vo', proof),
      answerOf('po', proof),
      answerOf('do', proof),
      answerOf('go', proof),
      answerOf('io', genesis),
      answerOf('bo', block),
      answerOf('ao', [codecs.delegation.encode(busy.hot.delegation, json)]),
      answerOf('ao', '[]'),
    ],
    decode: answered,
  }),
]
