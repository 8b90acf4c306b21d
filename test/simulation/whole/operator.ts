/**
 * Whoever keeps the keys of a simulated chain: hot keys with delegations that run out, renewals, rotations with their revocations. What was signed
 * by the cold key outlives every crash; what was given to any signer is noted, over all lives, by height.
 */
import type { Chain } from '../../../src/index.ts'
import { type HotKey, hotSigner } from '../../../src/keys/hot-signer.ts'
import { SignerMarks } from '../../../src/keys/signer-mark.ts'
import type { Signer } from '../../../src/ports/signer.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import { blockHash, type Engine, type Header, type Identity, type Revocation } from '../../../src/verify/index.ts'
import { windowAt } from '../../../src/verify/seal.ts'
import { type ChainKeys, CREATED_AT, delegate, revoke } from '../../support/chain-keys.ts'
import type { Random } from '../../support/seed.ts'
import type { World } from '../world.ts'
import type { Reached } from './reached.ts'

const CENTURY = 3_155_760_000_000n
const MARKS = '/data.signer'

/** Told of what a signer is asked to sign. */
export type Signed = (height: bigint, hash: Uint8Array) => void

export class Operator {
  /** By height, the hashes that any signer was asked to sign, in any life. */
  readonly signed = new Map<bigint, Set<string>>()
  /** Taken back, and known to everybody. */
  readonly published: Revocation[] = []
  private readonly keys: ChainKeys
  private readonly engine: Engine
  private readonly choices: Random
  private readonly reached: Reached
  private readonly hasMark: boolean
  private readonly endsSoon: boolean
  private hotKeys: HotKey[] = []
  private next = 0n
  private newest = 0
  /** Signed by the cold key, and not taken up by the chain yet, as far as is known. */
  private pending: Revocation | undefined
  private signer: ReturnType<typeof hotSigner> | undefined

  constructor(keys: ChainKeys, engine: Engine, choices: Random, reached: Reached, wall: number) {
    this.keys = keys
    this.engine = engine
    this.choices = choices
    this.reached = reached
    this.hasMark = choices.below(3) === 1
    this.endsSoon = choices.below(3) === 1
    if (this.hasMark) reached.count('signersWithMark')
    this.hotKeys = [this.newKey(wall)]
  }

  /** The signer of one life, which knows what it signed in it; with a mark of its own also what it signed before. On a copy others are told of that. */
  signerIn(world: World, ofCopy?: Signed): Signer {
    const { engine } = this
    const hot = hotSigner(this.hotKeys, engine)
    const marks = this.hasMark ? new SignerMarks(world.disk, MARKS) : undefined
    if (ofCopy === undefined) this.signer = hot
    return {
      get delegations() {
        return hot.delegations
      },
      seal: async (identity: Identity, header: Header) => {
        const hash = blockHash(identity, header, engine.hasher)
        if (marks !== undefined) await world.disk.makeDirectory(MARKS)
        await marks?.allow(identity.chainId, header.height, hash)
        return world.effect(`seal ${header.height}`, () => {
          if (ofCopy === undefined) this.note(header.height, hash)
          else ofCopy(header.height, hash)
          return hot.seal(identity, header)
        })
      },
    }
  }

  /** Whether a signer was asked for another hash at this height. */
  hasSignedOther(height: bigint, hash: string): boolean {
    const hashes = this.signed.get(height)
    return hashes !== undefined && !hashes.has(hash)
  }

  /** Whether a key could seal a block of this time that is not about to be taken back: the last one may have run out since a rotation began. */
  canSealAt(timestamp: bigint): boolean {
    const { hotKeys, pending } = this
    return hotKeys.some(
      ({ delegation }) => delegation.index !== pending?.index && windowAt(timestamp, delegation) === 'open',
    )
  }

  /** A delegation for what comes, where those that are there have run out. */
  renew(world: World): void {
    this.reached.count('expiries')
    const key = this.newKey(world.clock.now())
    this.hotKeys.push(key)
    this.signer?.add(key)
  }

  /** A new key in the place of the old ones, which are taken back: one ceremony, as `cairn keys rotate` does it. */
  async rotate(world: World, chain: Chain): Promise<void> {
    const { head } = chain
    if (head === undefined || this.pending !== undefined) return
    const old = this.hotKeys.at(-1) as HotKey
    const { identity, coldKey } = this.keys
    const from = { height: head.height + 1n, parent: head.hash }
    this.pending = revoke(identity, coldKey, old.delegation.index, from, this.engine)
    const key = this.newKey(world.clock.now())
    this.hotKeys.push(key)
    this.signer?.add(key)
    await this.finish(chain)
    this.reached.count('rotations')
  }

  /** What a crash left of a rotation is done again. */
  async finish(chain: Chain): Promise<void> {
    const { pending } = this
    if (pending === undefined) return
    await chain.importAuthority([pending])
    // Only now, when the head has a durable seal of the new key.
    this.pending = undefined
    this.published.push(pending)
    this.hotKeys = this.hotKeys.filter(({ delegation }) => delegation.index !== pending.index)
    this.signer?.retire(pending.index)
    this.reached.count('revocations')
  }

  /** Notes the time: a block may have the highest that any clock ever showed. */
  see(world: World): void {
    this.newest = Math.max(this.newest, world.clock.now())
  }

  private newKey(wall: number): HotKey {
    const { identity, coldKey } = this.keys
    this.newest = Math.max(this.newest, wall)
    const privateKey = new Uint8Array(32).fill(1 + Number(this.next % 250n))
    const now = BigInt(Math.floor(this.newest))
    const until = this.endsSoon ? now + BigInt(20_000 + this.choices.below(600_000)) : CREATED_AT + CENTURY
    const delegation = delegate(identity, coldKey, privateKey, this.next, [CREATED_AT, until], this.engine)
    this.next++
    return { privateKey, delegation }
  }

  private note(height: bigint, hash: Uint8Array): void {
    this.signed.set(height, (this.signed.get(height) ?? new Set()).add(toHex(hash)))
  }
}
