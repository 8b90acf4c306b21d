/** The blocks that a server shows, each proved; live ones over breaks of the connection. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mayRetry } from '../../client/errors.ts'
import type { CairnClient } from '../../client/index.ts'
import { CairnError } from '../../verify/index.ts'
import type { SealedBlock } from '../seals-awaited.ts'

export interface BlocksAsked {
  readonly from?: bigint
  readonly to?: bigint
  readonly follow?: true
}

/** How long nothing is asked after a server did not answer, in milliseconds. */
const PAUSE = 500

/** Given up, it ends without an error. `onBreak` is told each time that the server is gone: it is asked again until it answers. */
export async function* blocksOf(
  client: CairnClient,
  { from = 0n, to, follow }: BlocksAsked,
  signal: AbortSignal,
  onBreak: (error: CairnError) => void,
): AsyncGenerator<SealedBlock> {
  try {
    const newest = await newestOf(client, signal)
    if (follow !== true) {
      const last = to === undefined || to > newest ? newest : to
      for (let height = from; height <= last; height++) yield await client.block(height, { signal })
      return
    }
    // Nobody can be told of a block above the next one before that one is there.
    const first = from > newest + 1n ? newest + 1n : from
    for await (const { header } of client.blocks({ from: first, signal, onBreak })) {
      if (header.height >= from) yield await patiently(() => client.block(header.height, { signal }), signal, onBreak)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function newestOf(client: CairnClient, signal: AbortSignal): Promise<bigint> {
  try {
    return (await client.sync({ signal })).height
  } catch (error) {
    if (error instanceof CairnError && error.code === 'nothing_to_prove') return -1n
    throw error
  }
}

/** A server that is being started again answers later. */
async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onBreak: (error: CairnError) => void,
): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof CairnError) || !mayRetry(error)) throw error
      onBreak(error)
      await sleep(PAUSE, undefined, { signal })
    }
  }
}
