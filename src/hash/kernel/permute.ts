/**
 * Keccak-f[1600] for WebAssembly, in AssemblyScript: what keccak.ts and the kernel of state trees hash with.
 *
 * It is written once, for a type `T` of lanes: with `u64` it is one state, with `v128` two side by side.
 */

/** The 25 lanes. Every other round writes them to OTHER, and the next one back. */
export const STATE: usize = memory.data(25 * 16, 16)
const OTHER: usize = memory.data(25 * 16, 16)

const ROUND_CONSTANTS_END: usize = 24 * 8
const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
  0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
  0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
  0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
])

/**
 * Keccak-f[1600]. The rounds stay in a loop and the lanes in memory: there are not enough registers for 25 of them, and
 * two at once are an eighth slower as 25 locals. A round sums up the columns for the next one while it writes them.
 */
export function permute<T>(): void {
  let from = STATE
  let to = OTHER
  let c0 = column<T>(0)
  let c1 = column<T>(1)
  let c2 = column<T>(2)
  let c3 = column<T>(3)
  let c4 = column<T>(4)
  for (let constant: usize = 0; constant < ROUND_CONSTANTS_END; constant += 8) {
    // theta: what every lane of a column is changed by
    const d0 = xor<T>(c4, rotate<T>(c1, 1))
    const d1 = xor<T>(c0, rotate<T>(c2, 1))
    const d2 = xor<T>(c1, rotate<T>(c3, 1))
    const d3 = xor<T>(c2, rotate<T>(c4, 1))
    const d4 = xor<T>(c3, rotate<T>(c0, 1))

    // row by row: the five lanes that rho and pi bring there, then chi (and iota, on the first lane)
    let b0 = xor<T>(lane<T>(from, 0), d0)
    let b1 = rotate<T>(xor<T>(lane<T>(from, 6), d1), 44)
    let b2 = rotate<T>(xor<T>(lane<T>(from, 12), d2), 43)
    let b3 = rotate<T>(xor<T>(lane<T>(from, 18), d3), 21)
    let b4 = rotate<T>(xor<T>(lane<T>(from, 24), d4), 14)
    c0 = put<T>(to, 0, xor<T>(chi<T>(b0, b1, b2), both<T>(load<u64>(ROUND_CONSTANTS + constant))))
    c1 = put<T>(to, 1, chi<T>(b1, b2, b3))
    c2 = put<T>(to, 2, chi<T>(b2, b3, b4))
    c3 = put<T>(to, 3, chi<T>(b3, b4, b0))
    c4 = put<T>(to, 4, chi<T>(b4, b0, b1))

    b0 = rotate<T>(xor<T>(lane<T>(from, 3), d3), 28)
    b1 = rotate<T>(xor<T>(lane<T>(from, 9), d4), 20)
    b2 = rotate<T>(xor<T>(lane<T>(from, 10), d0), 3)
    b3 = rotate<T>(xor<T>(lane<T>(from, 16), d1), 45)
    b4 = rotate<T>(xor<T>(lane<T>(from, 22), d2), 61)
    c0 = xor<T>(c0, put<T>(to, 5, chi<T>(b0, b1, b2)))
    c1 = xor<T>(c1, put<T>(to, 6, chi<T>(b1, b2, b3)))
    c2 = xor<T>(c2, put<T>(to, 7, chi<T>(b2, b3, b4)))
    c3 = xor<T>(c3, put<T>(to, 8, chi<T>(b3, b4, b0)))
    c4 = xor<T>(c4, put<T>(to, 9, chi<T>(b4, b0, b1)))

    b0 = rotate<T>(xor<T>(lane<T>(from, 1), d1), 1)
    b1 = rotate<T>(xor<T>(lane<T>(from, 7), d2), 6)
    b2 = rotate<T>(xor<T>(lane<T>(from, 13), d3), 25)
    b3 = rotate<T>(xor<T>(lane<T>(from, 19), d4), 8)
    b4 = rotate<T>(xor<T>(lane<T>(from, 20), d0), 18)
    c0 = xor<T>(c0, put<T>(to, 10, chi<T>(b0, b1, b2)))
    c1 = xor<T>(c1, put<T>(to, 11, chi<T>(b1, b2, b3)))
    c2 = xor<T>(c2, put<T>(to, 12, chi<T>(b2, b3, b4)))
    c3 = xor<T>(c3, put<T>(to, 13, chi<T>(b3, b4, b0)))
    c4 = xor<T>(c4, put<T>(to, 14, chi<T>(b4, b0, b1)))

    b0 = rotate<T>(xor<T>(lane<T>(from, 4), d4), 27)
    b1 = rotate<T>(xor<T>(lane<T>(from, 5), d0), 36)
    b2 = rotate<T>(xor<T>(lane<T>(from, 11), d1), 10)
    b3 = rotate<T>(xor<T>(lane<T>(from, 17), d2), 15)
    b4 = rotate<T>(xor<T>(lane<T>(from, 23), d3), 56)
    c0 = xor<T>(c0, put<T>(to, 15, chi<T>(b0, b1, b2)))
    c1 = xor<T>(c1, put<T>(to, 16, chi<T>(b1, b2, b3)))
    c2 = xor<T>(c2, put<T>(to, 17, chi<T>(b2, b3, b4)))
    c3 = xor<T>(c3, put<T>(to, 18, chi<T>(b3, b4, b0)))
    c4 = xor<T>(c4, put<T>(to, 19, chi<T>(b4, b0, b1)))

    b0 = rotate<T>(xor<T>(lane<T>(from, 2), d2), 62)
    b1 = rotate<T>(xor<T>(lane<T>(from, 8), d3), 55)
    b2 = rotate<T>(xor<T>(lane<T>(from, 14), d4), 39)
    b3 = rotate<T>(xor<T>(lane<T>(from, 15), d0), 41)
    b4 = rotate<T>(xor<T>(lane<T>(from, 21), d1), 2)
    c0 = xor<T>(c0, put<T>(to, 20, chi<T>(b0, b1, b2)))
    c1 = xor<T>(c1, put<T>(to, 21, chi<T>(b1, b2, b3)))
    c2 = xor<T>(c2, put<T>(to, 22, chi<T>(b2, b3, b4)))
    c3 = xor<T>(c3, put<T>(to, 23, chi<T>(b3, b4, b0)))
    c4 = xor<T>(c4, put<T>(to, 24, chi<T>(b4, b0, b1)))

    const next = from
    from = to
    to = next
  }
}

