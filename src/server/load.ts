/**
 * What a server works on at a time, all together and of one address: requests, and the bytes that they hold — bodies that came, answers that are not
 * read yet.
 *
 * Promise: what is over a bound is told to come back, before memory is taken for it; and what a request took is given back however it ends.
 */
import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HELD_BYTES_MAX, HELD_BYTES_OF_ADDRESS_MAX, REQUESTS_OF_ADDRESS_MAX } from '../limits.ts'
import { CairnError } from '../verify/error.ts'
import type { Bounds } from './bounds.ts'

/** What the requests of one address have of all. */
interface Share {
  requests: number
  bytes: number
}

interface Entry {
  readonly address: string
  readonly share: Share
  readonly socket: Socket
  bytes: number
}

/** What is asked on a connection. */
interface OnSocket {
  readonly requests: Set<FastifyRequest>
  /** Raised when it is closed. */
  readonly gone: AbortController
}

export class Load {
  private readonly entries = new Map<FastifyRequest, Entry>()
  private readonly ofAddress = new Map<string, Share>()
  private readonly ofSocket = new WeakMap<Socket, OnSocket>()
  private readonly bounds: Bounds
  private bytes = 0

  constructor(bounds: Bounds) {
    this.bounds = bounds
  }

  /** Ends the connections of these on which nothing is asked: some were opened in advance, and never asked anything. */
  dropIdle(connections: Iterable<Socket>): void {
    for (const each of connections) if (!this.ofSocket.get(each)?.requests.size) each.destroy()
  }

  enter(request: FastifyRequest, reply: FastifyReply): void {
    const { ip: address, socket } = request
    const share = this.ofAddress.get(address) ?? { requests: 0, bytes: 0 }
    const { maxRequests } = this.bounds
    if (this.entries.size >= maxRequests)
      throw overloaded('The server works on as many requests as it can', maxRequests)
    if (share.requests >= REQUESTS_OF_ADDRESS_MAX) {
      const message = 'Too many requests of this address are being worked on: wait for their answers.'
      throw new CairnError('too_many_requests', message, { limit: REQUESTS_OF_ADDRESS_MAX })
    }
    this.entries.set(request, { address, share, socket, bytes: 0 })
    share.requests++
    this.ofAddress.set(address, share)
    this.on(socket).requests.add(request)
    reply.raw.once('close', () => this.leave(request))
  }

  /** It is answered, or will never be, or goes on as something that is counted elsewhere. */
  leave(request: FastifyRequest): void {
    const entry = this.entries.get(request)
    if (entry === undefined) return
    const { address, share, socket, bytes } = entry
    this.entries.delete(request)
    this.ofSocket.get(socket)?.requests.delete(request)
    this.bytes -= bytes
    share.bytes -= bytes
    share.requests--
    if (share.requests === 0) this.ofAddress.delete(address)
  }

  /** Raised when nobody waits for the answer any more, as the connection is closed. */
  gone({ socket }: FastifyRequest): AbortSignal {
    return this.on(socket).gone.signal
  }

  /** These bytes are in memory until the request is over. */
  hold(request: FastifyRequest, bytes: number): void {
    const entry = this.entries.get(request)
    if (entry === undefined) return
    entry.bytes += bytes
    entry.share.bytes += bytes
    this.bytes += bytes
  }

  /** Room for so many bytes more, which this request is to hold. One answer may be larger than a share: an address that holds nothing else is given it. */
  demandRoom(request: FastifyRequest, bytes: number): void {
    // However often it is asked for.
    if (bytes > HELD_BYTES_MAX) throw answerTooLarge(bytes)
    if (this.bytes + bytes > HELD_BYTES_MAX)
      throw overloaded('The server holds as much of bodies and answers as it can', HELD_BYTES_MAX)
    const own = this.entries.get(request)?.share.bytes ?? 0
    if (own > 0 && own + bytes > HELD_BYTES_OF_ADDRESS_MAX) throw tooManyBytes()
  }

  /** The body of a request; `done` comes once. */
  readBody(request: FastifyRequest, done: (error: Error | undefined, body?: Buffer) => void): void {
    const { raw, headers } = request
    const { maxBody } = this.bounds
    const pieces: Buffer[] = []
    let size = 0
    const end = (error?: Error): void => {
      raw.off('data', take).off('end', whole).off('error', broken).off('close', broken)
      if (error === undefined) done(undefined, Buffer.concat(pieces, size))
      else done(error)
    }
    const whole = (): void => end()
    const broken = (): void => end(new CairnError('malformed', 'The body ended before it was whole.'))
    const take = (piece: Buffer): void => {
      size += piece.length
      try {
        if (size > maxBody) throw tooLarge(maxBody)
        this.demandRoom(request, piece.length)
      } catch (error) {
        end(error as Error)
        return
      }
      this.hold(request, piece.length)
      pieces.push(piece)
    }
    if (Number(headers['content-length'] ?? 0) > maxBody) done(tooLarge(maxBody))
    else raw.on('data', take).on('end', whole).on('error', broken).on('close', broken)
  }

  /** Requests that wait behind another one of their connection never close: where the connection does, they are over too. */
  private on(socket: Socket): OnSocket {
    const known = this.ofSocket.get(socket)
    if (known !== undefined) return known
    const made = { requests: new Set<FastifyRequest>(), gone: new AbortController() }
    // So many as may stand one behind the other wait for it: no leak, of which Node would warn.
    setMaxListeners(0, made.gone.signal)
    this.ofSocket.set(socket, made)
    socket.once('close', () => {
      for (const each of made.requests) this.leave(each)
      made.gone.abort()
    })
    return made
  }
}

function tooManyBytes(): CairnError {
  const message =
    'The requests of this address hold as much of bodies and answers as they may: read what was answered, then try again.'
  return new CairnError('too_many_requests', message, { limit: HELD_BYTES_OF_ADDRESS_MAX })
}

function overloaded(what: string, limit: number): CairnError {
  return new CairnError('overloaded', `${what}: try again.`, { limit })
}

function answerTooLarge(size: number): CairnError {
  const message = `The answer would have ${size} bytes, and the server holds ${HELD_BYTES_MAX}: an export (GET /v1/export) comes in pieces.`
  return new CairnError('over_limit', message, { limit: HELD_BYTES_MAX, size })
}

function tooLarge(limit: number): CairnError {
  return new CairnError('over_limit', `The body is larger than the ${limit} bytes that it may have.`, { limit })
}
