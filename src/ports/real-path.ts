/** A path that stays what it is: absolute, with links followed as far as there is something. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export async function realPath(path: string): Promise<string> {
  const absolute = resolve(path)
  try {
    return await realpath(absolute)
  } catch (error) {
    const above = dirname(absolute)
    // What is not there yet will be made below what is.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === absolute) throw error
    return join(await realPath(above), basename(absolute))
  }
}