// What differs between one lane and two side by side, and the state in terms of it. The compiler inlines all of this.

function xor<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.xor(a, b)
  else return a ^ b
}

export function and<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.and(a, b)
  else return a & b
}

function chi<T>(a: T, b: T, c: T): T {
  if (isVector<T>()) return v128.xor(a, v128.andnot(c, b))
  else return a ^ (~b & c)
}

function rotate<T>(a: T, bits: i32): T {
  if (isVector<T>()) return v128.or(i64x2.shl(a, bits), i64x2.shr_u(a, 64 - bits))
  else return rotl<u64>(a, bits)
}

export function both<T>(value: u64): T {
  if (isVector<T>()) return i64x2.splat(value)
  else return value
}

export function loadWord<T>(at: usize, stride: usize): T {
  if (isVector<T>()) return v128.load_lane<u64>(at + stride, v128.load_zero<u64>(at), 1)
  else return load<u64>(at)
}

export function storeWord<T>(at: usize, stride: usize, value: T): void {
  if (isVector<T>()) {
    v128.store_lane<u64>(at, value, 0)
    v128.store_lane<u64>(at + stride, value, 1)
  } else store<u64>(at, value)
}

export function lane<T>(state: usize, i: usize): T {
  return load<T>(state + i * sizeof<T>())
}

export function put<T>(state: usize, i: usize, value: T): T {
  store<T>(state + i * sizeof<T>(), value)
  return value
}

export function add<T>(i: usize, value: T): void {
  put<T>(STATE, i, xor<T>(lane<T>(STATE, i), value))
}

function column<T>(x: usize): T {
  const upper = xor<T>(lane<T>(STATE, x), lane<T>(STATE, x + 5))
  return xor<T>(xor<T>(upper, lane<T>(STATE, x + 10)), xor<T>(lane<T>(STATE, x + 15), lane<T>(STATE, x + 20)))
}
