/** An export in a file, as a source. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Hasher } from '../verify/engine.ts'
import { exportSource } from './export-source.ts'
import type { AuditSource } from './source.ts'

export async function exportFile(path: string, hasher: Hasher): Promise<AuditSource> {
  const { size } = await stat(path)
  return exportSource(createReadStream(path, { highWaterMark: 1 << 20 }), { name: path, size }, hasher)
}
