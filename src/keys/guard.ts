/**
 * The rollback guard (design, "Rollback guard"): the newest seal that was released, in a file that lies beside the keys and never where the
 * data or its backups are. It tells a chain from an older copy of it.
 *
 * It may lag by a second: what was sealed in that second is not guarded.
 */
import type { Disk } from '../ports/disk.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { equal, toHex, utf8 } from '../verify/bytes.ts'
import { bytes32, type Codec, json, nullable, object, oneOf, u64 } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { readJson } from '../verify/json.ts'

/** The newest seal that was released, or nothing where there is no block yet. */
export interface GuardMark {
  readonly height: bigint
  readonly hash: Uint8Array
}

interface GuardFile {
  readonly format: 'cairn.guard/v1'
  readonly chainId: Uint8Array
  readonly head: GuardMark | null
}

const codec: Codec<GuardFile> = object<GuardFile>({
  format: oneOf('cairn.guard/v1'),
  chainId: bytes32,
  head: nullable(object<GuardMark>({ height: u64, hash: bytes32 })),
})

const GUARD_BYTES_MAX = 4096

/** Whether it was made for a chain that has no block yet, whichever that is. */
export async function isGuardOfNothing(disk: Disk, directory: string, name: string): Promise<boolean> {
  const bytes = await readBounded(disk, directory, name, GUARD_BYTES_MAX)
  const guard = bytes && attempt(() => codec.decode(readJson(bytes), json))
  return guard !== undefined && !(guard instanceof CairnError) && guard.head === null
}

export class Guard {
  private readonly disk: Disk
  private readonly path: string
  private readonly directory: string
  private readonly name: string
  private readonly chainId: Uint8Array
  /** What the file holds, as far as this process read or wrote it. */
  private known: string | undefined

  constructor(disk: Disk, path: string, chainId: Uint8Array) {
    const slash = path.lastIndexOf('/')
    this.disk = disk
    this.path = path
    this.directory = slash < 0 ? '.' : path.slice(0, slash) || '/'
    this.name = path.slice(slash + 1)
    this.chainId = chainId
  }

  /** What it says: nothing where there is no guard, `head: null` where it was made for a chain without a block. */
  async read(): Promise<{ readonly head: GuardMark | null } | undefined> {
    const bytes = await this.readFile()
    this.known = bytes === undefined ? 'nothing' : toHex(bytes)
    if (bytes === undefined) return undefined
    const guard = attempt(() => codec.decode(readJson(bytes), json))
    if (guard instanceof CairnError) throw this.damaged(guard)
    if (equal(guard.chainId, this.chainId)) return { head: guard.head }
    const why = `it is of the chain ${toHex(guard.chainId)}`
    const message = `The guard ${this.path} is not one of this chain: ${why}. Point the option guard at the file that was made with the chain.`
    throw new CairnError('guard_invalid', message, { guard: this.path, why })
  }

  /** Whoever else writes this guard makes blocks of this chain too: then neither may go on. */
  private async demandUnchanged(): Promise<void> {
    const there = await this.readFile()
    if (this.known === undefined || (there === undefined ? 'nothing' : toHex(there)) === this.known) return
    if (there === undefined) {
      throw new CairnError(
        'guard_missing',
        `The guard ${this.path} was there and is gone: somebody moved or deleted it while the chain was open. Bring it back, then start again.`,
        { guard: this.path },
      )
    }
    throw new CairnError(
      'guard_foreign',
      `Another process wrote the guard ${this.path} meanwhile, so another copy of this chain is making blocks. Find it and stop it; then compare both with what followers and receipts say.`,
      { guard: this.path },
    )
  }

  private async readFile(): Promise<Uint8Array | undefined> {
    try {
      return await readBounded(this.disk, this.directory, this.name, GUARD_BYTES_MAX)
    } catch (error) {
      throw error instanceof CairnError ? this.damaged(error) : error
    }
  }

  /** There for good when it comes back. */
  async write(head: GuardMark | null): Promise<void> {
    const guard = { format: 'cairn.guard/v1', chainId: this.chainId, head } as const
    const bytes = utf8(`${JSON.stringify(codec.encode(guard, json))}\n`)
    await this.demandUnchanged()
    // Not before that: whoever brings back a directory that was moved away would bring it into the one that stands there.
    await this.disk.makeDirectory(this.directory)
    await writeDurably(this.disk, this.directory, this.name, bytes)
    this.known = toHex(bytes)
  }

  private damaged({ message: fault }: CairnError): CairnError {
    const message = `The guard ${this.path} is damaged, and cannot be read (${fault}). Bring back the one that was written last; where that is lost, move this one away: then the chain opens for reading only, until what may be lost is accepted (cairn guard accept).`
    return new CairnError('guard_invalid', message, { guard: this.path, why: `it cannot be read (${fault})` })
  }
}
