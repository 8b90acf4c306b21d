/**
 * The newest blocks, live. A worker reads and checks the stream; here the newest few are kept, and how many came in each of the last seconds.
 *
 * Promise: memory does not grow with the chain, however fast it does; who looks on is told once a frame at most. A page that nobody sees listens to nothing.
 */
import { mayRetry } from '../client/errors.ts'
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { areLinked, type Summary, summariesUpTo } from './blocks.ts'
import type { Session } from './session.ts'
import { storedToken } from './session.ts'
import { ask, startWorker, type Told, type ToldBlock } from './worker-words.ts'

/** So many of the newest blocks are kept. */
const KEPT = 24
/** So many seconds of counts. */
export const SECONDS = 120
/** How long a server that did not answer is left alone before it is asked for its newest blocks again, in milliseconds; at first, and at most. */
const PAUSE = 500
const PAUSE_MAX = 10_000
/** How long after a block the newest one is proved, in milliseconds. */
const PROVING = 2000

export interface Second {
  readonly at: number
  blocks: number
  commands: number
}

/** `lost`: the server is asked again and again. `over`: nothing more comes, and `why` says so. */
export type LiveStatus = 'starting' | 'live' | 'lost' | 'hidden' | 'over'

export class Live {
  status: LiveStatus = 'starting'
  why: string | undefined
  /** The newest last. All of them were checked here. */
  blocks: readonly ToldBlock[] = []
  /** How many commands the chain has, as its checked blocks say. */
  commands = 0n
  readonly seconds: Second[] = []
  private readonly session: Session
  private readonly watchers = new Set<() => void>()
  private worker: Worker | undefined
  private isTelling = false
  private isProving = false
  private pause = PAUSE
  private run = 0

  constructor(session: Session) {
    this.session = session
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.stop('hidden')
      else if (this.status === 'hidden') void this.start()
    })
  }

  get height(): bigint | undefined {
    return this.blocks.at(-1)?.height
  }

  /** Called at most once a frame, after something changed; what comes back ends it. */
  watch(watcher: () => void, signal: AbortSignal): void {
    this.watchers.add(watcher)
    signal.addEventListener('abort', () => this.watchers.delete(watcher))
  }

  /** From the newest head on: what was missed meanwhile is in the chain, not in the list. */
  async start(): Promise<void> {
    this.stop('starting')
    const run = ++this.run
    try {
      const known = await newest(this.session)
      if (run !== this.run) return
      this.blocks = known.map(({ hash, header }) => ({ ...header, hash, by: 'proof' }))
      const head = known.at(-1)
      this.commands = head?.roots.commands.size ?? 0n
      this.follow(head)
      this.status = 'live'
      this.pause = PAUSE
    } catch (error) {
      if (run !== this.run) return
      if (mayRetry(error)) this.startLater()
      else void this.end(error)
    }
    this.tell()
  }

  private startLater(): void {
    this.stop('lost')
    const { run } = this
    setTimeout(() => run === this.run && void this.start(), this.pause)
    this.pause = Math.min(2 * this.pause, PAUSE_MAX)
  }

  private async end(error: unknown): Promise<void> {
    this.stop('over', error instanceof Error ? error.message : String(error))
    const { run } = this
    const lie = await this.session.tell(error)
    if (lie === undefined || run !== this.run) return
    this.why = lie.message
    this.tell()
  }

  private stop(status: LiveStatus, why?: string): void {
    this.worker?.terminate()
    this.worker = undefined
    this.status = status
    this.why = why
    this.run++
    this.tell()
  }

  private follow(head: Summary | undefined): void {
    const worker = startWorker()
    this.worker = worker
    worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
      if (worker === this.worker) this.take(data)
    })
    worker.addEventListener('error', () => {
      const why = 'The browser could not start the worker that follows the blocks: load the page again.'
      if (worker === this.worker) void this.end(new CairnError('failed', why))
    })
    const from = head === undefined ? 0n : head.header.height + 1n
    const { origin } = location
    ask(worker, { what: 'follow', origin, chainId: this.session.pin.chainId, token: storedToken(), from })
  }

  private take(told: Told): void {
    if (told.what === 'problem') {
      void this.end(new CairnError(told.code, told.message, told.details))
      return
    }
    if (told.what === 'connection') {
      this.status = told.isThere ? 'live' : 'lost'
      this.tell()
    }
    if (told.what !== 'blocks') return
    const [first] = told.newest
    const last = this.blocks.at(-1)
    if (first !== undefined && last !== undefined && !follows(last, first)) {
      void this.end(notFollowing(first.height))
      return
    }
    this.blocks = [...this.blocks, ...told.newest].slice(-KEPT)
    this.commands += BigInt(told.commands)
    this.count(told.blocks, told.commands)
    this.proveLater()
    this.tell()
  }

  /** What was streamed is kept as seen: a server that goes back behind it is told by that, also after a restart of the browser. */
  private proveLater(): void {
    if (this.isProving) return
    this.isProving = true
    const { run } = this
    setTimeout(() => {
      this.isProving = false
      if (run === this.run) void this.prove()
    }, PROVING)
  }

  private async prove(): Promise<void> {
    // Who checks a proof with the network switched off needs no newer one.
    if (!navigator.onLine) return
    const { run } = this
    // That it does not answer the worker sees, and lies are told by the session.
    await this.session.prove({}).catch(() => undefined)
    const { head } = this.session
    const own = this.blocks.find(({ height }) => height === head?.height)
    if (run !== this.run || head === undefined || own === undefined) return
    if (!equal(own.hash, head.blockHash)) void this.end(notFollowing(own.height))
  }

  private count(blocks: number, commands: number): void {
    const at = Math.floor(Date.now() / 1000)
    const second = this.seconds.at(-1)
    if (second?.at === at) {
      second.blocks += blocks
      second.commands += commands
    } else this.seconds.push({ at, blocks, commands })
    while (this.seconds.length > SECONDS) this.seconds.shift()
  }

  private tell(): void {
    if (this.isTelling) return
    this.isTelling = true
    requestAnimationFrame(() => {
      this.isTelling = false
      for (const watcher of this.watchers) watcher()
    })
  }
}

function notFollowing(height: bigint): CairnError {
  const message = `Block ${height} does not follow the newest block that was proved. Do not rely on this server.`
  return new CairnError('proof_invalid', message)
}

/** Of a batch the oldest may have been left out: then only the worker saw that it follows. */
function follows(last: ToldBlock, next: ToldBlock): boolean {
  return next.height !== last.height + 1n ? next.height > last.height : equal(next.parentHash, last.hash)
}

/** The newest blocks, each named by the one after it, and the last one proved. */
async function newest(session: Session): Promise<readonly Summary[]> {
  // A chain without a block proves nothing yet.
  if (session.isEmpty) return []
  await session.prove({})
  const { head } = session
  const height = head?.height ?? 0n
  const blocks = await summariesUpTo(session, height, KEPT)
  const last = blocks.at(-1)
  if (head === undefined || last === undefined || !equal(last.hash, head.blockHash) || !areLinked(blocks))
    throw new CairnError(
      'proof_invalid',
      'The newest blocks that the server shows are not those that it proves. Do not rely on it.',
    )
  return blocks
}
