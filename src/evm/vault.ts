/** The vault, from outside: the call that deploys it, and what an intent that it pays has as its data. */
import { encodeAbiParameters, encodeDeployData, type Hex } from 'viem'
import { cairnVaultAbi, cairnVaultBytecode } from '../../contracts-abi/index.ts'
import { fromHex } from '../verify/bytes.ts'
import type { Call } from './transact.ts'

/** `delay` in seconds: how long a head has to stand before it pays. */
export function deployVault(client: Hex, delay: bigint): Call {
  const data = encodeDeployData({ abi: cairnVaultAbi, bytecode: cairnVaultBytecode, args: [client, delay] })
  return { purpose: `deploy CairnVault on the light client ${client}`, data }
}

export interface Withdrawal {
  readonly evmChainId: bigint
  readonly vault: Hex
  /** The token; the zero address for ether. */
  readonly asset: Hex
  readonly to: Hex
  readonly amount: bigint
}

const TYPES = [
  { type: 'uint256' },
  { type: 'address' },
  { type: 'address' },
  { type: 'address' },
  { type: 'uint256' },
] as const

/** The data of a `withdraw` intent. */
export function withdrawalData({ evmChainId, vault, asset, to, amount }: Withdrawal): Uint8Array {
  return fromHex(encodeAbiParameters(TYPES, [evmChainId, vault, asset, to, amount])) as Uint8Array
}
