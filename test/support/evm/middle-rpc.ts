/**
 * An RPC on a free loopback port that passes on to another one what it is asked, as a node does that lets pages of other origins ask, and answers otherwise where a
 * test says so. Nothing of it is left when it was closed.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AskedOf {
  readonly method: string
  readonly headers: IncomingHttpHeaders
}

const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' }

export class MiddleRpc {
  readonly url: string
  /** All that it was asked. */
  readonly asked: AskedOf[] = []
  /** What becomes of a result, or will; for a test to set. */
  change: (method: string, result: unknown) => unknown = (_, result) => result
  /** Answers in the place of all that; for a test to set. */
  answer: ((response: ServerResponse) => void) | undefined
  private readonly server: Server

  private constructor(server: Server, behind: string) {
    this.server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => {
      if (this.answer !== undefined) {
        this.answer(response)
        return
      }
      if (request.method === 'OPTIONS') {
        response.writeHead(204, CORS).end()
        return
      }
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        void this.passOn(Buffer.concat(pieces).toString(), request.headers, response, behind)
      })
    })
  }

  static async start(behind: string): Promise<MiddleRpc> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new MiddleRpc(server, behind)
  }

  /** As it was at first. */
  reset(): void {
    this.asked.length = 0
    this.change = (_, result) => result
    this.answer = undefined
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await once(this.server.close(), 'close')
  }

  private async passOn(
    body: string,
    headers: IncomingHttpHeaders,
    response: ServerResponse,
    behind: string,
  ): Promise<void> {
    const { method } = JSON.parse(body) as { method: string }
    this.asked.push({ method, headers })
    const passed = await fetch(behind, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { result, ...answer } = (await passed.json()) as { result?: unknown }
    response.writeHead(200, { ...CORS, 'content-type': 'application/json' })
    response.end(JSON.stringify({ ...answer, result: await this.change(method, result) }))
  }
}
