/** An export as it comes over HTTP. A server that goes silent is given up; how long all of it takes is nobody's to say. */
import { CairnError } from '../verify/error.ts'
import { unreachable } from './errors.ts'
import { type Http, reasonOf } from './http.ts'
import { Silence } from './silence.ts'

/** An export, piece by piece as it comes. */
export type ExportPieces = AsyncGenerator<Uint8Array, void>

export async function* exportOf(
  http: Http,
  range: { readonly from?: bigint; readonly to?: bigint },
  signal: AbortSignal | undefined,
): ExportPieces {
  const query = new URLSearchParams()
  if (range.from !== undefined) query.set('from', String(range.from))
  if (range.to !== undefined) query.set('to', String(range.to))
  const silence = new Silence(http.timeout, signal)
  try {
    const asked = { accept: 'application/vnd.cairn.export', signal: silence.signal }
    const response = await silence.until(http.send(query.size === 0 ? '/v1/export' : `/v1/export?${query}`, asked))
    if (!response.ok) throw await silence.until(http.errorOf(response))
    const reader = response.body?.getReader()
    if (reader === undefined) return
    try {
      for (;;) {
        const piece = await silence.until(reader.read()).catch((error: unknown) => {
          throw unreachable(`the export broke off (${reasonOf(error)})`, error)
        })
        if (piece.done) return
        yield piece.value
      }
    } finally {
      await reader.cancel().catch(() => undefined)
    }
  } catch (error) {
    throw signal?.aborted ? new CairnError('aborted', 'It was given up.') : error
  }
}
