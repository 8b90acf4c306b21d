/**
 * Who listens to new blocks, as server-sent events. A block is written as text once, however many listen.
 *
 * Promise: a listener that does not read is dropped, not buffered without bound; one that comes back with `Last-Event-ID` misses no block; and where no
 * block will come any more, its stream ends.
 */
import type { ServerResponse } from 'node:http'
import type { Chain } from '../chain.ts'
import { CATCHING_UP_MAX, LISTENERS_OF_ADDRESS_MAX } from '../limits.ts'
import type { FeedHeader } from '../pipeline/feed.ts'
import { json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { CairnError } from '../verify/error.ts'
import { type Receiver, Rounds, send } from './rounds.ts'
import { summaryOf } from './routes/blocks.ts'
import { SAFE_HEADERS } from './safe-headers.ts'
import { Turns } from './turns.ts'

interface Listener extends Receiver {
  readonly response: ServerResponse
  readonly address: string
  /** Raised when its connection is closed. */
  readonly gone: AbortSignal
  next: bigint
  isLive: boolean
}

/** Seconds: what stands between keeps its connection open for longer than this. */
const HEARTBEAT = 15_000
/** What one that catches up is sent in its turn, and has to read before its next one, in bytes. */
const AT_A_TURN = 64 << 10
const STILL_HERE = Buffer.from(': still here\n\n')

export class Listeners {
  private readonly chain: Chain
  private readonly listeners = new Set<Listener>()
  private readonly rounds = new Rounds(this.listeners)
  private readonly catchingUp = new Turns(CATCHING_UP_MAX)
  private readonly heartbeat: NodeJS.Timeout
  private readonly max: number
  private readonly onError: (error: unknown) => void
  /** The newest block that is sent to all. */
  private newest = -1n
  /** Whether somebody is sent the blocks: else nobody reads them. */
  private isFollowing = false
  private isOver = false
  /** Whether no more blocks come of the chain. */
  private isEnded = false

  constructor(chain: Chain, max: number, onError: (error: unknown) => void) {
    this.chain = chain
    this.max = max
    this.onError = onError
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT).unref()
  }

  get count(): number {
    return this.listeners.size
  }

  /** `from` is the first block that is wanted; the next one that is made where it is left out. Until it is `gone`, it listens. */
  add(response: ServerResponse, address: string, from: bigint | undefined, gone: AbortSignal): void {
    const ofAddress = [...this.listeners].filter((each) => each.address === address).length
    if (this.listeners.size >= this.max || ofAddress >= LISTENERS_OF_ADDRESS_MAX) {
      throw new CairnError('too_many_requests', 'Too many listen to the blocks already: close some of them.', {
        limit: this.listeners.size >= this.max ? this.max : LISTENERS_OF_ADDRESS_MAX,
      })
    }
    const head = this.chain.head?.height ?? -1n
    if (from !== undefined && from > head + 1n) {
      const message = `There is no block ${from - 1n} here after which one could follow: the newest is ${head}.`
      throw new CairnError('unknown_height', message, { height: from, newest: head })
    }
    const next = from ?? head + 1n
    if (this.isOver) throw new CairnError('draining', 'The server is being stopped.')
    const { unavailable } = this.chain
    if (unavailable !== undefined && next > head) throw unavailable
    // It ends with the connection: else each write would be three.
    response.removeHeader('transfer-encoding')
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...SAFE_HEADERS,
      // Nothing is asked on it afterwards: else it would be kept, and a server that is being stopped would wait for it.
      connection: 'close',
    })
    response.write('retry: 1000\n\n')
    const listener: Listener = { response, address, gone, next, isLive: false }
    this.listeners.add(listener)
    // An answer that waits behind another one on its connection never closes by itself.
    gone.addEventListener('abort', () => this.listeners.delete(listener))
    if (!this.isFollowing) this.follow()
    void this.catchUp(listener).catch(() => response.destroy())
  }

  /** Ends them all. */
  close(): void {
    this.isOver = true
    clearInterval(this.heartbeat)
    this.rounds.stop()
    for (const listener of this.listeners) this.finish(listener)
  }

  /** Who has all that there is learns that there is no more; who is behind, when it has caught up. */
  private async end(): Promise<void> {
    this.isEnded = true
    await this.rounds.flush()
    for (const listener of this.listeners) if (listener.isLive) this.finish(listener)
  }

  private finish(listener: Listener): void {
    // First: nothing may be written after the end.
    this.listeners.delete(listener)
    listener.response.end()
  }

  /**
   * What was made before it came, as fast as it reads; then it is sent what all are sent. A few read the journal at a time, and none while it is waited
   * for: a frame is in memory as long as somebody reads in it, and after a start all listeners come back at once.
   */
  private async catchUp(listener: Listener): Promise<void> {
    const { response } = listener
    while (listener.next <= this.newest) {
      await this.catchingUp.take(() => this.sendSome(listener), listener.gone)
      if (this.isOver || isGone(listener)) return
      if (response.writableNeedDrain) await drained(listener)
    }
    listener.isLive = true
    if (this.isEnded) this.finish(listener)
  }

  private async sendSome(listener: Listener): Promise<void> {
    const { response } = listener
    if (this.isOver || isGone(listener)) return
    let bytes = 0
    for await (const block of this.chain.headers({ from: listener.next })) {
      if (this.isOver || isGone(listener)) return
      const event = eventOf(block)
      response.write(event)
      listener.next = block.header.height + 1n
      bytes += event.length
      if (listener.next > this.newest || bytes >= AT_A_TURN) return
    }
  }

  /** Sends what is made from now on, as long as somebody listens. */
  private follow(): void {
    this.isFollowing = true
    this.newest = this.chain.head?.height ?? -1n
    this.sendAll().catch(async (error: unknown) => {
      this.isFollowing = false
      await this.end()
      // That a chain is open for reading only was told when it was opened.
      if (this.chain.readOnly === undefined) this.onError(error)
    })
  }

  private async sendAll(): Promise<void> {
    for await (const block of this.chain.headers({ from: this.newest + 1n, live: true })) {
      if (this.isOver) return
      const { height } = block.header
      this.newest = height
      if (this.listeners.size === 0) {
        // At once: who comes next has to find that nobody follows.
        this.isFollowing = false
        return
      }
      await this.rounds.add(height, eventOf(block))
    }
    this.isFollowing = false
    await this.end()
  }

  private beat(): void {
    for (const listener of this.listeners) if (listener.isLive) send(listener, STILL_HERE)
  }
}

function eventOf({ seal, ...block }: FeedHeader): string {
  const data = JSON.stringify({ ...summaryOf(block), ...(seal && { seal: codecs.seal.encode(seal, json) }) })
  return `id: ${block.header.height}\nevent: block\ndata: ${data}\n\n`
}

function isGone({ response, gone }: Listener): boolean {
  return response.destroyed || gone.aborted
}

/** Comes back when it has room again, or is gone. */
function drained({ response, gone }: Listener): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    response.on('drain', done)
    gone.addEventListener('abort', done)
  })
}
