/** The reference of the HTTP interface, out of the OpenAPI document that a server gives. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Chain, developmentKeys, kv } from '../../src/index.ts'
import { serve } from '../../src/server/server.ts'
import { codesOf } from './errors.ts'
import { type Page, tableOf } from './page.ts'

interface Schema {
  readonly type?: string
  readonly pattern?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly $ref?: string
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

interface Operation {
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
  readonly security?: readonly unknown[]
}

interface Document {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export async function httpPage(): Promise<Page> {
  const { tags, paths } = await documentOfServer()
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => Object.assign({ name: `${method.toUpperCase()} ${path}` }, each)),
  )
  const parts = tags.map(({ name, description }) => {
    const ofTag = operations.filter((each) => each.tags.includes(name))
    return `## ${name}\n\n${description}\n\n${ofTag.map(sectionOf).join('\n')}`
  })
  const text = `# The HTTP interface

What \`/openapi.json\` of a server says, for reading; how it is used is told in [server.md](../server.md). Numbers of 64 bits are text of decimal digits, bytes are \`0x\` and lower-case hex.
A route with *token* wants one where the server has any.

${parts.join('\n')}
## Refusals

What is refused is answered with a problem document (RFC 9457) and a stable \`code\`: programs decide by it. What each means is told in [errors.md](errors.md).

${tableOf(['status', '', 'codes'], refusalsOf(operations))}`
  return { path: 'http.md', text }
}

const PROBLEM = 'application/problem+json'

function refusalsOf(operations: readonly Operation[]): readonly (readonly string[])[] {
  const described = new Map<string, string>()
  for (const { responses } of operations) {
    for (const [status, { description, content }] of Object.entries(responses))
      if (content !== undefined && PROBLEM in content && status !== 'default') described.set(status, description)
  }
  return [...described]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([status, description]) => {
      const codes = codesOf(Number(status)).map((code) => `[\`${code}\`](errors.md#${code})`)
      return [status, description, codes.join(', ')]
    })
}

/** A server of a chain without a block, which wants a token: then its document says where. */
async function documentOfServer(): Promise<Document> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-reference-'))
  try {
    const { genesis, signer } = await developmentKeys(join(folder, 'keys'), { name: 'reference', machine: kv.name })
    const directory = join(folder, 'data')
    const chain = await Chain.create(directory, genesis, { machine: kv, signer, guard: join(folder, 'keys', 'guard') })
    const tokens = [{ name: 'nobody', hash: new Uint8Array(32), scopes: [], createdAt: 0n }]
    const log = pino({ level: 'silent' })
    const server = await serve({ chain, directory, host: '127.0.0.1', port: 0, tokens, log, version: '' })
    const answer = await fetch(`${server.url}/openapi.json`)
    const document = (await answer.json()) as Document
    await server.close()
    await chain.close()
    return document
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function sectionOf(operation: Operation & { readonly name: string }): string {
  const { name, summary, description, parameters, requestBody, responses, security } = operation
  const rows = parameters.map((each) => [
    `\`${each.name}\``,
    `${each.in}${each.required ? '' : ', may be left out'}`,
    [shapeOf(each.schema), each.description].filter(Boolean).join('. '),
  ])
  const isRefusal = ([, { content }]: (typeof given)[number]): boolean => content !== undefined && PROBLEM in content
  const given = Object.entries(responses).filter(([status]) => status !== 'default')
  const answers = given
    .filter((each) => !isRefusal(each))
    .map(([status, each]) => [status, each.description, contentOf(each.content)])
  const refusals = given.filter(isRefusal).map(([status]) => status)
  const parts = [
    `${summary}${security?.length === 0 ? '.' : ' (*token*).'}${description === undefined ? '' : ` ${description}`}`,
    rows.length === 0 ? '' : tableOf(['parameter', 'in', ''], rows),
    requestBody === undefined ? '' : `Body: ${contentOf(requestBody.content)}`,
    tableOf(['status', '', 'content'], answers),
    refusals.length === 0 ? '' : `Refused with ${refusals.join(', ')}.\n`,
  ]
  return `### \`${name}\`\n\n${parts
    .filter(Boolean)
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')}`
}

function contentOf(content: Content | undefined): string {
  return Object.entries(content ?? {})
    .map(([type, { schema }]) => `${type === 'application/json' ? '' : `${type}: `}${shapeOf(schema)}`)
    .join('; ')
}

/** A schema in a line: the members of what it holds, two levels deep. */
function shapeOf(schema: Schema, depth = 2): string {
  const { type, oneOf, items, properties, required = [], $ref } = schema
  if ($ref !== undefined) return `\`${$ref.split('/').at(-1)}\``
  if (oneOf !== undefined) return oneOf.map((each) => shapeOf(each, depth)).join(' or ')
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${String(each)}\``).join(' or ')
  if (items !== undefined) return depth === 0 ? 'a list' : `list of ${shapeOf(items, depth)}`
  if (properties !== undefined) {
    if (depth === 0) return 'an object'
    const members = Object.entries(properties).map(([name, each]) => {
      const inner = each.properties !== undefined || each.oneOf !== undefined || each.items !== undefined
      const shape = inner && depth > 1 ? ` ${shapeOf(each, depth - 1)}` : ''
      return `\`${name}\`${required.includes(name) ? '' : '?'}${shape}`
    })
    return `{ ${members.join(', ')} }`
  }
  return type === undefined ? 'any JSON value' : wordOf(type, schema.pattern)
}

function wordOf(type: string, pattern: string | undefined): string {
  if (pattern === undefined) return type === 'string' ? 'text' : type
  return pattern.startsWith('^0x') ? 'bytes' : pattern.includes('[0-9]') ? 'number as text' : 'text'
}
