/**
 * The chain behind its server and the client of it, without sockets: requests go to the application as it is, and the network between them loses some,
 * and some answers. What a client says was checked by it; what it does not know it has to say.
 */
import { pino } from 'pino'
import { CairnClient } from '../../../src/client/index.ts'
import type { Fetch } from '../../../src/http/fetch.ts'
import type { Chain } from '../../../src/index.ts'
import { makeApp } from '../../../src/server/app.ts'
import { BOUNDS } from '../../../src/server/bounds.ts'
import { Health } from '../../../src/server/health.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import type { Random } from '../../support/seed.ts'
import type { World } from '../world.ts'
import { directly, type Sending, textOf } from './callers.ts'
import type { Reached } from './reached.ts'
import { DIRECTORY, engine } from './setting.ts'

export function throughServer(world: World, chain: Chain, choices: Random, reached: Reached): Sending {
  const metrics = {
    contentType: 'text/plain',
    text: () => Promise.resolve(''),
    answered: () => undefined,
    refused: () => undefined,
  }
  const log = pino({ level: 'silent' })
  const { fastify } = makeApp({
    chain,
    directory: DIRECTORY,
    version: '0.0.0',
    log,
    health: new Health(),
    metrics,
    tokens: [],
    bounds: BOUNDS,
  })
  const fetch: Fetch = async (url, { method = 'GET', headers, body }) => {
    const isLost = choices.below(16) === 15
    // On the way there, or on the way back.
    if (isLost && choices.below(2) === 1) throw lost(reached)
    const { pathname, search } = new URL(url)
    const answer = await fastify.inject({
      method: method as 'GET' | 'POST',
      url: pathname + search,
      headers: headers as Record<string, string>,
      ...(typeof body === 'string' && { payload: body }),
    })
    if (isLost) throw lost(reached)
    // A server that was killed meanwhile answers nobody; what is said is what a program would say that reads the disk of its next life.
    if (world.isDead) return world.never
    return new Response(answer.payload, {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
    })
  }
  const clients = new Map<string, CairnClient>()
  const clientOf = (client: string): CairnClient => {
    const known = clients.get(client)
    if (known !== undefined) return known
    const options = { url: 'http://127.0.0.1', chainId: toHex(chain.id), client, engine, fetch, retries: 0 }
    const made = new CairnClient(options)
    clients.set(client, made)
    return made
  }
  return async (asked) => {
    const { client, request, type, payload } = asked
    // The anonymous client has no number, and so no way to ask again.
    if (client === '') return directly(chain)(asked)
    const receipt = await clientOf(client).submit({ type, payload, request })
    reached.count('throughClient')
    const { height, blockHash, seq, status, reply } = receipt
    return { seq, status, text: textOf({ height, hash: toHex(blockHash), seq, client, request, status, reply }) }
  }
}

function lost(reached: Reached): Error {
  reached.count('lostAnswers')
  return new TypeError('fetch failed')
}
