/** State trees on a store: prepared without touching anything, applied in one batch, read and proved at every version that is kept. */
export { type LevelSettings, openLevelStore } from '../ports/level-store.ts'
export { Batch, type KeyRange, type Operation, type Store } from '../ports/store.ts'
export type { CheckpointSettings } from './checkpoint.ts'
export type { Prepared } from './prepare.ts'
export { StateTree, type TreeSettings } from './tree.ts'
