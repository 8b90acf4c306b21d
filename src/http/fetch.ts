/**
 * A request over HTTP: by `fetch` in a browser, by node:http in Node.
 *
 * Node has a `fetch` too, but that of its versions 22 and 24 (undici 6 and 7) ends the whole process where a connection ends while its answer waits to be
 * read: by an error that is thrown out of the socket, where nobody can catch it (https://github.com/nodejs/undici/issues/5360). A server that stops would
 * end everybody who asks it, and one that wants to could.
 *
 * Promise: whatever the other side sends, a request ends in an answer or in a rejection. Of an answer only so much is in memory as is read of it, and one
 * that ends before its end is an error, never a shorter answer.
 */
import type * as Http from 'node:http'
import type * as Https from 'node:https'

/** As much of `fetch` as is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Answers that have no body, by what HTTP says. */
const WITHOUT_BODY = new Set([204, 205, 304])
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Redirects are not followed: a token would go along, and whoever trusts an address did not trust where it sends to. */
export const platformFetch: Fetch = (url, init) => {
  const { http, https } = nodeModules()
  if (http === undefined || https === undefined) return fetch(url, { ...init, redirect: 'error' })
  return nodeFetch({ http, https }, url, init)
}

interface NodeModules {
  readonly http: typeof Http
  readonly https: typeof Https
}

/** Of Node, without an import that a bundler for browsers would follow; nothing where there is no Node. */
function nodeModules(): Partial<NodeModules> {
  const { process } = globalThis as { readonly process?: NodeJS.Process }
  if (process?.getBuiltinModule === undefined) return {}
  return { http: process.getBuiltinModule('node:http'), https: process.getBuiltinModule('node:https') }
}

async function nodeFetch({ http, https }: NodeModules, url: string, init: RequestInit): Promise<Response> {
  const { signal } = init
  let incoming: Http.IncomingMessage | undefined
  try {
    signal?.throwIfAborted()
    // However it is written: `HTTPS://` is https, too.
    const { request } = new URL(url).protocol === 'https:' ? https : http
    incoming = await sent(request, url, init)
    if (!REDIRECTS.has(incoming.statusCode ?? 0)) return answerOf(incoming, signal ?? undefined)
  } catch (cause) {
    incoming?.destroy()
    signal?.throwIfAborted()
    throw new TypeError('fetch failed', { cause })
  }
  incoming.destroy()
  // Told without a cause: whoever asks an RPC passes nothing else on, for in others there are addresses.
  throw new TypeError('it sends elsewhere, where nobody follows')
}

function sent(
  request: typeof Http.request,
  url: string,
  { method = 'GET', headers, body, signal }: RequestInit,
): Promise<Http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = { method, headers: Object.fromEntries(new Headers(headers)), ...(signal && { signal }) }
    request(url, asked)
      .on('response', resolve)
      .on('error', reject)
      // An upgrade that nobody asked for is closed without an error. Where there was an answer or an error this says nothing more.
      .on('close', () => reject(new Error('the connection was closed')))
      .end(body)
  })
}

/** The answer as it begins. It throws where what came is none that a `Response` can be. */
function answerOf(incoming: Http.IncomingMessage, signal: AbortSignal | undefined): Response {
  const { statusCode: status = 0, rawHeaders } = incoming
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string)
  if (!WITHOUT_BODY.has(status)) return new Response(bodyOf(incoming, signal), { status, headers })
  incoming.resume()
  return new Response(null, { status, headers })
}

function bodyOf(incoming: Http.IncomingMessage, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  const pieces = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  const next = async (): Promise<Buffer | undefined> => {
    try {
      const piece = await pieces.next()
      // One that is given up may end as if it had been read to its end.
      signal?.throwIfAborted()
      return piece.done ? undefined : piece.value
    } catch (cause) {
      signal?.throwIfAborted()
      throw new TypeError('terminated', { cause })
    }
  }
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = await next()
        if (piece === undefined) controller.close()
        else controller.enqueue(new Uint8Array(piece.buffer, piece.byteOffset, piece.length))
      },
      cancel() {
        incoming.destroy()
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  )
}
