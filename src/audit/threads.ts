/**
 * Examines frames on threads of their own, several stretches of a chain at a time, or on this one. Either way what comes back is the same, and comes
 * back in the order in which it is asked for by whoever waits for one answer after the other.
 */
import { deserialize, serialize } from 'node:v8'
import type { Workers } from '../ports/workers.ts'
import { toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { type Identity, identify } from '../verify/identity.ts'
import type { Genesis } from '../verify/types.ts'
import { type ExaminedFrame, Examiner } from './examine.ts'
import type { Frames, PackedFrames } from './source.ts'

export interface Examining {
  /** How many stretches it takes before it should be waited for. */
  readonly ahead: number
  examine(frames: Frames): Promise<readonly ExaminedFrame[]>
  close(): Promise<void>
}

/** What a thread is asked. */
interface Task {
  readonly genesis: Genesis
  readonly isDeep: boolean
  readonly frames: PackedFrames
}

export function examineHere(identity: Identity, engine: Engine, isDeep: boolean): Examining {
  const examiner = new Examiner(identity, engine, isDeep)
  return {
    ahead: 0,
    examine: async (frames) => examiner.examine(frames),
    close: () => Promise.resolve(),
  }
}

/** So many stretches for each thread: one that it is at, and one that waits for it. */
const AHEAD = 2

export function examineOn(
  workers: Workers,
  count: number,
  identity: Identity,
  engine: Engine,
  isDeep: boolean,
): Examining {
  const here = new Examiner(identity, engine, isDeep)
  const { genesis } = identity
  return {
    ahead: AHEAD * count,
    async examine(frames) {
      // What is decoded already would have to be encoded again to get there.
      if (frames.kind === 'records') return here.examine(frames)
      const answer = await workers.run(serialize({ genesis, isDeep, frames } satisfies Task))
      return deserialize(answer) as readonly ExaminedFrame[]
    },
    close: () => workers.close(),
  }
}

/** What a thread makes of its tasks. */
export function taskAnswerer(engine: Engine): (input: Uint8Array) => Uint8Array {
  // It remembers what comes again with every block, and nearly always it is of the chain of the task before.
  let last: { readonly key: string; readonly examiner: Examiner } | undefined
  return (input) => {
    const { genesis, isDeep, frames } = deserialize(input) as Task
    const identity = identify(genesis, engine.hasher)
    const key = `${toHex(identity.chainId)} ${isDeep}`
    const { examiner } = last?.key === key ? last : { examiner: new Examiner(identity, engine, isDeep) }
    last = { key, examiner }
    return serialize(examiner.examine(frames))
  }
}
