/**
 * `cairn-log/hash`: the fast engine behind the interfaces of `cairn-log/verify`. Its answers are those of the default
 * on noble, sooner. Browsers get browser.ts instead.
 */
import { type ChosenEngine, chooseEngine } from './choose.ts'
import { wasmHasher } from './keccak.ts'
import { nativeSecp256k1 } from './native.ts'

export { type ChosenEngine, describeEngine } from './choose.ts'

let engine: Promise<ChosenEngine> | undefined

/** The fastest engine that works here: keccak-256 in WebAssembly, secp256k1 native, and by noble what does not work. */
export function loadEngine(): Promise<ChosenEngine> {
  engine ??= chooseEngine({ hasher: wasmHasher, secp256k1: nativeSecp256k1 })
  return engine
}
