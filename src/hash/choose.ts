/**
 * Puts an engine together out of the fastest parts that work here.
 *
 * Promise: choosing never fails. A part that does not load, or answers its self-check wrongly, is replaced by noble's,
 * and the engine says why.
 */
import { type Engine, type Hasher, nobleEngine, type Secp256k1 } from '../verify/engine.ts'
import { checkHasher, checkSecp256k1 } from './self-check.ts'

/** An engine that knows why a part of it is not the fast one. */
export interface ChosenEngine extends Engine {
  /** By part: why it is noble's although a fast one was wanted. */
  readonly fallbacks: { readonly hasher: string | undefined; readonly secp256k1: string | undefined }
}

/** How to load the fast parts; where noble's is meant, there is none. */
export interface FastParts {
  readonly hasher: () => Promise<Hasher>
  readonly secp256k1?: () => Promise<Secp256k1>
}

/** The fast part, if it loads and passes its check; else the other one, and why. */
async function choose<Part>(
  load: () => Promise<Part>,
  check: (part: Part) => void,
  otherwise: Part,
): Promise<{ part: Part; reason?: string }> {
  try {
    const part = await load()
    check(part)
    return { part }
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n')
    return { part: otherwise, reason }
  }
}

export async function chooseEngine(fast: FastParts): Promise<ChosenEngine> {
  const { secp256k1 } = nobleEngine
  const hashing = await choose(fast.hasher, checkHasher, nobleEngine.hasher)
  const signing = fast.secp256k1 ? await choose(fast.secp256k1, checkSecp256k1, secp256k1) : { part: secp256k1 }
  return {
    hasher: hashing.part,
    secp256k1: signing.part,
    fallbacks: { hasher: hashing.reason, secp256k1: signing.reason },
  }
}

/** One line for a log: `keccak-256: wasm-simd; secp256k1: noble (no faster one: Cannot find package 'secp256k1')`. */
export function describeEngine(engine: Engine & Partial<ChosenEngine>): string {
  const describe = (part: 'hasher' | 'secp256k1'): string => {
    const reason = engine.fallbacks?.[part]
    return engine[part].name + (reason === undefined ? '' : ` (no faster one: ${reason})`)
  }
  return `keccak-256: ${describe('hasher')}; secp256k1: ${describe('secp256k1')}`
}
