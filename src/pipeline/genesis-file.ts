/** The genesis of a chain, in its data directory: written last when a chain is made, so that where it is, all else is. */
import type { Disk } from '../ports/disk.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { utf8 } from '../verify/bytes.ts'
import { decodeGenesis, encodeGenesis } from '../verify/documents.ts'
import { CairnError } from '../verify/error.ts'
import type { Genesis } from '../verify/types.ts'

const FILE = 'genesis.json'
const BYTES_MAX = 4096

export async function hasGenesis(disk: Disk, directory: string): Promise<boolean> {
  return (await disk.list(directory)).includes(FILE)
}

export async function readGenesis(disk: Disk, directory: string): Promise<Genesis> {
  const text = await readBounded(disk, directory, FILE, BYTES_MAX)
  if (text !== undefined) return decodeGenesis(text)
  throw new CairnError(
    'no_chain',
    `There is no chain in ${directory}: make one with Chain.create, or with cairn init.`,
    { directory },
  )
}

export function writeGenesis(disk: Disk, directory: string, genesis: Genesis): Promise<void> {
  return writeDurably(disk, directory, FILE, utf8(`${encodeGenesis(genesis)}\n`))
}
