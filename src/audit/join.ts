/**
 * The reading of a chain in its order: what was examined frame by frame is joined to what stands before it. Here it is decided whether a chain is
 * whole: parents, heights, seqs, at most once, seals and what covers the blocks that have none; and, at the levels above `seals`, what the
 * recomputation says of each block.
 *
 * Promise: memory is bounded, but for one entry a client and one a revocation. The first fault is the first in the chain's order.
 */
import { equal, toHex } from '../verify/bytes.ts'
import { wrongWithSuccessor } from '../verify/chain-order.ts'
import { RecentSeals } from '../verify/chain-seals.ts'
import type { Engine } from '../verify/engine.ts'
import type { Identity } from '../verify/identity.ts'
import type { BlockRecord, CloseRecord } from '../verify/records.ts'
import type { Head, Header, Revocation } from '../verify/types.ts'
import { type ExaminedBlock, type ExaminedFrame, type ExaminedRecord, type ExaminedSeal, repeats } from './examine.ts'
import type { AuditFault, FaultFound } from './faults.ts'
import type { Spot } from './source.ts'

/** A block that is known to be of the chain, from where the reading goes on. */
export interface KnownBlock {
  readonly header: Header
  readonly hash: Uint8Array
  /** The delegation under which it is known to be sealed. */
  readonly sealedBy: bigint
}

/** What is recomputed of every block, at the levels that do. */
export interface Recomputation {
  /** What is wrong with a block; its record is made only where it is needed. */
  faultOf(block: ExaminedBlock, record: () => BlockRecord): Promise<FaultFound | undefined>
}

/** A block, and where it lies. */
interface PlacedBlock {
  readonly at: Spot
  readonly header: Header
  readonly hash: Uint8Array
}

/** So many of the newest blocks of a chain that is being made may not have their seal in its journal yet. */
export const UNSEALED_MAX = 64

/** What a reading knows where it stands: all that it takes to go on from there. */
export interface Standing {
  readonly parent: Header | undefined
  readonly parentHash: Uint8Array | undefined
  readonly blocks: bigint
  readonly commands: bigint
  readonly highest: ReadonlyMap<string, bigint>
  readonly revocations: readonly Revocation[]
  readonly recent: RecentSeals['remembered']
  readonly newest: ReadonlyMap<bigint, PlacedBlock>
  readonly newestSealed: bigint | undefined
  readonly sealUnchecked: string | undefined
  readonly closedAt: bigint | undefined
  readonly metKnown: boolean
}

/** What a joined reading begins with. */
export interface Joined {
  /** The height of the first block, where that is not 0: it is taken as it is where no block before it is known. */
  readonly begins?: bigint
  readonly recomputation?: Recomputation
  readonly known?: KnownBlock
  readonly wanted?: Head
}

export class Joiner {
  parent: Header | undefined
  parentHash: Uint8Array | undefined
  blocks = 0n
  commands = 0n
  sealUnchecked: string | undefined
  /** Whether the head that was to be found in the chain was. */
  metHead = false
  private readonly seals: RecentSeals
  private readonly recomputation: Recomputation | undefined
  private readonly wanted: Head | undefined
  private readonly known: KnownBlock | undefined
  private readonly begins: bigint
  private readonly highest = new Map<string, bigint>()
  private readonly revocations = new Map<string, Revocation>()
  /** The newest blocks, and where they lie. */
  private readonly newest = new Map<bigint, PlacedBlock>()
  private closedAt: bigint | undefined
  private metKnown = false

  constructor(identity: Identity, engine: Engine, { begins = 0n, recomputation, known, wanted }: Joined = {}) {
    this.seals = new RecentSeals(identity, engine)
    this.recomputation = recomputation
    this.begins = begins
    this.known = known
    this.wanted = wanted
    if (known === undefined) return
    const { header, hash, sealedBy } = known
    this.parent = header
    this.parentHash = hash
    this.seals.block(header.height, hash, header.timestamp)
    this.seals.sealed(header.height, sealedBy)
  }

  /** The height of the block that comes next. */
  get next(): bigint {
    return this.parent === undefined ? this.begins : this.parent.height + 1n
  }

  /** Once, however often a chain repeats it. */
  learn(revocation: Revocation): void {
    const { index, fromHeight, parentHash, signature } = revocation
    const copy = { index, fromHeight, parentHash: parentHash.slice(), signature: signature.slice() }
    this.revocations.set(`${index} ${fromHeight} ${toHex(parentHash)}`, copy)
  }

  /** What is wrong with the head that is to be found, where the reading starts at its height. */
  faultOfStart(): FaultFound | undefined {
    return this.known && this.faultOfWanted(this.known.header.height, this.known.hash)
  }

  /** A file begins, whose first block is of this height. */
  faultOfFile(first: bigint): FaultFound | undefined {
    if (first === this.next || (this.known !== undefined && first < this.next && this.blocks === 0n)) return undefined
    return this.fault('order', `the file begins at block ${first}, and block ${this.next} comes next`)
  }

