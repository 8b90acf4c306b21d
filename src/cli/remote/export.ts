/**
 * An export out of a server, checked as it comes: its pieces, the order of its blocks, their seals, and that its last block is in the chain that the server
 * proves under the trusted id.
 */
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChainAudit, verifyChain } from '../../audit/audit.ts'
import { behind, disproved } from '../../client/errors.ts'
import type { ExportPieces } from '../../client/export.ts'
import { groundOf } from '../../client/facts.ts'
import type { ExportEnd } from '../../journal/export-format.ts'
import { equal } from '../../verify/bytes.ts'
import { CairnError, type Head } from '../../verify/index.ts'
import type { Server } from './with-server.ts'

export interface Watched {
  readonly signal: AbortSignal
  readonly onProgress: (blocks: bigint) => void
}

/** What it holds is told once all of it was checked; where something of it does not hold, it ends with the lie. */
export async function* checkedExport(
  server: Server,
  range: { readonly from?: bigint; readonly to?: bigint },
  { signal, onProgress }: Watched,
): AsyncGenerator<Uint8Array, ExportEnd> {
  const { client, chainId, engine } = server
  const { from = 0n, to } = range
  // What begins in the middle goes on from a block that is proved.
  const fromProof = from === 0n ? undefined : await client.proof({ block: from - 1n }, { signal })
  const pipe = new PassThrough()
  const audited = verifyChain(pipe, {
    chainId,
    engine,
    level: 'seals',
    ...(fromProof !== undefined && { fromProof }),
    onProgress: ({ blocks }) => onProgress(blocks),
    signal,
  })
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  const over = audited.then(end, end)
  try {
    for await (const piece of client.export(range, { signal })) {
      if (!pipe.write(piece)) await Promise.race([over, drained(pipe)])
      // Before its end: something of it does not hold.
      if (isOver) break
      yield piece
    }
    pipe.end()
    const { blocks, head } = demandWhole(await audited)
    if (head === undefined || head.height + 1n !== from + blocks || (to !== undefined && head.height !== to))
      throw disproved('its export holds other blocks than were asked for', [])
    await demandProved(server, head, signal)
    return { blocks, hash: head.blockHash }
  } finally {
    pipe.destroy()
    await over
  }
}

/** Where its seals alone were taken back since, a newer block stands for it: that is shown by the proof of its last one. */
function demandWhole(audit: ChainAudit): ChainAudit {
  if (audit.ok || audit.fault?.check === 'revocation') return audit
  throw disproved('its export does not hold', audit.verdicts)
}

/** The newest seal comes into a journal within a second; so long an export of its block is asked for, in milliseconds. */
const SEAL_PATIENCE = 3000
const PAUSE = 200
const TOO_EARLY: ReadonlySet<string> = new Set(['unknown_height', 'nothing_to_export'])

/**
 * All that a server exports from a height on, unchecked. Where something was seen of the chain, it goes up to the newest block that is proved to go on from
 * that, which comes with it: an audit then tells whether the export contains it.
 */
export async function exportOf(
  { client, seen }: Server,
  from: bigint,
  signal: AbortSignal,
): Promise<{ readonly source: AsyncIterable<Uint8Array>; readonly newest?: Head }> {
  const newest = seen && (await client.sync({ signal }))
  const range = { from, ...(newest && { to: newest.height }) }
  const deadline = performance.now() + SEAL_PATIENCE
  for (;;) {
    const pieces = client.export(range, { signal })
    try {
      const first = await pieces.next()
      return { source: joined(first, pieces), ...(newest && { newest }) }
    } catch (error) {
      const mayCome = error instanceof CairnError && TOO_EARLY.has(error.code) && performance.now() < deadline
      if (!mayCome) throw asBehind(error, newest?.height ?? (from > 0n ? from : undefined))
      await sleep(PAUSE, undefined, { signal })
    }
  }
}

async function* joined(first: IteratorResult<Uint8Array, void>, rest: ExportPieces): AsyncGenerator<Uint8Array> {
  if (first.done === true) return
  yield first.value
  yield* rest
}

/** A server that does not export a block that somebody has seen proved. */
function asBehind(error: unknown, height: bigint | undefined): unknown {
  if (!(error instanceof CairnError) || !TOO_EARLY.has(error.code) || height === undefined) return error
  return behind(BigInt(/^-?[0-9]{1,20}$/.exec(String(error.details.newest))?.[0] ?? -1), height)
}

/** The block is in the chain that the server proves, which goes on from all that was seen. */
export async function demandProved({ client, engine }: Server, head: Head, signal: AbortSignal): Promise<void> {
  const { height, blockHash } = head
  const { hash } = groundOf(await client.prove({ block: height }, { signal }), height, engine)
  if (equal(hash, blockHash)) return
  throw disproved(`block ${height} of its export is another one than it proves`, [])
}

function drained(pipe: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    pipe.once('drain', resolve).once('close', resolve)
  })
}
