/** An export, checked from its first byte to its last in bounded memory but for the state trees, which are made again here. */
import { type ExportAsked, type ExportAudit, verifyExport } from '../../audit/browser.ts'
import { loadEngine } from '../../hash/browser.ts'
import { asChainId, asRevocations } from '../../verify/trust.ts'
import type { ExportGiven, Progress } from '../worker-words.ts'

export interface ExportReport extends Omit<ExportAudit, 'genesis'> {
  /** As the export says, where its beginning can be read. */
  readonly name: string | undefined
  readonly seconds: number
}

/** Milliseconds. */
const TELLING = 100

export async function checkedExport(
  { file, chainId, revocations, level }: ExportGiven,
  known: ExportAsked['known'],
  onProgress: (progress: Progress) => void,
): Promise<ExportReport> {
  const start = performance.now()
  const { size } = file
  let told = start
  const asked: ExportAsked = {
    chainId: asChainId(chainId),
    ...(revocations && { revocations: asRevocations(revocations) }),
    level,
    size,
    known,
    onProgress({ bytes: read, blocks, commands }) {
      if (performance.now() - told < TELLING) return
      told = performance.now()
      onProgress({ read, size, blocks, commands })
    },
  }
  const { genesis, ...audit } = await verifyExport(pieces(file), asked, await loadEngine())
  return { ...audit, name: genesis?.name, seconds: (performance.now() - start) / 1000 }
}

async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    await reader.cancel()
  }
}
