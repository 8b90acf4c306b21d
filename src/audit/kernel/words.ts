/** Words of `abi(…)` (FORMAT §1): 32 bytes each. */

export function writeHash(to: usize, hash: usize): void {
  v128.store(to, v128.load(hash))
  v128.store(to, v128.load(hash, 16), 16)
}

export function writeNumber(to: usize, value: u64): void {
  v128.store(to, i64x2.splat(0))
  store<u64>(to, 0, 16)
  store<u64>(to, bswap<u64>(value), 24)
}
