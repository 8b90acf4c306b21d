/**
 * What this browser holds on to: the chain that it saw first, and how far it has followed it. Kept in localStorage, where only pages of this origin write, or where
 * this is forbidden as long as the page is open.
 */
import type { StateStore } from '../client/index.ts'
import { seenByBoth } from '../client/seen.ts'
import { LightClient } from '../verify/index.ts'
import { inBrowser } from './kept.ts'

export interface Pin {
  readonly chainId: string
  /** When it was pinned, in milliseconds. */
  readonly since: number
}

const PIN = 'cairn.pin'
const STATE = 'cairn.light-client'
const CHAIN_ID = /^0x[0-9a-f]{64}$/

export function pinned(): Pin | undefined {
  try {
    const { chainId, since } = JSON.parse(inBrowser.get(PIN) ?? 'null') as Pin
    return CHAIN_ID.test(chainId) ? { chainId, since: Number.isSafeInteger(since) && since > 0 ? since : 0 } : undefined
  } catch {
    return undefined
  }
}

export function pin(chainId: string): Pin {
  const made = { chainId, since: Date.now() }
  inBrowser.set(PIN, JSON.stringify(made))
  return made
}

/** From here on the chain that is shown next is trusted as if it were the first. */
export function unpin(): void {
  inBrowser.delete(PIN)
  inBrowser.delete(STATE)
}

/** Whether it is held on to when the page is closed. */
export function holdsPin(): boolean {
  return inBrowser.lasts(PIN)
}

/** Two tabs follow the chain side by side: the one that lags behind must not make both forget what the other one saw. */
export const lightClientState: StateStore = {
  load: () => inBrowser.get(STATE),
  save: (state) => {
    const kept = inBrowser.get(STATE)
    inBrowser.set(
      STATE,
      kept === undefined ? state : seenByBoth(LightClient.load(kept), LightClient.load(state)).save(),
    )
  },
}

/** Whether a head of the chain was accepted before, here. */
export function hasFollowed(): boolean {
  return inBrowser.get(STATE) !== undefined
}
