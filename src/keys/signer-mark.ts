/**
 * The mark of a signer in a process of its own: of each chain the newest block that it signed, or was about to. It is on the disk before the
 * signature leaves the process, so that no restart and no power cut ever lets it sign another block at that height, or one below.
 */
import type { Disk } from '../ports/disk.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { equal, toHex, utf8 } from '../verify/bytes.ts'
import { bytes32, type Codec, json, object, oneOf, u64 } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { readJson } from '../verify/json.ts'

interface Mark {
  readonly height: bigint
  readonly hash: Uint8Array
}

interface MarkFile extends Mark {
  readonly format: 'cairn.signer-mark/v1'
  readonly chainId: Uint8Array
}

const codec: Codec<MarkFile> = object<MarkFile>({
  format: oneOf('cairn.signer-mark/v1'),
  chainId: bytes32,
  height: u64,
  hash: bytes32,
})

const BYTES_MAX = 4096
/** What asks for seals may invent chains, and each takes a file. */
const CHAINS_MAX = 64

export class SignerMarks {
  private readonly disk: Disk
  private readonly directory: string
  private readonly marks = new Map<string, Mark>()
  /** Of which chains this process wrote the mark itself. */
  private readonly written = new Set<string>()
  private failed = false
  /** Ends when the newest one that was asked for has its answer. */
  private turn: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, directory: string) {
    this.disk = disk
    this.directory = directory
  }

  /**
   * On the disk when it comes back, where it may be signed; `seal_refused` where it may not. One after the other: two at once would both go by the mark
   * that was there before, and write over each other's. A seal that did not come in time is still under way when the next one is asked for.
   */
  allow(chainId: Uint8Array, height: bigint, hash: Uint8Array): Promise<void> {
    const allowed = this.turn.then(() => this.allowNext(chainId, height, hash))
    this.turn = allowed.catch(() => undefined)
    return allowed
  }

  private async allowNext(chainId: Uint8Array, height: bigint, hash: Uint8Array): Promise<void> {
    const before = await this.read(chainId)
    if (before !== undefined) {
      const isSame = height === before.height && equal(hash, before.hash)
      // One that an earlier process wrote is seen, and is gone with the next power cut where a sync of it failed.
      if (isSame && this.written.has(nameOf(chainId))) return
      if (!isSame && height <= before.height) throw refused(height, before)
    }
    if (this.failed) throw failure()
    const file = { format: 'cairn.signer-mark/v1', chainId, height, hash } as const
    try {
      await writeDurably(
        this.disk,
        this.directory,
        nameOf(chainId),
        utf8(`${JSON.stringify(codec.encode(file, json))}\n`),
      )
    } catch {
      // After a sync that failed nothing is known of the disk: nothing is signed any more.
      this.failed = true
      throw failure()
    }
    this.marks.set(nameOf(chainId), { height, hash })
    this.written.add(nameOf(chainId))
  }

  private async read(chainId: Uint8Array): Promise<Mark | undefined> {
    const name = nameOf(chainId)
    const known = this.marks.get(name)
    if (known !== undefined) return known
    if (this.marks.size >= CHAINS_MAX) throw tooMany()
    const bytes = await readBounded(this.disk, this.directory, name, BYTES_MAX)
    if (bytes === undefined) return undefined
    const mark = attempt(() => codec.decode(readJson(bytes), json))
    if (mark instanceof CairnError || !equal(mark.chainId, chainId)) {
      const message = `${this.directory}/${name} is damaged: bring back what the signer wrote last. An older one lets it sign a height twice.`
      throw new CairnError('signer_mark_invalid', message, { file: name })
    }
    this.marks.set(name, mark)
    return mark
  }
}

function nameOf(chainId: Uint8Array): string {
  return `signed-${toHex(chainId).slice(2)}.json`
}

function refused(height: bigint, before: Mark): CairnError {
  const message = `The signer signed height ${before.height} already and refuses another block at height ${height}.`
  return new CairnError('seal_refused', message, { height, signed: before.height, hash: toHex(before.hash) })
}

function failure(): CairnError {
  return new CairnError(
    'signer_failed',
    'The signer could not write its mark and signs nothing more: see to its disk, then restart it.',
  )
}

function tooMany(): CairnError {
  return new CairnError(
    'signer_failed',
    `The signer signs for ${CHAINS_MAX} chains and takes no more: name its chains.`,
  )
}
