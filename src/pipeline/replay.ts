/**
 * Reads the log from where the store ends: every block is made again out of what it holds, compared with what it says, and applied. Seals are
 * checked, and what the chain knows of delegations and revocations is gathered on the way.
 *
 * Promise: what is applied here is what was prepared when the block was made, byte for byte, or the start stops.
 */
import type { CommitLog, Place } from '../ports/commit-log.ts'
import { blockHash, incoherence } from '../verify/block.ts'
import { equal, toHex } from '../verify/bytes.ts'
import { misplacedSeq, wrongWithSuccessor } from '../verify/chain-order.ts'
import { RecentSeals } from '../verify/chain-seals.ts'
import { forbiddenIn } from '../verify/chain-state.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { clientKey, putsMachine } from '../verify/own-writes.ts'
import type { Authority, BlockRecord, SealRecord } from '../verify/records.ts'
import type { Roots, Seal } from '../verify/types.ts'
import { Assembler } from './assemble.ts'
import { wrongWithAuthority } from './authority.ts'
import { heightOf, type PreparedBlock, type Standing } from './block.ts'
import type { ChainStore } from './chain-store.ts'
import { requestIn } from './clients.ts'
import { recordsOf } from './decode-record.ts'
import { stopAt } from './stopped.ts'

export interface ReplayParts {
  readonly identity: Identity
  readonly engine: Engine
  readonly store: ChainStore
  /** Called now and then with the newest height. */
  readonly onProgress: (height: bigint) => void
}

/** A head as it is in the log. */
export interface ReadHead {
  readonly record: BlockRecord
  readonly hash: Uint8Array
}

const PROGRESS_EVERY = 256n

export class Replay {
  readonly authority: Authority[] = []
  head: ReadHead | undefined
  /** All seals of the head, in the order of the log. */
  headSeals: readonly Seal[] = []
  private readonly seals: RecentSeals
  private readonly parts: ReplayParts
  private readonly assembler: Assembler
  private standing: Standing
  private applying: Promise<void> = Promise.resolve()
  /** The newest block that the store had before: the frame that has it may have some before it, which the store has as well. */
  private readonly applied: bigint
  /** The newest of the blocks that are not applied: their seals are left alone with them. */
  private leftAlone = -1n

  constructor(parts: ReplayParts, standing: Standing) {
    this.parts = parts
    this.applied = parts.store.height
    this.assembler = new Assembler(parts.identity, parts.store, parts.engine.hasher)
    this.standing = standing
    this.seals = new RecentSeals(parts.identity, parts.engine)
  }

  /** From this place, where the newest applied block is, or from the beginning; blocks above `until` are left alone. */
  async run(log: CommitLog, from: Place | undefined, until: bigint): Promise<Standing> {
    for await (const frame of log.read(from)) {
      for (const record of recordsOf(frame, heightOf(this.standing))) {
        if (record.k === 'block') {
          if (record.header.height > until) {
            this.leftAlone = record.header.height
            continue
          }
          await this.block(record, frame.place)
        } else if (record.k === 'seal') this.seal(record)
      }
    }
    await this.applying
    return this.standing
  }

  private async block(record: BlockRecord, place: Place): Promise<void> {
    const { store, onProgress } = this.parts
    const { height, timestamp } = record.header
    this.headSeals = []
    demandAuthority(record, this.parts)
    if (height <= this.applied) {
      const { hash } = store.mark(height)
      this.demandApplied(record, hash)
      this.head = { record, hash }
      this.standing = { ...this.standing, header: record.header, hash }
    } else {
      const block = this.remake(record)
      const durable = { ...block, place, size: 0 }
      await this.applying
      this.applying = store.apply(durable)
      // Awaited before the next one is applied, and at the end; until then its failure is nobody's.
      this.applying.catch(() => undefined)
      this.head = { record, hash: block.hash }
      this.standing = block
    }
    this.seals.block(height, this.head.hash, timestamp)
    this.authority.push(...record.authority)
    if (height % PROGRESS_EVERY === PROGRESS_EVERY - 1n) onProgress(height)
  }

  /** The store has this block, as it says itself: it must be this one. */
  private demandApplied(record: BlockRecord, applied: Uint8Array): void {
    const { identity, engine } = this.parts
    const wrong = incoherence(identity, record.header, record.roots, engine.hasher)
    const made = this.hashOf(record)
    if (wrong === undefined && equal(made, applied)) return
    throw stopAt(
      { journal: 'good', store: 'other' },
      `Block ${record.header.height} of the journal is not the one that was applied.`,
      {
        height: record.header.height,
        journal: toHex(made),
        store: toHex(applied),
      },
    )
  }

  private hashOf({ header }: BlockRecord): Uint8Array {
    return blockHash(this.parts.identity, header, this.parts.engine.hasher)
  }

