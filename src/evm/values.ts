/**
 * Blocks, seals, proofs and evidence as the contracts take them: hex for bytes, and the members that Solidity names otherwise.
 * What FORMAT leaves out where there is none (an ancestor, another leaf) is an empty list or a flag there.
 */
import type { Hex } from 'viem'
import { payloadHash } from '../verify/entries.ts'
import {
  type BlockClaim,
  type Claim,
  type CommandClaim,
  type EvidenceSide,
  type Header,
  type IntentClaim,
  nobleEngine,
  type ObligationClaim,
  type Path,
  type Proof,
  type Revocation,
  type Roots,
  type Seal,
  type StateClaim,
  toHex,
} from '../verify/index.ts'

export function hex(bytes: Uint8Array): Hex {
  return toHex(bytes) as Hex
}

/** A header, as the contract takes it. */
export interface HeaderValue {
  readonly height: bigint
  readonly epoch: bigint
  readonly parentHash: Hex
  readonly commandsHash: Hex
  readonly batchRoot: Hex
  readonly commandCount: bigint
  readonly firstSeq: bigint
  readonly timestamp: bigint
}

/** A header, as the contract takes it. */
export function headerValue(header: Header): HeaderValue {
  const { parentHash, commandsHash, batchRoot } = header
  return { ...header, parentHash: hex(parentHash), commandsHash: hex(commandsHash), batchRoot: hex(batchRoot) }
}

/** The roots of a block, as the contract takes them. */
export interface RootsValue {
  readonly state: Hex
  readonly risk: Hex
  readonly commandSize: bigint
  readonly commandRoot: Hex
  readonly obligationSize: bigint
  readonly obligationRoot: Hex
  readonly intentSize: bigint
  readonly intentRoot: Hex
  readonly history: Hex
}

/** Roots, as the contract takes them. */
export function rootsValue({ state, risk, commands, obligations, intents, history }: Roots): RootsValue {
  return {
    state: hex(state),
    risk: hex(risk),
    commandSize: commands.size,
    commandRoot: hex(commands.root),
    obligationSize: obligations.size,
    obligationRoot: hex(obligations.root),
    intentSize: intents.size,
    intentRoot: hex(intents.root),
    history: hex(history),
  }
}

/** A seal with its delegation, as the contract takes it. */
export interface SealValue {
  readonly delegation: {
    readonly delegate: Hex
    readonly index: bigint
    readonly validFrom: bigint
    readonly validUntil: bigint
    readonly signature: Hex
  }
  readonly signature: Hex
}

/** A seal, as the contract takes it. */
export function sealValue({ delegation, signature }: Seal): SealValue {
  const { delegate, index, validFrom, validUntil } = delegation
  const signed = { delegate: hex(delegate), index, validFrom, validUntil, signature: hex(delegation.signature) }
  return { delegation: signed, signature: hex(signature) }
}

/** A revocation, as the contract takes it. */
export interface RevocationValue {
  readonly index: bigint
  readonly fromHeight: bigint
  readonly parentHash: Hex
  readonly signature: Hex
}

/** A revocation, as the contract takes it. */
export function revocationValue({ index, fromHeight, parentHash, signature }: Revocation): RevocationValue {
  return { index, fromHeight, parentHash: hex(parentHash), signature: hex(signature) }
}

/** A path or siblings, as the contract takes them. */
export function pathValue(path: Path): readonly Hex[] {
  return path.map(hex)
}

/** One side of evidence, as the contract takes it. */
export interface SideValue {
  readonly header: HeaderValue
  readonly seal: SealValue
  readonly hasAncestor: boolean
  readonly roots: RootsValue
  readonly ancestor: { readonly height: bigint; readonly blockHash: Hex; readonly path: readonly Hex[] }
}

const ZERO32: Hex = `0x${'00'.repeat(32)}`
const NO_ROOTS: RootsValue = {
  state: ZERO32,
  risk: ZERO32,
  commandSize: 0n,
  commandRoot: ZERO32,
  obligationSize: 0n,
  obligationRoot: ZERO32,
  intentSize: 0n,
  intentRoot: ZERO32,
  history: ZERO32,
}

/** A side of evidence, as the contract takes it. */
export function sideValue({ block, seal, roots, ancestor }: EvidenceSide): SideValue {
  const sealed = { header: headerValue(block), seal: sealValue(seal) }
  if (roots === undefined || ancestor === undefined) {
    const none = { height: 0n, blockHash: ZERO32, path: [] }
    return { ...sealed, hasAncestor: false, roots: NO_ROOTS, ancestor: none }
  }
  const { height, blockHash, path } = ancestor
  const named = { height, blockHash: hex(blockHash), path: pathValue(path) }
  return { ...sealed, hasAncestor: true, roots: rootsValue(roots), ancestor: named }
}

