/**
 * Examines frames on threads of their own, several stretches of a chain at a time, and on this one when those have enough to do. What comes back is what
 * comes of examining them here, and comes back in the order in which it is asked for by whoever waits for one answer after the other.
 *
 * Threads may be wanted where there are none: a bundler puts all of this into one file and leaves their script behind. Then this thread does the work.
 */
import { setImmediate as immediate } from 'node:timers/promises'
import { deserialize } from 'node:v8'
import { WorkerEnded, type Workers } from '../ports/workers.ts'
import type { Engine } from '../verify/engine.ts'
import type { Identity } from '../verify/identity.ts'
import { type ExaminedFrame, Examiner, type Examining } from './examine.ts'
import { encodeTask } from './task.ts'

/** So many stretches for each thread: one that it is at, and such as wait for it. */
const AHEAD = 3
/** And so many that this thread has examined, while it waits for those before them. */
const AHEAD_HERE = 4

export function examineOn(
  open: () => Workers,
  count: number,
  identity: Identity,
  engine: Engine,
  isDeep: boolean,
): Examining {
  const here = new Examiner(identity, engine, isDeep)
  const { genesis } = identity
  const ahead = AHEAD * count
  let handedOut = 0
  let withoutThreads: string | undefined
  let isFirst = true
  let opened: Workers | undefined
  const tell = (why: string): void => {
    withoutThreads = why
  }
  return {
    ahead: ahead + AHEAD_HERE,
    get withoutThreads() {
      return withoutThreads
    },
    async examine(frames) {
      // What is decoded already would have to be encoded again to get there.
      if (frames.kind === 'records' || withoutThreads !== undefined) return here.examine(frames)
      // A short chain is one stretch, and threads would take longer to begin than to examine it.
      const isAlone = isFirst
      isFirst = false
      // A thread more would want a core more: this one would do nothing but wait.
      if (isAlone || handedOut >= ahead) return inTurns(here.examined(frames))
      opened ??= openedOr(open, tell)
      if (opened === undefined) return here.examine(frames)
      const { file, offset, bytes } = frames
      handedOut++
      try {
        const answer = await opened.run(encodeTask({ kind: 'examine', genesis, isDeep, file, offset }, bytes))
        return deserialize(answer) as readonly ExaminedFrame[]
      } catch (error) {
        if (!(error instanceof WorkerEnded)) throw error
        // The bytes are still here, for what a thread is given is a copy. One that cannot live would not do better the next time.
        withoutThreads ??= error.message
        return here.examine(frames)
      } finally {
        handedOut--
      }
    },
    turn: () => immediate(),
    close: async () => opened?.close(),
  }
}

/** A frame at a time, so that a thread that is done gets its next stretch meanwhile. */
async function inTurns(examined: Iterable<ExaminedFrame>): Promise<readonly ExaminedFrame[]> {
  const frames: ExaminedFrame[] = []
  for (const frame of examined) {
    frames.push(frame)
    await immediate()
  }
  return frames
}

/** Where a bundle is no module, it does not even know where it lies. */
function openedOr(open: () => Workers, tell: (why: string) => void): Workers | undefined {
  try {
    return open()
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error))
    return undefined
  }
}
