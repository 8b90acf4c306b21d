/** So many commands on their way at a time, for some seconds: how many are acknowledged, and how long each takes. */
import { Meter, type MeterPace } from './meter.ts'

export interface LoadAsked {
  readonly seconds: number
  readonly inFlight: number
  readonly signal: AbortSignal
  /** Comes back when the command is acknowledged; `worker` is which of those that are on their way it is. */
  readonly submit: (worker: number) => Promise<unknown>
  /** A few times a second. */
  readonly onTick: (acknowledged: number, seconds: number) => void
}

/** By the second; of a long run by ten. */
export function windowOf(seconds: number): number {
  return seconds < 60 ? 1 : 10
}

const TICK = 250

/** Interrupted, it ends with what is on its way. */
export async function runLoad({ seconds, inFlight, signal, submit, onTick }: LoadAsked): Promise<MeterPace> {
  const meter = new Meter(seconds, windowOf(seconds))
  const start = performance.now()
  const ticking = setInterval(() => onTick(meter.count, (performance.now() - start) / 1000), TICK)
  let failure: { readonly error: unknown } | undefined
  const worker = async (i: number): Promise<void> => {
    while (meter.open && !signal.aborted && failure === undefined) {
      const since = performance.now()
      try {
        await submit(i)
      } catch (error) {
        failure ??= { error }
        return
      }
      meter.acknowledged(1, since)
    }
  }
  try {
    await Promise.all(Array.from({ length: inFlight }, (_, i) => worker(i)))
  } finally {
    clearInterval(ticking)
  }
  if (failure !== undefined) throw failure.error
  return meter.pace()
}
