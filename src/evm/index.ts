/** `cairn-log/evm`: the contracts from outside: light clients, anchors, and transactions that are not sent twice. */
export {
  cairnAnchorsAbi,
  cairnAnchorsBytecode,
  cairnLightClientAbi,
  cairnLightClientBytecode,
  cairnVaultAbi,
  cairnVaultBytecode,
} from '../../contracts-abi/index.ts'
export {
  type Anchor,
  type AnchoredHead,
  type AnchorPlace,
  type AnchorTrust,
  anchorLeaf,
  decodeAnchor,
  encodeAnchor,
  judgeAnchor,
} from '../verify/anchor.ts'
export { type Account, accountOf } from './account.ts'
export { type AnchorTree, anchorTree } from './anchor-tree.ts'
export { anchorCall, deployAnchors, judgeTransaction, receiptsOf } from './anchors.ts'
export { evidenceCall } from './evidence.ts'
export { deployedBy, finish, type Patience, type Sent } from './finish.ts'
export {
  type AcceptedHead,
  ContractClient,
  deployClient,
  revocationCall,
  type Standing,
  sinceOf,
  submission,
} from './light-client.ts'
export { type Keep, type Pending, type PendingAnchor, readPending } from './pending.ts'
export { openRpc } from './rpc.ts'
export { announcementCall, type Thaw, thawCall, thawState, thawTypedData } from './thaw.ts'
export { type Call, commit, type Estimate, estimate, type Fees, raise } from './transact.ts'
export {
  type ClaimCall,
  type CommandValue,
  claimCall,
  commandValue,
  type DescentValue,
  descentValue,
  type GroundValue,
  groundValue,
  type HeaderValue,
  headerValue,
  type IntentValue,
  intentValue,
  type ObligationValue,
  obligationValue,
  pathValue,
  type RevocationValue,
  type RootsValue,
  revocationValue,
  rootsValue,
  type SealValue,
  type SideValue,
  sealValue,
  sideValue,
} from './values.ts'
export { deployVault, type Withdrawal, withdrawalData } from './vault.ts'
