/**
 * The server: a chain over HTTP, from the moment it listens to the moment it has drained.
 *
 * Promise: it opens nothing but loopback without tokens. `close` takes nothing more, answers what it works on, and leaves the chain to its owner.
 */
import type { FastifyBaseLogger } from 'fastify'
import type { Chain } from '../chain.ts'
import { CONNECTIONS_WAITING_MAX, DRAIN_TIME_MAX } from '../limits.ts'
import { CairnError } from '../verify/error.ts'
import { makeApp } from './app.ts'
import { BOUNDS, type Bounds } from './bounds.ts'
import type { EvmRpc } from './evm-rpc.ts'
import { Health } from './health.ts'
import { makeMetrics } from './metrics.ts'
import type { TokenEntry } from './tokens.ts'

export interface ServeOptions {
  readonly chain: Chain
  /** Of the data of the chain. */
  readonly directory: string
  readonly host: string
  readonly port: number
  readonly tokens: readonly TokenEntry[]
  readonly log: FastifyBaseLogger
  readonly version: string
  readonly bounds?: Bounds
  /** The folder of the explorer, where it is not the one of this package. */
  readonly explorer?: URL
  /** Whom the explorer's page asks for the transactions of anchors; nobody, where it is left out. */
  readonly evmRpc?: EvmRpc
}

export interface Server {
  /** `http://127.0.0.1:4270` */
  readonly url: string
  close(): Promise<void>
}

/** Milliseconds: time for what was ended to be read. */
const SWEEP = 250

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost']

export async function serve({ host, port, bounds = BOUNDS, ...options }: ServeOptions): Promise<Server> {
  const isLoopback = LOOPBACK.includes(host)
  if (!isLoopback && options.tokens.length === 0) throw needsTokens(host)
  const health = new Health()
  let count = (): number => 0
  const metrics = makeMetrics(options.chain, options.directory, health, () => count())
  // Where it wants tokens, a page of another site has none; and what stands before it may ask under its own name.
  const hosts = isLoopback && options.tokens.length === 0 ? LOOPBACK : undefined
  const app = makeApp({ ...options, bounds, health, metrics, ...(hosts && { hosts }) })
  count = () => app.listeners.count
  const { fastify, listeners } = app
  try {
    await fastify.listen({ host, port, backlog: CONNECTIONS_WAITING_MAX })
  } catch (error) {
    listeners.close()
    await fastify.close()
    throw inUse(error, host, port)
  }
  const address = fastify.server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close(): Promise<void> {
      health.drain()
      listeners.close()
      // Node waits for connections that were opened in advance, and for who does not read its answer: for ever.
      const sweeping = setInterval(() => app.dropIdle(), SWEEP)
      const deadline = setTimeout(() => fastify.server.closeAllConnections(), DRAIN_TIME_MAX)
      await fastify.close()
      clearInterval(sweeping)
      clearTimeout(deadline)
    },
  }
}

function needsTokens(host: string): CairnError {
  return new CairnError(
    'tokens_needed',
    `On ${host} others could reach the server, and there is no token that would tell who may use it: make one with cairn token new, or serve on 127.0.0.1.`,
    { host },
  )
}

function inUse(error: unknown, host: string, port: number): unknown {
  const { code } = error as { readonly code?: unknown }
  if (code === 'EADDRINUSE') {
    return new CairnError(
      'port_in_use',
      `Something listens on ${host}:${port} already: end it, or choose another port with --port or CAIRN_PORT.`,
      { host, port },
    )
  }
  if (code === 'EACCES')
    return new CairnError('port_refused', `You may not listen on ${host}:${port}: choose a port above 1023.`, {
      host,
      port,
    })
  return error
}
