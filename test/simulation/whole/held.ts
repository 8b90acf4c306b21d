/** What lies beside a journal and knows of its blocks. */
import { newestMark } from '../../../src/pipeline/chain-store.ts'
import { fromUtf8 } from '../../../src/verify/bytes.ts'
import type { World } from '../world.ts'
import { DIRECTORY, GUARD } from './setting.ts'

/** The highest block that the guard and the store have. */
export async function heldBy(world: World): Promise<{ readonly guard: bigint; readonly store: bigint }> {
  const file = world.fileAt(GUARD)
  const text = file === undefined ? undefined : fromUtf8(file.read(0, 4096))
  const height = /"height":"(\d+)"/.exec(text ?? '')?.[1]
  // A store that two starts did not outlive is not opened any more, whatever they died of: it counts as lost.
  const isLost = (world.fileAt(`${DIRECTORY}/store.suspect`)?.size ?? 0) >= 2 || world.store().isRefused
  return { guard: BigInt(height ?? -1), store: isLost ? -1n : await newestMark(world.store().contents) }
}
