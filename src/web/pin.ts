/**
 * What this browser holds on to: the chain that it saw first, and how far it has followed it. Kept in localStorage, where only pages of this origin write.
 */
import type { StateStore } from '../client/index.ts'
import { seenByBoth } from '../client/seen.ts'
import { LightClient } from '../verify/index.ts'

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
    const { chainId, since } = JSON.parse(localStorage.getItem(PIN) ?? 'null') as Pin
    return CHAIN_ID.test(chainId) ? { chainId, since } : undefined
  } catch {
    return undefined
  }
}

export function pin(chainId: string): Pin {
  const made = { chainId, since: Date.now() }
  keep(PIN, JSON.stringify(made))
  return made
}

/** From here on the chain that is shown next is trusted as if it were the first. */
export function unpin(): void {
  localStorage.removeItem(PIN)
  localStorage.removeItem(STATE)
}

/** Two tabs follow the chain side by side: the one that lags behind must not make both forget what the other one saw. */
export const lightClientState: StateStore = {
  load: () => localStorage.getItem(STATE) ?? undefined,
  save: (state) => {
    const kept = localStorage.getItem(STATE)
    keep(STATE, kept === null ? state : seenByBoth(LightClient.load(kept), LightClient.load(state)).save())
  },
}

/** Whether a head of the chain was accepted before, here. */
export function hasFollowed(): boolean {
  return localStorage.getItem(STATE) !== null
}

/** A browser that keeps nothing follows the chain all the same, as long as the page is open. */
function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // It is full, or forbidden.
  }
}
