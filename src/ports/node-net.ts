/**
 * The net port on TCP: each message goes as its length, four bytes, and its bytes.
 *
 * Promise: what the other side says takes memory only as it comes in, and never more than one message and what is let in before it is
 * read. A message over the bound breaks the connection, as does one that ends in the middle.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { CairnError } from '../verify/error.ts'
import type { Address, Connection, Listener, Net } from './net.ts'

/** Larger than any frame of a journal. */
const MESSAGE_MAX: number = 64 << 20
const HEAD_BYTES = 4
/** So many bytes wait to be read before no more are let in. */
const WAITING_BYTES: number = 1 << 20
/** How long a close waits for the other side, in milliseconds. */
const LINGER = 2000
/** After so long in silence it is asked whether the other side is there at all, in milliseconds. */
const KEEP_ALIVE = 15_000

export const nodeNet: Net = {
  async listen({ host, port }: Address, accept: (connection: Connection) => void): Promise<Listener> {
    const server = createServer((socket) => accept(new SocketConnection(socket)))
    server.listen(port, host)
    await once(server, 'listening')
    // One that could not be taken, for want of descriptors: the next one may.
    server.on('error', nothing)
    const { address, port: taken } = server.address() as AddressInfo
    return {
      address: { host: address, port: taken },
      close: (): Promise<void> => {
        // Its answer would wait for the connections, which go on.
        server.close()
        return Promise.resolve()
      },
    }
  },
  async connect({ host, port }: Address): Promise<Connection> {
    const socket = connect({ host, port })
    await once(socket, 'connect')
    return new SocketConnection(socket)
  },
}

class SocketConnection implements Connection {
  readonly messages: AsyncIterable<Uint8Array>
  private readonly socket: Socket
  private readonly pieces = new Pieces()
  private arrived: Uint8Array[] = []
  private arrivedBytes = 0
  /** Set when nothing more comes: with an error where it broke. */
  private end: { readonly error: Error | undefined } | undefined
  private isClosed = false
  private readers: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE)
    socket.on('data', (chunk: Buffer) => this.take(chunk))
    socket.on('end', () => this.finish(this.pieces.isEmpty ? undefined : broken('it ended in the middle of a message')))
    socket.on('error', (error) => this.finish(broken(error.message)))
    socket.on('close', () => this.finish(broken('it was cut')))
    this.messages = { [Symbol.asyncIterator]: () => this.read() }
  }

  async send(message: Uint8Array): Promise<void> {
    const { length } = message
    if (length > MESSAGE_MAX) throw tooLong(length)
    if (this.isClosed) throw broken('it was closed')
    const head = new Uint8Array(HEAD_BYTES)
    new DataView(head.buffer).setUint32(0, length)
    await new Promise<void>((resolve, reject) => {
      this.socket.cork()
      this.socket.write(head)
      // Called when the system took it: until then the bytes must not change.
      this.socket.write(message, (error) => {
        if (error) reject(broken(error.message))
        else resolve()
      })
      this.socket.uncork()
    })
  }

  async close(): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true
      this.finish(undefined)
      this.arrived = []
      this.socket.end()
      // What still comes is thrown away, not left: for what is left when a socket closes the system resets the connection, and the
      // other side loses what it has not read yet.
      this.socket.resume()
    }
    if (this.socket.closed) return
    const timer = setTimeout(() => this.socket.destroy(), LINGER)
    await once(this.socket, 'close').finally(() => clearTimeout(timer))
  }

  private take(chunk: Buffer): void {
    if (this.end !== undefined) return
    this.pieces.add(chunk)
    try {
      for (let message = this.pieces.next(); message !== undefined; message = this.pieces.next()) {
        this.arrived.push(message)
        this.arrivedBytes += HEAD_BYTES + message.length
      }
    } catch (error) {
      this.finish(error as Error)
      this.socket.destroy()
    }
    if (this.arrivedBytes > WAITING_BYTES) this.socket.pause()
    this.wake()
  }

  private async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = this.arrived.shift()
      if (message !== undefined) {
        this.arrivedBytes -= HEAD_BYTES + message.length
        if (this.arrivedBytes <= WAITING_BYTES) this.socket.resume()
        yield message
      } else if (this.end !== undefined) {
        if (this.end.error !== undefined) throw this.end.error
        return
      } else {
        await new Promise<void>((resolve) => {
          this.readers.push(resolve)
        })
      }
    }
  }

  /** The first reason counts. */
  private finish(error: Error | undefined): void {
    this.end ??= { error }
    this.wake()
  }

  private wake(): void {
    const readers = this.readers
    this.readers = []
    for (const wake of readers) wake()
  }
}

/** Bytes as they come, cut into messages. */
class Pieces {
  private readonly pieces: Uint8Array[] = []
  private length = 0
  /** Of the message that is coming in; undefined while its head is. */
  private size: number | undefined

  get isEmpty(): boolean {
    return this.length === 0 && this.size === undefined
  }

  add(piece: Uint8Array): void {
    this.pieces.push(piece)
    this.length += piece.length
  }

  /** The next message that is whole. */
  next(): Uint8Array | undefined {
    if (this.size === undefined) {
      if (this.length < HEAD_BYTES) return undefined
      this.size = new DataView(this.take(HEAD_BYTES).buffer).getUint32(0)
      if (this.size > MESSAGE_MAX) throw tooLong(this.size)
    }
    if (this.length < this.size) return undefined
    const message = this.take(this.size)
    this.size = undefined
    return message
  }

  private take(length: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(length)
    for (let filled = 0; filled < length; ) {
      const piece = this.pieces[0] as Uint8Array
      const part = piece.subarray(0, length - filled)
      taken.set(part, filled)
      filled += part.length
      if (part.length === piece.length) this.pieces.shift()
      else this.pieces[0] = piece.subarray(part.length)
    }
    this.length -= length
    return taken
  }
}

function nothing(): void {}

function broken(why: string): CairnError {
  return new CairnError('connection_broken', `the connection broke: ${why}`)
}

function tooLong(size: number): CairnError {
  const message = `a message has ${size} bytes, and at most ${MESSAGE_MAX} are sent or taken`
  return new CairnError('over_limit', message, { limit: MESSAGE_MAX, size })
}
