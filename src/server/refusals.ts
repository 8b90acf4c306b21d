/**
 * What is refused, as it is answered: whatever went wrong, in the chain, in a schema, in Fastify or in what is no HTTP, becomes a problem document
 * with a stable code.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BODY_MAX } from '../limits.ts'
import { CairnError } from '../verify/error.ts'
import { jsonText } from './json-text.ts'
import type { Metrics } from './metrics.ts'
import { isOurs, PROBLEM_TYPE, problemOf } from './problem.ts'

/** What Fastify says itself, in our words. */
const FRAMEWORK: Readonly<Record<string, readonly [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['over_limit', `The body is larger than the ${BODY_MAX} bytes that it may have.`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send JSON, as application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed', 'The body is empty.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed', 'The body has another length than its header says.'],
  FST_ERR_BAD_URL: ['invalid_request', 'The path is not one that can be decoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['over_limit', 'A part of the path is too long.'],
}

/** The answer to what went wrong, whoever found it. */
export function answerProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics,
): FastifyReply {
  const ours = asOurs(error)
  const { problem, retryAfter } = problemOf(ours)
  if (isOurs(ours)) request.log.error({ err: error, url: request.url }, 'a request failed')
  metrics.refused(problem.code)
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter))
  if (problem.code === 'unauthorized') void reply.header('www-authenticate', 'Bearer')
  if (problem.code === 'method_not_allowed') void reply.header('allow', String(problem.allow))
  void reply.header('cache-control', 'no-store')
  // What is refused before its body was read: the rest of it is nobody's.
  if (problem.status === 413) void reply.header('connection', 'close')
  return reply.code(problem.status).type(PROBLEM_TYPE).send(problem)
}

/** What is no request at all, by what Node calls it. */
const BROKEN: Readonly<Record<string, readonly [code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are larger than they may be.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too_slow', 'The request took longer than it may.'],
}

/** How long who sent it may take to read what is wrong with it, in milliseconds. */
const READING_TIME = 2000

/** What Node is answering on a connection. */
type Answering = Pick<ServerResponse, 'headersSent' | 'req'>

/** The answer to what is no request. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Socket, metrics: Metrics): void {
  // Its other end is gone, or was answered already, or is being answered: this must not stand within another answer.
  const { _httpMessage: answering } = socket as Socket & { readonly _httpMessage?: Answering | null }
  // Nor in the place of one: a request that came whole is worked on, and this is what came behind it.
  const isOfAnother = answering?.headersSent === true || answering?.req.complete === true
  if (error.code === 'ECONNRESET' || !socket.writable || isOfAnother) {
    socket.destroy()
    return
  }
  const [code, message] = BROKEN[error.code ?? ''] ?? ['malformed', 'This is no HTTP request.']
  const { problem } = problemOf(new CairnError(code, message))
  metrics.refused(code)
  const text = jsonText(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
  // Time to read it; who does not close then is closed.
  setTimeout(() => socket.destroy(), READING_TIME).unref()
}

function asOurs(error: unknown): unknown {
  if (error instanceof CairnError || !(error instanceof Error)) return error
  const {
    code = '',
    validation,
    validationContext,
  } = error as Error & {
    readonly code?: string
    readonly validation?: readonly Wrong[]
    readonly validationContext?: string
  }
  if (validation !== undefined) {
    const what = `The ${WHERE[validationContext ?? ''] ?? 'request'} is not as it has to be: ${wrongIn(validation, error.message)}.`
    return new CairnError('invalid_request', what)
  }
  const known = FRAMEWORK[code]
  return known === undefined ? error : new CairnError(known[0], known[1])
}

const WHERE: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
}

interface Wrong {
  readonly keyword: string
  readonly instancePath: string
  readonly schemaPath: string
  readonly message?: string
  readonly params?: { readonly additionalProperty?: string }
}

/** Of what may be one of two things, what is wrong with the one that it nearly is: the deeper a fault lies, the more of it was right. */
function wrongIn(faults: readonly Wrong[], otherwise: string): string {
  const depth = ({ instancePath }: Wrong): number => instancePath.split('/').length
  const [first] = faults.filter(({ keyword }) => keyword !== 'oneOf').sort((a, b) => depth(b) - depth(a))
  if (first === undefined) return otherwise
  const { instancePath, message = otherwise, params } = first
  const member = params?.additionalProperty === undefined ? '' : ` (${JSON.stringify(params.additionalProperty)})`
  return `${instancePath === '' ? 'it' : `$${instancePath.replaceAll('/', '.')}`} ${message}${member}`
}
