/**
 * Repairs the journal of a chain that is not open: what is damaged or missing in it is taken from another copy, which is verified first.
 *
 * Promise: what is whole is kept as it is; what is put in its place are blocks of this chain, of the very line that the whole ones are of, with every outcome that
 * their roots name; what was there before is kept aside. A copy of another chain, or of one that parted from this one, is refused, and so is one that does not reach far enough to say
 * what was there: nothing is dropped that may have been acknowledged.
 */

import { fileName } from '../journal/file-name.ts'
import { frameLength, payloadLength } from '../journal/frame.ts'
import { firstHeights } from '../journal/open.ts'
import { encodeRecord } from '../journal/record-write.ts'
import { isInDoubt, type MissingFrame, type Part, restoreFile } from '../journal/restore.ts'
import type { JournalHome } from '../journal/settings.ts'
import { type Surveyed, surveyFile } from '../journal/survey.ts'
import { SECTOR } from '../limits.ts'
import { journalIn } from '../pipeline/chain-place.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { condemnStore } from '../pipeline/open-store.ts'
import type { Disk } from '../ports/disk.ts'
import type { Rng } from '../ports/rng.ts'
import { U64_MAX } from '../store/block-keys.ts'
import { blockHash } from '../verify/block.ts'
import { JOURNAL_FILE_MAX } from '../verify/bounds.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import type { CairnError } from '../verify/error.ts'
import { type Identity, identify } from '../verify/identity.ts'
import type { BlockRecord } from '../verify/records.ts'
import { type OpenSource, RepairSource, refused, wasChanged } from './repair-source.ts'

export interface RepairedFile {
  readonly file: string
  /** The heights of the blocks that were restored in it. */
  readonly from?: bigint
  readonly to?: bigint
  readonly blocks: number
  /** Where what was there before is kept, in the journal's directory. */
  readonly kept?: string
}

/** What is known of a block that the other copy has. */
interface Known {
  /** Of all that it has up to this block: what is read again must be the same. */
  readonly digest: Uint8Array
  /** Of its frame, in bytes. */
  readonly length: number
}

export interface RepairParts {
  readonly directory: string
  readonly disk: Disk
  readonly rng: Rng
  readonly engine: Engine
  /** Opens the other copy, from its beginning: it is read more than once. */
  readonly source: OpenSource
}

/** The files that were repaired; none where nothing was damaged. */
export async function repairChain(parts: RepairParts): Promise<readonly RepairedFile[]> {
  const { disk, directory, engine } = parts
  // Before the lock, which makes the directory: where there is no chain, nothing is left behind.
  const identity = identify(await readGenesis(disk, directory), engine.hasher)
  const unlock = await disk.lock(`${directory}/lock`)
  try {
    const source = await RepairSource.verified(parts.source, identity, engine)
    return await new Repair(parts, identity, source).run()
  } finally {
    await unlock()
  }
}

class Repair {
  private readonly parts: RepairParts
  private readonly identity: Identity
  private readonly home: JournalHome
  private readonly source: RepairSource

  constructor(parts: RepairParts, identity: Identity, source: RepairSource) {
    this.parts = parts
    this.identity = identity
    this.source = source
    this.home = { disk: parts.disk, directory: journalIn(parts.directory), chainId: identity.chainId }
  }

  async run(): Promise<readonly RepairedFile[]> {
    await this.demandSameLine()
    const repaired: RepairedFile[] = []
    // Files that were written are looked at again: there may be new ones between them.
    for (let number = 0; ; number++) {
      const firsts = await this.firsts()
      const first = firsts[number]
      if (first === undefined) return repaired
      const done = await this.repairFile(first, firsts[number + 1])
      if (done !== undefined) repaired.push(done)
    }
  }

  /** Where the files begin; block 0 has to be somewhere. */
  private async firsts(): Promise<readonly bigint[]> {
    const { disk, directory } = this.home
    await disk.makeDirectory(directory)
    const firsts = firstHeights(await disk.list(directory))
    return firsts[0] === 0n ? firsts : [0n, ...firsts]
  }

  /** The highest whole block that both have must be the same one: then so is every one below it. */
  private async demandSameLine(): Promise<void> {
    const known = new Map<bigint, Uint8Array>()
    let above: BlockRecord | undefined
    for (const first of await this.firsts()) {
      await this.survey(first, (record) => {
        const { height } = record.header
        if (height <= this.source.head) {
          known.clear()
          known.set(height, this.hashOf(record))
        } else above ??= record
      })
    }
    for await (const { record, hash } of this.source.blocks()) {
      const own = known.get(record.header.height)
      const isOther = own !== undefined && !equal(own, hash)
      const isCutOff = record.header.height + 1n === above?.header.height && !equal(above.header.parentHash, hash)
      if (isOther || isCutOff) {
        const { height } = record.header
        throw refused(`its block ${height} is ${toHex(hash)}, and another one stands here: they parted`, { height })
      }
    }
  }

  private async survey(first: bigint, onBlock: (record: BlockRecord) => void): Promise<Surveyed> {
    const names = await this.home.disk.list(this.home.directory)
    if (names.includes(fileName(first))) return surveyFile(this.home, first, onBlock)
    // One that is missing is one of which nothing is whole.
    return { first, size: JOURNAL_FILE_MAX, salt: undefined, pieces: [], damage: [{ from: 0, to: 0 }] }
  }

