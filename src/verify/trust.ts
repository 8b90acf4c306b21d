/**
 * What a verifier is told to trust, as people have it. It is decoded like everything else: a number where a bigint belongs would
 * pass for another index, and what was checked must not change afterwards.
 */
import { bytes32, type Codec, json, native } from './codec.ts'
import * as codecs from './codecs.ts'
import { within } from './fault.ts'
import type { Head, Revocation } from './types.ts'

/** 32 bytes, or `0x` and 64 lower-case digits. */
export type ChainId = Uint8Array | string

/** The bytes of a chain id; what is not one is refused by name. */
export function asChainId(given: ChainId): Uint8Array {
  try {
    return bytes32.decode(given, typeof given === 'string' ? json : native)
  } catch (fault) {
    throw within('chainId', fault)
  }
}

export function asRevocations(given: readonly Revocation[]): readonly Revocation[] {
  return named('revocations', codecs.revocations, given)
}

export function asHead(given: Head): Head {
  return named('head', codecs.head, given)
}

function named<T>(name: string, codec: Codec<T>, given: unknown): T {
  try {
    return codec.decode(given, native)
  } catch (fault) {
    throw within(name, fault)
  }
}
