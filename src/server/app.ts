/**
 * The HTTP application over a chain: routes, who may use them, how errors are answered, and what is too much.
 *
 * Promise: every answer that is not as asked is a problem document with a stable code; memory is bounded, whoever sends what.
 */
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Chain } from '../chain.ts'
import { BODY_MAX, HEADERS_TIME_MAX, IDLE_TIME_MAX, LARGE_ANSWERS_MAX, REQUEST_TIME_MAX } from '../limits.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { toHex } from '../verify/index.ts'
import type { Bounds } from './bounds.ts'
import { readJsonBody } from './canonical-json.ts'
import { Connections, connectionsMax } from './connections.ts'
import { docsPage } from './docs-page.ts'
import type { EvmRpc } from './evm-rpc.ts'
import { serveExplorer } from './explorer.ts'
import type { Health } from './health.ts'
import { jsonText } from './json-text.ts'
import { Listeners } from './listeners.ts'
import { Load } from './load.ts'
import type { Metrics } from './metrics.ts'
import { openApiOf } from './openapi.ts'
import { answerBroken, answerProblem } from './refusals.ts'
import type { InTurn, Route } from './route.ts'
import { blockRoutes } from './routes/blocks.ts'
import { chainRoutes } from './routes/chain.ts'
import { commandRoutes } from './routes/commands.ts'
import { exportRoutes } from './routes/export.ts'
import { factRoutes } from './routes/facts.ts'
import { operationRoutes } from './routes/operation.ts'
import { streamRoute } from './routes/stream.ts'
import { SAFE_HEADERS } from './safe-headers.ts'
import { demandScope, hold, type TokenEntry } from './tokens.ts'
import { Turns } from './turns.ts'

const HEALTH = '/health'
const STREAMS: ReadonlySet<string> = new Set(['/v1/stream', '/v1/export'])
/** How often it is looked who took too long, in milliseconds. */
const CHECKING = 2000
/** How often it is told that connections are closed, in milliseconds. */
const WARNING = 60_000

export interface AppOptions {
  readonly chain: Chain
  /** Of its data. */
  readonly directory: string
  readonly version: string
  readonly log: FastifyBaseLogger
  readonly health: Health
  readonly metrics: Metrics
  /** Without any, whoever reaches the server may use it. */
  readonly tokens: readonly TokenEntry[]
  readonly bounds: Bounds
  /** The names under which it may be asked for, where it listens on loopback only: another one is a page of another site. */
  readonly hosts?: readonly string[]
  /** The folder of the explorer, where it is not the one of this package. */
  readonly explorer?: URL
  /** Whom the explorer's page asks for the transactions of anchors. */
  readonly evmRpc?: EvmRpc
}

export interface App {
  readonly fastify: FastifyInstance
  readonly listeners: Listeners
  /** Ends the connections on which nothing is asked. */
  dropIdle(): void
}

