/**
 * The pages of one tree, in the memory of a WebAssembly kernel (kernel/tree.ts): those that were used of late, and those that only the changes
 * of versions hold. A page is an address there. Pages never change: a version makes new ones, and shares those that it leaves alone.
 *
 * Promise: a page that comes out of the store is among them only if it has the hash that its parent says. An address that is kept although its
 * page was let go of leads nowhere: who follows one compares the hash.
 */
import { CairnError } from '../verify/error.ts'
import { checkKernel } from './self-check.ts'
import type { PageAt } from './slots.ts'
import { TREE_KERNEL } from './tree-kernel.ts'

/** One that the kernel exports: an address, of a list or of bytes. */
interface Place {
  readonly value: number
}

/** What kernel/tree.ts exports. Lists are read by `TreeCore.list`. */
interface Kernel {
  readonly memory: WebAssembly.Memory
  readonly KEY: Place
  readonly EXPECTED: Place
  readonly STAGE: Place
  readonly HASHES: Place
  readonly ENTRIES: Place
  readonly MISSING: Place
  readonly GIVEN: Place
  readonly MADE: Place
  readonly REMOVED: Place
  readonly EFFECTIVE: Place
  readonly RECORDS: Place
  readonly PARTS: Place
  readonly STALE: Place
  readonly DYING: Place
  readonly SAVED: Place
  readonly changedBytes: Place
  setLimit(bytes: number): void
  setBounds(appliedNext: number, storedNext: number): void
  setBegun(next: number, keyStart: number): void
  usedBytes(): number
  room(list: number, bytes: number): number
  clear(list: number): void
  find(root: number): number
  resolve(root: number, count: number, version: number): number
  admit(
    parent: number,
    slot: number,
    depth: number,
    birth: number,
    storedNext: number,
    wholeNext: number,
    diff: number,
    isOnlyHere: boolean,
  ): number
  expand(): void
  child(page: number, slot: number): number
  prepare(root: number, count: number, version: number, valueStart: number): number
  newRoot(): number
  apply(removed: number): void
  drop(): void
  beginCheckpoint(root: number, version: number): void
}

/** Names of its lists. */
export type ListName = 'missing' | 'made' | 'removed' | 'effective' | 'records' | 'parts' | 'stale' | 'dying' | 'saved'

/** Where the slots of a page begin, in words. */
const SLOTS = 26
/** `find`: a page on the way is not in memory. */
const NOT_HERE = 1
/** What `prepare` makes of a root page. */
export const UNCHANGED = 0
export const MADE_PAGE = 3
/** That a page may differ from the whole one of the store in any slot. */
const EVERY_SLOT = 0xffff

let compiled: WebAssembly.Module | undefined
let isChecked = false

function instance(): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(TREE_KERNEL), (character) => character.charCodeAt(0)))
  try {
    return new WebAssembly.Instance(compiled, {}).exports as unknown as Kernel
  } catch (error) {
    throw error instanceof RangeError ? noMemory(error) : error
  }
}

/** It says nothing of what is in the store, and must not pass for damage of it. */
function noMemory(cause: RangeError): CairnError {
  const message =
    'The system gives this process no memory for a state tree: WebAssembly reserves many gigabytes of addresses for each, and uses only what it needs. Raise what bounds them (ulimit -v, LimitAS of systemd), and start again.'
  return new CairnError('no_memory', message, { cause })
}

/** What the store has at the path of a page; the births of what is not there are −1. */
export interface StoredAs {
  readonly stored: number
  readonly whole: number
  readonly diff: number
}

export class TreeCore {
  private readonly kernel = instance()
  private words32 = new Uint32Array(this.kernel.memory.buffer)
  private bytes8 = new Uint8Array(this.kernel.memory.buffer)
  private readonly lists: Readonly<Record<ListName, number>>
  private readonly pageStart: number

  /** With so many bytes for pages, of a tree whose keys of pages begin so. */
  constructor(cacheBytes: number, pageStart: number) {
    const { kernel } = this
    kernel.setLimit(cacheBytes)
    const { MISSING, MADE, REMOVED, EFFECTIVE, RECORDS, PARTS, STALE, DYING, SAVED } = kernel
    this.lists = {
      missing: MISSING.value,
      made: MADE.value,
      removed: REMOVED.value,
      effective: EFFECTIVE.value,
      records: RECORDS.value,
      parts: PARTS.value,
      stale: STALE.value,
      dying: DYING.value,
      saved: SAVED.value,
    }
    this.pageStart = pageStart
    if (isChecked) return
    checkKernel(this)
    isChecked = true
  }

  /** All of its memory, until the next call. */
  get words(): Uint32Array {
    if (this.words32.length === 0) this.refresh()
    return this.words32
  }

  get bytes(): Uint8Array {
    if (this.words32.length === 0) this.refresh()
    return this.bytes8
  }

  private refresh(): void {
    const { buffer } = this.kernel.memory
    this.words32 = new Uint32Array(buffer)
    this.bytes8 = new Uint8Array(buffer)
  }

  /** Bytes of the pages in memory. */
  get memory(): number {
    return this.kernel.usedBytes() >>> 0
  }

  /** Bytes of the pages that only the changes hold. */
  get changedBytes(): number {
    return this.kernel.changedBytes.value >>> 0
  }

