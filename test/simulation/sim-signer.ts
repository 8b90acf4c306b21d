/**
 * The signer port in memory, with hot keys that a test holds. As long as its process lives it seals one hash a height and nothing below
 * the newest; what was ever sealed is known to the world for good, so that a test can ask for two hashes at one height.
 */
import type { Signer } from '../../src/ports/signer.ts'
import { blockHash } from '../../src/verify/block.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { type Engine, nobleEngine } from '../../src/verify/engine.ts'
import { CairnError } from '../../src/verify/error.ts'
import type { Identity } from '../../src/verify/identity.ts'
import { windowAt } from '../../src/verify/seal.ts'
import type { Delegation, Header, Seal } from '../../src/verify/types.ts'
import type { World } from './world.ts'

interface HotKey {
  readonly privateKey: Uint8Array
  readonly delegation: Delegation
}

/** By chain and height, the hashes that were sealed: more than one of a height is a fork. */
export type SealedHashes = ReadonlyMap<string, ReadonlySet<string>>

export class SimSigner implements Signer {
  readonly delegations: readonly Delegation[]
  private readonly world: World
  private readonly engine: Engine
  private readonly hotKeys: readonly HotKey[]
  private readonly newest: Map<string, Newest>

  /** One with a memory of its own, as a device has, refuses in the next life what it would refuse in this one. */
  constructor(
    world: World,
    hotKeys: readonly HotKey[],
    memory: 'of the process' | 'of its own' = 'of the process',
    engine: Engine = nobleEngine,
  ) {
    this.world = world
    this.engine = engine
    this.hotKeys = hotKeys
    this.delegations = hotKeys.map(({ delegation }) => delegation)
    const make = (): Map<string, Newest> => new Map()
    this.newest = memory === 'of its own' ? world.elsewhere('newest sealed', make) : make()
  }

  async seal(identity: Identity, header: Header): Promise<Seal> {
    const hash = blockHash(identity, header, this.engine.hasher)
    return this.world.effect(`seal ${header.height}`, () => {
      const [chain, digest] = [toHex(identity.chainId), toHex(hash)]
      const newest = this.newest.get(chain)
      if (newest !== undefined && header.height < newest.height) throw refused(header, 'a later one was sealed', newest)
      if (newest?.height === header.height && newest.hash !== digest)
        throw refused(header, 'another one was sealed at its height', newest)
      const hotKey = this.hotKeys.findLast(({ delegation }) => windowAt(header.timestamp, delegation) === 'open')
      if (hotKey === undefined) throw new CairnError('delegation_needed', 'no delegation is for the time of the block')
      this.newest.set(chain, { height: header.height, hash: digest })
      this.remember(`${chain} ${header.height}`, digest)
      const signature = this.engine.secp256k1.sign(hash, hotKey.privateKey)
      return { delegation: hotKey.delegation, signature }
    })
  }

  private remember(block: string, hash: string): void {
    const sealed = sealedIn(this.world)
    sealed.set(block, (sealed.get(block) ?? new Set()).add(hash))
  }
}

/** All that was sealed in any life of this world, by any signer. */
export function sealedHashes(world: World): SealedHashes {
  return sealedIn(world)
}

interface Newest {
  readonly height: bigint
  readonly hash: string
}

function sealedIn(world: World): Map<string, Set<string>> {
  return world.elsewhere('sealed', () => new Map())
}

function refused({ height }: Header, why: string, details: object): CairnError {
  return new CairnError('seal_refused', `block ${height} is not sealed: ${why}`, { ...details, height })
}
