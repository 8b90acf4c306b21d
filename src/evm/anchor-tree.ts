/** The tree over the heads of many chains whose root is anchored: OpenZeppelin's form, sorted pairs over leaves that were hashed twice. */
import { MerkleTree } from 'merkletreejs'
import { type AnchoredHead, anchoredHead, anchorLeaf } from '../verify/anchor.ts'
import { toHex } from '../verify/bytes.ts'
import { native } from '../verify/codec.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Path } from '../verify/types.ts'

/** More than anybody anchors at once, and small enough to be in memory. */
export const ANCHORED_MAX: number = 1 << 16

export interface AnchorTree {
  readonly root: Uint8Array
  /** Each head with the path that leads from it to the root, in the order given. */
  readonly anchored: readonly { readonly head: AnchoredHead; readonly path: Path }[]
}

/** The root over these heads, and the path of each: one head of each chain. */
export function anchorTree(given: readonly AnchoredHead[], hasher: Hasher): AnchorTree {
  if (given.length === 0 || given.length > ANCHORED_MAX) {
    const message = `An anchor is of 1 to ${ANCHORED_MAX} chains, not of ${given.length}: name at least one.`
    throw new CairnError('anchor_empty', message, { size: given.length, limit: ANCHORED_MAX })
  }
  const heads = given.map((head) => anchoredHead.decode(head, native))
  const chains = new Set<string>()
  for (const { chainId } of heads) {
    const id = toHex(chainId)
    if (chains.has(id)) {
      const message = `The chain ${id} is named twice: one head of each chain is anchored.`
      throw new CairnError('anchor_twice', message, { chainId: id })
    }
    chains.add(id)
  }
  const leaves = heads.map((head) => Buffer.from(anchorLeaf(head, hasher)))
  const tree = new MerkleTree(leaves, (message: Uint8Array) => Buffer.from(hasher.hash(message)), {
    hashLeaves: false,
    sortLeaves: false,
    sortPairs: true,
    duplicateOdd: false,
  })
  const anchored = heads.map((head, i) => ({
    head,
    path: tree.getProof(leaves[i] as Buffer, i).map(({ data }) => Uint8Array.from(data)),
  }))
  return { root: Uint8Array.from(tree.getRoot()), anchored }
}
