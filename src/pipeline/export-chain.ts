/** An export of the chain in a directory (FORMAT §11): of a copy, or beside the process that has it open. Nothing is locked or written. */
import type { ExportEnd } from '../journal/export-format.ts'
import { type ExportRange, type ExportWatcher, exportJournal } from '../journal/export-write.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { nobleEngine } from '../verify/engine.ts'
import { identify } from '../verify/identity.ts'
import { asHeight, demandMembers } from '../verify/option.ts'
import { journalIn } from './chain-place.ts'
import { readGenesis } from './genesis-file.ts'
import { demandDirectory } from './options.ts'

/** Its bytes as they are asked for, and at its end what it holds. */
export async function* exportChain(
  directory: string,
  range: ExportRange = {},
  watcher?: ExportWatcher,
): AsyncGenerator<Uint8Array, ExportEnd> {
  demandDirectory(directory)
  // What is misspelt must not become an export of all: whoever gets it can read the payloads.
  demandMembers(range, ['from', 'to'] satisfies readonly (keyof ExportRange)[])
  for (const height of [range.from, range.to]) if (height !== undefined) asHeight(height)
  const { hasher } = nobleEngine
  const identity = identify(await readGenesis(nodeDisk, directory), hasher)
  const home = { disk: nodeDisk, directory: journalIn(directory), chainId: identity.chainId }
  return yield* exportJournal(home, identity, range, hasher, watcher)
}
