/** Blocks as a server sends them, live: server-sent events, read by hand so that a token can go along, over breaks of the connection. */
import { equal } from '../verify/bytes.ts'
import { bytes32, json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { CairnError } from '../verify/error.ts'
import type { Header, Roots, Seal } from '../verify/index.ts'
import { readJson } from '../verify/json.ts'
import { aborted, disproved, unreachable } from './errors.ts'
import type { Http } from './http.ts'

export interface BlockEvent {
  readonly blockHash: Uint8Array
  readonly header: Header
  readonly roots: Roots
  readonly seal?: Seal
}

/** One event: headers, roots and a seal take a few thousand bytes. */
const EVENT_MAX = 64 << 10
const PAUSE = 250
const PAUSE_MAX = 10_000

export async function* eventsOf(
  http: Http,
  from: bigint | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<BlockEvent> {
  let last: BlockEvent | undefined
  let pause = PAUSE
  for (;;) {
    try {
      for await (const event of connection(http, last === undefined ? from : last.header.height + 1n, signal)) {
        if (last !== undefined) demandNext(last, event)
        last = event
        pause = PAUSE
        yield event
      }
    } catch (error) {
      if (signal?.aborted) return
      if (
        !(error instanceof CairnError) ||
        error.code === 'proof_invalid' ||
        error.code === 'forbidden' ||
        error.code === 'unauthorized'
      )
        throw error
    }
    if (signal?.aborted) return
    await sleep(pause)
    pause = Math.min(2 * pause, PAUSE_MAX)
  }
}

/** A server that shows other blocks after a break shows another chain. */
function demandNext(last: BlockEvent, { header }: BlockEvent): void {
  if (header.height === last.header.height + 1n && equal(header.parentHash, last.blockHash)) return
  throw disproved(`block ${header.height} does not follow block ${last.header.height}`, [])
}

async function* connection(
  http: Http,
  from: bigint | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<BlockEvent> {
  if (signal?.aborted) throw aborted(false)
  const path = from === undefined ? '/v1/stream' : `/v1/stream?from=${from}`
  const response = await http.send(path, { accept: 'text/event-stream', ...(signal && { signal }) })
  const reader = response.body?.getReader()
  if (!response.ok || reader === undefined) {
    const code = response.status === 401 ? 'unauthorized' : response.status === 403 ? 'forbidden' : 'server_unreachable'
    throw new CairnError(code, `The server answered ${response.status} to who wants its blocks.`, {
      status: response.status,
    })
  }
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const piece = await reader.read().catch((error: unknown) => {
        throw unreachable(String(error), error)
      })
      if (piece.done) return
      text += decoder.decode(piece.value, { stream: true })
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      if (text.length > EVENT_MAX) throw unreachable('an event of it does not end')
      for (const each of events) {
        const data = /^data: (.*)$/m.exec(each)?.[1]
        if (data !== undefined) yield readEvent(data)
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function readEvent(data: string): BlockEvent {
  const value = readJson(data) as ReadonlyMap<string, unknown>
  const seal = value.get('seal')
  return {
    blockHash: bytes32.decode(value.get('blockHash'), json),
    header: codecs.header.decode(value.get('header'), json),
    roots: codecs.roots.decode(value.get('roots'), json),
    ...(seal !== undefined && { seal: codecs.seal.decode(seal, json) }),
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
