/**
 * The net port in memory: machines that reach each other by the names of their addresses. Messages take their time on the way, by a
 * virtual clock; connections can be broken, and break when one of their machines dies.
 */
import type { Clock } from '../../src/ports/clock.ts'
import type { Address, Connection, Listener, Net } from '../../src/ports/net.ts'
import { CairnError } from '../../src/verify/error.ts'

const MESSAGE_MAX = 64 << 20
/** So many messages wait to be read before a sender has to. */
const WAITING_MAX = 16
const FIRST_FREE_PORT = 40_000

type Accept = (connection: Connection) => void

export class SimNetwork {
  /** How long a message is on its way, in milliseconds of the clock; without one it arrives as soon as may be. */
  latency = 0
  /** While it is set nobody gets through to anybody: connections break, and none are made. */
  private isCut = false
  private readonly clock: Clock | undefined
  private readonly listening = new Map<string, Accept>()
  private readonly open = new Set<SimConnection>()
  private nextPort = FIRST_FREE_PORT

  constructor(clock?: Clock) {
    this.clock = clock
  }

  /** What a machine sees of it, until it dies. */
  join(life: { readonly died: Promise<void> }): Net {
    const own = { connections: new Set<SimConnection>(), listeners: new Set<string>() }
    const leave = async (): Promise<void> => {
      await life.died
      for (const connection of own.connections) this.sever(connection)
      for (const name of own.listeners) this.listening.delete(name)
    }
    void leave()
    return {
      listen: async ({ host, port }: Address, accept: Accept): Promise<Listener> => {
        await Promise.resolve()
        const address = { host, port: port === 0 ? this.nextPort++ : port }
        const name = nameOf(address)
        if (this.listening.has(name)) throw systemError('EADDRINUSE', name)
        own.listeners.add(name)
        this.listening.set(name, (connection) => {
          own.connections.add(connection as SimConnection)
          accept(connection)
        })
        const close = (): Promise<void> => {
          own.listeners.delete(name)
          this.listening.delete(name)
          return Promise.resolve()
        }
        return { address, close }
      },
      connect: async (address: Address): Promise<Connection> => {
        const connection = await this.connect(nameOf(address))
        own.connections.add(connection)
        return connection
      },
    }
  }

  /** Breaks all connections that there are. */
  breakAll(): void {
    for (const connection of this.open) this.sever(connection)
  }

  /** Lets nobody through any more, or everybody again. */
  cut(isCut: boolean): void {
    this.isCut = isCut
    if (isCut) this.breakAll()
  }

  private async connect(name: string): Promise<SimConnection> {
    await new Promise<void>((resolve) => {
      this.later(resolve)
    })
    const accept = this.listening.get(name)
    if (accept === undefined || this.isCut) throw systemError('ECONNREFUSED', name)
    const [here, there] = SimConnection.pair((call) => this.later(call))
    for (const each of [here, there]) this.open.add(each)
    accept(there)
    return here
  }

  private sever(connection: SimConnection): void {
    this.open.delete(connection)
    connection.sever()
  }

  /** Calls in the order in which it was asked to, as long as the latency stays. */
  private later(call: () => void): void {
    if (this.latency === 0 || this.clock === undefined) void Promise.resolve().then(call)
    else this.clock.after(this.latency, call)
  }
}

type Later = (call: () => void) => void

class SimConnection implements Connection {
  readonly messages: AsyncIterable<Uint8Array>
  private readonly later: Later
  private other: SimConnection | undefined
  private arrived: Uint8Array[] = []
  /** On its way to the other side, or waiting there to be read. */
  private underway = 0
  private end: { readonly error: Error | undefined } | undefined
  private isClosed = false
  private waiting: (() => void)[] = []

  private constructor(later: Later) {
    this.later = later
    this.messages = { [Symbol.asyncIterator]: () => this.read() }
  }

  static pair(later: Later): readonly [SimConnection, SimConnection] {
    const [one, other] = [new SimConnection(later), new SimConnection(later)]
    one.other = other
    other.other = one
    return [one, other]
  }

  async send(message: Uint8Array): Promise<void> {
    if (message.length > MESSAGE_MAX) throw new CairnError('over_limit', `a message has at most ${MESSAGE_MAX} bytes`)
    this.demandOpen()
    this.underway++
    const copy = new Uint8Array(message)
    this.later(() => this.other?.take(copy))
    while (this.underway > WAITING_MAX) {
      await this.change()
      this.demandOpen()
    }
    await Promise.resolve()
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.arrived = []
    this.finish(undefined)
    this.later(() => this.other?.finish(undefined))
    await Promise.resolve()
  }

  sever(): void {
    const error = new CairnError('connection_broken', 'the connection broke: it was cut')
    this.finish(error)
    this.other?.finish(error)
  }

  private take(message: Uint8Array): void {
    // Read by nobody, and so in nobody's way.
    if (this.isClosed) this.wasRead()
    if (this.end !== undefined) return
    this.arrived.push(message)
    this.wake()
  }

  private async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = this.arrived.shift()
      if (message !== undefined) {
        this.wasRead()
        yield message
      } else if (this.end === undefined) await this.change()
      else if (this.end.error !== undefined) throw this.end.error
      else return
    }
  }

  private wasRead(): void {
    if (this.other === undefined) return
    this.other.underway--
    this.other.wake()
  }

  private finish(error: Error | undefined): void {
    this.end ??= { error }
    this.wake()
  }

  private demandOpen(): void {
    if (this.isClosed || this.end !== undefined)
      throw this.end?.error ?? new CairnError('connection_broken', 'the connection broke: it was closed')
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve)
    })
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
  }
}

function nameOf({ host, port }: Address): string {
  return `${host}:${port}`
}

function systemError(code: string, name: string): Error & { code: string } {
  return Object.assign(new Error(`${code}: ${name}`), { code })
}
