/**
 * The names of the simulated disk. What was done to them is there for good when the directories that it concerns were synced; of the
 * rest a cut leaves the first so many, or any, each as a whole: a file that was moved has its old name or its new one, never both.
 */
import { dirname } from 'node:path/posix'
import type { Random } from '../support/seed.ts'
import type { Counts } from './life.ts'
import type { SimFile } from './sim-file.ts'

type Change = (FileChange | DirectoryChange) & {
  /** The directories that have to be synced before it is there for good. */
  readonly unsynced: Set<string>
  /** A sync of it failed: the next one takes it for written. */
  isGivenUp: boolean
}

/** The file has this name from now on, or none. */
interface FileChange {
  readonly file: SimFile
  readonly path: string | undefined
}

interface DirectoryChange {
  readonly directory: string
  readonly isThere: boolean
}

export class SimNames {
  /** What is seen. */
  private files = new Map<string, SimFile>()
  private directories = new Set<string>(['/'])
  /** What was there for good before the first of `changes`. */
  private readonly safeFiles = new Map<string, SimFile>()
  private readonly safeDirectories = new Set<string>(['/'])
  private changes: Change[] = []

  file(path: string): SimFile {
    const file = this.files.get(path)
    if (file === undefined) throw systemError(this.directories.has(path) ? 'EISDIR' : 'ENOENT', path)
    return file
  }

  /** What the file is called by now. */
  nameOf(file: SimFile): string | undefined {
    for (const [path, each] of this.files) if (each === file) return path
    return undefined
  }

  isDirectory(path: string): boolean {
    return this.directories.has(path)
  }

  isThere(path: string): boolean {
    return this.files.has(path) || this.directories.has(path)
  }

  create(path: string, file: SimFile): void {
    if (this.isThere(path)) throw systemError('EEXIST', path)
    this.demandDirectory(dirname(path), path)
    this.note({ file, path }, dirname(path))
  }

  rename(from: string, to: string): void {
    const file = this.file(from)
    this.demandDirectory(dirname(to), to)
    if (this.directories.has(to)) throw systemError('EISDIR', to)
    if (from !== to) this.note({ file, path: to }, dirname(from), dirname(to))
  }

  unlink(path: string): void {
    this.note({ file: this.file(path), path: undefined }, dirname(path))
  }

  list(directory: string): string[] {
    const prefix = directory === '/' ? '/' : `${directory}/`
    return [...this.files.keys(), ...this.directories]
      .filter((path) => path.startsWith(prefix) && path !== '/' && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length))
      .toSorted()
  }

  makeDirectory(directory: string): void {
    if (this.files.has(directory)) throw systemError('EEXIST', directory)
    this.note({ directory, isThere: true }, dirname(directory))
  }

  /** The files that went with it. */
  removeDirectory(directory: string): SimFile[] {
    const isBelow = (path: string): boolean => path === directory || path.startsWith(`${directory}/`)
    const [files, directories] = [[...this.files].filter(([path]) => isBelow(path)), [...this.directories]]
    for (const [, file] of files) this.note({ file, path: undefined }, dirname(directory))
    const gone = directories.filter(isBelow).sort().reverse()
    for (const each of gone) this.note({ directory: each, isThere: false }, dirname(directory))
    return files.map(([, file]) => file)
  }

  sync(directory: string): void {
    this.demandDirectory(directory, directory)
    for (const change of this.changes) if (!change.isGivenUp) change.unsynced.delete(directory)
    // In their order, so that a later change counts for more than an earlier one that is still in doubt.
    while (this.changes[0]?.unsynced.size === 0) {
      apply(this.changes[0], this.safeFiles, this.safeDirectories)
      this.changes.shift()
    }
  }

  failSync(directory: string): void {
    for (const change of this.changes) if (change.unsynced.has(directory)) change.isGivenUp = true
  }

  /** The files that are left. */
  cut(random: Random, counts: Counts): Iterable<SimFile> {
    const isKept = luckOf(random, this.changes.length)
    for (const [i, change] of this.changes.entries()) {
      if (change.unsynced.size === 0 || isKept(i)) apply(change, this.safeFiles, this.safeDirectories)
      else {
        counts.lostDirectoryEntries++
        if ('file' in change && change.path !== undefined && this.hasName(change.file)) counts.lostRenames++
      }
    }
    // A directory is not taken away before what is in it.
    for (const path of [...this.safeFiles.keys(), ...this.safeDirectories]) {
      for (let above = dirname(path); above !== '/'; above = dirname(above)) this.safeDirectories.add(above)
    }
    this.changes = []
    this.files = new Map(this.safeFiles)
    this.directories = new Set(this.safeDirectories)
    return this.files.values()
  }

  get paths(): readonly string[] {
    return [...this.files.keys()]
  }

  /** Past all syncs: the file has this path for good, in a directory that is there for good. */
  replace(path: string, file: SimFile): void {
    for (let above = dirname(path); above !== '/'; above = dirname(above)) {
      this.directories.add(above)
      this.safeDirectories.add(above)
    }
    this.files.set(path, file)
    this.safeFiles.set(path, file)
  }

  /** The same names of copies of the files. */
  copy(): SimNames {
    const copies = new Map<SimFile, SimFile>()
    const copyOf = (file: SimFile): SimFile => {
      const made = copies.get(file) ?? file.copy()
      copies.set(file, made)
      return made
    }
    const copy = new SimNames()
    for (const [path, file] of this.files) copy.files.set(path, copyOf(file))
    for (const [path, file] of this.safeFiles) copy.safeFiles.set(path, copyOf(file))
    for (const directory of this.directories) copy.directories.add(directory)
    for (const directory of this.safeDirectories) copy.safeDirectories.add(directory)
    copy.changes = this.changes.map((change) => ({
      ...change,
      ...('file' in change && { file: copyOf(change.file) }),
      unsynced: new Set(change.unsynced),
    }))
    return copy
  }

  private hasName(file: SimFile): boolean {
    for (const each of this.safeFiles.values()) if (each === file) return true
    return false
  }

  private note(change: FileChange | DirectoryChange, ...concerned: string[]): void {
    apply(change, this.files, this.directories)
    this.changes.push({ ...change, unsynced: new Set(concerned), isGivenUp: false })
  }

  private demandDirectory(directory: string, path: string): void {
    if (!this.directories.has(directory)) throw systemError('ENOENT', path)
  }
}

function apply(change: FileChange | DirectoryChange, files: Map<string, SimFile>, directories: Set<string>): void {
  if ('directory' in change) {
    if (change.isThere) directories.add(change.directory)
    else directories.delete(change.directory)
    return
  }
  // By the file, not by its name: what gave it that one may have been lost.
  for (const [path, file] of files) if (file === change.file) files.delete(path)
  if (change.path !== undefined) files.set(change.path, change.file)
}

/** Which of the changes are kept: all, the first so many, or any. */
function luckOf(random: Random, length: number): (i: number) => boolean {
  const first = random.below(length + 1)
  return random.pick<(i: number) => boolean>([() => true, (i) => i < first, () => random.below(2) === 0])
}

const MESSAGES = {
  ENOENT: 'no such file or directory',
  EEXIST: 'file already exists',
  EISDIR: 'illegal operation on a directory',
  ENOSPC: 'no space left on device',
  EBADF: 'bad file descriptor',
} as const

/** As Node's errors look. */
export function systemError(code: keyof typeof MESSAGES, path: string): Error & { code: string } {
  return Object.assign(new Error(`${code}: ${MESSAGES[code]}, '${path}'`), { code })
}
