/** A journal on a disk in memory, with short ways to write to it and to read it. */
import { Journal } from '../../src/journal/journal.ts'
import { encodeBlockRecord, encodeCloseRecord, encodeSealRecord } from '../../src/journal/record-write.ts'
import type { Place } from '../../src/ports/commit-log.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { MemoryDisk } from './memory-disk.ts'
import { RandomRecords } from './random-records.ts'

export const FILE_BYTES = 4096
export const chainId: Uint8Array = new Uint8Array(32).fill(7)
export const records: RandomRecords = new RandomRecords()

export function openJournal(disk: MemoryDisk, fileBytes: number = FILE_BYTES): Promise<Journal> {
  return Journal.open({ disk, directory: 'journal', chainId, rng: systemRng(), fileBytes })
}

export async function takenOver(disk: MemoryDisk, fileBytes?: number): Promise<Journal> {
  const journal = await openJournal(disk, fileBytes)
  await journal.takeover()
  return journal
}

/** A block whose record takes so many bytes, or a few less; or what it takes at least. */
export function blockOf(height: bigint, bytes: number = 1000): Uint8Array {
  const record = { ...records.block(height, 0), authority: [] }
  const bare = encodeBlockRecord({ ...record, notes: [new Uint8Array(0)] }).length
  // How long a note is takes up to three bytes more to say than that it is empty.
  const notes = [records.random.bytes(Math.max(0, bytes - bare - 3))]
  return encodeBlockRecord({ ...record, notes })
}

export async function appendBlocks(journal: Journal, from: bigint, to: bigint, bytes?: number): Promise<Place[]> {
  const places: Place[] = []
  for (let height = from; height <= to; height++) {
    const seal = height > 0n ? [encodeSealRecord(records.seal(height - 1n))] : []
    places.push(await journal.append(height, [...seal, blockOf(height, bytes)]))
  }
  return places
}

export async function closeAt(journal: Journal, height: bigint): Promise<void> {
  await journal.append(height, [encodeCloseRecord(records.close(height))])
  await journal.close()
}

/** Makes a byte another one, whatever it is. */
export function damageAt(disk: MemoryDisk, path: string, at: number): void {
  const bytes = disk.bytesOf(path)
  bytes[at] = (bytes[at] as number) ^ 1
}

/** The heights of the blocks in it, in their order. */
export async function heightsIn(journal: Journal, from?: Place): Promise<bigint[]> {
  const heights: bigint[] = []
  for await (const frame of journal.read(from)) heights.push(...heightsOf(frame.records))
  return heights
}

export function heightsOf(frame: readonly unknown[]): bigint[] {
  const blocks = frame.filter((record) => (record as { k: string }).k === 'block')
  return blocks.map((block) => BigInt((block as { header: { height: number } }).header.height))
}

export function upTo(height: bigint): bigint[] {
  return Array.from({ length: Number(height) + 1 }, (_, i) => BigInt(i))
}

/** The names in the journal's directory. */
export function namesOn(disk: MemoryDisk): string[] {
  return [...disk.files.keys()].map((path) => path.slice('journal/'.length)).sort()
}

export const fileAt = (height: number): string => `journal/${height.toString(16).padStart(16, '0')}.wal`

/** A disk on which blocks 0 to 8 lie in three files, and were closed. */
export async function closedDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  await appendBlocks(journal, 0n, 8n)
  await closeAt(journal, 8n)
  return disk
}

/** The same, not closed. */
export async function openDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const journal = await takenOver(disk)
  await appendBlocks(journal, 0n, 8n)
  await journal.close()
  return disk
}
