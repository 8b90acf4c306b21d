/** The OpenAPI 3.1 document, made of the routes and of the very schemas that validate. */
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
  const { answer, answerType = 'application/json', others = {} } = route
  const responses: Record<string, unknown> = {
    200: { description: 'As asked.', ...(answer && { content: { [answerType]: { schema: answer } } }) },
    default: {
      description: 'What is wrong, and what to do.',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  }
  for (const [status, description] of Object.entries(others)) responses[status] = { description }
  return {
    operationId: nameOf(route),
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: [route.tag],
    parameters: [...parametersIn('path', route.params), ...parametersIn('query', route.query)],
    ...(route.body && { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses,
    ...(route.scope && needsToken && { security: [{ token: [] }] }),
  }
}

function parametersIn(place: 'path' | 'query', schema: Schema | undefined): readonly Schema[] {
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
