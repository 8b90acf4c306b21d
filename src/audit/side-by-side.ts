/**
 * Examines frames on threads of their own, several stretches of a chain at a time, and on this one whenever it has nothing to join. What comes back is what
 * comes of examining them here, whoever did it.
 *
 * Threads may be wanted where there are none: a bundler puts all of this into one file and leaves their script behind. Then this thread does the work.
 */
import { setImmediate as immediate } from 'node:timers/promises'
import { deserialize } from 'node:v8'
import { type SharedBytes, WorkerEnded, type Workers } from '../ports/workers.ts'
import type { Engine } from '../verify/engine.ts'
import type { Identity } from '../verify/identity.ts'
import { type ExaminedFrame, Examiner, type Examining } from './examine.ts'
import { type PackedExamined, unpackExamined } from './examined-pack.ts'
import type { Frames, PackedFrames } from './source.ts'
import { encodeTask } from './task.ts'

/** So many stretches a thread has: one that it is at, and one that waits for it. */
const HANDED_OUT = 2
/** And so many more there are, for each thread and for this one: such as wait, and such as are done and wait for those before them. */
const MORE = 4

/** A stretch that nobody examines yet. */
interface Waiting {
  readonly frames: PackedFrames
  readonly resolve: (examined: readonly ExaminedFrame[]) => void
  readonly reject: (error: unknown) => void
}

export class SideBySide implements Examining {
  readonly ahead: number
  withoutThreads: string | undefined
  private readonly open: () => Workers
  private readonly count: number
  private readonly identity: Identity
  private readonly here: Examiner
  private readonly isDeep: boolean
  private readonly waiting: Waiting[] = []
  private workers: Workers | undefined
  private handedOut = 0
  private isFirst = true
  private isBusyHere = false
  private isJoining = false
  private isClosed = false
  private goOn: () => void = () => undefined

  constructor(open: () => Workers, count: number, identity: Identity, engine: Engine, isDeep: boolean) {
    this.open = open
    this.count = count
    this.identity = identity
    this.isDeep = isDeep
    this.here = new Examiner(identity, engine, isDeep)
    this.ahead = (HANDED_OUT + MORE) * count + MORE
  }

  async examine(frames: Frames): Promise<readonly ExaminedFrame[]> {
    // What is decoded already would have to be encoded again to get there.
    if (frames.kind === 'records') return this.here.examine(frames)
    return new Promise((resolve, reject) => {
      this.waiting.push({ frames, resolve, reject })
      this.handOut()
    })
  }

  joins(isJoining: boolean): void {
    this.isJoining = isJoining
    if (!isJoining) this.goOn()
  }

  turn(): Promise<void> {
    return immediate()
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.workers?.close()
  }

  /** A short chain is one stretch, and threads would take longer to begin than to examine it: the first one is examined here. */
  private handOut(): void {
    if (this.isClosed) return
    if (this.isFirst) this.examineNext()
    this.isFirst = false
    while (this.waiting.length > 0 && this.handedOut < HANDED_OUT * this.count && this.hasThreads()) {
      void this.examineThere(this.waiting.shift() as Waiting)
    }
    if (!this.isBusyHere) this.examineNext()
  }

  /** Where a bundle is no module, it does not even know where their script lies. */
  private hasThreads(): boolean {
    if (this.withoutThreads !== undefined) return false
    try {
      this.workers ??= this.open()
      return true
    } catch (error) {
      this.withoutThreads = error instanceof Error ? error.message : String(error)
      return false
    }
  }

  private async examineThere(one: Waiting): Promise<void> {
    const { genesis } = this.identity
    const { file, offset, bytes } = one.frames
    this.handedOut++
    try {
      const task = { kind: 'examine', genesis, isDeep: this.isDeep, file, offset } as const
      const shared = isShared(bytes) ? bytes : undefined
      const answer = this.workers?.run(encodeTask(task, shared === undefined ? bytes : undefined), shared)
      one.resolve(unpackExamined(deserialize((await answer) as Uint8Array) as PackedExamined))
    } catch (error) {
      if (error instanceof WorkerEnded) {
        // The bytes are still here, for what a thread is given is a copy, or shared. One that cannot live would not do better the next time.
        this.withoutThreads ??= error.message
        this.waiting.unshift(one)
      } else one.reject(error)
    }
    this.handedOut--
    this.handOut()
  }

  private examineNext(): void {
    const one = this.waiting.shift()
    if (one !== undefined) void this.examineHere(one)
  }

  /** A frame at a time, so that a thread that is done gets its next stretch meanwhile; and none while there are some to be joined. */
  private async examineHere({ frames, resolve, reject }: Waiting): Promise<void> {
    this.isBusyHere = true
    try {
      const examined: ExaminedFrame[] = []
      for (const frame of this.here.examined(frames)) {
        examined.push(frame)
        if (this.isJoining) {
          await new Promise<void>((goOn) => {
            this.goOn = goOn
          })
        } else await immediate()
      }
      resolve(examined)
    } catch (error) {
      reject(error)
    }
    this.isBusyHere = false
    this.handOut()
  }
}

function isShared(bytes: Uint8Array): bytes is SharedBytes {
  return bytes.buffer instanceof SharedArrayBuffer
}
