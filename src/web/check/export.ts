/** An export, checked from its first byte to its last in bounded memory but for the state trees, which are made again here. */
import { loadEngine } from '../../hash/browser.ts'
import { readExport } from '../../journal/export-read.ts'
import { CairnError } from '../../verify/error.ts'
import { type ChainVerification, ChainVerifier, MemoryStateTree, type Revocation } from '../../verify/index.ts'
import type { Progress } from '../worker-words.ts'

export interface ExportReport extends ChainVerification {
  /** What is wrong with the file itself, before the chain in it is looked at any further. */
  readonly damage?: string
  readonly name: string
  readonly seconds: number
}

const TELLING = 100

export async function verifyExport(
  file: Blob,
  chainId: string,
  revocations: readonly Revocation[] | undefined,
  onProgress: (progress: Progress) => void,
): Promise<ExportReport> {
  const start = performance.now()
  const engine = await loadEngine()
  const { hasher } = engine
  const { head, frames } = await readExport(pieces(file), hasher)
  if (head.from > 0n) throw startsInTheMiddle(head.from)
  const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
  const trust = { chainId, genesis: head.genesis, trees, ...(revocations && { revocations }) }
  const verifier = new ChainVerifier(trust, engine)
  const report = (damage?: string): ExportReport => ({
    ...verifier.finish(),
    ...(damage !== undefined && { damage }),
    name: head.genesis.name,
    seconds: (performance.now() - start) / 1000,
  })
  let told = start
  try {
    for await (const { records, end } of frames) {
      for (const record of records) if (!(await verifier.take(record))) return report()
      if (performance.now() - told < TELLING) continue
      told = performance.now()
      const { blocks, commands } = verifier.finish()
      onProgress({ read: end, size: file.size, blocks, commands })
    }
  } catch (error) {
    if (error instanceof CairnError && error.code.startsWith('export_')) return report(error.message)
    throw error
  }
  return report()
}

function startsInTheMiddle(from: bigint): CairnError {
  return new CairnError(
    'proof_needed',
    `The export begins at block ${from}, and hangs on what its head says of the blocks before. Check one that begins at block 0, or on a command line: cairn verify EXPORT --from-proof PROOF.`,
    { from },
  )
}

async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    await reader.cancel()
  }
}
