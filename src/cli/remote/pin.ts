/**
 * What was seen of a chain, in a file where the user says: its genesis, its newest head and what was taken back, as a light client keeps them
 * (`cairn.light-client/v1`). It is the pin: the chain is trusted by it, and no server goes back behind it or shows another one.
 *
 * Promise: it is replaced as a whole, and never by one that has seen less.
 */
import { readFile, stat } from 'node:fs/promises'
import type { StateStore } from '../../client/index.ts'
import { seenByBoth } from '../../client/seen.ts'
import { attempt, CairnError } from '../../verify/error.ts'
import { LightClient } from '../../verify/index.ts'
import { shownPath } from '../place.ts'
import { writeWhole } from '../write-file.ts'

const BYTES_MAX: number = 16 << 20
const OTHERS_WRITE = 0o022

export class Pin implements StateStore {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** What is kept there, or nothing where there is no such file. */
  async read(): Promise<LightClient | undefined> {
    const text = await this.load()
    return text === undefined ? undefined : this.decoded(text)
  }

  async load(): Promise<string | undefined> {
    const found = await stat(this.path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    })
    if (found === undefined) return undefined
    if (process.platform !== 'win32' && (found.mode & OTHERS_WRITE) !== 0) throw this.exposed()
    if (!found.isFile() || found.size > BYTES_MAX) throw this.invalid('it is no file of that size')
    return readFile(this.path, 'utf8')
  }

  async save(text: string): Promise<void> {
    const kept = await this.read()
    const next = this.decoded(text)
    const seen = kept === undefined ? next : seenByBoth(kept, next)
    // However the user's files are made: what others may write is not believed.
    if (seen !== kept) await writeWhole(this.path, `${seen.save()}\n`, 0o600)
  }

  private decoded(text: string): LightClient {
    const light = attempt(() => LightClient.load(text))
    if (light instanceof CairnError) throw this.invalid(light.message)
    return light
  }

  private exposed(): CairnError {
    const file = shownPath(this.path)
    const message = `Others than its owner may write ${file}, and what stands there is believed: chmod go-w ${file}, where nobody else was ever on this machine; else remove it and begin anew.`
    return new CairnError('pin_exposed', message, { file })
  }

  private invalid(why: string): CairnError {
    const file = shownPath(this.path)
    const message = `${file} does not hold what was seen of a chain (${why}): name another file, or remove it and begin anew.`
    return new CairnError('pin_invalid', message, { file, why })
  }
}
