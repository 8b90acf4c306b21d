/**
 * The memory of an audit that may be interrupted, or goes on another day with what a chain has grown by: a small file of its own, replaced as a whole.
 *
 * What stands in it is believed: that all before the spot that it names was verified, on this level, and found whole. So it is the auditor's to keep
 * where nobody else writes. It is bound to the chain, the level and the block that the audit began at; a checksum tells rot, not malice.
 */
import { basename, dirname, resolve } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { Disk } from '../ports/disk.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { concat, equal, utf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import type { Path, RangeName, TreeName } from '../verify/types.ts'
import type { AuditLevel } from './faults.ts'
import type { Standing } from './join.ts'
import type { Spot } from './source.ts'

export interface KeptRange {
  readonly size: bigint
  readonly peaks: Path
}

/** What an audit has recomputed where it stands. */
export interface RecomputedStanding {
  readonly ranges: Readonly<Record<RangeName, KeptRange>>
  readonly roots: Readonly<Record<TreeName, Uint8Array>> | undefined
  readonly stateUnchecked: string | undefined
  readonly outcomesUnchecked: string | undefined
}

export interface Memory {
  readonly chainId: Uint8Array
  readonly level: AuditLevel
  /** The hash of the block that the audit began behind; absent where it began at the beginning. */
  readonly knownHash: Uint8Array | undefined
  /** Where it goes on. */
  readonly spot: Spot
  readonly standing: Standing
  readonly recomputed: RecomputedStanding | undefined
}

const MAGIC = utf8('cairn.audit/2\n')
const CHECKSUM = 4
/** Some 100 bytes for each of the newest blocks, each revocation and each client. */
const BYTES_MAX: number = 1 << 30

export class MemoryFile {
  private readonly disk: Disk
  private readonly directory: string
  private readonly name: string

  constructor(disk: Disk, path: string) {
    this.disk = disk
    this.directory = dirname(resolve(path))
    this.name = basename(path)
  }

  /** What was noted of this audit; nothing where nothing was. */
  async read(expected: Pick<Memory, 'chainId' | 'level' | 'knownHash'>): Promise<Memory | undefined> {
    const bytes = await readBounded(this.disk, this.directory, this.name, BYTES_MAX)
    if (bytes === undefined) return undefined
    const body = bytes.subarray(MAGIC.length + CHECKSUM)
    const isOurs = equal(bytes.subarray(0, MAGIC.length), MAGIC) && body.length > 0
    if (!isOurs || new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length) !== crc32(body)) {
      throw this.refused('it is damaged, or no file of an audit')
    }
    const memory = deserialize(body) as Memory
    if (!equal(memory.chainId, expected.chainId)) throw this.refused('it is of another chain')
    if (memory.level !== expected.level) throw this.refused(`it is of the level ${memory.level}`)
    const [known, begun] = [memory.knownHash, expected.knownHash]
    const beganThere = known === undefined || begun === undefined ? known === begun : equal(known, begun)
    if (!beganThere) throw this.refused('that audit began at another block')
    return memory
  }

  async write(memory: Memory): Promise<void> {
    const body = serialize(memory)
    const sum = new Uint8Array(CHECKSUM)
    new DataView(sum.buffer).setUint32(0, crc32(body))
    await writeDurably(this.disk, this.directory, this.name, concat(MAGIC, sum, body))
  }

  private refused(why: string): CairnError {
    const message = `The audit cannot go on from ${this.name}: ${why}. Delete it to begin anew, or name another file.`
    return new CairnError('resume_refused', message, { file: `${this.directory}/${this.name}`, why })
  }
}
