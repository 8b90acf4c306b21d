/**
 * A light client as FORMAT §4 and §8 describe it, written as plainly as can be: it knows every block that there is, computes
 * everything anew at every step, and hashes and verifies nothing. What it decides, the real one must decide.
 */
import { toHex } from '../../src/verify/index.ts'

/** A block as its seal and its claims present it. Hashes are hex. */
export interface Presented {
  readonly height: number
  readonly hash: string
  readonly parentHash: string
  readonly timestamp: bigint
  readonly by: { readonly index: bigint; readonly validFrom: bigint; readonly validUntil: bigint }
  /** The ancestors that claims name: height → hash. */
  readonly named: ReadonlyMap<number, string>
  readonly revocations: readonly ModelRevocation[]
  /** Something in it is wrong that leaves its block, seal and named ancestors as they are. */
  readonly isSpoiled: boolean
}

export interface ModelRevocation {
  readonly index: bigint
  readonly fromHeight: bigint
  readonly parentHash: Uint8Array
}

export type Pinned = Pick<Presented, 'height' | 'hash'>

/** A head, with every key that it came under. Of a head only the block is kept, not what was named beside it. */
type Accepted = Presented & { readonly ordinal: number; readonly keys: Presented['by'][] }

export class LightClientModel {
  /** In the order in which they were accepted: each is in the history of the next. */
  private accepted: Accepted[] = []
  private contradicting: Presented[] = []
  private readonly revocations: ModelRevocation[] = []
  private readonly pinned: Pinned | undefined
  private count = 0

  constructor(pinned: Pinned | undefined) {
    this.pinned = pinned
  }

  get head(): Pinned | undefined {
    return this.standing().at(-1) ?? this.pinned
  }

  get pending(): readonly Accepted[] {
    const standing = this.standing()
    return this.accepted.filter((each) => !standing.includes(each) && !this.isDropped(each))
  }

  get isFrozen(): boolean {
    return this.isForked() || (this.count > 0 && this.head === undefined)
  }

  learn(revocations: readonly ModelRevocation[]): void {
    this.revocations.push(...revocations)
    this.contradicting = this.contradicting.filter((each) => this.isValid(each))
  }

  step(block: Presented): string {
    this.learn(block.revocations)
    if (!this.isValid(block)) return 'revoked'
    if (block.timestamp > block.by.validUntil) return 'expired'
    if (block.timestamp < block.by.validFrom) return 'rejected'

    const isFrozenByFork = this.isForked()
    const proved = block.isSpoiled ? undefined : this.pending.findLast((each) => isOrNames(block, each))
    const upToProved = proved === undefined ? [] : this.accepted.slice(0, this.accepted.indexOf(proved) + 1)
    const standing = this.accepted.filter(
      (each) => this.stands(each) || (upToProved.includes(each) && !this.isDropped(each)),
    )
    const others = isFrozenByFork ? [] : this.contradicting
    const contradicting = parts(block).find((part) => [...standing, ...others].some((each) => contradict(each, part)))
    if (contradicting !== undefined) {
      const own = this.contradicting.filter(({ by }) => by.index === block.by.index)
      const isSelfContradiction = own.length < 2 && own.every((each) => contradict(each, contradicting))
      if (!this.isForkedBy(block.by.index) || isSelfContradiction) this.contradicting.push(contradicting)
      return 'fork'
    }
    if (block.isSpoiled) return 'rejected'
    if (isFrozenByFork) return 'frozen'
    if (parts(block).some((part) => isOtherAt(this.pinned, part))) return 'fork'

    const newest = standing.at(-1)
    const head = newest ?? this.pinned
    if (head === undefined && this.count > 0) return 'frozen'
    if (head !== undefined && block.height < head.height) return 'older'
    if (head !== undefined && !isOrNames(block, head)) return 'rejected'
    if (block.hash !== newest?.hash) this.accept(standing, block)
    else if (newest.keys.every(({ index }) => index !== block.by.index)) newest.keys.push(block.by)
    // A head that was in doubt may stand again, and with it what contradicts it.
    if (this.isForked()) return 'fork'
    return block.hash === head?.hash ? 'same' : 'newer'
  }

  private accept(standing: Accepted[], block: Presented): void {
    const now = this.count++
    const powerOfTwo = (ordinal: number): number => (ordinal % 2 === 1 ? 1 : 2 * powerOfTwo(ordinal / 2))
    const kept = standing.filter(({ ordinal }) => ordinal === 0 || now - ordinal < 4 * powerOfTwo(ordinal))
    // What was in doubt above a head that moved is of no more use.
    const after = block.hash === this.pinned?.hash ? [...this.pending] : []
    this.accepted = [...kept, { ...block, named: new Map(), ordinal: now, keys: [block.by] }, ...after]
  }

  private standing(): Accepted[] {
    return this.accepted.filter((each) => this.stands(each))
  }

  /** A seal of its own counts, or it is in the history of a later one with a seal that does. */
  private stands(head: Accepted): boolean {
    const later = this.accepted.slice(this.accepted.indexOf(head))
    return !this.isDropped(head) && later.some((each) => each.keys.some((by) => this.isValid({ ...each, by })))
  }

  private revoking({ by }: Presented): ModelRevocation[] {
    return this.revocations.filter(({ index }) => index === by.index)
  }

  /** Not revoked, or the last good block of every revocation of its key. */
  private isValid(block: Presented): boolean {
    return this.revoking(block).every(({ fromHeight, parentHash }) => {
      return BigInt(block.height) === fromHeight - 1n && block.hash === toHex(parentHash)
    })
  }

  private isDropped(head: Accepted): boolean {
    return head.keys.every((by) =>
      this.revoking({ ...head, by }).some(({ fromHeight, parentHash }) => {
        const isOther = BigInt(head.height) === fromHeight - 1n && head.hash !== toHex(parentHash)
        return BigInt(head.height) >= fromHeight || isOther
      }),
    )
  }

  private isForked(): boolean {
    return this.contradicting.some(({ by }) => this.isForkedBy(by.index))
  }

  /** Whether what the key of this index said contradicts what stands, or what another said before. */
  private isForkedBy(index: bigint): boolean {
    return this.contradicting.some((one, i) => {
      const others = [...this.standing(), ...this.contradicting.slice(0, i)]
      return one.by.index === index && others.some((other) => contradict(one, other))
    })
  }
}

function isOrNames(block: Presented, head: Pinned): boolean {
  return block.hash === head.hash || block.named.get(head.height) === head.hash
}

/** What evidence can show of it: the block, with one of the ancestors that it names or none. */
function parts(block: Presented): Presented[] {
  const alone = { ...block, named: new Map<number, string>() }
  return [alone, ...Array.from(block.named, (ancestor) => ({ ...alone, named: new Map([ancestor]) }))]
}

/** Its own hash, its parent's, and those of the ancestors that were named. */
function asserted({ height, hash, parentHash, named }: Presented): Map<number, string> {
  return new Map([...named, [height - 1, parentHash], [height, hash]])
}

function contradict(one: Presented, other: Presented): boolean {
  const said = asserted(other)
  return [...asserted(one)].some(([height, hash]) => height >= 0 && said.has(height) && said.get(height) !== hash)
}

function isOtherAt(pinned: Pinned | undefined, block: Presented): boolean {
  const hash = pinned && asserted(block).get(pinned.height)
  return hash !== undefined && hash !== pinned?.hash
}
