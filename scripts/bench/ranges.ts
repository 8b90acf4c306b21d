/**
 * How fast a range grows, with its root and what the store gets of it after every batch, beside merkletreejs' mountain range: on
 * noble's keccak, as its users have it, and on the same engine as ours; beside lean-imt; and how many bytes that is.
 */
import { LeanIMT } from '@zk-kit/lean-imt'
import { MerkleMountainRange } from 'merkletreejs'
import { type Figure, figure } from '../../src/cli/bench/figures.ts'
import { Batch, type Store } from '../../src/ports/store.ts'
import { StoredRange } from '../../src/ranges/range.ts'
import { concat } from '../../src/verify/bytes.ts'
import { type Hasher, nobleEngine } from '../../src/verify/engine.ts'
import { compare, type Work } from './measure.ts'

const BATCH = 100
const LEAVES = 100_000

/** `store` is one that holds no range yet; nothing is written to it. */
export async function rangeFigures(store: Store, hasher: Hasher): Promise<Figure[]> {
  const entries = Array.from({ length: LEAVES }, (_, i) => hasher.hash(Uint8Array.of(i >> 16, i >> 8, i)))
  const batches = Array.from({ length: LEAVES / BATCH }, (_, i) => entries.slice(i * BATCH, (i + 1) * BATCH))
  const empty = await Promise.all(batches.map(() => StoredRange.open(store, 'commands', hasher)))
  const written: number[] = []

  // A run appends one batch: each 1000 of them grow a range of 100,000 leaves from none.
  let ours = empty[0] as StoredRange
  let opened = 0
  const stored: Work = () => {
    if (ours.size === BigInt(LEAVES)) ours = empty[++opened % empty.length] as StoredRange
    const prepared = ours.prepare(batches[Number(ours.size) / BATCH] as Uint8Array[])
    const batch = new Batch()
    ours.addTo(batch, prepared)
    ours.markApplied(prepared)
    if (written.length < batches.length) written.push(batch.size)
    return prepared.root[0] as number
  }

  const peer = (hasher: Hasher): Work => {
    let theirs = mountains(hasher)
    return () => {
      if (theirs.width === LEAVES) theirs = mountains(hasher)
      for (const entry of batches[theirs.width / BATCH] as Uint8Array[]) theirs.append(Buffer.from(entry))
      return theirs.root[0] as number
    }
  }

  const lean = (hasher: Hasher): Work => {
    const make = (): LeanIMT<Uint8Array> => new LeanIMT((left, right) => hasher.hash(concat(left, right)))
    let theirs = make()
    return () => {
      if (theirs.size === LEAVES) theirs = make()
      theirs.insertMany(batches[theirs.size / BATCH] as Uint8Array[])
      return theirs.root[0] as number
    }
  }

  const { ratio, rate } = compare(stored, peer(nobleEngine.hasher))
  const { ratio: leanRatio } = compare(stored, lean(nobleEngine.hasher))
  const { ratio: leanSameHash } = compare(stored, lean(hasher))
  const { ratio: sameHash } = compare(stored, peer(hasher))
  const what = `range append with root, batches of ${BATCH} to ${LEAVES.toLocaleString('en')} leaves`
  const bytes = written.reduce((sum, each) => sum + each, 0) / (written.length * BATCH)
  return [
    figure(`${what}: times as fast as merkletreejs' mountain range, on noble`, '×', ratio, { atLeast: 20 }),
    figure(`${what}: times as fast as merkletreejs' mountain range, on our hash`, '×', sameHash),
    figure(`${what}: times as fast as lean-imt, on noble`, '×', leanRatio, { atLeast: 5 }),
    figure(`${what}: times as fast as lean-imt, on our hash`, '×', leanSameHash),
    figure(
      `${what}: rate`,
      '/s',
      rate.map((runs) => runs * BATCH),
    ),
    figure(`${what}: written to the store`, 'B an entry', [bytes]),
  ]
}

/** As it comes: its nodes carry their positions, and its root is one hash of all peaks. */
function mountains(hasher: Hasher): MerkleMountainRange {
  return new MerkleMountainRange((data: Uint8Array) => Buffer.from(hasher.hash(data)))
}
