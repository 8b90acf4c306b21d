/**
 * The explorer: the files of `dist/web`, served out of memory. What is named after its content may be kept for ever; the page that names it is asked
 * for again. The policy lets the page load from this origin alone, run no script that stands in it, and make no HTML out of text.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CairnError } from '../verify/error.ts'
import type { EvmRpc } from './evm-rpc.ts'
import { isKnown, mayChange, neverChanges } from './route.ts'

/** Where the build puts it: the same from `src` and from `dist`. */
const BUILT = new URL('../../dist/web/', import.meta.url)
const PAGE = 'index.html'
const ASSETS = 'assets/'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

const policyOf = (scripts: string, asked: readonly string[] = []): string =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...asked].join(' '),
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The one thing that needs a word: where its worker is.
    'trusted-types cairn-worker',
  ].join('; ')
const POLICY = policyOf("'self'")
/** The worker, and it alone, hashes in WebAssembly: an export has millions of hashes. */
const WORKER_POLICY = policyOf("'self' 'wasm-unsafe-eval'")
const WORKER = 'worker-'

interface File {
  readonly type: string
  readonly etag: string
  /** By encoding, the best first. */
  readonly contents: readonly (readonly [encoding: 'br' | 'gzip' | 'identity', bytes: () => Buffer])[]
}

/** Where it was not built, as in a test of the routes, there is none. */
export function serveExplorer(
  fastify: FastifyInstance,
  { folder = BUILT, evmRpc }: { readonly folder?: URL | undefined; readonly evmRpc?: EvmRpc | undefined },
): void {
  if (!existsSync(new URL(PAGE, folder))) return
  const page = readFile(PAGE, folder)
  const policy = policyOf("'self'", evmRpc && [evmRpc.origin])
  // A browser may keep the policy with the page: where it is another one, so is the page.
  const etag = evmRpc === undefined ? page.etag : etagOf(page.etag, policy)
  const assets = new Map(
    readdirSync(new URL(ASSETS, folder))
      .filter((name) => !name.endsWith('.br'))
      .map((name) => [name, readFile(`${ASSETS}${name}`, folder)] as const),
  )
  fastify.get('/', (request, reply) => {
    mayChange(reply, etag)
    return send(page, policy, request, reply)
  })
  fastify.get('/assets/:name', (request, reply) => {
    const { name } = request.params as { readonly name: string }
    const file = assets.get(name)
    if (file === undefined)
      throw new CairnError('not_found', 'The explorer has no such file any more: load the page again.')
    neverChanges(reply, file.etag, false)
    return send(file, name.startsWith(WORKER) ? WORKER_POLICY : POLICY, request, reply)
  })
}

function readFile(name: string, folder: URL): File {
  const read = (ending: string): Buffer => readFileSync(new URL(`${name}${ending}`, folder))
  const plain = read('')
  const br = read('.br')
  // Made by the build as well it would be a tenth of the package, for browsers that take nothing better: over plain HTTP they say so.
  let gzip: Buffer | undefined
  return {
    type: TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    etag: etagOf(plain),
    contents: [
      ['br', () => br],
      ['gzip', () => (gzip ??= gzipSync(plain, { level: 9 }))],
      ['identity', () => plain],
    ],
  }
}

function etagOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('base64url').slice(0, 24)
}

function send({ type, contents }: File, policy: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers({
    vary: 'accept-encoding',
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  })
  if (isKnown(request, reply)) return reply.send()
  const accepted = (request.headers['accept-encoding'] ?? '')
    .split(',')
    .filter((each) => !/;\s*q=0(?:\.0+)?\s*$/.test(each))
    .map((each) => each.trim().split(';')[0])
  const [encoding, bytes] = contents.find(([each]) => each === 'identity' || accepted.includes(each)) ?? ['', () => '']
  if (encoding !== 'identity') void reply.header('content-encoding', encoding)
  return reply.type(type).send(bytes())
}
