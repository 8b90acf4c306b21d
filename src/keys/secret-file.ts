/**
 * Files that hold secrets: written 0600 in directories 0700, and refused where others may read them. A secret that somebody may have read is
 * no secret any more, so this is told, not repaired.
 */
import { stat } from 'node:fs/promises'
import type { Disk } from '../ports/disk.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { CairnError } from '../verify/error.ts'

/** Refuses a path that others than its owner may read, write or enter, with `secret_exposed`; nothing happens where it is not there. */
export type Privacy = (path: string) => Promise<void>

const OTHERS = 0o077

/** The modes of the file system, followed through links. Windows has none that say it. */
export const modePrivacy: Privacy = async (path) => {
  const found = await statOf(path)
  if (found !== undefined) demandPrivateMode(path, found)
}

/** For what is open already, so that it is the file that is read. */
export function demandPrivateMode(
  path: string,
  { mode, isDirectory }: { readonly mode: number; readonly isDirectory: boolean },
): void {
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return
  const right = isDirectory ? '700' : '600'
  const shown = (mode & 0o777).toString(8).padStart(3, '0')
  throw new CairnError(
    'secret_exposed',
    `${path} is open to others than its owner (mode ${shown}). If nobody else was ever on this machine, chmod ${right} it; else take what it holds for known, and make a new one.`,
    { path, mode: shown },
  )
}

/** There for good when it comes back, in a directory that is made where it is not there. */
export async function writeSecret(
  disk: Disk,
  directory: string,
  name: string,
  bytes: Uint8Array,
  privacy: Privacy = modePrivacy,
): Promise<void> {
  await disk.makeDirectory(directory)
  await privacy(directory)
  // The disk makes files 0600 and directories 0700.
  await writeDurably(disk, directory, name, bytes)
}

/** Nothing where there is no such file. */
export async function readSecret(
  disk: Disk,
  directory: string,
  name: string,
  max: number,
  privacy: Privacy = modePrivacy,
): Promise<Uint8Array | undefined> {
  await privacy(directory)
  await privacy(`${directory}/${name}`)
  return readBounded(disk, directory, name, max)
}

async function statOf(path: string): Promise<{ readonly mode: number; readonly isDirectory: boolean } | undefined> {
  try {
    const found = await stat(path)
    return { mode: found.mode, isDirectory: found.isDirectory() }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
