/** Random inputs from one seed, which is printed: CAIRN_SEED=… runs the same ones again. */

export interface Random {
  /** An integer from 0 up to, but not including, `end`. */
  below(end: number): number
  bytes(length: number): Uint8Array
}

/** A generator of its own for `name`, so that one test does not shift the inputs of another. */
export function random(name: string): Random {
  const seed = Number(process.env.CAIRN_SEED ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`${name}: CAIRN_SEED=${seed}`)
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    below: (end) => next() % end,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  }
}
