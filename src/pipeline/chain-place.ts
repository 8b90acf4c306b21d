/** Where a chain lies: the same places for as long as it is open, whatever the working directory is, and links followed. */
import type { Disk } from '../ports/disk.ts'
import { demandBeside } from './options.ts'

export interface ChainPlace {
  readonly directory: string
  readonly guard: string
}

/** Where the journal of the chain in this directory lies. */
export function journalIn(directory: string): string {
  return `${directory}/journal`
}

export async function realPlace(disk: Disk, directory: string, guard: string): Promise<ChainPlace> {
  const place = { directory: await disk.realPath(directory), guard: await disk.realPath(guard) }
  demandBeside(place.directory, place.guard)
  return place
}
