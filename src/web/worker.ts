/**
 * What would make the page stutter, in a worker: the stream of blocks, each checked, told in batches; and the verification of exports.
 */
import type { KnownElsewhere } from '../audit/browser.ts'
import { CairnClient } from '../client/index.ts'
import { loadEngine } from '../hash/browser.ts'
import { CairnError } from '../verify/error.ts'
import { checkedExport } from './check/export.ts'
import type { Asked, ExportGiven, Told, ToldBlock } from './worker-words.ts'

/** How long new blocks are gathered before the page is told, in milliseconds. */
const GATHERING = 80
/** Of one batch the page shows the newest; of the others it needs their numbers. */
const SHOWN = 32

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  if (data.what === 'follow') void follow(data)
  else if (data.what === 'verify') void verify(data)
  else takeKnown(data)
})

/** Whoever waits for what the page knows of an export. */
let takeKnown: (known: KnownElsewhere) => void = () => undefined

function tell(told: Told): void {
  postMessage(told)
}

async function follow({ origin, chainId, token, from }: Extract<Asked, { what: 'follow' }>): Promise<void> {
  let gathered: ToldBlock[] = []
  let [blocks, commands] = [0, 0]
  const flush = (): void => {
    if (blocks === 0) return
    tell({ what: 'blocks', newest: gathered.slice(-SHOWN), blocks, commands })
    gathered = []
    ;[blocks, commands] = [0, 0]
  }
  const timer = setInterval(flush, GATHERING)
  try {
    const engine = await loadEngine()
    const client = new CairnClient({
      url: origin,
      chainId,
      engine,
      fetch: watched,
      ...(token !== undefined && { token }),
    })
    for await (const { blockHash, header, seal } of client.blocks({ from })) {
      const { height, timestamp, commandCount, parentHash } = header
      const by = seal === undefined ? 'order' : 'seal'
      gathered.push({ height, hash: blockHash, parentHash, timestamp, commandCount, by })
      if (gathered.length > 2 * SHOWN) gathered = gathered.slice(-SHOWN)
      blocks++
      commands += Number(commandCount)
    }
  } catch (error) {
    flush()
    tell(problem(error))
  } finally {
    clearInterval(timer)
  }
}

async function watched(url: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, init)
    // One that refuses is asked again, or what it says is told.
    tell({ what: 'connection', isThere: response.ok })
    return response
  } catch (error) {
    tell({ what: 'connection', isThere: false })
    throw error
  }
}

async function verify(given: ExportGiven): Promise<void> {
  const known = (from: bigint, to: bigint): Promise<KnownElsewhere> =>
    new Promise((resolve) => {
      takeKnown = resolve
      tell({ what: 'begins', from, to })
    })
  try {
    tell({
      what: 'verified',
      report: await checkedExport(given, known, (progress) => tell({ what: 'progress', ...progress })),
    })
  } catch (error) {
    tell(problem(error))
  }
}

function problem(error: unknown): Told {
  const { code, details } = error instanceof CairnError ? error : { code: 'failed', details: {} }
  const plain = Object.fromEntries(
    Object.entries(details).filter(([, value]) => ['string', 'number', 'bigint'].includes(typeof value)),
  )
  return { what: 'problem', code, message: error instanceof Error ? error.message : String(error), details: plain }
}
