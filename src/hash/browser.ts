/** `cairn-log/hash` in a browser, where there are no native addons: nothing here leads a bundler to one. */
import { type ChosenEngine, chooseEngine } from './choose.ts'
import { wasmHasher } from './keccak.ts'

export { type ChosenEngine, describeEngine } from './choose.ts'

let engine: Promise<ChosenEngine> | undefined

/** The fastest engine that works here: keccak-256 in WebAssembly where that is allowed, the rest by noble. */
export function loadEngine(): Promise<ChosenEngine> {
  engine ??= chooseEngine({ hasher: wasmHasher })
  return engine
}