/** A block with its roots. */
export interface GroundValue {
  readonly header: HeaderValue
  readonly roots: RootsValue
}

/** A block with its roots, as the contract takes it. */
export function groundValue({ block, roots }: { readonly block: Header; readonly roots: Roots }): GroundValue {
  return { header: headerValue(block), roots: rootsValue(roots) }
}

/** The head in whose history an ancestor lies: nothing for a block that is a head itself. */
export interface DescentValue {
  readonly head: GroundValue
  readonly path: readonly Hex[]
}

/** The block of a proof as the head under which the ancestor of one of its claims lies. */
export function descentValue(proof: Pick<Proof, 'block' | 'roots'>, { path }: BlockClaim): DescentValue {
  return { head: groundValue(proof), path: pathValue(path) }
}

/** A command with what came of it, as the contract takes it. */
export interface CommandValue {
  readonly seq: bigint
  readonly client: string
  readonly request: bigint
  readonly commandType: string
  readonly payloadHash: Hex
  readonly receivedAt: bigint
  readonly status: number
  readonly reply: Hex
  readonly obligationSize: bigint
  readonly intentSize: bigint
}

/** The contracts know a payload by its hash only. */
export function commandValue({ command }: CommandClaim): CommandValue {
  const { seq, client, request, type, receivedAt, status, reply, obligationSize, intentSize, salt, payload } = command
  const content = command.payloadHash ?? payloadHash(salt as Uint8Array, payload as Uint8Array, nobleEngine.hasher)
  const outcome = { status, reply: hex(reply), obligationSize, intentSize }
  return { seq, client, request, commandType: type, payloadHash: hex(content), receivedAt, ...outcome }
}

/** An obligation with its index, as the contract takes it. */
export interface ObligationValue {
  readonly index: bigint
  readonly seq: bigint
  readonly topic: string
  readonly data: Hex
}

/** An event, as the contract takes it. */
export function obligationValue({ index, obligation }: ObligationClaim): ObligationValue {
  return { index, ...obligation, data: hex(obligation.data) }
}

/** An intent with its index, as the contract takes it. */
export interface IntentValue {
  readonly index: bigint
  readonly seq: bigint
  readonly kind: string
  readonly data: Hex
}

/** An intent, as the contract takes it. */
export function intentValue({ index, intent }: IntentClaim): IntentValue {
  return { index, ...intent, data: hex(intent.data) }
}

/** The numbers of Solidity's enum. */
const TREES = { state: 0, risk: 1 } as const

export function otherValue({ other }: StateClaim): readonly { readonly key: Hex; readonly value: Hex }[] {
  return other === undefined ? [] : [{ key: hex(other.key), value: hex(other.value) }]
}

/** A call of the light client that proves a claim against a block. */
export type ClaimCall =
  | { readonly functionName: 'verifyCommand'; readonly rest: readonly [CommandValue, readonly Hex[]] }
  | { readonly functionName: 'verifyObligation'; readonly rest: readonly [ObligationValue, readonly Hex[]] }
  | { readonly functionName: 'verifyIntent'; readonly rest: readonly [IntentValue, readonly Hex[]] }
  | { readonly functionName: 'verifyState'; readonly rest: readonly [0 | 1, Hex, Hex, readonly Hex[]] }
  | {
      readonly functionName: 'verifyAbsence'
      readonly rest: readonly [0 | 1, Hex, readonly Hex[], ReturnType<typeof otherValue>]
    }

/** Nothing for a claim that the light client has no call for: a block is proved by `verifyBlock`, and consistency by nobody there. */
export function claimCall(claim: Claim): ClaimCall | undefined {
  switch (claim.kind) {
    case 'command':
      return { functionName: 'verifyCommand', rest: [commandValue(claim), pathValue(claim.path)] }
    case 'obligation':
      return { functionName: 'verifyObligation', rest: [obligationValue(claim), pathValue(claim.path)] }
    case 'intent':
      return { functionName: 'verifyIntent', rest: [intentValue(claim), pathValue(claim.path)] }
    case 'state': {
      const [tree, key, siblings] = [TREES[claim.tree], hex(claim.key), pathValue(claim.siblings)]
      if (claim.value !== null) return { functionName: 'verifyState', rest: [tree, key, hex(claim.value), siblings] }
      return { functionName: 'verifyAbsence', rest: [tree, key, siblings, otherValue(claim)] }
    }
    case 'block':
    case 'consistency':
      return undefined
  }
}
