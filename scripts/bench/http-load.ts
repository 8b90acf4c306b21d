/**
 * Load over HTTP that costs nearly nothing to make: sockets, requests that were written down before, answers of which the head alone is read. Else
 * on a machine of few cores it is the load that is measured, and not the server.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = /^content-length: (\d+)\r?$/im

/** A connection that is kept, on which one thing is asked at a time. */
export class Connection {
  private readonly socket: Socket
  private pieces: Buffer = Buffer.alloc(0)
  /** Bytes of the answer that are still to come, once its head was read. */
  private missing: number | undefined
  private status = 0
  private resolve: (status: number) => void = () => undefined
  private reject: (error: Error) => void = () => undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (piece) => this.take(piece))
    socket.on('error', (error) => this.reject(error))
    socket.on('close', () => this.reject(new Error('the connection was closed')))
  }

  static async to(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** The status of the answer, when all of it came. */
  ask(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
      this.socket.write(request)
    })
  }

  end(): void {
    this.reject = () => undefined
    this.socket.destroy()
  }

  private take(piece: Buffer): void {
    if (this.missing !== undefined) this.missing -= piece.length
    else {
      this.pieces = this.pieces.length === 0 ? piece : Buffer.concat([this.pieces, piece])
      const end = this.pieces.indexOf(HEAD_END)
      if (end < 0) return
      const head = this.pieces.toString('latin1', 0, end)
      this.status = Number(head.slice(9, 12))
      this.missing = Number(LENGTH.exec(head)?.[1] ?? 0) - (this.pieces.length - end - HEAD_END.length)
      this.pieces = Buffer.alloc(0)
    }
    if (this.missing > 0) return
    this.missing = undefined
    this.resolve(this.status)
  }
}

export function requestOf(body: string): Buffer {
  const length = Buffer.byteLength(body)
  return Buffer.from(
    `POST /v1/commands HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`,
  )
}

/** Who listens to the blocks, and does nothing with them. */
export async function listen(url: string, count: number): Promise<() => void> {
  const { hostname, port } = new URL(url)
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      let begun: (value: boolean) => void = () => undefined
      const hasBegun = new Promise<boolean>((resolve) => {
        begun = resolve
      })
      const callback = (): boolean => {
        begun(true)
        return true
      }
      const socket = connect({ port: Number(port), host: hostname, onread: { buffer: READ, callback } })
      socket.on('error', () => undefined).write('GET /v1/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
      // The server is done with their requests: else what they cost is taken for what listening costs.
      await hasBegun
      return socket
    }),
  )
  return () => {
    for (const each of sockets) each.destroy()
  }
}

/** All of them read into it: nobody looks at what comes. */
const READ = Buffer.alloc(64 << 10)
