/** The little of the package that is used here. It has types of its own, but its `exports` hide them. */
declare module '@zk-kit/sparse-merkle-tree' {
  export interface MerkleProof {
    readonly matchingEntry?: readonly string[]
    /** From the top down. */
    readonly siblings: readonly string[]
    readonly membership: boolean
  }

  export class SparseMerkleTree {
    readonly root: string
    constructor(hash: (children: readonly string[]) => string)
    get(key: string): string | undefined
    add(key: string, value: string): void
    update(key: string, value: string): void
    delete(key: string): void
    createProof(key: string): MerkleProof
    verifyProof(proof: MerkleProof): boolean
  }
}
