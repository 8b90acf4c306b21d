/** Records of a made chain in a journal, a block a frame, each with the seal of the block before it, as a producer writes them. */
import { Journal } from '../../src/journal/journal.ts'
import { encodeRecord } from '../../src/journal/record-write.ts'
import type { JournalHome } from '../../src/journal/settings.ts'
import { systemRng } from '../../src/ports/rng.ts'
import type { ChainRecord } from '../../src/verify/index.ts'
import type { ChainMaker } from '../support/maker.ts'
import { MemoryDisk } from './memory-disk.ts'

/** Where it lies, and the disk that it lies on. */
export async function journalOf(
  maker: ChainMaker,
  records: readonly ChainRecord[] = maker.records(),
  fileBytes = 4096,
): Promise<JournalHome & { readonly disk: MemoryDisk }> {
  const disk = new MemoryDisk()
  const home = { disk, directory: 'journal', chainId: maker.chainId }
  const journal = await Journal.open({ ...home, rng: systemRng(), fileBytes })
  await journal.takeover()
  await appendTo(journal, records)
  await journal.close()
  return home
}

async function appendTo(journal: Journal, records: readonly ChainRecord[]): Promise<void> {
  let height = -1n
  let riding: Uint8Array[] = []
  for (const record of records) {
    if (record.k === 'seal') {
      riding.push(encodeRecord(record))
      continue
    }
    if (record.k === 'block') height = record.header.height
    await journal.append(height, [...riding, encodeRecord(record)])
    riding = []
  }
  if (riding.length > 0) await journal.append(height, riding)
}