  private remake(record: BlockRecord): PreparedBlock {
    const { identity, engine } = this.parts
    const { header, roots, commands, notes, authority } = record
    const { standing } = this
    const disorder = wrongWithSuccessor(header, standing.header, standing.header && standing.hash)
    if (disorder !== undefined || misplacedSeq(record) !== undefined) {
      const what = `Block ${header.height} of the journal does not follow on what is before it: ${disorder ?? 'its commands are not those of its seqs'}.`
      throw stopAt({ journal: 'not-next' }, what, { height: header.height, expected: heightOf(standing) + 1n })
    }
    this.demandRequests(record)
    const forbidden = forbiddenIn(record)
    if (forbidden !== undefined) throw blockInvalid(header.height, forbidden.reason)
    if (commands.some(({ writes }) => writes === undefined)) throw snapshotNeeded(header.height, 'what was written')
    const { epoch, timestamp } = header
    const made = this.assembler.assemble(standing, { epoch, timestamp, commands, notes, authority })
    const isErased = commands.findLast(putsMachine)?.payloadHash !== undefined
    if (isErased && !equal(roots.state, made.roots.state)) {
      throw snapshotNeeded(header.height, 'the payload that names the machine in force')
    }
    demandSameRoots(header.height, roots, made.roots)
    if (!equal(made.hash, this.hashOf(record))) {
      throw stopAt(
        { journal: 'roots-differ' },
        `Block ${header.height} has another header than its commands and roots give.`,
        {
          height: header.height,
          recorded: toHex(this.hashOf(record)),
          recomputed: toHex(made.hash),
        },
      )
    }
    const wrong = incoherence(identity, header, roots, engine.hasher)
    if (wrong !== undefined) throw blockInvalid(header.height, wrong)
    return { ...made, record }
  }

  /** FORMAT §9: a client's numbers only grow, in a block and along the chain. */
  private demandRequests({ header, commands }: BlockRecord): void {
    const highest = new Map<string, bigint>()
    const { store } = this.parts
    for (const { client, request, seq } of commands) {
      if (client === '') continue
      const before =
        highest.get(client) ?? requestIn(store.trees.state.get(clientKey(client), this.standing.trees?.state))
      if (request <= before) throw blockInvalid(header.height, `seq ${seq} repeats a number of its client`)
      highest.set(client, request)
    }
  }

  private seal({ height, seal }: SealRecord): void {
    // In the frame of the first block that is read, before it: the seal of a block that was checked when it was applied.
    if (this.head === undefined && height < this.applied) return
    const newest = heightOf(this.standing)
    if (height > newest && height <= this.leftAlone) return
    if (height > newest) {
      throw stopAt({ journal: 'seal-invalid' }, `A seal of height ${height} stands in the journal before its block.`, {
        height,
      })
    }
    const wrong = this.seals.seal(height, seal)
    if (wrong !== undefined)
      throw stopAt({ journal: 'seal-invalid' }, `The seal of height ${height}: ${wrong}.`, { height })
    if (height === newest) this.headSeals = [...this.headSeals, seal]
  }
}

function snapshotNeeded(height: bigint, what: string): CairnError {
  const message = `Block ${height} of the journal does not hold ${what}: the store can only be made from a snapshot above it.`
  return new CairnError('snapshot_needed', message, { height })
}

function demandSameRoots(height: bigint, recorded: Roots, recomputed: Roots): void {
  const [a, b] = [flat(recorded), flat(recomputed)]
  const differing = Object.keys(a).find((name) => a[name] !== b[name])
  if (differing === undefined) return
  throw stopAt(
    { journal: 'roots-differ' },
    `Block ${height} names another root of ${differing} than its commands give.`,
    {
      height,
      root: differing,
      recorded: a[differing],
      recomputed: b[differing],
    },
  )
}

function flat({ state, risk, commands, obligations, intents, history }: Roots): Readonly<Record<string, string>> {
  return {
    state: toHex(state),
    risk: toHex(risk),
    commands: `${commands.size} ${toHex(commands.root)}`,
    obligations: `${obligations.size} ${toHex(obligations.root)}`,
    intents: `${intents.size} ${toHex(intents.root)}`,
    history: toHex(history),
  }
}

/** FORMAT §10: of a block the chain believes what its cold key signed. */
export function demandAuthority(
  { header, authority }: Pick<BlockRecord, 'header' | 'authority'>,
  { identity, engine }: Pick<ReplayParts, 'identity' | 'engine'>,
): void {
  const wrong = wrongWithAuthority(authority, identity, engine)
  if (wrong !== undefined) throw blockInvalid(header.height, wrong)
}

function blockInvalid(height: bigint, why: string): CairnError {
  return stopAt({ journal: 'corrupt' }, `Block ${height} of the journal is no block of this chain: ${why}.`, {
    height,
    why,
  })
}
