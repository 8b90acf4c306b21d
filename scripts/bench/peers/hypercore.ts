/**
 * A peer of the producer: hypercore 11, a signed append-only log on RocksDB. Blocks of 200 bytes, a hundred of them an
 * append, one append after the other, as fast as it goes.
 *
 * An append issues no fsync, so what it acknowledges may be lost with the power. What `strace -f -e
 * trace=fsync,fdatasync` shows is eleven of them while RocksDB opens, and then six every few seconds, when a thread of
 * its own makes a file of a full buffer.
 */
import { randomBytes } from 'node:crypto'
import Hypercore from 'hypercore'
import { Meter, type MeterPace } from '../../../src/cli/bench/meter.ts'

const BLOCK_BYTES = 200
const BATCH = 100
const WARM_UP_SECONDS = 1

/** Blocks a second, and the p99 of an append. The directory is new or empty, and the caller's to remove. */
export async function hypercorePeer(directory: string, seconds: number): Promise<MeterPace> {
  const core = new Hypercore(directory)
  try {
    await core.ready()
    await appends(core, WARM_UP_SECONDS)
    return await appends(core, seconds)
  } finally {
    await core.close()
  }
}

async function appends(core: Hypercore, seconds: number): Promise<MeterPace> {
  const blocks = Array.from({ length: BATCH }, () => randomBytes(BLOCK_BYTES))
  const meter = new Meter(seconds)
  while (meter.open) {
    // No two blocks are the same. An append that is done has let go of them.
    const next = core.length
    for (const [i, block] of blocks.entries()) block.writeDoubleBE(next + i)
    const since = performance.now()
    await core.append(blocks)
    meter.acknowledged(BATCH, since)
  }
  return meter.pace()
}
