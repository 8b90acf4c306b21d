/**
 * The port to files. What it promises of a power cut is what a file system promises, and no more:
 *
 * - what was written is on the disk once `datasync` of that file came back, and not before; a cut leaves of the rest any sectors in any
 *   state between the old and the new;
 * - a name that was made, moved or taken away is so for good once `syncDirectory` came back;
 * - a rename puts one file in the place of another, never half of it;
 * - after a `datasync` or `syncDirectory` that failed nothing is known of what was written before, for good: asking again may answer
 *   that all is well though it is not. Whoever gets such an error stops.
 */
export interface Disk {
  /** The path whatever the working directory will be, with links followed as far as it is there. */
  realPath(path: string): Promise<string>
  /** `read` and `write` demand that the file is there, `create` that it is not. */
  open(path: string, how: 'read' | 'write' | 'create'): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** The names in a directory, sorted; none where it is not there. */
  list(directory: string): Promise<readonly string[]>
  /** Makes it and those above it; nothing happens where it is there. The new names are synced. */
  makeDirectory(directory: string): Promise<void>
  /** Takes a directory away with all that is in it, if it is there. */
  removeDirectory(directory: string): Promise<void>
  syncDirectory(directory: string): Promise<void>
  /** One holder at a time, of all processes; given back with the answer, or when the process ends. Else `chain_locked`. */
  lock(directory: string): Promise<() => Promise<void>>
}

export interface DiskFile {
  size(): Promise<number>
  /** Up to so many bytes, fewer only where the file ends. `room` is so long at least: where it is given, they may be read into it. */
  read(at: number, length: number, room?: Uint8Array): Promise<Uint8Array>
  /** All of the bytes, in place. Beyond the end the file grows. */
  write(at: number, bytes: Uint8Array): Promise<void>
  truncate(size: number): Promise<void>
  datasync(): Promise<void>
  close(): Promise<void>
}
