/** Requests to a server, with a time that they may take, and answers that are bounded before they are in memory. */
import type { Fetch } from '../http/fetch.ts'
import { CairnError } from '../verify/error.ts'
import { AnswerTooLarge, answerText } from './answer.ts'
import { named, unreachable } from './errors.ts'

export interface HttpOptions {
  readonly url: string
  readonly token?: string
  /** Milliseconds that one request may take. */
  readonly timeout: number
  readonly fetch: Fetch
}

export interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly body?: string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The largest answer that is read: a document of the format, and some air. */
const ANSWER_MAX = 32 << 20

export class Http {
  private readonly options: HttpOptions

  constructor(options: HttpOptions) {
    this.options = options
  }

  get timeout(): number {
    return this.options.timeout
  }

  /** The text of a good answer; else the server's error, or `server_unreachable`. One that is too large will be so again: `over_limit`. */
  async text(path: string, asked: Asked = {}): Promise<string> {
    const timeout = AbortSignal.timeout(this.options.timeout)
    const signal = asked.signal === undefined ? timeout : AbortSignal.any([asked.signal, timeout])
    try {
      const response = await this.send(path, { ...asked, signal })
      if (!response.ok) throw await this.errorOf(response)
      return await this.read(response)
    } catch (error) {
      if (asked.signal?.aborted) throw new CairnError('aborted', 'It was given up.')
      throw asked.method !== 'POST' && isTooLarge(error) ? tooLarge(path) : error
    }
  }

  /** What an answer that is not good says. */
  async errorOf(response: Response): Promise<CairnError> {
    return errorIn(response, await this.read(response))
  }

  /** The answer as it begins, for whoever reads it piece by piece. */
  async send(
    path: string,
    { method = 'GET', body, accept = 'application/json', headers, signal }: Asked,
  ): Promise<Response> {
    const { url, token, fetch: send } = this.options
    try {
      return await send(url + path, {
        method,
        redirect: 'error',
        headers: {
          accept,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        ...(signal !== undefined && { signal }),
      })
    } catch (error) {
      throw unreachable(reasonOf(error), error)
    }
  }

  private async read(response: Response): Promise<string> {
    try {
      return await answerText(response, ANSWER_MAX)
    } catch (error) {
      throw unreachable(reasonOf(error), error)
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof CairnError && error.details.cause instanceof AnswerTooLarge
}

function tooLarge(path: string): CairnError {
  const message = `What the server answers to ${path} is larger than ${ANSWER_MAX} bytes, and is not read. A block that is so large is in an export.`
  return new CairnError('over_limit', message, { max: ANSWER_MAX })
}

/** The error that an answer names. */
function errorIn(response: Response, text: string): CairnError {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const more = { status: response.status, retryAfter: Number.isFinite(retryAfter) ? retryAfter : 0 }
  const message = `What answers there is no server of Cairn: it says ${response.status}.`
  return named(problemIn(text), more) ?? new CairnError('server_unreachable', message, more)
}

function problemIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Why a request, or what is read of its answer, came to nothing. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  return error.cause instanceof Error ? error.cause.message : error.message
}
