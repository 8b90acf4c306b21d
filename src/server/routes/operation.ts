/** How the server and its chain are: `/health` and `/metrics`, for whoever decides whether to send requests here, or to wake somebody. */
import type { Chain } from '../../chain.ts'
import type { Health } from '../health.ts'
import type { Metrics } from '../metrics.ts'
import type { Route } from '../route.ts'
import { object } from '../schemas.ts'

export function operationRoutes(chain: Chain, health: Health, metrics: Metrics): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      summary: 'Whether it lives, whether it takes commands, and why not',
      description:
        '200 where it is ready, 503 where it is not. `live` alone says that the process answers: what it reads and proves is right all the same.',
      tag: 'operation',
      answer: object({
        live: { type: 'boolean' },
        ready: { type: 'boolean' },
        reasons: { type: 'array', items: object({ code: { type: 'string' }, message: { type: 'string' } }) },
        height: { type: 'string' },
        delegationEnds: { oneOf: [{ type: 'string' }, { type: 'null' }] },
      }),
      others: { 503: 'It is not ready.' },
      handle: (_, reply) => {
        void reply.header('cache-control', 'no-store')
        const { isReady, reasons, delegationEnds } = health.of(chain)
        void reply.code(isReady ? 200 : 503)
        return { live: true, ready: isReady, reasons, height: chain.head?.height ?? -1n, delegationEnds }
      },
    },
    metricsRoute(metrics),
  ]
}

function metricsRoute(metrics: Metrics): Route {
  return {
    method: 'GET',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    description: 'What each of them means, and what to do where it is wrong, is told in docs/server.md.',
    tag: 'operation',
    scope: 'read',
    answerType: 'text/plain',
    answer: { type: 'string' },
    handle: async (_, reply) =>
      reply
        .type(metrics.contentType)
        .header('cache-control', 'no-store')
        .send(await metrics.text()),
  }
}
