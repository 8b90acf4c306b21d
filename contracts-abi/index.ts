/** The contracts, typed for viem. By `npm run contracts`. */
export { cairnAnchorsAbi, cairnAnchorsBytecode } from './cairn-anchors.ts'
export { cairnLightClientAbi, cairnLightClientBytecode } from './cairn-light-client.ts'
export { cairnVaultAbi, cairnVaultBytecode } from './cairn-vault.ts'
export { cairnVerifierAbi, cairnVerifierBytecode } from './cairn-verifier.ts'
