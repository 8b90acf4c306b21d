/** `/v1/stream`: each new block, as it is made, to whoever listens. */

import { numberIn } from '../keys-in-urls.ts'
import type { Listeners } from '../listeners.ts'
import type { Load } from '../load.ts'
import type { Route } from '../route.ts'

export function streamRoute(listeners: Listeners, load: Load): Route {
  const height = { type: 'string', pattern: '^(0|[1-9][0-9]{0,19})$' }
  return {
    method: 'GET',
    path: '/v1/stream',
    summary: 'New blocks as server-sent events',
    refusals: [404],
    description:
      'An event `block` for each, with its header, roots and seal; its id is the height. After a break send it as `Last-Event-ID` (browsers do), and no block is missed.',
    tag: 'chain',
    scope: 'read',
    query: {
      type: 'object',
      properties: {
        from: { ...height, description: 'The first block that is wanted; the next one that is made if left out.' },
      },
      additionalProperties: false,
    },
    headers: {
      type: 'object',
      properties: {
        'Last-Event-ID': {
          ...height,
          description: 'The newest block that came before a break; it counts more than `from`.',
        },
      },
    },
    answerType: 'text/event-stream',
    answer: { type: 'string' },
    handle: (request, reply) => {
      const { from } = request.query as { readonly from?: string }
      const last = String(request.headers['last-event-id'] ?? '')
      const after = /^(?:0|[1-9][0-9]{0,19})$/.test(last) ? BigInt(last) + 1n : undefined
      const wanted = after ?? (from === undefined ? undefined : numberIn(from, 'from'))
      listeners.add(reply.raw, request.ip, wanted, load.gone(request))
      reply.hijack()
      // Listeners have a bound of their own: many of them keep nobody from asking.
      load.leave(request)
    },
  }
}
