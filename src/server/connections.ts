/**
 * The connections that are open, with requests on them or without.
 *
 * Promise: they leave descriptors to the chain, for its files: without one it could write no guard, no journal and no store, and would end. And one
 * address leaves some of them to others. What is over a bound is closed before anything is read of it.
 */
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { CONNECTIONS_MAX, DESCRIPTORS_KEPT } from '../limits.ts'

export class Connections implements Iterable<Socket> {
  private readonly open = new Set<Socket>()
  private readonly ofAddress = new Map<string, number>()
  private readonly max: number
  private readonly onRefused: (address: string) => void

  constructor(server: Server, max: number, onRefused: (address: string) => void) {
    this.max = max
    this.onRefused = onRefused
    server.on('connection', (socket) => this.enter(socket))
  }

  [Symbol.iterator](): Iterator<Socket> {
    return this.open.values()
  }

  private enter(socket: Socket): void {
    // Nothing where it is gone already.
    const address = socket.remoteAddress ?? ''
    const own = this.ofAddress.get(address) ?? 0
    if (this.open.size >= this.max || own >= this.max >> 1) {
      socket.destroy()
      this.onRefused(address)
      return
    }
    this.open.add(socket)
    this.ofAddress.set(address, own + 1)
    socket.once('close', () => this.leave(socket, address))
  }

  private leave(socket: Socket, address: string): void {
    this.open.delete(socket)
    const left = (this.ofAddress.get(address) ?? 1) - 1
    if (left > 0) this.ofAddress.set(address, left)
    else this.ofAddress.delete(address)
  }
}

/** As many as are useful, where the system gives this process descriptors for them, and else what is left of those. */
export function connectionsMax(): number {
  const given = descriptorsGiven()
  return Math.min(CONNECTIONS_MAX, given - Math.min(DESCRIPTORS_KEPT, given >> 1))
}

/** How many this process may have; where the system does not say so in a file, it is one that gives enough. */
function descriptorsGiven(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return soft === undefined ? Number.MAX_SAFE_INTEGER : Number(soft)
  } catch {
    return Number.MAX_SAFE_INTEGER
  }
}
