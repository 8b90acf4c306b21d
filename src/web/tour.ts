/** The five minutes of a newcomer: how far this tab has come, and the proof that it took along. */
import { inTab } from './kept.ts'

export interface Tour {
  /** The command that was appended here. */
  readonly seq?: string
  readonly height?: string
  readonly hasSeenBlock?: boolean
  readonly hasProof?: boolean
  readonly hasChecked?: boolean
  readonly hasBroken?: boolean
}

const TOUR = 'cairn.tour'
const PROOF = 'cairn.proof'

export function tour(): Tour {
  try {
    const read = JSON.parse(inTab.get(TOUR) ?? '{}') as Tour
    return typeof read === 'object' && read !== null ? read : {}
  } catch {
    return {}
  }
}

export function walk(step: Tour): void {
  inTab.set(TOUR, JSON.stringify({ ...tour(), ...step }))
}

/** The proof that was downloaded last, for the page that checks: also where files cannot be chosen. */
export function keptProof(): string | undefined {
  return inTab.get(PROOF)
}

export function keepProof(text: string): void {
  inTab.set(PROOF, text)
}
