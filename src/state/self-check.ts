/** What the kernel of trees has to answer before it is used: a WebAssembly compiler that is broken on some machine must not make roots. */
import { equal } from '../verify/bytes.ts'
import { nobleEngine } from '../verify/engine.ts'
import { EMPTY, stateInner, stateLeaf } from '../verify/state-proof.ts'
import type { TreeCore } from './core.ts'
import { bytesOf, LEAF_WORDS, pageWords } from './slots.ts'

/** Leaves of a page: two pairs, so that messages are hashed alone and side by side. */
const SLOTS_TAKEN = [0, 1, 8, 9] as const

/** Throws unless a page has the hash that noble gives it. */
export function checkKernel(core: TreeCore): void {
  const { hasher } = nobleEngine
  const taken = SLOTS_TAKEN.reduce<number>((bits, slot) => bits | (1 << slot), 0)
  const words = new Uint32Array(1 + SLOTS_TAKEN.length * LEAF_WORDS)
  words[0] = (taken << 16) | taken
  const leaves = SLOTS_TAKEN.map((slot, i) => {
    const leaf = bytesOf(words, 1 + i * LEAF_WORDS, LEAF_WORDS)
    leaf.forEach((_, at) => {
      leaf[at] = (slot * 151 + at * 29) ^ (at >> 2)
    })
    return stateLeaf(leaf.subarray(0, 32), leaf.subarray(32, 64), hasher)
  })
  const half = (pair: number): Uint8Array => {
    const [left, right] = leaves.slice(2 * pair, 2 * pair + 2) as [Uint8Array, Uint8Array]
    const above = stateInner(stateInner(left, right, hasher), EMPTY, hasher)
    return stateInner(above, EMPTY, hasher)
  }
  const page = { words, at: 0 }
  const root = core.placesOf(page, pageWords(words, 0)).subarray(32, 64)
  if (equal(root, stateInner(half(0), half(1), hasher))) return
  throw new Error('The WebAssembly of this machine hashes wrongly: state trees cannot be kept here.')
}
