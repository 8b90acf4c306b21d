/**
 * Anchors (FORMAT §11, `cairn.anchor/v1`): that the head of a chain was there when a transaction on an EVM chain was. Here everything is checked
 * that needs no network; whether the transaction is there is asked elsewhere.
 *
 * Promise: `path` ok means that whoever finds the root on the EVM chain finds this head anchored.
 */
import { abi } from './abi.ts'
import { blockHash } from './block.ts'
import { ANCHOR_MAX, PATH_MAX } from './bounds.ts'
import { concat, equal } from './bytes.ts'
import { bytes, bytes32, type Codec, json, list, native, object, oneOf, refine, u64 } from './codec.ts'
import { type Engine, type Hasher, nobleEngine } from './engine.ts'
import { attempt } from './error.ts'
import { overLimit } from './fault.ts'
import { identify } from './identity.ts'
import { readJson } from './json.ts'
import { demandMembers } from './option.ts'
import { asChainId, type ChainId } from './trust.ts'
import type { Path, Proof } from './types.ts'
import { judged, unchecked, type Verdict } from './verdict.ts'

/** The newest block of a chain when it was anchored. */
export interface AnchoredHead {
  readonly chainId: Uint8Array
  readonly height: bigint
  readonly blockHash: Uint8Array
  readonly timestamp: bigint
}

/** Where the root stands. */
export interface AnchorPlace {
  readonly chainId: bigint
  readonly contract: Uint8Array
  readonly transaction: Uint8Array
}

/** A receipt: this head is under that root, which stands there. */
export interface Anchor {
  readonly format: 'cairn.anchor/v1'
  readonly evm: AnchorPlace
  readonly root: Uint8Array
  readonly head: AnchoredHead
  readonly path: Path
}

const contract = refine(bytes(20, 20), (address) =>
  address.every((byte) => byte === 0) ? 'nothing stands at the zero address' : undefined,
)

export const anchoredHead: Codec<AnchoredHead> = object<AnchoredHead>({
  chainId: bytes32,
  height: u64,
  blockHash: bytes32,
  timestamp: u64,
})

const anchor: Codec<Anchor> = object<Anchor>({
  format: oneOf('cairn.anchor/v1'),
  evm: object<AnchorPlace>({ chainId: u64, contract, transaction: bytes32 }),
  root: bytes32,
  head: anchoredHead,
  path: list(bytes32, PATH_MAX),
})

/** The anchor that a text is; refused with the JSON path of what is wrong. */
export function decodeAnchor(text: string | Uint8Array): Anchor {
  if (text.length > ANCHOR_MAX) throw overLimit('the document', ANCHOR_MAX, text.length)
  return anchor.decode(readJson(text), json)
}

/** Its text, which `decodeAnchor` takes. */
export function encodeAnchor(value: Anchor): string {
  return JSON.stringify(anchor.encode(anchor.decode(value, native), json))
}

/** Whether a document says that it is an anchor; whether it is one says `decodeAnchor`. */
export function saysAnchor(text: Uint8Array): boolean {
  const value = text.length > ANCHOR_MAX ? undefined : attempt(() => readJson(text))
  return value instanceof Map && value.get('format') === 'cairn.anchor/v1'
}

/** Hashed twice: no node of the tree, which is the hash of 64 bytes, can pass for a leaf. */
export function anchorLeaf({ chainId, height, blockHash, timestamp }: AnchoredHead, hasher: Hasher): Uint8Array {
  return hasher.hash(hasher.hash(abi(chainId, height, blockHash, timestamp)))
}

/** Two children in ascending order, as OpenZeppelin's MerkleProof has them. */
function anchorNode(a: Uint8Array, b: Uint8Array, hasher: Hasher): Uint8Array {
  const at = a.findIndex((byte, i) => byte !== b[i])
  const isAscending = at < 0 || (a[at] as number) < (b[at] as number)
  return hasher.hash(isAscending ? concat(a, b) : concat(b, a))
}

/** The root under which the path has this head. */
export function anchoredUnder(head: AnchoredHead, path: Path, hasher: Hasher): Uint8Array {
  return path.reduce((node, sibling) => anchorNode(node, sibling, hasher), anchorLeaf(head, hasher))
}

export interface AnchorTrust {
  /** The chain that is trusted. */
  readonly chainId: ChainId
  /** A proof beside which the anchor is checked; whether it holds is another matter. */
  readonly proof?: Proof
}

const TRUST: readonly (keyof AnchorTrust)[] = ['chainId', 'proof']

const NOT_ON_CHAIN = 'anchored (not checked against the EVM chain)'

/** The verdicts `format`, `chain`, `path`, beside a proof `head`, and `transaction`, which is not decided here. */
export function judgeAnchor(given: Anchor, trust: AnchorTrust, engine: Engine = nobleEngine): readonly Verdict[] {
  demandMembers(trust, TRUST)
  const { head, path, root } = given
  const reached = anchoredUnder(head, path, engine.hasher)
  const isOwn = equal(head.chainId, asChainId(trust.chainId))
  return [
    judged('format', undefined),
    judged('chain', isOwn ? undefined : 'it anchors a head of another chain than the trusted one'),
    judged('path', equal(reached, root) ? undefined : 'the path does not lead from the head to the anchored root'),
    ...(trust.proof === undefined ? [] : [judgeAnchored(head, trust.proof, engine)]),
    unchecked('transaction', NOT_ON_CHAIN),
  ]
}

/** What the proof says of the height of the anchored head: its own hash, its parent's, and those that its claims name. */
function judgeAnchored(head: AnchoredHead, { genesis, block, claims }: Proof, { hasher }: Engine): Verdict {
  const own = { height: block.height, hash: blockHash(identify(genesis, hasher), block, hasher) }
  const named = claims.flatMap((claim) =>
    claim.kind === 'block' ? [{ height: claim.height, hash: claim.blockHash }] : [],
  )
  const parent = block.height > 0n ? [{ height: block.height - 1n, hash: block.parentHash }] : []
  const there = [own, ...parent, ...named].filter(({ height }) => height === head.height)
  if (there.length === 0) {
    const how = head.height < block.height ? 'ask for one that leads on from it' : 'it was anchored later'
    return unchecked('head', `the proof says nothing of block ${head.height}: ${how}`)
  }
  const isSame = there.every(({ hash }) => equal(hash, head.blockHash))
  if (!isSame)
    return judged('head', `the proof has another block at height ${head.height} than the one that was anchored`)
  const isDated = head.height !== own.height || head.timestamp === block.timestamp
  return judged('head', isDated ? undefined : 'the block has another time than the anchor says')
}
