/** What a store that does not hold what was written means: it is thrown away and made again from the journal. */
import { CairnError } from '../verify/error.ts'
import type { TreeName } from '../verify/types.ts'

export function damaged(tree: TreeName, what: string, details: Readonly<Record<string, unknown>> = {}): CairnError {
  const message = `The store is damaged (${tree} tree: ${what}). Rebuild it from the journal.`
  return new CairnError('store_damaged', message, { tree, ...details })
}

/**
 * Reads a record of changes. What rotted in it may point anywhere, outside of it too: that is damage like any other. What it leads to
 * inside is hashed and compared afterwards.
 */
export function readingChanges<T>(tree: TreeName, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw damaged(tree, 'a record of changes is not what was written')
    throw error
  }
}
