/**
 * What a version makes of a tree: its root, its pages, and what the store will hold of them. Nothing is mutated.
 *
 * A crash here means nothing: nobody was told, and nothing was written.
 */

import type { Operation } from '../ports/store.ts'
import { valueKey } from '../store/keys.ts'
import { concat } from '../verify/bytes.ts'
import { EMPTY } from '../verify/state-proof.ts'
import type { Write } from '../verify/state-tree.ts'
import type { TreeName } from '../verify/types.ts'
import { type ChangedPage, changedSlots, encodeChanges } from './changes.ts'
import { Draft, type LeafAt, Plan, type Removed, versionOf } from './draft.ts'
import { birthOf, blockWords, nodesAt, type PageAt, SLOTS, setBirth } from './page.ts'
import type { PageHasher } from './page-hash.ts'
import {
  bytesOf,
  CHILD_BIRTH,
  CHILD_WORDS,
  copyWords,
  HASH_WORDS,
  LEAF_WORDS,
  type PathKey,
  pathKeyOf,
  ROOT,
  writeVersion,
} from './slots.ts'
import type { HashedWrites } from './sort.ts'

/** A version that was prepared; it may be dropped without a trace, or added to a batch in its turn. */
export interface Prepared {
  readonly version: number
  readonly root: Uint8Array
  /** The birth of the root page, −1 where the tree is empty. */
  readonly rootBirth: number
  /** The pages that it takes away. */
  readonly removed: ReadonlyMap<PathKey, Removed>
  readonly made: ReadonlyMap<PathKey, Made>
  readonly changes: Uint8Array
  readonly values: readonly Operation[]
  /** Values that nobody needs from this version on. */
  readonly overwritten: readonly { readonly key: Uint8Array; readonly version: number }[]
  /** What it wrote by raw key, for whoever reads before it is applied. */
  readonly written: ReadonlyMap<string, Uint8Array | null>
  parent: Prepared | undefined
}

/** A page that a version makes, and the birth of the one that it was made from, −1 for none. */
export interface Made {
  readonly page: PageAt
  readonly depth: number
  readonly below: LeafAt
  readonly birthBefore: number
}

/** The tree at the version before. Its pages stay as they are as long as nobody waits. */
export interface Before {
  readonly tree: TreeName
  readonly root: Uint8Array
  readonly rootBirth: number
  /** The page at a path on the way to a key that is written. */
  readonly pageAt: (path: PathKey) => PageAt
}

export function prepareVersion(
  version: number,
  sorted: HashedWrites,
  before: Before,
  parent: Prepared | undefined,
  pageHasher: PageHasher,
): Prepared {
  const plan = new Plan(sorted, before.rootBirth < 0 ? undefined : before.pageAt(ROOT), before.pageAt)
  const made = new Map<PathKey, Made>()
  const pageOf = new Map<Draft, PageAt>()
  const space = new Uint32Array(
    plan.drafts.flat().reduce((sum, { taken, leaves }) => sum + blockWords(taken, leaves), 0),
  )
  let at = 0
  for (let depth = plan.drafts.length - 1; depth >= 0; depth--) {
    const drafts = plan.drafts[depth] as Draft[]
    const pages = drafts.map((draft): PageAt => {
      const page = { words: space, at }
      assemble(draft, version, page)
      at += blockWords(draft.taken, draft.leaves)
      return page
    })
    hashPages(drafts, pages, pageHasher)
    drafts.forEach((draft, i) => {
      const { below, before } = draft
      const page = pages[i] as PageAt
      pageOf.set(draft, page)
      const birthBefore = before === undefined ? -1 : birthOf(before)
      made.set(pathKeyOf(below.words, below.at, depth), { page, depth, below, birthBefore })
    })
  }
  const top = plan.drafts[0]?.[0]
  const isUnchanged = top === undefined && plan.removed.length === 0
  return {
    version,
    root: isUnchanged ? before.root : top === undefined ? EMPTY : bytesOf(top.hash).slice(),
    rootBirth: isUnchanged ? before.rootBirth : top === undefined ? -1 : version,
    made,
    removed: new Map(plan.removed.map((each) => [each.path, each])),
    changes: encodeChanges(changedPages(plan, pageOf)),
    values: plan.effective.flatMap((i) =>
      valueOperation(before.tree, sorted.entries, i, sorted.origin[i] as Write, version),
    ),
    overwritten: plan.overwritten.map((leaf) => ({
      key: bytesOf(leaf.words, leaf.at, HASH_WORDS).slice(),
      version: versionOf(leaf),
    })),
    written: new Map(sorted.origin.map(([rawKey, value]) => [nameOf(rawKey), value])),
    parent,
  }
}

/** A raw key as a key of a map. */
export function nameOf(rawKey: Uint8Array): string {
  return String.fromCharCode(...rawKey)
}

/** Hashes pages of one depth: each draft learns its hash, and a page keeps its nodes where it has room for them. */
function hashPages(drafts: readonly Draft[], pages: readonly PageAt[], pageHasher: PageHasher): void {
  pageHasher.hash(
    drafts.map(({ before, changed }, i) => {
      const { words, at } = pages[i] as PageAt
      return { words, at: at + SLOTS, before, changed }
    }),
  )
  drafts.forEach((draft, i) => {
    pageHasher.copyRoot(i, draft.hash, 0)
    const page = pages[i] as PageAt
    const kept = nodesAt(page)
    if (kept >= 0) pageHasher.copyNodes(i, page.words, kept)
  })
}

/** Writes the slots of a page whose children's hashes are known. */
function assemble(draft: Draft, version: number, page: PageAt): void {
  const { taken, leaves, sources, offsets, children } = draft
  const { words } = page
  let at = page.at + SLOTS
  words[at++] = (leaves << 16) | taken
  setBirth(page, version)
  for (let slot = 0; slot < 16; slot++) {
    if (((taken >>> slot) & 1) === 0) continue
    const child = children[slot]
    const count = ((leaves >>> slot) & 1) === 1 ? LEAF_WORDS : CHILD_WORDS
    if (child !== undefined) {
      copyWords(child.hash, 0, words, at, HASH_WORDS)
      writeVersion(words, at + CHILD_BIRTH, version)
    } else copyWords(sources[slot] as Uint32Array, offsets[slot] as number, words, at, count)
    at += count
  }
}

function changedPages(plan: Plan, pageOf: ReadonlyMap<Draft, PageAt>): ChangedPage[] {
  const changed: ChangedPage[] = []
  for (const each of plan.ordered) {
    if (each === undefined) continue
    const { depth, below } = each
    const isDraft = each instanceof Draft
    changed.push({
      depth,
      below,
      changed: isDraft ? changedSlots(each) : 0,
      page: isDraft ? pageOf.get(each) : undefined,
    })
  }
  return changed
}

/** A value is kept with its raw key, so that whoever walks the tree can name what it holds. A deletion writes nothing. */
function valueOperation(
  tree: TreeName,
  entries: Uint32Array,
  i: number,
  [rawKey, value]: Write,
  version: number,
): Operation[] {
  if (value === null) return []
  const key = valueKey(tree, bytesOf(entries, i * LEAF_WORDS, HASH_WORDS), version)
  return [{ key, value: concat(Uint8Array.of(rawKey.length >> 8, rawKey.length), rawKey, value) }]
}
