/**
 * RFC 9162 as it is written: MTH, PATH and PROOF from their recursive definitions in §2.1.1, §2.1.3.1 and §2.1.4.1, with
 * keccak-256 for its hash. It shares nothing with the verifier but the hash.
 */
import { concat } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import type { Path } from '../../src/verify/types.ts'

const { hasher } = nobleEngine

/** A list of entries, `D_n = D[0:n]`, which the definitions cut into pieces `D[from:to]`. */
export interface Entries {
  at(index: bigint): Uint8Array
  /** What MTH(D[from:to]) is known under: pieces of one name are equal. */
  nameOf(from: bigint, to: bigint): string
}

export class Rfc9162 {
  private readonly known = new Map<string, Uint8Array>()
  private readonly entries: Entries

  constructor(entries: Entries) {
    this.entries = entries
  }

  /** MTH({}) = HASH(); MTH({d[0]}) = HASH(0x00 || d[0]); MTH(D_n) = HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n])). */
  mth(from: bigint, to: bigint): Uint8Array {
    const name = this.entries.nameOf(from, to)
    const known = this.known.get(name)
    if (known !== undefined) return known
    const hash = hasher.hash(this.message(from, to))
    this.known.set(name, hash)
    return hash
  }

  private message(from: bigint, to: bigint): Uint8Array {
    if (to === from) return new Uint8Array(0)
    if (to - from === 1n) return concat(Uint8Array.of(0), this.entries.at(from))
    const k = from + splitOf(to - from)
    return concat(Uint8Array.of(1), this.mth(from, k), this.mth(k, to))
  }

  /** PATH(m, D[n]). */
  path(m: bigint, from: bigint, to: bigint): Path {
    if (to - from === 1n) return []
    const k = splitOf(to - from)
    return m < k
      ? [...this.path(m, from, from + k), this.mth(from + k, to)]
      : [...this.path(m - k, from + k, to), this.mth(from, from + k)]
  }

  /** PROOF(m, D_n) = SUBPROOF(m, D_n, true), for 0 < m < n. */
  proof(m: bigint, n: bigint): Path {
    return this.subproof(m, 0n, n, true)
  }

  private subproof(m: bigint, from: bigint, to: bigint, isWhole: boolean): Path {
    const n = to - from
    if (m === n) return isWhole ? [] : [this.mth(from, to)]
    const k = splitOf(n)
    return m <= k
      ? [...this.subproof(m, from, from + k, isWhole), this.mth(from + k, to)]
      : [...this.subproof(m - k, from + k, to, false), this.mth(from, from + k)]
  }
}

/** The largest power of two smaller than n. */
function splitOf(n: bigint): bigint {
  let k = 1n
  while (k * 2n < n) k *= 2n
  return k
}
