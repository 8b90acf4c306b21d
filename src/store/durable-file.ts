/**
 * Small files that are replaced as a whole: after a power cut there is the old one or the new one, and once this came back the new one.
 */
import type { Disk } from '../ports/disk.ts'
import { orNothing } from '../ports/system-error.ts'
import { overLimit } from '../verify/fault.ts'

export async function writeDurably(disk: Disk, directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = `${directory}/${name}`
  const temporary = `${path}.tmp`
  // One that a crash left is of no worth: it was never renamed.
  if ((await disk.list(directory)).includes(`${name}.tmp`)) await disk.unlink(temporary)
  const file = await disk.open(temporary, 'create')
  try {
    await file.write(0, bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
  await disk.rename(temporary, path)
  await disk.syncDirectory(directory)
}

/** The whole of a file, or nothing where there is none. */
export async function readBounded(
  disk: Disk,
  directory: string,
  name: string,
  max: number,
): Promise<Uint8Array | undefined> {
  if (!(await disk.list(directory)).includes(name)) return undefined
  // Another process may have taken it away since.
  const file = await orNothing(disk.open(`${directory}/${name}`, 'read'), 'ENOENT')
  if (file === undefined) return undefined
  try {
    const size = await file.size()
    if (size > max) throw overLimit(`the file ${name}`, max, size)
    return await file.read(0, size)
  } finally {
    await file.close()
  }
}
