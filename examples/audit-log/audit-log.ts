/**
 * An audit log for a Fastify service: nothing is changed before it stands in the log who asked for it, and nobody is answered before what came of it does.
 *
 * Each request with a method that changes something makes two entries: `asked` before its handler runs, `answered` with the status before the answer leaves. Where the
 * first cannot be made, nothing is done and the answer is 503. An `asked` without its `answered` says that the service stopped in between, and that
 * nobody was told how it ended. Names, paths and parameters are recorded; bodies and queries, which may hold secrets, are not.
 */
import { CairnError, type Chain } from 'cairn-log'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface AuditLogOptions {
  /** A chain of the machine `kv`. */
  readonly chain: Chain
  /** Who asks, as the service knows it. */
  readonly who: (request: FastifyRequest) => string
}

const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export async function auditLog(app: FastifyInstance, { chain, who }: AuditLogOptions): Promise<void> {
  /** Where the entry stands in the chain, when it is durable. */
  async function keep(entry: object): Promise<bigint> {
    const payload = { stream: 'audit', entry: JSON.stringify(entry) }
    return (await chain.submit({ type: 'append', payload: Buffer.from(JSON.stringify(payload)) })).seq
  }

  const asked = new WeakMap<FastifyRequest, bigint>()

  // The last hook before the handler: what was not allowed was not asked for.
  app.addHook('preHandler', async (request, reply) => {
    if (!CHANGES.has(request.method)) return
    const { method, params } = request
    const entry = { event: 'asked', who: who(request), method, route: request.routeOptions.url, params }
    try {
      asked.set(request, await keep(entry))
    } catch (error) {
      request.log.error(error)
      return refuse(reply, error)
    }
  })

  app.addHook('onSend', async (request, reply) => {
    const seq = asked.get(request)
    if (seq === undefined) return
    asked.delete(request)
    await keep({ event: 'answered', asked: String(seq), status: reply.statusCode })
    reply.header('audit-seq', String(seq))
  })

  app.get<{ Params: { seq: string } }>('/audit/:seq/proof', async ({ params: { seq } }, reply) => {
    if (!/^\d{1,19}$/.test(seq)) return reply.code(404).send({ error: 'there is no such entry' })
    try {
      return await reply.type('application/json').send(await chain.prove({ command: BigInt(seq) }))
    } catch (error) {
      if (error instanceof CairnError && error.code === 'unknown_entry') {
        return reply.code(404).send({ error: 'there is no such entry' })
      }
      throw error
    }
  })
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  const code = error instanceof CairnError ? error.code : 'unknown'
  return reply.code(503).header('retry-after', '5').send({ error: 'nothing was done: it could not be recorded', code })
}

/** For the whole service, not only for what is registered beside it. */
Object.assign(auditLog, { [Symbol.for('skip-override')]: true })
