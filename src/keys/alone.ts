/** One writer of a file at a time, of all processes: whoever comes second waits until the first has done, which is soon. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Disk } from '../ports/disk.ts'
import { CairnError } from '../verify/error.ts'

const TRIES = 100
const PAUSE = 50

/** `what` is changed there, for people: `chain_locked` where somebody else has not done with it after all the patience. */
export async function alone<T>(disk: Disk, lock: string, what: string, act: () => Promise<T>): Promise<T> {
  const unlock = await turnAt(disk, lock, what)
  try {
    return await act()
  } finally {
    await unlock()
  }
}

async function turnAt(disk: Disk, lock: string, what: string): Promise<() => Promise<void>> {
  for (let tries = 1; ; tries++) {
    try {
      return await disk.lock(lock)
    } catch (error) {
      if (!(error instanceof CairnError && error.code === 'chain_locked')) throw error
      if (tries === TRIES) throw stillHeld(lock, what, error)
    }
    await sleep(PAUSE)
  }
}

function stillHeld(lock: string, what: string, { details }: CairnError): CairnError {
  const seconds = (TRIES * PAUSE) / 1000
  const { pid } = (details.holder ?? {}) as { readonly pid?: number }
  const holder = pid === undefined ? 'Another process' : `The process ${pid}`
  const message = `${holder} is changing ${what}, and has not done so within ${seconds} s (${lock}). Nothing was changed here: see what that one waits for, then do this again.`
  return new CairnError('chain_locked', message, details)
}
