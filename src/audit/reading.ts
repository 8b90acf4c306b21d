/**
 * One reading of a chain: the frames of a source, examined side by side and joined in their order, up to the end or the first fault. Now and then it notes
 * where it stands, where it was asked to.
 *
 * What is noted outlives a power cut, and the newest frame of a chain that is being made may not: it is seen before it is on the disk, and a close record
 * goes with a torn frame behind it. So the note is of what stands before the newest frame, which was on the disk when that was begun.
 */
import { equal } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import type { BlockRecord } from '../verify/records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey } from '../verify/seal.ts'
import { verification } from '../verify/verdict.ts'
import type { ChainAudit } from './audit.ts'
import type { ExaminedFrame, Examining } from './examine.ts'
import type { AuditFault, FaultFound } from './faults.ts'
import { Joiner, type Standing } from './join.ts'
import type { Known } from './known.ts'
import type { CheckedAudit } from './options.ts'
import type { Recomputed } from './recompute.ts'
import { recordsIn } from './records.ts'
import type { AuditSource, Frames, SourceItem, Spot } from './source.ts'
import type { StatesOfStretch } from './states.ts'
import { type Unchecked, verdictsOf } from './verdicts.ts'

/** Where somebody notes how far a reading is, for whoever goes on later. */
export interface Notes {
  /** Whether it is time to note it again. */
  readonly isDue: boolean
  note(spot: Spot, standing: Standing): Promise<void>
}

/** What a reading is made with. */
export interface ReadingParts {
  readonly source: AuditSource
  readonly options: CheckedAudit
  readonly engine: Engine
  readonly identity: Identity
  readonly examining: Examining
  readonly known?: Known
  /** For the levels above `seals`. */
  readonly recomputed?: Recomputed
  readonly notes?: Notes
}

/** An item of the source, on its way through a thread where it is one of frames. */
interface OnItsWay {
  readonly item: SourceItem
  readonly examined?: Promise<readonly ExaminedFrame[]>
  readonly states?: StatesOfStretch
}

/** Of the frames that are on their way, beside the newest one: one alone may be as long as a file of the journal. */
const BYTES_AHEAD: number = 64 << 20

/** So many commands are joined until threads get a turn. */
const TURN_EVERY = 64n

export class Reading {
  private readonly source: AuditSource
  private readonly options: CheckedAudit
  private readonly identity: Identity
  private readonly engine: Engine
  private readonly joiner: Joiner
  private readonly recomputed: Recomputed | undefined
  private readonly examining: Examining
  private readonly notes: Notes | undefined
  private readonly known: Known | undefined
  private readonly onWay: OnItsWay[] = []
  private bytesOnWay = 0
  private spot: Spot | undefined
  private torn: Spot | undefined
  private fault: AuditFault | undefined

  constructor({ source, options, engine, identity, examining, known, recomputed, notes }: ReadingParts) {
    this.source = source
    this.options = options
    this.engine = engine
    this.identity = identity
    this.examining = examining
    this.known = known
    this.recomputed = recomputed
    this.notes = notes
    const { head } = options
    this.joiner = new Joiner(identity, engine, {
      begins: source.from,
      ...(recomputed && { recomputation: recomputed }),
      ...(known?.block && { known: known.block }),
      ...(head && { wanted: head }),
    })
  }

  /** Goes on where another reading noted that it stood. */
  goOn(spot: Spot, standing: Standing): void {
    this.fault = this.joiner.restore(standing)
    this.spot = spot
  }

  async run(): Promise<ChainAudit> {
    this.fault ??= this.faultOfTrust()
    if (this.fault === undefined) await this.read()
    this.fault ??= this.joiner.faultOfEnd(this.source.isLive)
    if (this.fault === undefined) await this.note()
    return this.result()
  }

  private async read(): Promise<void> {
    const { examining, onWay } = this
    const from = this.spot ?? (this.known?.block && this.known.block.header.height + 1n)
    for await (const item of this.source.items(from)) {
      const isFrames = item.kind === 'packed' || item.kind === 'records'
      const examined = isFrames ? examining.examine(item) : undefined
      // Awaited in its turn; until then its failure is nobody's.
      examined?.catch(() => undefined)
      const states = isFrames ? this.recomputed?.stretch(item) : undefined
      onWay.push({ item, ...(examined && { examined }), ...(states && { states }) })
      if (isFrames) this.bytesOnWay += bytesOf(item)
      while (this.hasEnough() && this.mayTake() && this.fault === undefined) await this.take()
      if (this.fault !== undefined) return
    }
    while (onWay.length > 0 && this.fault === undefined) await this.take()
  }

  private hasEnough(): boolean {
    return this.onWay.length > this.examining.ahead || (this.bytesOnWay > BYTES_AHEAD && this.onWay.length > 1)
  }

  /** Whether it is known if the next item holds the newest frame. */
  private mayTake(): boolean {
    return !this.source.isLive || this.onWay.slice(1).some(({ examined }) => examined !== undefined)
  }

  private async take(): Promise<void> {
    const isNewest = !this.mayTake()
    const { item, examined, states } = this.onWay.shift() as OnItsWay
    if (item.kind === 'torn') this.torn = { file: item.file, offset: item.offset }
    else if (item.kind === 'fault') {
      const { file, offset, reason, height = this.joiner.next } = item
      this.fault = { check: 'frames', reason, height, file, offset }
    } else if (item.kind === 'file') {
      const fault = this.joiner.faultOfFile(item.first)
      if (fault !== undefined) this.fault = { ...fault, file: item.file, offset: item.offset }
    } else {
      if (states !== undefined) this.recomputed?.join(states)
      const frames = (await examined) as readonly ExaminedFrame[]
      this.examining.joins(true)
      await this.join(item, frames, isNewest)
      this.examining.joins(false)
      await states?.taken()
      this.bytesOnWay -= bytesOf(item)
      this.source.release?.(item)
    }
  }

