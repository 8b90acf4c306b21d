/** What a verifier is told to trust, as people have it: a chain id is 32 bytes, or the hex of them. */
import { bytes32, json, native } from './codec.ts'
import { within } from './fault.ts'

export type ChainId = Uint8Array | string

/** The bytes of a chain id; what is not one is refused by name. */
export function asChainId(given: ChainId): Uint8Array {
  try {
    return bytes32.decode(given, typeof given === 'string' ? json : native)
  } catch (fault) {
    throw within('chainId', fault)
  }
}
