/**
 * A page as the store holds it: whole, or as the slots in which it differs from a whole one that was written before. A checkpoint finds
 * most pages with one or two slots changed of sixteen; a patch of them is a fifth of the page.
 *
 * Patches are never laid over patches: a page takes two reads at most. A whole one lives as long as a patch of it does.
 *
 * kernel/checkpoint.ts decides which it is, and lays it out. Layout of a patch, in words: 0, which no page has for its slots ‖ the changed slots, as bits ‖ the birth of the whole page ‖ these
 * slots, as in a page. Which slots are taken, and by what, is as in the whole one.
 */
import type { Store } from '../ports/store.ts'
import { pageKey } from '../store/keys.ts'
import type { Path } from '../store/path.ts'
import type { TreeName } from '../verify/types.ts'
import { copyWords, isWholePage, lowestBit, readVersion, slotAt, slotWords, takenAt, wordsOf } from './slots.ts'

const CHANGED = 1
const WHOLE = 2
const HEAD = 4

export interface StoredPage {
  /** Its slots, as those of a page. */
  readonly words: Uint32Array
  /** The birth of the whole page that it was read from, and the slots in which it differs from that. */
  readonly whole: number
  readonly diff: number
}

/** The page that was born then at this path, undefined where there is none or something that is none. */
export function readStored(store: Store, tree: TreeName, birth: number, path: Path): StoredPage | undefined {
  const words = readWords(store, tree, birth, path)
  if (words === undefined || words[0] !== 0) return isPage(words) ? { words, whole: birth, diff: 0 } : undefined
  if (words.length < HEAD) return undefined
  const whole = readVersion(words, WHOLE)
  const diff = words[CHANGED] as number
  const page = readWords(store, tree, whole, path)
  if (!isPage(page) || (diff & ~takenAt(page, 0)) !== 0) return undefined
  let from = HEAD
  for (let rest = diff; rest !== 0; rest &= rest - 1) {
    const slot = lowestBit(rest)
    const count = slotWords(page, 0, slot)
    if (from + count > words.length) return undefined
    copyWords(words, from, page, slotAt(page, 0, slot), count)
    from += count
  }
  return from === words.length ? { words: page, whole, diff } : undefined
}

function readWords(store: Store, tree: TreeName, birth: number, path: Path): Uint32Array | undefined {
  const value = store.get(pageKey(tree, birth, path))
  return value === undefined || value.length < 4 || value.length % 4 !== 0 ? undefined : wordsOf(value)
}

function isPage(words: Uint32Array | undefined): words is Uint32Array {
  return words !== undefined && isWholePage(words)
}
