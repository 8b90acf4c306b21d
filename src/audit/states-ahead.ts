/**
 * States that are recomputed on a thread of their own, ahead of the blocks that are joined: what a stretch writes is known when its frames are read, and
 * whatever is found in it is told when its blocks are joined. So while commands are executed again, the trees of those behind them are hashed.
 *
 * Promise: what is found is what `ScratchStates` finds, told in the same order. The trees may be ahead of what was joined, and go back to what was noted.
 */
import { deserialize } from 'node:v8'
import { WorkerEnded, type Workers } from '../ports/workers.ts'
import type { StateFault } from '../verify/chain-state.ts'
import { CairnError } from '../verify/error.ts'
import type { Entry } from './scratch.ts'
import type { KeptStates, OpenedStates, Roots } from './scratch-states.ts'
import type { Frames } from './source.ts'
import type { StatesOfStretch } from './states.ts'
import { encodeStretch, encodeTask, type StatesBegin, type StatesTask } from './task.ts'

/** What was found in a stretch: all of it holds up to the first of these. */
export interface StatesFound {
  /** The height of the block that the thread comes to next: all below it are recomputed, as far as they can be. */
  readonly next: bigint
  readonly fault?: StateFault & { readonly height: bigint }
  /** From this block on nothing could be recomputed. */
  readonly unchecked?: { readonly height: bigint; readonly why: string }
}

/** What the thread answers to each kind of task. */
export interface StatesAnswers {
  readonly states: Roots
  readonly stretch: StatesFound
  /** None when there are no more. */
  readonly entries: readonly Entry[]
}

export class StatesAhead implements OpenedStates {
  readonly roots: Roots
  unchecked: string | undefined
  private readonly thread: Thread

  private constructor(thread: Thread, roots: Roots, unchecked: string | undefined) {
    this.thread = thread
    this.roots = roots
    this.unchecked = unchecked
  }

  /** Fails with `WorkerEnded` where there is no thread to be had. */
  static async open(workers: Workers, begin: StatesBegin): Promise<StatesAhead> {
    const thread = new Thread(workers)
    try {
      const roots = await thread.ask<'states'>(encodeTask({ kind: 'states', ...begin }))
      return new StatesAhead(thread, roots, begin.unchecked)
    } catch (error) {
      await workers.close()
      throw error
    }
  }

  stretch(frames: Frames): StatesOfStretch {
    const found = this.thread.ask<'stretch'>(encodeStretch(frames)).catch(asEnded)
    // Asked for in its turn; until then its failure is nobody's.
    found.catch(() => undefined)
    return {
      // What the thread is asked is a copy.
      taken: () => Promise.resolve(),
      faultOf: async (height) => {
        const { fault, unchecked, next } = await found
        // Else a block would pass whose state nobody recomputed.
        if (fault === undefined && height >= next) throw notRecomputed(height)
        if (unchecked?.height === height) this.unchecked = unchecked.why
        return fault?.height === height ? fault : undefined
      },
    }
  }

  async *entries(): AsyncGenerator<readonly Entry[]> {
    for (;;) {
      const some = await this.thread.ask<'entries'>(encodeTask({ kind: 'entries' })).catch(asEnded)
      if (some.length === 0) return
      yield some
    }
  }

  async settle(): Promise<void> {
    await this.thread.askNow({ kind: 'settle' }).catch(asEnded)
  }

  async keepFrom(version: number): Promise<void> {
    await this.thread.askNow({ kind: 'keep', from: version }).catch(asEnded)
  }

  close(): Promise<void> {
    return this.thread.close()
  }
}

/** One thread, asked one thing after the other. */
class Thread {
  private readonly workers: Workers
  private last: Promise<unknown> = Promise.resolve()
  private isClosed = false

  constructor(workers: Workers) {
    this.workers = workers
  }

  ask<K extends keyof StatesAnswers>(task: Uint8Array): Promise<StatesAnswers[K]> {
    const answer = this.last.then(async () => {
      // What nobody waits for any more would only hold up the end.
      if (this.isClosed) throw new WorkerEnded('the audit is over')
      return deserialize(await this.workers.run(task)) as StatesAnswers[K]
    })
    this.last = answer.catch(() => undefined)
    return answer
  }

  /** Behind what it is at, and before all that waits. */
  async askNow(task: StatesTask): Promise<void> {
    await this.workers.run(encodeTask(task))
  }

  /** The thread lets go of what it has in the scratch directory. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.last
    try {
      await this.askNow({ kind: 'close' })
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error
    } finally {
      await this.workers.close()
    }
  }
}

/** A bug of ours, and no fault of the chain. */
function notRecomputed(height: bigint): Error {
  return new Error(
    `The thread that recomputes the state did not come to block ${height}, though nothing was found wrong before it. This is a bug: report it, and verify on one core (--cores 1).`,
  )
}

/** The trees were with the thread: nobody else can go on from where they stand. */
function asEnded(error: unknown): never {
  throw error instanceof WorkerEnded ? threadEnded(error.message, error) : error
}

/** What one that takes the place of another answers, too. */
export function threadEnded(why: string, cause?: Error): CairnError {
  return new CairnError(
    'audit_thread_ended',
    `The thread that recomputed the state is gone (${why}): nothing was found wrong up to there. Verify again, with less memory taken by others or on one core (--cores 1).`,
    { ...(cause && { cause }) },
  )
}

/**
 * States ahead from the second stretch on, of a chain from its beginning: a short one is one stretch, and a thread would take longer to begin than to recompute
 * it.
 */
export class StatesByLength implements KeptStates {
  private readonly here: () => Promise<KeptStates>
  private readonly ahead: () => Promise<KeptStates>
  private chosen: Promise<KeptStates> | undefined
  private opened: KeptStates | undefined
  /** Begins the first stretch, as long as nobody knows whether there is a second one. */
  private first: (() => Promise<StatesOfStretch>) | undefined

  constructor(here: () => Promise<KeptStates>, ahead: () => Promise<KeptStates>) {
    this.here = here
    this.ahead = ahead
  }

  get unchecked(): string | undefined {
    return this.opened?.unchecked
  }

  stretch(frames: Frames): StatesOfStretch {
    let begun: Promise<StatesOfStretch> | undefined
    const begin = (): Promise<StatesOfStretch> => {
      begun ??= this.choose(this.here).then((states) => states.stretch(frames))
      return begun
    }
    if (this.chosen === undefined && this.first === undefined) this.first = begin
    else {
      this.choose(this.ahead).catch(() => undefined)
      // In their order; what fails is told when they are joined.
      this.first?.().catch(() => undefined)
      this.first = undefined
      begin().catch(() => undefined)
    }
    return {
      // Until the states are open nobody took anything: a stretch without a block is joined without asking for them.
      taken: () =>
        begin().then(
          (stretch) => stretch.taken(),
          () => undefined,
        ),
      faultOf: async (height, record) => (await begin()).faultOf(height, record),
    }
  }

  async settle(): Promise<void> {
    await (await this.chosen)?.settle()
  }

  async keepFrom(version: number): Promise<void> {
    await (await this.chosen)?.keepFrom(version)
  }

  async close(): Promise<void> {
    const states = await this.chosen?.catch(() => undefined)
    await states?.close()
  }

  private choose(open: () => Promise<KeptStates>): Promise<KeptStates> {
    this.chosen ??= open().then((states) => {
      this.opened = states
      return states
    })
    return this.chosen
  }
}