  async faultOfFrame(
    file: string,
    { offset, records, broken }: ExaminedFrame,
    recordAt: (index: number) => BlockRecord,
  ): Promise<AuditFault | undefined> {
    const at = { file, offset }
    if (broken !== undefined) return { ...this.fault('frames', broken), ...at }
    for (const record of records) {
      const fault = await this.faultOf(record, at, recordAt)
      if (fault !== undefined) return { ...fault, ...at }
    }
    return undefined
  }

  private async faultOf(
    record: ExaminedRecord,
    at: Spot,
    recordAt: (index: number) => BlockRecord,
  ): Promise<FaultFound | undefined> {
    if (record.k === 'malformed') {
      return this.fault('format', record.reason, record.isOfNewest ? { height: this.parent?.height ?? 0n } : {})
    }
    if (record.k === 'close') return this.faultOfClose(record)
    this.closedAt = undefined
    return record.k === 'seal' ? this.faultOfSeal(record) : this.faultOfBlock(record, at, recordAt)
  }

  private async faultOfBlock(
    block: ExaminedBlock,
    at: Spot,
    recordAt: (index: number) => BlockRecord,
  ): Promise<FaultFound | undefined> {
    const { header, hash, clients, fault } = block
    if (this.known !== undefined && header.height <= this.known.header.height && this.blocks === 0n) {
      return this.faultOfKnown(header, hash)
    }
    const isFirst = this.parent === undefined && header.height === this.begins
    const disorder = isFirst ? undefined : wrongWithSuccessor(header, this.parent, this.parentHash)
    if (disorder !== undefined) return this.fault('order', disorder)
    if (fault?.check === 'order' || fault?.check === 'hashes') return this.fault(fault.check, fault.reason, fault)

    const repeated = this.repeated(block)
    if (repeated !== undefined) return repeated
    const wrong =
      (await this.recomputation?.faultOf(block, () => recordAt(block.deep?.index ?? 0))) ??
      (fault?.check === 'authority' ? fault : undefined)
    if (wrong !== undefined) return this.fault(wrong.check, wrong.reason, wrong)

    const other = this.faultOfWanted(header.height, hash)
    if (other !== undefined) return other
    for (const each of block.revocations) this.learn(each)
    clients.names.forEach((client, i) => {
      this.highest.set(client, clients.numbers[3 * i + 2] as bigint)
    })
    this.blocks++
    this.commands += header.commandCount
    this.parent = copyOf(header)
    this.parentHash = hash
    this.seals.block(header.height, hash, header.timestamp)
    this.newest.set(header.height, { at, header: this.parent, hash })
    this.newest.delete(header.height - BigInt(2 * UNSEALED_MAX))
    return undefined
  }

  /** Blocks up to the one from which the reading starts are taken as known: theirs is only to lead up to it. */
  private faultOfKnown(header: Header, hash: Uint8Array): FaultFound | undefined {
    if (header.height !== this.known?.header.height) return undefined
    this.metKnown = true
    if (equal(hash, this.known.hash)) return undefined
    return this.fault('head', 'the block at the height of the proof is another one', { height: header.height })
  }

  /** FORMAT §9: a client's numbers only grow, in a block and along the chain. */
  private repeated({ clients, fault }: ExaminedBlock): FaultFound | undefined {
    let first = fault?.check === 'requests' ? fault : undefined
    clients.names.forEach((client, i) => {
      const highest = this.highest.get(client)
      const [request, seq] = [clients.numbers[3 * i] as bigint, clients.numbers[3 * i + 1] as bigint]
      if (highest === undefined || request > highest) return
      if (first?.seq === undefined || seq < first.seq) first = repeats(request, highest, seq)
    })
    return first && this.fault(first.check, first.reason, first)
  }

  private faultOfWanted(height: bigint, hash: Uint8Array): FaultFound | undefined {
    if (this.wanted?.height !== height) return undefined
    this.metHead = true
    if (equal(hash, this.wanted.blockHash)) return undefined
    return this.fault('head', 'the block at the height of your head is another one', { height })
  }

  private faultOfSeal({ height, index, judged, record }: ExaminedSeal): FaultFound | undefined {
    // Of a block before the one from which the reading starts: nothing here rests on it.
    if (this.known !== undefined && height < this.known.header.height) return undefined
    if (height >= this.next) return this.fault('seals', 'a seal stands before its block', { height })
    if (!this.seals.isRecent(height)) {
      this.sealUnchecked = `the seal of height ${height} came too late to be checked`
      return undefined
    }
    if (record !== undefined) {
      const wrong = this.seals.seal(height, record.seal)
      return wrong === undefined ? undefined : this.fault('seals', wrong, { height })
    }
    if (judged?.wrong !== undefined) return this.fault('seals', judged.wrong, { height })
    this.seals.sealed(height, index)
    return undefined
  }

