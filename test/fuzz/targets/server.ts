/** What comes over HTTP: bodies, requests as a whole, and the file that says who may send them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { external, kv, ledger } from '../../../src/index.ts'
import { admit } from '../../../src/machine/index.ts'
import { makeApp } from '../../../src/server/app.ts'
import { BOUNDS } from '../../../src/server/bounds.ts'
import { canonicalText, type JsonValue, readJsonBody } from '../../../src/server/canonical-json.ts'
import { Health } from '../../../src/server/health.ts'
import { readTokens, type TokenEntry } from '../../../src/server/tokens.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import { CairnError } from '../../../src/verify/index.ts'
import { MemoryDisk } from '../../journal/memory-disk.ts'
import { World } from '../../simulation/world.ts'
import { chainKeys } from '../../support/chain-keys.ts'
import { append, blocksOf, copyOf, createIn, DIRECTORY, JOURNAL, put } from '../../support/sim-chain.ts'
import { demandSameJson, type Example, of, type Target, target } from '../target.ts'

const world = new World({ seed: 9 })
const chain = await createIn(world, chainKeys())
await blocksOf(chain, 4)
await chain.submit(append('log', 'first', { client: 'b', request: 1n }))
await chain.submit(put('größe ✓', 'x', { client: 'ü', request: 7n }))
const newest = chain.head?.height ?? 0n

/** Exports are read from files: these, as they are now. */
const folder = mkdtempSync(join(tmpdir(), 'cairn-fuzz-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
await mkdir(join(folder, 'journal'))
for (const [name, bytes] of await copyOf(world, JOURNAL)) await writeFile(join(folder, 'journal', name), bytes)
for (const [name, bytes] of await copyOf(world, DIRECTORY)) await writeFile(join(folder, name), bytes)

/** What is no fault of who asks is logged as an error. */
const logged: string[] = []
const { fastify } = makeApp({
  chain,
  directory: folder,
  version: '0.0.0',
  log: pino({ base: null }, { write: (line: string) => void logged.push(line) }),
  health: new Health(),
  metrics: {
    contentType: 'text/plain',
    text: () => Promise.resolve(''),
    answered: () => undefined,
    refused: () => undefined,
  },
  tokens: [],
  bounds: BOUNDS,
})

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** The first line is method and path, then come headers, and behind an empty line the body. */
async function answerTo(input: Uint8Array): Promise<Answer> {
  const bytes = Buffer.from(input)
  const end = bytes.indexOf('\n\n')
  const [first = '', ...fields] = bytes
    .subarray(0, end < 0 ? undefined : end)
    .toString('latin1')
    .split('\n')
  const [method = '', path = ''] = first.split(' ')
  const headers = fields.flatMap((field): [string, string][] => {
    const [, name, value] = /^([\w-]{1,100}): ?([\x20-\x7e\x80-\xff]*)$/.exec(field) ?? []
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]]
  })
  const response = await fastify.inject({
    method: METHODS.find((each) => each === method) ?? 'GET',
    // What is no path the parser of HTTP refuses: test/server/hostile.test.ts sends such bytes.
    url: `http://127.0.0.1/${path.slice(1).replace(/[^!-~]/g, (letter) => encodeURIComponent(letter))}`,
    headers: Object.fromEntries(headers),
    ...(end >= 0 && { payload: bytes.subarray(end + 2) }),
    payloadAsStream: true,
  })
  return {
    status: response.statusCode,
    type: String(response.headers['content-type'] ?? ''),
    text: await textOf(response),
  }
}

/** All of an answer; of a stream that has no end, what there is at once. */
async function textOf(response: {
  readonly stream: () => AsyncIterable<Uint8Array> & { destroy(): void }
  readonly headers: object
}): Promise<string> {
  const stream = response.stream()
  const isEndless = String((response.headers as { readonly 'content-type'?: string })['content-type']).startsWith(
    'text/event-stream',
  )
  const pieces: Uint8Array[] = []
  for await (const piece of stream) {
    pieces.push(piece)
    if (isEndless) break
  }
  stream.destroy()
  return Buffer.concat(pieces).toString()
}