  private async join(frames: Frames, examined: readonly ExaminedFrame[], isNewest: boolean): Promise<void> {
    const recordsOf = recordsIn(frames)
    let turnAt = this.joiner.commands + TURN_EVERY
    for (const [i, frame] of examined.entries()) {
      // Where the file begins with it, the file may be gone as well: then what is noted is the end of the one before.
      if (isNewest && i > 0) this.spot = { file: frames.file, offset: frame.offset }
      if (isNewest && i === examined.length - 1) await this.note()
      const recordAt = (index: number): BlockRecord => recordsOf(frame.offset, index)
      this.fault = await this.joiner.faultOfFrame(frames.file, frame, recordAt)
      if (this.fault !== undefined) return
      if (this.joiner.commands < turnAt) continue
      turnAt = this.joiner.commands + TURN_EVERY
      await this.examining.turn()
    }
    this.spot = isNewest ? undefined : endOf(frames)
    const { onProgress, signal } = this.options
    const { blocks, commands } = this.joiner
    onProgress?.({ bytes: this.source.bytesRead, of: this.source.size, blocks, commands })
    if (this.notes?.isDue === true) await this.note()
    if (signal?.aborted !== true) return
    await this.note()
    const next = this.notes === undefined ? '' : ' It goes on from there when it is asked for in the same way again.'
    throw new CairnError('interrupted', `The verification was interrupted before block ${this.joiner.next}.${next}`, {
      height: this.joiner.next,
    })
  }

  private async note(): Promise<void> {
    if (this.spot !== undefined) await this.notes?.note(this.spot, this.joiner.standing)
  }

  /** What is wrong before anything is read. */
  private faultOfTrust(): FaultFound | undefined {
    const { identity, engine, options, source, known } = this
    if (!equal(identity.chainId, options.chainId)) {
      return { check: 'genesis', reason: 'it is of another chain than the trusted one' }
    }
    if (known?.wrong !== undefined) return { check: 'head', reason: known.wrong }
    const brought = [...(options.revocations ?? []), ...(known?.revocations ?? [])]
    const foreign = brought.find((each) => !isRevokedByColdKey(identity, each, engine))
    if (foreign !== undefined) {
      return { check: 'revocation', reason: `the cold key did not sign the revocation of index ${foreign.index}` }
    }
    for (const each of source.authority) {
      const isSigned =
        each.k === 'delegation'
          ? isDelegatedByColdKey(identity, each, engine)
          : isRevokedByColdKey(identity, each, engine)
      if (!isSigned)
        return { check: 'authority', reason: `the cold key did not sign the ${each.k} of index ${each.index}` }
      if (each.k === 'revocation') brought.push(each)
    }
    for (const each of brought) this.joiner.learn(each)
    return this.joiner.faultOfStart()
  }

  private result(): ChainAudit {
    const { joiner, fault, torn, examining } = this
    const { withoutThreads } = examining
    const { blocks, commands, unsealed } = joiner
    const head = joiner.headOf(fault === undefined ? unsealed : undefined)
    return {
      ...verification(verdictsOf(fault, this.notChecked())),
      level: this.options.level,
      blocks,
      commands,
      ...(head && { head }),
      ...(unsealed !== undefined && { unsealed }),
      ...(torn && { torn }),
      ...(fault && { fault }),
      ...(withoutThreads !== undefined && { withoutThreads }),
    }
  }

  private whyNotHead(begins: string | undefined): string | undefined {
    if (this.options.head === undefined) return 'no head that was accepted before was given'
    if (this.joiner.metHead || this.fault !== undefined) return undefined
    return begins ?? 'it lies before the place from which this reading went on'
  }

  /** What was not checked though nothing was wrong before it. */
  private notChecked(): Unchecked {
    const { options, joiner, recomputed, known } = this
    const { level, revocations } = options
    const first = known?.block ? known.block.header.height + 1n : this.source.from
    const begins = first === 0n ? undefined : `before block ${first} nothing was read`
    const above = (name: string): string => `not at the level ${level}: ${name}`
    const unsealed =
      joiner.unsealed === undefined ? undefined : `the blocks from height ${joiner.unsealed} on have no seal yet`
    return {
      ...(level === 'seals' && {
        ranges: above('roots recomputes the ranges'),
        state: above('roots recomputes the state'),
      }),
      ...(level !== 'replay' && { outcomes: above('replay executes the commands again') }),
      ...(begins && { requests: `${begins}: whether a command repeats one of those is not known` }),
      ...(begins &&
        known?.block === undefined && {
          order: `${begins}, and no proof of what stands there was given: from there on it is in order, but not known to go on from the chain`,
        }),
      ...recomputed?.unchecked,
      seals: joiner.sealUnchecked ?? unsealed,
      revocation: revocations === undefined ? 'no list of revocations from another source was given' : undefined,
      head: this.whyNotHead(begins),
    }
  }
}

function bytesOf(frames: Frames): number {
  return frames.kind === 'packed' ? frames.bytes.length : frames.end - frames.offset
}

/** Where the frames end. */
function endOf(frames: Frames): Spot {
  return { file: frames.file, offset: frames.offset + bytesOf(frames) }
}
