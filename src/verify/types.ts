/**
 * The shapes of FORMAT, decoded: hashes, keys and signatures are bytes, u64 are bigints, text is text.
 * What comes out of a decoder has the lengths and bounds that FORMAT demands.
 */

/** §2. Its EIP-712 hash is the chain id, the one thing that a verifier has to trust. */
export interface Genesis {
  readonly name: string
  readonly coldKey: Uint8Array
  readonly machine: string
  readonly createdAt: bigint
  readonly nonce: Uint8Array
}

/** §3, what a block's hash is made of. */
export interface Header {
  readonly height: bigint
  readonly epoch: bigint
  readonly parentHash: Uint8Array
  readonly commandsHash: Uint8Array
  readonly batchRoot: Uint8Array
  readonly commandCount: bigint
  readonly firstSeq: bigint
  readonly timestamp: bigint
}

/** How many leaves a range has, and the root over them. */
export interface SizedRoot {
  readonly size: bigint
  readonly root: Uint8Array
}

/** §3, what a batch root is made of. */
export interface Roots {
  readonly state: Uint8Array
  readonly risk: Uint8Array
  readonly commands: SizedRoot
  readonly obligations: SizedRoot
  readonly intents: SizedRoot
  readonly history: Uint8Array
}

/** §4. The cold key's word that `delegate` may seal blocks of a time between the two. */
export interface Delegation {
  readonly delegate: Uint8Array
  readonly index: bigint
  readonly validFrom: bigint
  readonly validUntil: bigint
  readonly signature: Uint8Array
}

/** §4. The hot key's signature over a block hash, and the delegation that it rests on. */
export interface Seal {
  readonly delegation: Delegation
  readonly signature: Uint8Array
}

/** §4. The cold key's word that delegation `index` seals one block only: the one of `parentHash` below `fromHeight`. */
export interface Revocation {
  readonly index: bigint
  readonly fromHeight: bigint
  readonly parentHash: Uint8Array
  readonly signature: Uint8Array
}

/** 0 accepted, 1 rejected by the machine. */
export type Status = 0 | 1

/** §5: a command as accepted, and what came of it. */
export interface Executed {
  readonly seq: bigint
  readonly client: string
  readonly request: bigint
  readonly type: string
  /** Payload and salt stand together, or their hash instead, where they were left out or erased. */
  readonly payload?: Uint8Array
  readonly salt?: Uint8Array
  readonly payloadHash?: Uint8Array
  readonly receivedAt: bigint
  readonly status: Status
  readonly reply: Uint8Array
}

/** What a command's leaf adds to its identity. The sizes of the two ranges after it let neighbours prove that these are all its events. */
export interface Outcome {
  readonly status: Status
  readonly reply: Uint8Array
  readonly obligationSize: bigint
  readonly intentSize: bigint
}

/** A command with all that its leaf is made of. */
export type Command = Executed & Outcome

/** An event that a command emitted: what is owed to whoever follows the chain. */
export interface Obligation {
  readonly seq: bigint
  readonly topic: string
  readonly data: Uint8Array
}

/** What a command wants done outside of the chain. */
export interface Intent {
  readonly seq: bigint
  readonly kind: string
  readonly data: Uint8Array
}

/** The two state trees (§7). */
export type TreeName = 'state' | 'risk'
/** The four ranges (§6). */
export type RangeName = 'commands' | 'obligations' | 'intents' | 'history'
/** The hashes from a leaf to its root, the lowest first. */
export type Path = readonly Uint8Array[]

/** §8: that a command stands in the chain, with this outcome. */
export interface CommandClaim {
  readonly kind: 'command'
  readonly index: bigint
  readonly command: Command
  readonly path: Path
}

/** §8: that an event was emitted. */
export interface ObligationClaim {
  readonly kind: 'obligation'
  readonly index: bigint
  readonly obligation: Obligation
  readonly path: Path
}

/** §8: that an intent was written. */
export interface IntentClaim {
  readonly kind: 'intent'
  readonly index: bigint
  readonly intent: Intent
  readonly path: Path
}

/** The leaf that stands where an absent key would: its K and V. */
export interface OtherLeaf {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** §8: the value of a key, or that it is absent. */
export interface StateClaim {
  readonly kind: 'state'
  readonly tree: TreeName
  readonly key: Uint8Array
  /** `null` claims absence. */
  readonly value: Uint8Array | null
  readonly siblings: Path
  readonly other?: OtherLeaf
}

/** §8: that a block is an ancestor, and what it proves itself. */
export interface BlockClaim {
  readonly kind: 'block'
  readonly height: bigint
  readonly blockHash: Uint8Array
  readonly path: Path
  /** The ancestor itself and claims against it: all three, or none. */
  readonly block?: Header
  readonly roots?: Roots
  readonly claims?: readonly Claim[]
}

/** §8: that a range was only appended to since it had this size. */
export interface ConsistencyClaim {
  readonly kind: 'consistency'
  readonly range: RangeName
  readonly size: bigint
  readonly root: Uint8Array
  readonly path: Path
}

/** §8: what a proof claims. */
export type Claim = CommandClaim | ObligationClaim | IntentClaim | StateClaim | BlockClaim | ConsistencyClaim

/** §8, the portable proof: claims under one sealed block. */
export interface Proof {
  readonly format: 'cairn.proof/v1'
  readonly genesis: Genesis
  readonly block: Header
  readonly roots: Roots
  readonly seal: Seal
  readonly revocations: readonly Revocation[]
  readonly claims: readonly Claim[]
}

/** What a verifier accepted last: from here it only goes forward. */
export interface Head {
  readonly height: bigint
  readonly blockHash: Uint8Array
  readonly epoch?: bigint
  readonly timestamp?: bigint
}

/** A block that one of the sides says it comes after. */
export interface Ancestor {
  readonly height: bigint
  readonly blockHash: Uint8Array
  readonly path: Path
}

/** One side of an equivocation: a sealed block, and possibly an ancestor that it names (then with the roots that hold it). */
export interface EvidenceSide {
  readonly block: Header
  readonly seal: Seal
  readonly roots?: Roots
  readonly ancestor?: Ancestor
}

/** Two sealed blocks that cannot both be of one honest chain. */
export interface Evidence {
  readonly format: 'cairn.evidence/v1'
  readonly genesis: Genesis
  readonly a: EvidenceSide
  readonly b: EvidenceSide
}