/** What leads to a route, what stands behind it in the path and the query, headers, and a body. */
function request(route: string, rest = '', body?: unknown, ...headers: readonly string[]): Example {
  const fields = body === undefined ? headers : ['content-type: application/json', ...headers]
  const head = [of('fixed', route), of('text', rest), of('text', fields.map((field) => `\n${field}`).join(''))]
  return body === undefined ? head : [...head, of('json', JSON.stringify(body))]
}

const command = { client: 'a', request: '2', type: 'put', payload: { key: 'k1', value: 'v1' } }

const REQUESTS: readonly Example[] = [
  request('POST /v1/commands', '', command),
  request('POST /v1/commands', '?proof=1', command),
  request('POST /v1/commands', '', { type: 'append', payload: { stream: 's', entry: 'e' } }),
  request('POST /v1/commands', '', { type: 'put', payload: { hex: '0x7b7d' } }, 'prefer: respond-async'),
  request('POST /v1/commands', '', {
    commands: [command, { ...command, request: '3' }, { type: 'delete', payload: {} }],
  }),
  request('GET /v1/commands', '?client=a&request=2&proof=1'),
  request('GET /v1/commands', '/3?proof=1', undefined, 'if-none-match: "0x00-3", *'),
  request('GET /v1/chain'),
  request('GET /v1/genesis'),
  request('GET /v1/delegations'),
  request('GET /v1/revocations'),
  request('GET /v1/blocks', '?from=1&limit=3'),
  request('GET /v1/blocks', '/2'),
  request('GET /v1/blocks', '/2/seal'),
  request('GET /v1/state', '/state/k1?height=2'),
  request('GET /v1/state', '/risk/0x00ff'),
  request('GET /v1/proof', '?command=1&command=2&state=k1&absent=risk:nobody&key=k2&since=1&block=3'),
  request('GET /v1/proof', '?obligation=0&intent=1&risk=0x01'),
  request('GET /v1/export', '?from=0&to=2'),
  request('GET /v1/stream', '?from=0'),
  request('GET /v1/stream', '', undefined, 'last-event-id: 2'),
  request('GET /health'),
  request('GET /metrics'),
  request('GET /openapi.json'),
  request('GET /'),
]

/** Everything that a request may be refused with; what stands for a fault of the server is not in it. */
const REFUSALS: readonly string[] = [
  'malformed',
  'over_limit',
  'invalid_request',
  'invalid_submission',
  'invalid_payload',
  'invalid_key',
  'invalid_type',
  'unknown_type',
  'unknown_height',
  'unknown_entry',
  'invalid_outcome',
  'not_found',
  'key_absent',
  'method_not_allowed',
  'unsupported_media_type',
  'request_conflict',
  'request_skipped',
]

const machines = { kv, ledger, external }

/** To a machine, of a type. */
function submitted(asked: string, payload: unknown): Example {
  return [of('fixed', asked), of('json', JSON.stringify(payload))]
}

