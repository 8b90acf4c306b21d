/** The OpenAPI 3.1 document, made of the routes and of the very schemas that validate. */
import { CairnError } from '../verify/error.ts'
import { EXAMPLES } from './examples.ts'
import { problemOf } from './problem.ts'
import type { Route } from './route.ts'
import { PROBLEM, type Schema } from './schemas.ts'

export interface Described {
  readonly version: string
  readonly needsToken: boolean
}

export function openApiOf(routes: readonly Route[], { version, needsToken }: Described): Schema {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, needsToken) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cairn',
      version,
      summary: 'A journal of commands as a chain of signed blocks that anyone can check',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    // Without tokens whoever reaches the server may use it, and who runs it sees to it that only loopback does.
    security: needsToken ? [{ token: [] }] : [],
    tags: [
      { name: 'commands', description: 'Commands go in, receipts come out.' },
      { name: 'chain', description: 'What the chain is, its blocks, and whose word counts.' },
      { name: 'proofs', description: 'Values, and proofs that need no trust in this server.' },
      { name: 'operation', description: 'For whoever runs it.' },
    ],
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      ...(needsToken && { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }),
    },
  }
}

function operationOf(route: Route, needsToken: boolean): Schema {
  const { answer, answerType = 'application/json', others = {}, scope } = route
  const name = nameOf(route)
  const examples = EXAMPLES[name] ?? {}
  const contentOf = (example: unknown): Schema =>
    answer === undefined ? {} : { content: { [answerType]: withExample({ schema: answer }, example) } }
  const tag = 304 in others ? { headers: { ETag: HEADERS.ETag } } : {}
  const responses: Record<string, unknown> = {
    200: { description: 'As asked.', ...tag, ...contentOf(examples.answer) },
  }
  for (const [status, description] of Object.entries(others)) {
    const example = examples.others?.[Number(status)]
    // That it is not ready is no refusal: it says with no header when to come back.
    const headers = Number(status) < 400 ? headersOf(status) : {}
    responses[status] = { description, ...headers, ...(example !== undefined && contentOf(example)) }
  }
  for (const status of refusalsOf(route, needsToken))
    responses[status] ??= { ...refusal(REFUSALS[status]), ...headersOf(String(status)) }
  responses.default = refusal({ description: 'What else is wrong, and what to do.', code: 'internal' })
  return {
    operationId: name,
    summary: route.summary,
    description: route.description,
    tags: [route.tag],
    parameters: [
      ...parametersIn('path', route.params),
      ...parametersIn('query', route.query),
      ...parametersIn('header', route.headers),
      ...(304 in others ? [IF_NONE_MATCH] : []),
    ],
    ...(route.body && {
      requestBody: {
        description: 'What is submitted.',
        required: true,
        content: { 'application/json': withExample({ schema: route.body }, examples.body) },
      },
    }),
    responses,
    ...(scope === undefined && needsToken && { security: [] }),
  }
}

const IF_NONE_MATCH: Schema = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'The `ETag` of what the asker has: where it is that still, the answer is 304 and has no body.',
}

/** What an answer says beside its body. */
const HEADERS = {
  ETag: { description: 'Changes with what is answered.', schema: { type: 'string' } },
  'Preference-Applied': { description: 'That nobody waited.', schema: { type: 'string', enum: ['respond-async'] } },
  'Retry-After': {
    description: 'After how many seconds to come back.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  'WWW-Authenticate': { description: 'How a token is sent.', schema: { type: 'string', enum: ['Bearer'] } },
} as const

/** Which of them an answer of this status has, whatever was asked. */
const OF_STATUS: Readonly<Record<string, keyof typeof HEADERS>> = {
  202: 'Preference-Applied',
  304: 'ETag',
  401: 'WWW-Authenticate',
  429: 'Retry-After',
  503: 'Retry-After',
}

function headersOf(status: string): Schema {
  const name = OF_STATUS[status]
  return name === undefined ? {} : { headers: { [name]: HEADERS[name] } }
}

interface Refusal {
  readonly description: string
  /** One of those that it is answered with. */
  readonly code: string
}

type Refused = keyof typeof REFUSALS

const REFUSALS = {
  400: { description: 'A member, a query or a path is not as the schema says.', code: 'invalid_request' },
  401: { description: 'A token is needed.', code: 'unauthorized' },
  403: { description: 'The token does not allow it, or the request comes from another site.', code: 'forbidden' },
  404: { description: 'There is no such thing.', code: 'not_found' },
  409: { description: 'It contradicts what is there.', code: 'request_conflict' },
  410: { description: 'It is no longer kept.', code: 'pruned' },
  413: { description: 'It is too large: the message names the bound.', code: 'over_limit' },
  415: { description: 'It is not JSON.', code: 'unsupported_media_type' },
  422: { description: 'The machine does not take the command.', code: 'invalid_payload' },
  429: {
    description: 'Too much at once of this address: `Retry-After` says when to come back.',
    code: 'too_many_requests',
  },
  503: {
    description: 'There is no room for it now, or the chain takes no commands: `Retry-After` says when to come back.',
    code: 'overloaded',
  },
} as const satisfies Readonly<Record<number, Refusal>>

function refusalsOf({ params, query, body, scope, refusals = [] }: Route, needsToken: boolean): readonly Refused[] {
  return [
    ...((params ?? query ?? body) ? ([400] as const) : []),
    ...(scope !== undefined && needsToken ? ([401] as const) : []),
    403,
    ...refusals,
    429,
    503,
  ]
}

function refusal({ description, code }: Refusal): Schema {
  const { problem: example } = problemOf(new CairnError(code, 'What is wrong with this request, and what to do.'))
  const schema = { $ref: '#/components/schemas/Problem' }
  return { description, content: { 'application/problem+json': withExample({ schema }, example) } }
}

function withExample(content: Schema, example: unknown): Schema {
  return example === undefined ? content : { ...content, example }
}

function parametersIn(place: 'path' | 'query' | 'header', schema: Schema | undefined): readonly Schema[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    const parameter = { name, in: place, required: place === 'path' || required.includes(name), schema }
    return description === undefined ? parameter : Object.assign(parameter, { description })
  })
}

/** `getBlocksHeightSeal` for GET /v1/blocks/:height/seal: what generated clients call it. */
function nameOf({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word !== 'v1')
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