  private async repairFile(first: bigint, following: bigint | undefined): Promise<RepairedFile | undefined> {
    const { head, trailing } = this.source
    const surveyed = await this.survey(first, () => undefined)
    const { pieces, damage } = surveyed
    const kept = pieces.filter(({ heights }) => following === undefined || heights.every((each) => each < following))
    const held = new Set(kept.flatMap(({ heights }) => heights))
    const newest = kept.findLast(({ heights }) => heights.length > 0)?.heights.at(-1) ?? first - 1n
    const end = head > newest ? head : newest
    const last = following === undefined ? end : following - 1n
    // Before they are counted: the name of a file may say any height.
    if (following !== undefined && last > end) throw nothingBefore(following, end + 1n)
    const missing = new Set<bigint>()
    for (let height = first; height <= last; height++) if (!held.has(height)) missing.add(height)
    const isWhole = missing.size === 0 && damage.length === 0 && kept.length === pieces.length
    if (isWhole && !(await isInDoubt(this.home, first))) return undefined
    const known = await this.lookFor(missing)
    const absent = [...missing].find((height) => !known.has(height))
    if (absent !== undefined) throw refused(`it has no block ${absent}: take a newer copy`, { height: absent })
    if (following === undefined) demandAllOf(surveyed, known, head)
    // The seals behind the newest block, which no block follows.
    const added = following === undefined && missing.has(head) && trailing.length > 0 ? [trailing] : []
    const parts = inOrder(kept, this.missingFrames(known), known, first, added)
    const { disk, directory, rng } = this.parts
    // No place in a file is right any more that the store remembers: it is made anew, also where this ends before the file has its name.
    const onMoved = (): Promise<void> => condemnStore(disk, directory)
    const restored = await restoreFile(this.home, surveyed, parts, rng, onMoved)
    const heights = [...missing]
    const [from, to] = [heights[0], heights.at(-1)]
    return {
      file: fileName(first),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      blocks: missing.size,
      ...(restored.kept !== undefined && { kept: restored.kept }),
    }
  }

  /** What the other copy has of these blocks, and nothing of what they hold: all of them may be more than memory holds. */
  private async lookFor(missing: ReadonlySet<bigint>): Promise<ReadonlyMap<bigint, Known>> {
    const known = new Map<bigint, Known>()
    for await (const { record, seals, digest } of this.source.blocks()) {
      if (!missing.has(record.header.height)) continue
      const length = frameLength(payloadLength([...seals, record].map(encodeRecord)))
      known.set(record.header.height, { digest, length })
    }
    return known
  }

  /** Their frames, each with the seals that stand before its block, in order; to be taken all, or let go. */
  private async *missingFrames(known: ReadonlyMap<bigint, Known>): AsyncGenerator<MissingFrame> {
    for await (const { record, seals, digest } of this.source.blocks()) {
      const expected = known.get(record.header.height)
      if (expected === undefined) continue
      // Here, as they are not read to their end before they are written.
      if (!equal(expected.digest, digest)) throw wasChanged()
      yield [...seals, record]
    }
  }

  private hashOf({ header }: BlockRecord): Uint8Array {
    return blockHash(this.identity, header, this.parts.engine.hasher)
  }
}

/**
 * What is damaged behind the newest whole block may be blocks that the other copy does not have: what it gives must fill all of it. In one sector
 * there is room for seals or a close record, and for no block.
 */
function demandAllOf({ pieces, damage }: Surveyed, known: ReadonlyMap<bigint, Known>, head: bigint): void {
  const newest = pieces.findLast(({ heights }) => heights.length > 0)?.offset ?? 0
  const lost = damage.reduce((sum, { from, to }) => sum + (from >= newest ? to - from : 0), 0)
  let given = 0
  for (const { length } of known.values()) given += length
  if (lost <= given + SECTOR) return
  const why = `it ends at block ${head}, and what is damaged behind that may be more blocks: take a newer copy`
  throw refused(why, { head, lost, given })
}

/** What the file held, and where its blocks are missing what is restored. */
async function* inOrder(
  kept: Surveyed['pieces'],
  frames: AsyncGenerator<MissingFrame>,
  missing: ReadonlyMap<bigint, Known>,
  first: bigint,
  added: readonly Part[],
): AsyncGenerator<Part> {
  let next = first
  async function* fill(until: bigint): AsyncGenerator<Part> {
    for (; missing.has(next) && next < until; next++) {
      const frame = await frames.next()
      if (frame.done === true) throw wasChanged()
      yield frame.value
    }
  }
  try {
    for (const piece of kept) {
      // Seals that lie alone stand behind their blocks: nobody takes a seal that comes before.
      yield* fill(piece.heights[0] ?? piece.newest + 1n)
      yield piece
      next = (piece.heights.at(-1) ?? next - 1n) + 1n
    }
    yield* fill(U64_MAX)
    yield* added
  } finally {
    await frames.return(undefined)
  }
}

function nothingBefore(file: bigint, height: bigint): CairnError {
  const name = fileName(file)
  const why = `it has no block ${height}, and ${name} says that it begins behind that one: take a newer copy, or move that file away where it does not belong to the chain`
  return refused(why, { height, file: name })
}
