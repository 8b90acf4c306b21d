/**
 * `cairn-log/verify`: all that FORMAT §1 to §9 define, checked anywhere. Whoever trusts one chain id can check a block, a
 * signature, a command and its outcome, an event, an intent, a state value or its absence, and that a log was only appended to.
 */
export { batchRoot, blockHash, commandsHash, incoherence } from './block.ts'
export { fromHex, toHex } from './bytes.ts'
export {
  type ChainCheck,
  type ChainFault,
  type ChainTrust,
  type ChainVerification,
  ChainVerifier,
  verifyChain,
} from './chain.ts'
export {
  decodeDocument,
  decodeEvidence,
  decodeGenesis,
  decodeHead,
  decodeProof,
  decodeRevocations,
  encodeEvidence,
  encodeGenesis,
  encodeHead,
  encodeProof,
  encodeRevocations,
} from './documents.ts'
export { type Engine, type Hasher, isStrictSignature, nobleEngine, type Secp256k1 } from './engine.ts'
export { commandLeaf, identityHash, intentLeaf, obligationLeaf, payloadHash } from './entries.ts'
export { CairnError } from './error.ts'
export { judgeEvidence, verifyEvidence } from './evidence.ts'
export { type Identity, identify } from './identity.ts'
export { LightClient, type Step, type StepKind } from './light-client.ts'
export { isOwnKey, MACHINE_COMMAND, type OwnState, ownWrites } from './own-writes.ts'
export { judgeProof, type Trust, verifyProof } from './proof.ts'
export { EMPTY_ROOT, Frontier, verifyConsistency, verifyInclusion } from './range.ts'
export { consistencyPath, inclusionPath, type NodeAt } from './range-path.ts'
export type {
  Authority,
  BlockRecord,
  ChainRecord,
  CloseRecord,
  RecordedCommand,
  RecordedWrite,
  SealRecord,
} from './records.ts'
export {
  delegationDigest,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  isSealedByDelegate,
  isValidSeal,
  revocationDigest,
  revokes,
} from './seal.ts'
export { addressOf, recoverAddress } from './signature.ts'
export { EMPTY, type StateProof, stateInner, stateLeaf, verifyState } from './state-proof.ts'
export { MemoryStateTree, type StateTree, type Write } from './state-tree.ts'
export type { ChainId } from './trust.ts'
export type * from './types.ts'
export type { Judgement, Verdict, Verification } from './verdict.ts'