export function makeApp(options: AppOptions): App {
  const { chain, directory, log, health, metrics, tokens, bounds, evmRpc } = options
  const listeners = new Listeners(chain, bounds.maxListeners, (error) =>
    log.error({ err: error }, 'the feed of blocks ended'),
  )
  const fastify = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX,
    requestTimeout: REQUEST_TIME_MAX,
    connectionTimeout: IDLE_TIME_MAX,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: HEADERS_TIME_MAX, maxHeaderSize: 16 << 10, connectionsCheckingInterval: CHECKING },
    // It is said as all else is: by a hook below.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    clientErrorHandler: (error, socket) => answerBroken(error, socket, metrics),
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply as FastifyReply, metrics),
  })
  fastify.removeAllContentTypeParsers()
  const load = new Load(bounds)
  fastify.addContentTypeParser('application/json', (request, _, done) => {
    load.readBody(request, (error, bytes = Buffer.alloc(0)) => {
      const value = error ?? attempt(() => readJsonBody(bytes))
      if (value instanceof Error) done(value)
      else done(null, value)
    })
  })
  fastify.setReplySerializer(jsonText)
  fastify.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, metrics))
  fastify.setNotFoundHandler((request, reply) => answerProblem(notFound(fastify, request), request, reply, metrics))
  fastify.addHook('onRequest', (request, reply, done) => {
    load.enter(request, reply)
    if (health.isDraining && request.routeOptions.url !== HEALTH) throw draining()
    done()
  })
  if (options.hosts !== undefined) demandHosts(fastify, options.hosts)
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload === 'string') {
      // What was executed is told all the same, and a refusal is short.
      if (request.method === 'GET' && reply.statusCode < 400) load.demandRoom(request, payload.length)
      load.hold(request, payload.length)
    }
    void reply.headers(SAFE_HEADERS)
    // Else the connection would be kept for another request, and the server with it.
    if (health.isDraining) void reply.header('connection', 'close')
    done(null, payload)
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    metrics.answered(request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime)
    done()
  })

  const turns = new Turns(LARGE_ANSWERS_MAX)
  const inTurn: InTurn = (request, make) => turns.take(make, load.gone(request))
  const routes = [
    ...commandRoutes(chain, metrics, inTurn),
    ...chainRoutes(chain, evmRpc),
    ...blockRoutes(chain, tokens.length > 0),
    ...factRoutes(chain),
    ...exportRoutes(chain, directory),
    streamRoute(listeners, load),
    ...operationRoutes(chain, health, metrics),
  ]
  for (const route of routes) add(fastify, route, tokens, inTurn)
  const document = jsonText(openApiOf(routes, { version: options.version, needsToken: tokens.length > 0 }))
  const page = docsPage(routes, { name: chain.genesis.name, chainId: toHex(chain.id) })
  fastify.get('/openapi.json', (_, reply) => reply.type('application/json; charset=utf-8').send(document))
  fastify.get('/docs', (_, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      )
      .send(page),
  )
  serveExplorer(fastify, { folder: options.explorer, evmRpc })
  const max = connectionsMax()
  let warned = Number.NEGATIVE_INFINITY
  const connections = new Connections(fastify.server, max, (address) => {
    metrics.refused('too_many_connections')
    // Each would fill the disk.
    if (performance.now() - warned < WARNING) return
    warned = performance.now()
    const told = 'connections are closed at once: as many are open as may be, all together or of this address'
    log.warn({ code: 'too_many_connections', address, max }, told)
  })
  return { fastify, listeners, dropIdle: () => load.dropIdle(connections) }
}

function add(fastify: FastifyInstance, route: Route, tokens: readonly TokenEntry[], inTurn: InTurn): void {
  const { method, path, scope, params, query, body, isLarge, handle } = route
  fastify.route({
    method,
    url: path,
    // All of a stream would be made, and none of it sent.
    exposeHeadRoute: method === 'GET' && !STREAMS.has(path),
    schema: { ...(params && { params }), ...(query && { querystring: query }), ...(body && { body }) },
    onRequest: (request, _, done) => {
      if (scope !== undefined && tokens.length > 0) hold(request, demandScope(request, tokens, scope))
      done()
    },
    // Of a handler that gives nothing at once Fastify waits for ever, and of one that promises nothing it does not.
    handler: isLarge
      ? (request, reply) =>
          inTurn(request, async () => {
            // Sent in its turn: by then it is counted, or told to come back.
            void reply.send(await handle(request, reply))
          })
      : async (request, reply) => handle(request, reply),
  })
}

/**
 * A page of another site can make a browser send requests here: under that site's name, once its name leads to this machine, or under this one, without
 * being shown what comes back. Whoever follows a link from there is let in.
 */
function demandHosts(fastify: FastifyInstance, hosts: readonly string[]): void {
  fastify.addHook('onRequest', ({ host, headers }, _, done) => {
    const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
    const asked = urlOf(`http://${host}`)
    const from = origin === undefined ? asked : urlOf(origin)
    const isOwn = from?.protocol === 'http:' && hosts.includes(nameIn(from)) && from.port === asked?.port
    const isOfPage = (site === 'cross-site' || site === 'same-site') && mode !== 'navigate'
    if (asked !== undefined && hosts.includes(nameIn(asked)) && isOwn && !isOfPage) done()
    else
      done(
        new CairnError(
          'forbidden',
          'This server answers on loopback, to programs of this machine, and not to pages of other sites.',
        ),
      )
  })
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function nameIn({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function draining(): CairnError {
  return new CairnError('draining', 'The server is being stopped: ask again when it is there again, or another one.')
}

function notFound(fastify: FastifyInstance, request: FastifyRequest): CairnError {
  const [path = ''] = request.url.split('?')
  const other = (['GET', 'POST'] as const).find(
    (method) => method !== request.method && fastify.findRoute({ method, url: path }),
  )
  if (other !== undefined) return new CairnError('method_not_allowed', `This takes ${other}.`, { allow: other })
  return new CairnError('not_found', 'There is nothing under this path: /docs shows what there is.')
}