  /** The newest applied version, and the one up to which every page is in the store: later ones stay. */
  setBounds(applied: number, stored: number): void {
    this.kernel.setBounds(applied + 1, stored + 1)
  }

  /** The version of the checkpoint that was begun last. */
  setBegun(version: number): void {
    this.kernel.setBegun(version + 1, this.pageStart)
  }

  /** The bytes of a list, until the next call. */
  list(name: ListName): Uint8Array {
    const { words, bytes } = this
    const at = this.lists[name] >> 2
    const begin = words[at] as number
    return bytes.subarray(begin, begin + (words[at + 1] as number))
  }

  /** A copy of a list of numbers. */
  numbers(name: ListName): Uint32Array {
    const bytes = this.list(name)
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2).slice()
  }

  forget(name: ListName): void {
    this.kernel.clear(this.lists[name])
  }

  /** Adds bytes to a list. */
  append(name: ListName, more: Uint8Array): void {
    const before = this.list(name).slice()
    const at = this.kernel.room(this.lists[name], before.length + more.length) >>> 0
    this.bytes.set(before, at)
    this.bytes.set(more, at + before.length)
  }

  /** The entries that are resolved and prepared next. */
  enter(entries: Uint32Array): void {
    const at = this.kernel.room(this.kernel.ENTRIES.value, 4 * entries.length) >>> 0
    this.words.set(entries, at >> 2)
  }

  /** The key that is looked for, or below which a page stands. */
  setKey(key: Uint8Array): void {
    this.bytes.set(key, this.kernel.KEY.value)
  }

  /**
   * Where the leaf of the key begins, in words; −1 where there is none. Undefined where a page on the way is missing. The pages on the way stay
   * until the next one is looked for.
   */
  find(root: number): number | undefined {
    const found = this.kernel.find(root) >>> 0
    if (found === NOT_HERE) return undefined
    return found === 0 ? -1 : found >>> 2
  }

  /** How many pages on the ways of the entries are missing. The others stay until that version is applied. */
  resolve(root: number, count: number, version: number): number {
    return this.kernel.resolve(root, count, version)
  }

  /** Where the slots of a page are. */
  page(address: number): PageAt {
    return { words: this.words, at: (address >>> 2) + SLOTS }
  }

  hashOf(address: number): Uint8Array {
    return this.bytes.slice(address, address + 32)
  }

  /** The page that a slot points to, undefined where it is not in memory. */
  childOf({ at }: PageAt, slot: number): PageAt | undefined {
    const child = this.kernel.child(4 * (at - SLOTS), slot) >>> 0
    return child === 0 ? undefined : this.page(child)
  }

  /** Takes up a page of the store, on the way to the key; 0 where it has not the hash that its parent says. */
  admit(slots: Uint32Array, parent: number, slot: number, depth: number, birth: number, as: StoredAs): number {
    return this.take(slots, parent, slot, depth, birth, as, false)
  }

  /** The same for one that only the changes hold. */
  restore(
    slots: Uint32Array,
    parent: number,
    slot: number,
    depth: number,
    birth: number,
    as: Omit<StoredAs, 'diff'>,
  ): number {
    return this.take(slots, parent, slot, depth, birth, { ...as, diff: EVERY_SLOT }, true)
  }

  private take(
    slots: Uint32Array,
    parent: number,
    slot: number,
    depth: number,
    birth: number,
    { stored, whole, diff }: StoredAs,
    isOnlyHere: boolean,
  ): number {
    this.words.set(slots, this.kernel.STAGE.value >> 2)
    return this.kernel.admit(parent, slot, depth, birth, stored + 1, whole + 1, diff, isOnlyHere) >>> 0
  }

  /** The hash that a page without a parent has to have. */
  expectRoot(root: Uint8Array): void {
    this.bytes.set(root, this.kernel.EXPECTED.value)
  }

  /** The hashes of the places of a page, as in a heap: the root at 1, the slots from 16 on. */
  placesOf({ words, at }: PageAt, size: number): Uint8Array {
    // Within its memory or from outside.
    this.words.set(words.subarray(at, at + size), this.kernel.STAGE.value >> 2)
    this.kernel.expand()
    const { value } = this.kernel.HASHES
    return this.bytes.slice(value, value + 32 * 32)
  }

  /** What becomes of the root page by the entries; what it made is in the lists then. */
  prepare(root: number, count: number, version: number, valueStart: number): number {
    return this.kernel.prepare(root, count, version, valueStart)
  }

  get newRoot(): number {
    return this.kernel.newRoot() >>> 0
  }

  /** A version is applied: its pages take the place of those that they were made from. */
  apply(removed: Uint32Array, made: Uint32Array): void {
    this.give(removed, made)
    this.kernel.apply(removed.length)
  }

  /** A version will never be applied. */
  drop(made: Uint32Array): void {
    this.give(new Uint32Array(0), made)
    this.kernel.drop()
  }

  private give(first: Uint32Array, then: Uint32Array): void {
    const at = this.kernel.room(this.kernel.GIVEN.value, 4 * (first.length + then.length)) >>> 2
    this.words.set(first, at)
    this.words.set(then, at + first.length)
  }

  /** Takes up what a checkpoint writes, the list `saved`: all pages that only the changes hold. */
  beginCheckpoint(root: number, version: number): void {
    this.kernel.beginCheckpoint(root, version)
  }
}
