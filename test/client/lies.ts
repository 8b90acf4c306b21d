/** Clients of a server in this process, and what stands between them: networks and liars. */

import { CairnClient, type ClientOptions } from '../../src/client/index.ts'
import type { Fetch } from '../../src/http/fetch.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { CairnError } from '../../src/verify/index.ts'
import type { Served } from '../server/served.ts'

export function clientOf(server: Served, options: Partial<ClientOptions> = {}): CairnClient {
  return new CairnClient({ url: server.url, chainId: toHex(server.chain.id), client: 'desk-7', ...options })
}

export async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'it was not refused'
  } catch (error) {
    if (error instanceof CairnError) return error.code
    throw error
  }
}

/** What a network or a liar makes of each answer. */
export function through(change: (path: string, response: Response) => Promise<Response> | Response): Fetch {
  return async (url, init) => change(new URL(url).pathname, await fetch(url, init))
}

/** For `replace`: with another last digit, whatever it was. */
export const digitChanged = (hex: string): string => `${hex.slice(0, -1)}${hex.endsWith('a') ? 'b' : 'a'}`

/** An answer with its text changed, where the path is this one. */
export function changing(path: string, change: (text: string) => string): Fetch {
  return through(async (at, response) => {
    if (at !== path) return response
    return new Response(change(await response.text()), { status: response.status, headers: response.headers })
  })
}
