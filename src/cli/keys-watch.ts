/** While a command has the chain open: what `cairn keys import` brings into the keys directory meanwhile takes effect, and is told on standard error or in the log. */
import type { Chain } from '../chain.ts'
import type { TakenUp, UnlockedKeys } from '../keys/unlocked-keys.ts'
import { systemClock } from '../ports/clock.ts'
import { CairnError } from '../verify/error.ts'
import type { Say } from './reports.ts'

export interface KeysWatch {
  /** Comes back when the first look is over: what was imported while no chain was open has taken effect by then. */
  readonly looked: Promise<void>
  /** Comes back when nothing is looked at any more. */
  end(): Promise<void>
}

/** Milliseconds from one look at the directory to the next. */
const INTERVAL = 1000

export function watchKeys(keys: UnlockedKeys, chain: Chain, say: Say): KeysWatch {
  let isOver = false
  let told = ''
  let cancel: (() => void) | undefined
  const look = async (): Promise<void> => {
    try {
      const { revocations } = chain.authority
      tell(await keys.look((asked) => chain.importAuthority(asked), revocations), say)
      told = ''
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // It is tried again every second, and told once.
      const code = error instanceof CairnError ? error.code : undefined
      if (message !== told) say('warn', `Not taken up: ${message}`, code)
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

function tell({ delegations, revocations }: TakenUp, say: Say): void {
  for (const { index } of delegations) say('info', `The hot key ${index} seals from now on.`)
  for (const { index } of revocations) {
    say('info', `The hot key ${index} is taken back: revocations.json says so to everybody it is published to.`)
  }
}
