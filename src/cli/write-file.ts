/** Writes a file as a whole: who reads it finds the old one or the new one, never half of it. */
import { access, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nodeDisk } from '../ports/node-disk.ts'
import { CairnError } from '../verify/index.ts'
import { shownPath } from './place.ts'

/** As readable as the user's files are, or as `mode` says. */
export async function writeWhole(path: string, text: string, mode?: number): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  await naming(path, fill(temporary, [text], mode))
  await moveTo(path, temporary)
}

/** What the system refuses is told of the file that was asked for: nobody knows of the other one. */
async function naming<T>(path: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    throw error instanceof Error && 'path' in error ? Object.assign(error, { path }) : error
  }
}

/** Writes what comes, under another name until it is all there and on the disk; then it gets its own, where no file has it. */
export async function writeNew(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.tmp`
  await fill(temporary, pieces).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? inTheWay(temporary) : error
  })
  try {
    await demandAbsent(path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await moveTo(path, temporary)
  await nodeDisk.syncDirectory(dirname(path))
}

/** Refuses a name that something has already. */
export async function demandAbsent(path: string): Promise<void> {
  if (!(await isThere(path))) return
  const file = shownPath(path)
  throw new CairnError('file_exists', `There is a file ${file} already, and it stays as it is: choose another name.`, {
    file,
  })
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function inTheWay(path: string): CairnError {
  const file = shownPath(path)
  const message = `There is a file ${file} already: it is being written, or somebody who wrote it was cut short. Remove it if nobody writes it.`
  return new CairnError('file_exists', message, { file })
}

async function fill(path: string, pieces: Iterable<string> | AsyncIterable<Uint8Array>, mode?: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    try {
      for await (const piece of pieces) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    await rm(path, { force: true })
    // A write that is refused does not say of which file.
    throw error instanceof Error && 'syscall' in error && !('path' in error) ? Object.assign(error, { path }) : error
  }
}

async function moveTo(path: string, temporary: string): Promise<void> {
  try {
    await naming(path, rename(temporary, path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
