/** Blocks as a server sends them, live: server-sent events, read by hand so that a token can go along, over breaks of the connection. */
import { equal } from '../verify/bytes.ts'
import { wrongWithSuccessor } from '../verify/chain-order.ts'
import { bytes32, json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import {
  blockHash,
  type Engine,
  type Head,
  type Header,
  type Identity,
  incoherence,
  type Revocation,
  type Roots,
  type Seal,
} from '../verify/index.ts'
import { readJson } from '../verify/json.ts'
import { wrongWithDelegation } from '../verify/proof.ts'
import { isRevokedByColdKey, isSealedByDelegate, revokes } from '../verify/seal.ts'
import { aborted, behind, disproved, heightIn, mayRetry, unreachable } from './errors.ts'
import type { Http } from './http.ts'
import { identityOf } from './identity.ts'
import { Silence } from './silence.ts'
import { sleep } from './sleep.ts'

/** A block that is of the chain and follows the one before; its seal holds where it has one. */
export interface BlockEvent {
  readonly blockHash: Uint8Array
  readonly header: Header
  readonly roots: Roots
  readonly seal?: Seal
}

export interface EventsOptions {
  readonly http: Http
  readonly chainId: string
  readonly engine: Engine
  readonly revocations: readonly Revocation[]
  /** The newest head that was accepted. */
  readonly head: () => Head | undefined
}

/** One event: headers, roots and a seal take a few thousand bytes. */
const EVENT_MAX = 64 << 10
const PAUSE = 250
const PAUSE_MAX = 10_000
/** Without a sign of life the connection is lost, in milliseconds: a server gives one every fifteen seconds. */
const SILENCE_MAX = 45_000

export interface BlocksOptions {
  /** The first block that is wanted; the next one that is made, where it is left out. */
  readonly from?: bigint
  readonly signal?: AbortSignal
  /** Told each time that the connection is lost, or could not be made again: it goes on, and asks again a little later. */
  readonly onBreak?: (error: CairnError) => void
}

export async function* eventsOf(
  options: EventsOptions,
  { from, signal, onBreak }: BlocksOptions,
): AsyncGenerator<BlockEvent> {
  let identity: Identity | undefined
  let last: BlockEvent | undefined
  let pause = PAUSE
  for (;;) {
    if (signal?.aborted) return
    try {
      identity ??= await identityOf(options, signal)
      const next = last === undefined ? from : last.header.height + 1n
      for await (const event of connection(options.http, next, signal)) {
        demandNext(last, next, event, options.head())
        demandOfChain(identity, event, options)
        last = event
        pause = PAUSE
        yield event
      }
      if (!signal?.aborted) onBreak?.(unreachable('it ended the connection'))
    } catch (error) {
      if (signal?.aborted) return
      if (!(error instanceof CairnError) || !mayRetry(error)) throw asBehind(error, last)
      onBreak?.(error)
    }
    await sleep(pause, signal)
    pause = Math.min(2 * pause, PAUSE_MAX)
  }
}

/** A server that shows other blocks after a break, or than it proved before, shows another chain. */
function demandNext(
  last: BlockEvent | undefined,
  next: bigint | undefined,
  { header, blockHash: hash }: BlockEvent,
  head: Head | undefined,
): void {
  const { height, parentHash } = header
  const wrong = last && wrongWithSuccessor(header, last.header, last.blockHash)
  if (last !== undefined && wrong !== undefined)
    throw disproved(`block ${height} does not follow block ${last.header.height}: ${wrong}`, [])
  if (last === undefined && next !== undefined && height !== next)
    throw disproved(`it shows block ${height} to who asked for block ${next}`, [])
  const isOther = height === head?.height && !equal(hash, head.blockHash)
  if (isOther || (height - 1n === head?.height && !equal(parentHash, head.blockHash)))
    throw disproved(`block ${height} is not of the chain that it proved before`, [])
}

/** The block is of the chain, and sealed by who may, where it has a seal. */
function demandOfChain(
  identity: Identity,
  { blockHash: given, header, roots, seal }: BlockEvent,
  { engine, revocations }: EventsOptions,
): void {
  const hash = blockHash(identity, header, engine.hasher)
  const wrong = equal(hash, given) ? incoherence(identity, header, roots, engine.hasher) : 'it has another hash'
  if (wrong !== undefined) throw disproved(`block ${header.height} is not as it has to be: ${wrong}`, [])
  if (seal === undefined) return
  const fault = isSealedByDelegate(hash, seal, engine)
    ? wrongWithDelegation(identity, seal.delegation, header.timestamp, engine)
    : 'the delegate did not sign it'
  if (fault !== undefined) throw disproved(`the seal of block ${header.height} does not hold: ${fault}`, [])
  const isRevoked = revocations.some(
    (each) => revokes(each, seal.delegation.index, header.height, hash) && isRevokedByColdKey(identity, each, engine),
  )
  if (isRevoked) throw disproved(`block ${header.height} is sealed under what the cold key took back`, [])
}

/** A server that does not know the block that it showed last. */
function asBehind(error: unknown, last: BlockEvent | undefined): unknown {
  if (!(error instanceof CairnError) || error.code !== 'unknown_height' || last === undefined) return error
  return behind(heightIn(error.details.newest) ?? -1n, last.header.height)
}

async function* connection(
  http: Http,
  from: bigint | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<BlockEvent> {
  if (signal?.aborted) throw aborted(false)
  const silence = new Silence(SILENCE_MAX, signal)
  const path = from === undefined ? '/v1/stream' : `/v1/stream?from=${from}`
  const response = await silence.until(http.send(path, { accept: 'text/event-stream', signal: silence.signal }))
  if (!response.ok) throw await silence.until(http.errorOf(response))
  const reader = response.body?.getReader()
  if (reader === undefined) throw unreachable('it answers nothing to who wants its blocks')
  const decoder = new TextDecoder()
  const unfinished = new Unfinished()
  try {
    for (;;) {
      const piece = await silence.until(reader.read()).catch((error: unknown) => {
        throw unreachable(String(error), error)
      })
      if (piece.done) return
      for (const each of unfinished.endedBy(decoder.decode(piece.value, { stream: true }))) {
        const data = /^data: (.*)$/m.exec(each)?.[1]
        if (data !== undefined) yield readEvent(data)
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** What came of an event that is not at its end. It is put together then, once: a server may send it letter by letter. */
class Unfinished {
  private parts: string[] = []
  private size = 0

  /** The events that end in this piece. */
  endedBy(piece: string): readonly string[] {
    const isEnd = `${this.parts.at(-1)?.at(-1) ?? ''}${piece}`.includes('\n\n')
    if (piece !== '') this.parts.push(piece)
    this.size += piece.length
    const events = isEnd ? this.parts.join('').split('\n\n') : []
    const rest = events.pop()
    if (rest !== undefined) {
      this.parts = rest === '' ? [] : [rest]
      this.size = rest.length
    }
    if (this.size > EVENT_MAX) throw unreachable('an event of it does not end')
    return events
  }
}

function readEvent(data: string): BlockEvent {
  const event = attempt(() => {
    const read = readJson(data)
    if (!(read instanceof Map)) throw new CairnError('malformed', 'it is no object')
    const value: ReadonlyMap<string, unknown> = read
    const seal = value.get('seal')
    return {
      blockHash: bytes32.decode(value.get('blockHash'), json),
      header: codecs.header.decode(value.get('header'), json),
      roots: codecs.roots.decode(value.get('roots'), json),
      ...(seal !== undefined && { seal: codecs.seal.decode(seal, json) }),
    }
  })
  if (!(event instanceof CairnError)) return event
  throw new CairnError('answer_invalid', `What the server sends is no block: ${event.message}.`, { why: event.message })
}