export const servers: readonly Target[] = [
  target<JsonValue>({
    name: 'json-body',
    codes: ['malformed', 'over_limit'],
    examples: [
      [of('json', JSON.stringify(command))],
      [of('json', '{"a":[1,-2.5,1e21,0.1,true,false,null,"ü"],"b":{"c":{"d":[]}}}')],
    ],
    decode(input) {
      const value = readJsonBody(input)
      return JSON.parse(canonicalText(value)) as JsonValue
    },
    check(value) {
      const text = canonicalText(value)
      if (canonicalText(readJsonBody(Buffer.from(text))) !== text) throw new Error('it is not the only form')
    },
  }),
  target<Answer>({
    name: 'http',
    codes: REFUSALS,
    examples: REQUESTS,
    assemble: (parts) =>
      Buffer.concat([...parts.slice(0, 3), ...parts.slice(3).flatMap((part) => [Buffer.from('\n\n'), part])]),
    async decode(input) {
      const answer = await answerTo(input)
      if (answer.status >= 400 && answer.text !== '') {
        const problem = JSON.parse(answer.text) as {
          readonly code: string
          readonly detail: string
          readonly status: number
        }
        if (!answer.type.startsWith('application/problem+json') || problem.status !== answer.status)
          throw new Error(`it answers ${answer.status} with ${answer.type}: ${answer.text.slice(0, 500)}`)
        throw new CairnError(problem.code, problem.detail)
      }
      return answer
    },
    check({ status, type, text }, input) {
      const errors = logged.splice(0).filter((line) => (JSON.parse(line) as { readonly level: number }).level >= 50)
      if (status >= 500 || errors.length > 0)
        throw new Error(`it is answered ${status}, and logged as ${errors.join('')}`)
      const [, last] =
        /^last-event-id: ([0-9]+)$/im.exec(Buffer.from(input).toString('latin1').split('\n\n')[0] ?? '') ?? []
      const [, first] = /^id: ([0-9]+)$/m.exec(text) ?? []
      const isResumed = type.startsWith('text/event-stream') && last !== undefined && first !== undefined
      if (isResumed && BigInt(last) <= newest && BigInt(first) !== BigInt(last) + 1n) {
        throw new Error(`who had block ${last} is sent block ${first} next`)
      }
    },
  }),
  target({
    name: 'payload',
    codes: ['invalid_payload', 'invalid_outcome', 'unknown_type', 'invalid_type'],
    examples: [
      submitted('kv put', { key: 'a', value: 'b' }),
      submitted('kv delete', { key: 'a' }),
      submitted('kv append', { stream: 'a', entry: 'b' }),
      submitted('ledger open', { account: 'alice', currency: 'EUR' }),
      submitted('ledger transfer', { id: 't', currency: 'EUR', from: 'alice', to: 'bob', amount: '5' }),
      submitted('external anything', { a: 1 }),
    ],
    assemble: (parts) => Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from('\n'), part]))),
    decode(input) {
      const end = input.indexOf(0x0a)
      const [name = '', type = ''] = Buffer.from(input.subarray(0, end)).toString().split(' ')
      const machine = Object.hasOwn(machines, name) ? machines[name as keyof typeof machines] : kv
      return admit(machine, { client: 'c', request: 1n, type, payload: input.subarray(end + 1), receivedAt: 5n })
    },
  }),
  target<readonly TokenEntry[]>({
    name: 'tokens',
    codes: ['tokens_invalid', 'over_limit'],
    examples: [
      [
        of(
          'json',
          JSON.stringify({
            format: 'cairn.tokens/v1',
            tokens: [
              { name: 'a', hash: toHex(new Uint8Array(32)), scopes: ['read'], createdAt: '5' },
              {
                name: 'b',
                hash: toHex(new Uint8Array(32).fill(1)),
                scopes: ['read', 'append'],
                clients: ['x'],
                createdAt: '6',
              },
            ],
          }),
        ),
      ],
    ],
    // In a folder that is not there: what a file's mode must be is for test/keys.
    decode: async (input) => {
      const tokens = await readTokens(
        new MemoryDisk([['/nowhere/cairn/tokens.json', input]]),
        '/nowhere/cairn/tokens.json',
      )
      return tokens ?? []
    },
    check(tokens, input) {
      const written = tokens.map(({ name, hash, scopes, clients, createdAt }) => {
        return { name, hash: toHex(hash), scopes, ...(clients && { clients }), createdAt: String(createdAt) }
      })
      demandSameJson(input, JSON.stringify({ format: 'cairn.tokens/v1', tokens: written }))
    },
  }),
]
