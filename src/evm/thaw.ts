/** Lifting a freeze (FORMAT §11): what the cold key signs for it, its announcement, and the thaw itself. */
import { encodeFunctionData, type Hex, type PublicClient } from 'viem'
import { cairnLightClientAbi } from '../../contracts-abi/index.ts'
import type { Identity } from '../verify/identity.ts'
import { asked } from './rpc.ts'
import type { Call } from './transact.ts'
import { hex } from './values.ts'

const ABI = cairnLightClientAbi

/** What the cold key signs to lift a freeze, but for the name of the chain. */
export interface Thaw {
  readonly evmChainId: bigint
  readonly client: Hex
  readonly round: bigint
  readonly afresh: boolean
}

/** Which round of freezes it is, whether a thaw is announced, and for when, in seconds. */
export async function thawState(
  rpc: PublicClient,
  client: Hex,
): Promise<{
  readonly round: bigint
  readonly isFrozen: boolean
  readonly isAnnounced: boolean
  readonly thawAt: bigint
}> {
  const [, , isFrozen, round, thawAt] = await asked('state of the light client', () =>
    rpc.readContract({ address: client, abi: ABI, functionName: 'status' }),
  )
  return { round, isFrozen, isAnnounced: thawAt !== 0, thawAt: BigInt(thawAt) }
}

export async function evmChainIdOf(rpc: PublicClient): Promise<bigint> {
  return BigInt(await asked('chain id', () => rpc.getChainId()))
}

const field = (type: string, name: string): object => ({ name, type })
const TYPES = {
  EIP712Domain: [field('string', 'name'), field('string', 'version'), field('bytes32', 'salt')],
  CairnThaw: [
    field('string', 'chain'),
    field('uint256', 'evmChainId'),
    field('address', 'client'),
    field('uint64', 'round'),
    field('bool', 'afresh'),
  ],
}

/** As a wallet takes it (`eth_signTypedData_v4`). */
export function thawTypedData({ chainId, genesis }: Identity, { evmChainId, client, round, afresh }: Thaw): object {
  const domain = { name: 'Cairn', version: '1', salt: hex(chainId) }
  const message = { chain: genesis.name, evmChainId: String(evmChainId), client, round: String(round), afresh }
  return { types: TYPES, domain, primaryType: 'CairnThaw', message }
}

/** The call that announces a thaw, with the signature of the cold key. */
export function announcementCall(to: Hex, afresh: boolean, signature: Hex): Call {
  const data = encodeFunctionData({ abi: ABI, functionName: 'announceThaw', args: [afresh, signature] })
  return { purpose: 'announce that the light client will be thawed', to, data }
}

/** The call that thaws, once the announcement is old enough. */
export function thawCall(to: Hex): Call {
  return { purpose: 'thaw the light client', to, data: encodeFunctionData({ abi: ABI, functionName: 'thaw' }) }
}
