/** A chain, what the holder of a stolen key made of it, and light clients that follow it: where attacks begin. */
import type { Revocation } from '../../../src/verify/index.ts'
import { ChainMaker } from '../maker.ts'
import { Random } from '../seed.ts'
import { Followed } from './followed.ts'
import { InProcess } from './in-process.ts'

export const evm = await InProcess.start()
const START = evm.now
export const maker = new ChainMaker(new Random(5)).grow(16)
/** What the holder of a stolen key made of the chain from height 6 on. */
export const stolen = maker.fork(5).grow(8)
export const second = maker.delegate({ index: 1n })
export const third = maker.delegate({ index: 2n })

/** A client that took these heights one after the other. */
export async function following(...heights: readonly number[]): Promise<Followed> {
  evm.now = START
  const followed = await Followed.of(evm, maker)
  for (const [i, height] of heights.entries()) {
    const { error } = await followed.submit(height, heights[i - 1])
    if (error !== undefined) throw new Error(`height ${height} is refused: ${error}`)
  }
  return followed
}

/** As if the key of `index` had been good for the blocks below this height only. */
export function revokedFrom(index: bigint, height: number, of: ChainMaker = maker): Revocation {
  return maker.revoke(index, of.madeAt(height - 1))
}