  private faultOfClose({ height, hash }: CloseRecord): FaultFound | undefined {
    this.closedAt = height
    const isSkipped = this.known !== undefined && this.blocks === 0n && height <= this.known.header.height
    const isHead = height === this.parent?.height && equal(hash, this.parentHash ?? hash)
    if (isHead || isSkipped) return undefined
    const at = { height: this.parent?.height ?? 0n }
    return this.fault('order', 'a close record names another block than the newest', at)
  }

  /** What the end of the chain lacks: a block, a seal that covers the newest ones, the head that was to be in it. */
  faultOfEnd(isLive: boolean): AuditFault | undefined {
    const head = this.parent?.height
    if (head === undefined) return this.fault('order', 'there is no block')
    const { known, wanted } = this
    if (known !== undefined && this.blocks === 0n && !this.metKnown) {
      return this.fault('head', `the chain ends before block ${known.header.height} of the proof`, { height: head })
    }
    if (wanted !== undefined && wanted.height > head) {
      return this.fault('head', `the chain ends at block ${head}, before your head at ${wanted.height}`, {
        height: head,
      })
    }
    const unsealed = this.unsealed
    const mayBeOpen = isLive && this.closedAt === undefined && unsealed !== undefined
    if (unsealed !== undefined && !(mayBeOpen && head - unsealed < BigInt(UNSEALED_MAX))) {
      const reason = `the blocks from height ${unsealed} to ${head} have no seal`
      return { ...this.fault('seals', reason, { height: unsealed }), ...this.newest.get(unsealed)?.at }
    }
    return this.revoked()
  }

  /** The first of the newest blocks that no seal covers, leaving revocations aside. */
  get unsealed(): bigint | undefined {
    const { newestSealed } = this.seals
    const head = this.parent?.height
    if (head === undefined || newestSealed === head) return undefined
    return newestSealed === undefined ? this.begins : newestSealed + 1n
  }

  /** The newest block; or, where blocks from some height on have no seal yet, the one before them: those may be gone after a power cut. */
  headOf(unsealed: bigint | undefined): Required<Head> | undefined {
    const { parent, parentHash } = this
    const newest = parent && parentHash && { header: parent, hash: parentHash }
    const found = unsealed === undefined ? newest : this.newest.get(unsealed - 1n)
    if (found === undefined) return undefined
    const { height, epoch, timestamp } = found.header
    return { height, blockHash: found.hash, epoch, timestamp }
  }

  private revoked(): FaultFound | undefined {
    const sealed = this.seals.newestSealed
    const byValid = this.seals.newestValid([...this.revocations.values()])
    if (sealed === undefined || byValid === sealed) return undefined
    const { oldest } = this.seals
    const height = byValid === undefined ? oldest : byValid + 1n
    const from = byValid === undefined && oldest > 0n ? `height ${height} or an earlier one` : `height ${height}`
    return this.fault('revocation', `the blocks from ${from} to ${sealed} have revoked seals only`, { height })
  }

  private fault(
    check: FaultFound['check'],
    reason: string,
    at: { readonly height?: bigint; readonly seq?: bigint } = {},
  ): FaultFound {
    const { height = this.next, seq } = at
    return { check, reason, height, ...(seq !== undefined && { seq }) }
  }

  get standing(): Standing {
    const { parent, parentHash, blocks, commands, highest, newest, sealUnchecked, closedAt, metKnown, seals } = this
    const { remembered: recent, newestSealed } = seals
    const revocations = [...this.revocations.values()]
    return {
      parent,
      parentHash,
      blocks,
      commands,
      highest,
      revocations,
      recent,
      newest,
      newestSealed,
      sealUnchecked,
      closedAt,
      metKnown,
    }
  }

  /** Goes on where another reading stood; what is wrong with the head that is to be found, where it lies before that. */
  restore(standing: Standing): FaultFound | undefined {
    this.parent = standing.parent
    this.parentHash = standing.parentHash
    this.blocks = standing.blocks
    this.commands = standing.commands
    this.sealUnchecked = standing.sealUnchecked
    this.closedAt = standing.closedAt
    this.metKnown = standing.metKnown
    for (const [client, request] of standing.highest) this.highest.set(client, request)
    for (const each of standing.revocations) this.learn(each)
    for (const { height, hash, timestamp, sealedBy } of standing.recent) {
      this.seals.block(height, hash, timestamp)
      for (const index of sealedBy) this.seals.sealed(height, index)
    }
    this.seals.newestSealed = standing.newestSealed
    for (const [height, block] of standing.newest) this.newest.set(height, block)
    const there = standing.recent.find(({ height }) => height === this.wanted?.height)
    return there && this.faultOfWanted(there.height, there.hash)
  }
}

/** It outlives the frame that it was read from. */
function copyOf(header: Header): Header {
  const { parentHash, commandsHash, batchRoot } = header
  return {
    ...header,
    parentHash: parentHash.slice(),
    commandsHash: commandsHash.slice(),
    batchRoot: batchRoot.slice(),
  }
}
