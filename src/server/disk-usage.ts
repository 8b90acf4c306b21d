/** How much room the files of a directory take. */
import { readdir, stat } from 'node:fs/promises'
import { attemptAsync } from '../pipeline/attempt-async.ts'

/** Bytes of the files that lie in it; those that went away meanwhile, as LevelDB's do, count nothing. */
export async function bytesUnder(directory: string): Promise<number> {
  const names = await attemptAsync(() => readdir(directory))
  if (names instanceof Error) return 0
  let sum = 0
  // One after the other: it is asked a few times a minute, beside those who wait for the same threads.
  for (const name of names) {
    const found = await attemptAsync(() => stat(`${directory}/${name}`))
    if (!(found instanceof Error) && found.isFile()) sum += found.size
  }
  return sum
}
