/**
 * Who a chain is (FORMAT §2): the id that its genesis hashes to, and the EIP-712 domain that binds every other hash to it.
 */
import { abi, constantHash, type Word } from './abi.ts'
import { concat, utf8 } from './bytes.ts'
import type { Hasher } from './engine.ts'
import type { Genesis } from './types.ts'

/** A chain: its genesis, the id that it hashes to, and the EIP-712 domain of all that is signed for it. */
export interface Identity {
  readonly genesis: Genesis
  readonly chainId: Uint8Array
  readonly domainSeparator: Uint8Array
}

const GENESIS_TYPE = constantHash('Genesis(string name,address coldKey,string machine,uint64 createdAt,bytes32 nonce)')
const DOMAIN_TYPE = constantHash('EIP712Domain(string name,string version,bytes32 salt)')
const DOMAIN_NAME = constantHash('Cairn')
const DOMAIN_VERSION = constantHash('1')

/** The chain of a genesis. Who trusts an id compares it with this one. */
export function identify(genesis: Genesis, hasher: Hasher): Identity {
  const { coldKey, createdAt, nonce } = genesis
  const name = hasher.hash(utf8(genesis.name))
  const machine = hasher.hash(utf8(genesis.machine))
  const chainId = hasher.hash(abi(GENESIS_TYPE, name, coldKey, machine, createdAt, nonce))
  const domainSeparator = hasher.hash(abi(DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, chainId))
  return { genesis, chainId, domainSeparator }
}

const PREFIX = Uint8Array.of(0x19, 0x01)

/** The EIP-712 digest, in the chain's domain, of a struct with this type hash and these members. */
export function typedDigest(
  identity: Identity,
  typeHash: Uint8Array,
  members: readonly Word[],
  hasher: Hasher,
): Uint8Array {
  const structHash = hasher.hash(abi(typeHash, ...members))
  return hasher.hash(concat(PREFIX, identity.domainSeparator, structHash))
}
