/** Servers of chains that the built command line made, each in a process of its own; and proxies that stand before them, which may lie. */
import { once } from 'node:events'
import { createServer, type Server as HttpServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { Running } from './chain-folder.ts'

const endings: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

export interface Serving {
  readonly url: string
  readonly process: Running
  /** Ends it in good order. */
  stop(): Promise<number | null>
}

/** Served on a free port, or on this one. */
export async function serving(folder: string, name: string, ...more: string[]): Promise<Serving> {
  const port = more.includes('--port') ? [] : ['--port', '0']
  const process = new Running(folder, 'serve', name, '--log', 'error', ...port, ...more)
  const stop = async (): Promise<number | null> => {
    process.child.kill('SIGTERM')
    return process.ended()
  }
  endings.push(stop)
  while (!process.stdout.includes('Serving')) {
    if (process.child.exitCode !== null) throw new Error(process.stderr)
    await sleep(10)
  }
  return { url: /http:\S+/.exec(process.stdout)?.[0] ?? '', process, stop }
}

/** What comes back for a path, changed. `path` has its query. */
export type Change = (answer: Buffer, path: string) => Buffer | string

/** A proxy before a server: it changes answers, or asks for another path than it was asked for. */
export async function proxy(
  target: (path: string) => string,
  { change = (answer) => answer, path = (asked) => asked }: { change?: Change; path?: (asked: string) => string },
): Promise<{ readonly url: string; readonly asked: readonly IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server: HttpServer = createServer((incoming, outgoing) => {
    asked.push(incoming)
    const { host: _, ...headers } = incoming.headers
    const at = path(incoming.url ?? '')
    const onward = request(`${target(at)}${at}`, { method: incoming.method ?? 'GET', headers }, (answer) => {
      const isStream = at.startsWith('/v1/stream')
      const { 'content-length': __, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 500, kept)
      if (isStream) {
        answer.on('data', (piece: Buffer) => outgoing.write(change(piece, at)))
        answer.on('end', () => outgoing.end()).on('error', () => outgoing.destroy())
        outgoing.on('close', () => answer.destroy())
        return
      }
      const pieces: Buffer[] = []
      answer
        .on('data', (piece: Buffer) => pieces.push(piece))
        .on('end', () => outgoing.end(change(Buffer.concat(pieces), at)))
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
