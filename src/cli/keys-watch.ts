/** While a command has the chain open: what `cairn keys import` brings into the keys directory meanwhile takes effect, and is told on standard error. */
import type { Chain } from '../chain.ts'
import type { TakenUp, UnlockedKeys } from '../keys/unlocked-keys.ts'
import { systemClock } from '../ports/clock.ts'
import { escaped } from '../verify/meaning.ts'

export interface KeysWatch {
  /** Comes back when the first look is over: what was imported while no chain was open has taken effect by then. */
  readonly looked: Promise<void>
  /** Comes back when nothing is looked at any more. */
  end(): Promise<void>
}

/** Milliseconds from one look at the directory to the next. */
const INTERVAL = 1000

export function watchKeys(keys: UnlockedKeys, chain: Chain): KeysWatch {
  let isOver = false
  let told = ''
  let cancel: (() => void) | undefined
  const look = async (): Promise<void> => {
    try {
      tell(await keys.look((revocations) => chain.importAuthority(revocations)))
      told = ''
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // It is tried again every second, and told once.
      if (message !== told) process.stderr.write(`${escaped(`Not taken up: ${message}`)}\n`)
      told = message
    }
    if (!isOver) {
      cancel = systemClock.after(INTERVAL, () => {
        looking = look()
      })
    }
  }
  let looking = look()
  return {
    looked: looking,
    async end(): Promise<void> {
      isOver = true
      cancel?.()
      await looking
    },
  }
}

function tell({ delegations, revocations }: TakenUp): void {
  for (const { index } of delegations) process.stderr.write(`The hot key ${index} seals from now on.\n`)
  for (const { index } of revocations) {
    process.stderr.write(
      `The hot key ${index} is taken back: revocations.json says so to everybody it is published to.\n`,
    )
  }
}
