/** The worked examples of FORMAT, made by an independent implementation (copied from beside the format, never edited). */
import { readFileSync } from 'node:fs'
import { fromHex, type StateProof } from '../../src/verify/index.ts'

export function readVectors<T>(name: string): T {
  // From the root of the package: a script that is bundled lies elsewhere.
  return JSON.parse(readFileSync(`test/vectors/${name}.json`, 'utf8')) as T
}

/** The bytes of an example's hex. */
export function bytesOf(hex: string): Uint8Array {
  const decoded = fromHex(hex)
  if (decoded === undefined) throw new Error(`not hex: ${hex}`)
  return decoded
}

/** A proof of a state tree as the examples have it. */
export interface StateProofExample {
  readonly key: string
  readonly value: string | null
  readonly siblings: readonly string[]
  readonly other?: { readonly key: string; readonly value: string }
}

export function stateProofOf({ value, siblings, other }: StateProofExample): StateProof {
  return {
    value: value === null ? null : bytesOf(value),
    siblings: siblings.map(bytesOf),
    ...(other && { other: { key: bytesOf(other.key), value: bytesOf(other.value) } }),
  }
}
