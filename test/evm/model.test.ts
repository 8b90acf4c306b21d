/**
 * Lives of a light client at random: heads of a chain and of its forks by several keys, revocations of every kind, steps back and on. Whatever
 * comes: all heads that stand lie on one branch, the head is the highest of them, and what stands never contradicts the revocations. CAIRN_EVM_LIVES
 * says how many there are.
 */
import { expect, it } from 'vitest'
import { hex } from '../../src/evm/values.ts'
import { type Revocation, revokes } from '../../src/verify/index.ts'
import { Followed } from '../support/evm/followed.ts'
import { InProcess } from '../support/evm/in-process.ts'
import { ChainMaker, type HotKey } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'

const LIVES = Number(process.env.CAIRN_EVM_LIVES ?? 3)
const STEPS = 40
const HEIGHTS = 24
const KEYS = 6

const random = new Random()
const evm = await InProcess.start()

interface Accepted {
  readonly of: ChainMaker
  readonly height: number
  readonly index: bigint
}

class Life {
  readonly trunk: ChainMaker
  readonly branches: readonly ChainMaker[]
  readonly keys: readonly HotKey[]
  readonly accepted = new Map<string, Accepted>()
  readonly revocations: Revocation[] = []
  readonly followed: Followed
  moves = 0

  private constructor(trunk: ChainMaker, followed: Followed) {
    this.followed = followed
    this.branches = [trunk, ...[3, 6].map((height) => trunk.fork(height).grow(HEIGHTS - height - 1, 1))]
    this.keys = Array.from({ length: KEYS }, (_, index) => BigInt(index)).map((index) => trunk.delegate({ index }))
    this.trunk = trunk
  }

  static async begin(): Promise<Life> {
    const trunk = new ChainMaker(random).grow(HEIGHTS, 1)
    return new Life(trunk, await Followed.of(evm, trunk))
  }

  hashOf({ of, height }: Pick<Accepted, 'of' | 'height'>): string {
    return hex(of.madeAt(height).hash)
  }

  async step(): Promise<void> {
    const choice = random.below(10)
    if (choice < 6) await this.submit()
    else if (choice < 8) await this.resume()
    else if (choice < 9) await this.revoke()
    else await this.followed.client.call('unwind', BigInt(random.below(4)))
  }

  private take(of: ChainMaker, height: number, by: HotKey, error: string | undefined): void {
    if (error !== undefined) return
    const known = this.accepted.get(this.hashOf({ of, height }))
    // The head again, under whichever key, is no new head.
    if (known !== undefined && this.stands(known)) return
    this.moves++
    this.accepted.set(this.hashOf({ of, height }), { of, height, index: by.delegation.index })
  }

  private async submit(): Promise<void> {
    const [of, by, head] = [random.pick(this.branches), random.pick(this.keys), await this.followed.head()]
    const next = typeof head === 'number' ? head + random.below(3) : random.below(4)
    const height = Math.min(HEIGHTS - 1, random.below(6) === 0 ? random.below(HEIGHTS) : next)
    const from = typeof head === 'number' && head < height ? head : undefined
    const { error } = await this.followed.submit(height, from, { by, of })
    this.take(of, height, by, error)
  }

  private async resume(): Promise<void> {
    const bases = [...this.accepted.values()]
    if (bases.length === 0) return
    const base = random.pick(bases)
    const by = random.pick(this.keys)
    const height = Math.min(HEIGHTS - 1, base.height + random.below(3))
    const { error } = await this.followed.resume(height, base.height, { by, of: base.of })
    this.take(base.of, height, by, error)
  }

  private async revoke(): Promise<void> {
    // Often of a head that was accepted: then it stands as the last good one.
    const known = [...this.accepted.values()]
    const any = { of: random.pick(this.branches), height: random.below(HEIGHTS) }
    const good = known.length > 0 && random.below(3) > 0 ? random.pick(known) : any
    const index = BigInt(random.below(KEYS))
    const revocation = this.trunk.revoke(index, good.of.madeAt(good.height))
    const { error } = await this.followed.revoke(revocation)
    if (error !== undefined) throw new Error(`the cold key signed it, and it is refused: ${error}`)
    this.revocations.push(revocation)
  }

  /** By FORMAT §4 alone. */
  stands({ of, height, index }: Accepted): boolean {
    const { hash } = of.madeAt(height)
    return !this.revocations.some((each) => revokes(each, index, BigInt(height), hash))
  }

  /** What is wrong with what the client says now, or nothing. */
  async fault(): Promise<string | undefined> {
    const standing: Accepted[] = []
    for (const [hash, each] of this.accepted) {
      const { result } = await this.followed.client.call('isStanding', hash)
      const stands = this.stands(each)
      if (result !== stands) return `block ${each.height} stands: ${String(result)}`
      if (stands) standing.push(each)
    }
    const highest = standing.toSorted((a, b) => a.height - b.height).at(-1)
    const head = await this.followed.head()
    if (highest === undefined) return typeof head === 'number' ? `the head ${head} stands for nothing` : undefined
    if (head !== highest.height) return `the head is ${head}, and block ${highest.height} stands`
    const aside = standing.find((each) => hex(highest.of.madeAt(each.height).hash) !== this.hashOf(each))
    return aside && `block ${aside.height} stands beside ${highest.height}, and is not on its way`
  }
}

it(`stays on one branch, whatever is brought and taken back (CAIRN_SEED=${seed})`, async () => {
  let moves = 0
  for (let i = 0; i < LIVES; i++) {
    const life = await Life.begin()
    for (let step = 0; step < STEPS; step++) {
      await life.step()
      expect(await life.fault()).toBe(undefined)
    }
    moves += life.moves
  }
  expect(moves).toBeGreaterThan(LIVES * 2)
}, 120_000)
