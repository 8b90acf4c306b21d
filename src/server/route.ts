/** What a route is made of: the words that the OpenAPI document says, the schemas that validate, and who may use it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Schema } from './schemas.ts'

export type Scope = 'read' | 'append'

export type RefusalStatus = 404 | 409 | 410 | 413 | 415 | 422

export interface Route {
  readonly method: 'GET' | 'POST'
  /** With `:name` for what varies. */
  readonly path: string
  readonly summary: string
  readonly description: string
  readonly tag: 'commands' | 'chain' | 'proofs' | 'operation'
  /** Absent where anybody may: health, the document itself. */
  readonly scope?: Scope
  readonly params?: Schema
  readonly query?: Schema
  /** What its answer depends on beside all that; `If-None-Match` goes without saying where 304 is answered. */
  readonly headers?: Schema
  readonly body?: Schema
  /** What it answers with 200; JSON where there is no other type. */
  readonly answer?: Schema
  readonly answerType?: string
  /** What else it answers that is no refusal. */
  readonly others?: Readonly<Record<number, string>>
  /** With what else than for its form it may be refused. */
  readonly refusals?: readonly RefusalStatus[]
  /** Whether its answer may take much memory while it is made: then few are at a time. It gives what is answered, and sends nothing itself. */
  readonly isLarge?: true
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => unknown
}

/** Makes a large answer when it is its turn; nothing is made for who is gone by then. */
export type InTurn = (request: FastifyRequest, make: () => Promise<void>) => Promise<void>

/** Of what is asked again with `If-None-Match`. */
export const KNOWN: NonNullable<Route['others']> = { 304: 'It is as the asker has it.' }

/** Everything in this answer stays as it is for ever: readers and CDNs may keep it. */
export function neverChanges(reply: FastifyReply, etag: string, isPrivate: boolean): void {
  void reply.header('etag', `"${etag}"`)
  void reply.header('cache-control', `${isPrivate ? 'private' : 'public'}, max-age=31536000, immutable`)
}

/** It may change with the next block: whoever keeps it asks whether it did. */
export function mayChange(reply: FastifyReply, etag: string): void {
  void reply.header('etag', `"${etag}"`)
  void reply.header('cache-control', 'no-cache')
}

/** Whether the asker has what would be answered. Then it is told so, and nothing is sent. */
export function isKnown(request: FastifyRequest, reply: FastifyReply): boolean {
  const known = request.headers['if-none-match']
  const etag = reply.getHeader('etag')
  if (known === undefined || etag === undefined) return false
  if (!known.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*')) return false
  void reply.code(304)
  return true
}
