/**
 * What a call takes, told so that other work on the machine does not speak in it. The time is by the clock (`process.hrtime`), or the processor time of this
 * process where that is shorter: then it had to wait for a core; and of several calls the shortest where the first took long. The memory is all that was
 * allocated meanwhile, in the heap and in buffers, whether it was collected again or not: more than what was held at any moment, and never less.
 */
import { GCProfiler, getHeapStatistics } from 'node:v8'
import { CairnError } from '../../src/verify/error.ts'

export interface Outcome {
  /** What came back, or the error that was thrown. */
  readonly decoded?: unknown
  readonly error?: unknown
}

export interface Measured extends Outcome {
  readonly milliseconds: number
  readonly bytes: number
}

/** A call is made again where it took more than this, so often at most. */
const MILLISECONDS = 5
const BYTES: number = 16 << 20
const TRIES = 6

export async function measured(call: () => unknown): Promise<Measured> {
  let best = await once(call)
  for (let i = 1; i < TRIES && (best.milliseconds > MILLISECONDS || best.bytes > BYTES); i++) {
    const again = await once(call)
    const milliseconds = Math.min(best.milliseconds, again.milliseconds)
    best = { ...again, milliseconds, bytes: Math.min(best.bytes, again.bytes) }
  }
  return best
}

async function once(call: () => unknown): Promise<Measured> {
  const profiler = new GCProfiler()
  profiler.start()
  const before = heapBytes()
  const worked = process.cpuUsage()
  const begin = process.hrtime.bigint()
  const outcome = await settled(call)
  const waited = Number(process.hrtime.bigint() - begin) / 1e6
  const { user, system } = process.cpuUsage(worked)
  const milliseconds = Math.min(waited, (user + system) / 1e3)
  let [allocated, from] = [0, before]
  const after = heapBytes()
  for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
    allocated += usedIn(beforeGC.heapStatistics) - from
    from = usedIn(afterGC.heapStatistics)
  }
  return { ...outcome, milliseconds, bytes: Math.max(0, allocated + after - from) }
}

async function settled(call: () => unknown): Promise<Outcome> {
  try {
    const decoded = call()
    return { decoded: decoded instanceof Promise ? await endOf(decoded) : decoded }
  } catch (error) {
    return { error }
  }
}

/** What waits for nothing that will come is a fault, however little it works meanwhile. */
const WAITING_MAX = 20_000

async function endOf(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const never = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it does not end within ${WAITING_MAX} ms`)), WAITING_MAX)
  })
  try {
    return await Promise.race([promise, never])
  } finally {
    clearTimeout(timer)
  }
}

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

function usedIn({
  usedHeapSize,
  externalMemory,
}: {
  readonly usedHeapSize: number
  readonly externalMemory: number
}): number {
  return usedHeapSize + externalMemory
}

/** In words that two inputs share that ended at the same place: the code and the message, without the numbers and texts that they brought. */
export function wayOf({ error }: Outcome): string {
  if (!(error instanceof CairnError)) return error === undefined ? 'decoded' : 'another error'
  return `${error.code} ${error.message.slice(0, 200).replace(/0x[0-9a-f]+|[0-9]+|"[^"]*"/g, '#')}`
}
