/** The genesis of a chain, in its data directory: written last when a chain is made, so that where it is, all else is. */
import { claimsToBeJournal } from '../journal/file-name.ts'
import type { Disk } from '../ports/disk.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { utf8 } from '../verify/bytes.ts'
import { decodeGenesis, encodeGenesis } from '../verify/documents.ts'
import { CairnError } from '../verify/error.ts'
import type { Genesis } from '../verify/types.ts'
import { journalIn } from './chain-place.ts'

const FILE = 'genesis.json'
const BYTES_MAX = 4096

export async function hasGenesis(disk: Disk, directory: string): Promise<boolean> {
  return (await disk.list(directory)).includes(FILE)
}

export async function readGenesis(disk: Disk, directory: string): Promise<Genesis> {
  const text = await readBounded(disk, directory, FILE, BYTES_MAX)
  if (text !== undefined) return decodeGenesis(text)
  const files = (await disk.list(journalIn(directory))).filter(claimsToBeJournal)
  const message =
    files.length === 0
      ? `There is no chain in ${directory}: make one with Chain.create, or with cairn init.`
      : `There is a journal in ${directory}, and no ${FILE}. Where cairn init was cut short, repeat it; else bring it back from a backup, or write it anew: it is the member "genesis" of any proof of this chain.`
  throw new CairnError('no_chain', message, { directory })
}

export function writeGenesis(disk: Disk, directory: string, genesis: Genesis): Promise<void> {
  return writeDurably(disk, directory, FILE, utf8(`${encodeGenesis(genesis)}\n`))
}
