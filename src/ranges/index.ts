/** Ranges on a store: appended to without reading a node, with paths for any two sizes. */
export { type PreparedAppend, StoredRange } from './range.ts'
