/** What a light client is fed in tests: the proof of a made block that names some of its ancestors, sealed by whom the test says. */
import {
  batchRoot,
  blockHash,
  type Engine,
  encodeGenesis,
  encodeProof,
  type Header,
  LightClient,
  nobleEngine,
  type Proof,
  type Revocation,
  type Roots,
} from '../../src/verify/index.ts'
import type { ChainMaker, HotKey, MadeBlock } from './maker.ts'

export interface Told {
  /** The heights that `block` claims name. */
  readonly names?: readonly number[]
  readonly by?: HotKey
  readonly revocations?: readonly Revocation[]
}

export function proofOf(maker: ChainMaker, height: number, { names = [], by, revocations }: Told = {}): Proof {
  const made = maker.madeAt(height)
  const at: MadeBlock = by === undefined ? made : { ...made, seal: maker.seal(made.hash, by) }
  const claims = names.map((each) => maker.blockClaim(BigInt(each), at))
  return maker.proof(claims, at, revocations)
}

export function told(maker: ChainMaker, height: number, what: Told = {}): string {
  return encodeProof(proofOf(maker, height, what))
}

/** The same proof with another block under it, that its sealer should never have sealed. */
export function resealed(
  maker: ChainMaker,
  proof: Proof,
  { roots, header, by }: { roots?: Partial<Roots>; header?: Partial<Header>; by?: HotKey },
): Proof {
  const { hasher } = nobleEngine
  const changed = { ...proof.roots, ...roots }
  const block = { ...proof.block, batchRoot: batchRoot(changed, hasher), ...header }
  return { ...proof, roots: changed, block, seal: maker.seal(blockHash(maker.identity, block, hasher), by) }
}

/** A client that knows the chain id and the genesis, and nothing else (or the height and hash of one block). */
export function beginner(maker: ChainMaker, engine: Engine = nobleEngine, pinned?: MadeBlock): LightClient {
  const [{ chainId }, genesis] = [maker, encodeGenesis(maker.identity.genesis)]
  const head = pinned && { height: pinned.header.height, blockHash: pinned.hash }
  return LightClient.pin({ chainId, genesis, ...(head && { head }) }, engine)
}

/** A client that took these heights one after the other, each proved to come after the one before. */
export function follower(
  maker: ChainMaker,
  heights: readonly number[],
  by: HotKey = maker.hot,
  engine?: Engine,
): LightClient {
  return heights.reduce(
    (client, height, i) => {
      const names = heights.slice(0, i).slice(-1)
      const { kind, client: next } = client.step(told(maker, height, { names, by }))
      if (kind !== 'newer') throw new Error(`height ${height} should be newer, and is ${kind}`)
      return next
    },
    beginner(maker, engine),
  )
}
