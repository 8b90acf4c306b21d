/**
 * A client of a server, in Node and in browsers, that trusts the id of the chain and nothing else.
 *
 * Promise: a receipt that it gives was checked: the command as it was sent stands in the chain with this outcome, under a seal that counts, in a chain
 * that goes on from all that the client saw before. A command is executed once, whatever is lost on the way.
 */
import { utf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { type Engine, type Head, type Identity, type Proof, type TreeName, toHex } from '../verify/index.ts'
import { demandMembers, invalidOption } from '../verify/option.ts'
import { type Authorities, authoritiesOf } from './authorities.ts'
import { ChainView } from './chain-view.ts'
import { asDisproved, disproved, isBroken, mayHaveHappened, mayRetry, named, notKnown } from './errors.ts'
import { type BlockEvent, type BlocksOptions, type EventsOptions, eventsOf } from './events.ts'
import { type ExportPieces, exportOf } from './export.ts'
import { askedOf, demandHeight, demandShown, groundOf, type ProofAsked, queryOf, rawKey, valueIn } from './facts.ts'
import { Http } from './http.ts'
import { identityOf } from './identity.ts'
import { Numbers } from './numbers.ts'
import { type ClientOptions, checkClient } from './options.ts'
import { Outbox } from './outbox.ts'
import { type ProvedBlock, provedBlock } from './proved-block.ts'
import { type ClientReceipt, demandProved, readReceipt, type Sent } from './receipts.ts'

export interface ClientCommand {
  readonly type: string
  /** Bytes, or a text, or a value that is written as JSON. */
  readonly payload: Uint8Array | string | Readonly<Record<string, unknown>>
  /** The number of the command, where the caller keeps them itself; each has to be higher than the one before. */
  readonly request?: bigint
}

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** What was proved of a key. */
export interface ValueRead {
  /** Of the block that it was proved of. */
  readonly height: bigint
  /** Absent where it was proved that there is none. */
  readonly value?: Uint8Array
}

const PAUSE = 100
const BATCH_MAX = 256
/** Bytes of one request, and of what one proof shows: as hex digits, with their paths, they stay below what a body and a document may have. */
const BATCH_BYTES_MAX = 4 << 20
const COMMAND_COST = 1024
const WAITING_MAX = 16_384
/** How often a number is chosen anew because the chain knows higher ones: of a clock that was ahead by a hundred years, at the most. */
const LEAPS = 20

export class CairnClient {
  private readonly name: string | undefined
  private readonly isVerifying: boolean
  private readonly engine: Engine
  /** Whom is asked, and what is trusted. */
  private readonly source: { readonly http: Http; readonly chainId: string; readonly engine: Engine }
  private known: Identity | undefined
  private readonly events: EventsOptions
  private readonly http: Http
  private readonly view: ChainView
  private readonly numbers = new Numbers(() => Date.now())
  private readonly outbox: Outbox<Sent>

  constructor(options: ClientOptions) {
    const { url, chainId, client, token, verify, timeout, retries, engine, fetch, state, head, revocations } =
      checkClient(options)
    this.name = client
    this.isVerifying = verify
    this.engine = engine
    this.http = new Http({ url, timeout, fetch, ...(token !== undefined && { token }) })
    this.source = { http: this.http, chainId, engine }
    this.view = new ChainView({
      ...this.source,
      ...(state && { store: state }),
      ...(head && { head }),
      ...(revocations && { revocations }),
    })
    this.events = { ...this.source, revocations: revocations ?? [], head: () => this.view.head }
    this.outbox = new Outbox({
      send: (commands) => this.send(commands),
      batchMax: BATCH_MAX,
      batchCostMax: BATCH_BYTES_MAX,
      costOf: ({ payload }) => payload.length + COMMAND_COST,
      waitingMax: WAITING_MAX,
      retries,
      pause: PAUSE,
    })
  }

  /** The newest head that was accepted. */
  get head(): Head | undefined {
    return this.view.head
  }

  /**
   * Submits a command. **When the promise is fulfilled, the command is durable and was executed exactly once**, and the receipt was checked against the
   * chain's id. What is submitted while a request is on its way goes along with the next one, in order. Retried until the outcome is known; with
   * `outcome_unknown` or `server_unreachable` send it again under the same number to know: errors name it as `details.request`.
   */
  async submit(command: ClientCommand, { signal }: CallOptions = {}): Promise<ClientReceipt> {
    const { name } = this
    if (name === undefined)
      throw new CairnError(
        'invalid_option',
        'To submit commands the option client is needed: the name that they are sent under.',
        { option: 'client' },
      )
    demandMembers(command, ['type', 'payload', 'request'])
    if (command.request !== undefined && typeof command.request !== 'bigint')
      throw invalidOption('request', 'numbers of commands are bigints')
    const payload = bytesOf(command)
    for (let leaps = 0; ; leaps++) {
      const request = command.request ?? this.numbers.next()
      try {
        const answer = await this.outbox.put({ client: name, request, type: command.type, payload }, signal)
        return answer as ClientReceipt
      } catch (error) {
        // A number of ours that is taken, or lies behind: under it this command was not executed, so another one is chosen.
        const isTaken = error instanceof CairnError && TAKEN.has(error.code)
        if (command.request !== undefined || !isTaken || leaps === LEAPS) throw numbered(error, name, request)
        this.numbers.leap(request)
      }
    }
  }

  /** A proof of these facts, checked, under the newest block of a chain that goes on from the head that was accepted last. */
  async prove(facts: ProofAsked, { signal }: CallOptions = {}): Promise<Proof> {
    const asked = askedOf(facts)
    const proof = await this.view.prove(queryOf(asked), signal)
    demandShown(proof, asked, this.engine)
    return proof
  }

  /**
   * The same as a document for others, `cairn.proof/v1`: it shows what was asked for and nothing beside it. With `since` it leads on from that block, which
   * whoever gets it accepted last.
   */
  async proof(
    { since, ...facts }: ProofAsked & { readonly since?: bigint },
    { signal }: CallOptions = {},
  ): Promise<string> {
    const asked = askedOf(facts)
    demandHeight(since)
    const query = queryOf(asked)
    if (since !== undefined) query.set('since', String(since))
    const { text, proof } = await this.view.proveAsAsked(query, signal)
    demandShown(proof, asked, this.engine)
    const leadsOn = proof.claims.some((each) => each.kind === 'block' && each.height === since)
    if (since === undefined || since === proof.block.height || leadsOn) return text
    throw disproved(`it does not lead on from block ${since}`, [])
  }

  /** The value of a key as of the newest block, proved; nothing where it is proved that there is none. */
  async get(tree: TreeName, key: string | Uint8Array, options: CallOptions = {}): Promise<Uint8Array | undefined> {
    return (await this.read(tree, key, options)).value
  }

  /** The same with the height of the block that it is proved of: of the newest one, or of the one that is asked for. */
  async read(
    tree: TreeName,
    key: string | Uint8Array,
    options: CallOptions & { readonly height?: bigint } = {},
  ): Promise<ValueRead> {
    demandMembers(options, ['height', 'signal'])
    const { height, signal } = options
    const raw = new Uint8Array(rawKey(key))
    const asked = tree === 'state' ? raw : `risk:${toHex(raw)}`
    const proof = await this.prove(
      { key: [asked], ...(height !== undefined && { block: height }) },
      signal && { signal },
    ).catch((error: unknown) => {
      const isDenied = error instanceof CairnError && error.code === 'key_absent'
      throw isDenied ? disproved('it says that there is no such key, and does not show it', []) : error
    })
    const { header, claims } = groundOf(proof, height, this.engine)
    const value = valueIn(claims, tree, raw)
    return { height: header.height, ...(value && { value }) }
  }

  /** The genesis of the chain, and the id that it hashes to: the trusted one. */
  async identity({ signal }: CallOptions = {}): Promise<Identity> {
    this.known ??= await identityOf(this.source, signal)
    return this.known
  }

  /** A block with all that its commands said and did, as far as it can be proved of a block alone: without what they wrote. */
  async block(height: bigint, { signal }: CallOptions = {}): Promise<ProvedBlock> {
    demandHeight(height)
    const options = signal && { signal }
    const source = { http: this.http, identity: await this.identity(options), engine: this.engine }
    return provedBlock({ ...source, prove: (asked) => this.prove(asked, options) }, height, signal)
  }

  /**
   * What the cold key delegated and took back, each signed by it. That nothing is left out is the server's word: bring what was taken back from another
   * source.
   */
  async authority({ signal }: CallOptions = {}): Promise<Authorities> {
    const identity = await this.identity(signal && { signal })
    return authoritiesOf({ http: this.http, identity, engine: this.engine }, signal)
  }

  /** An export as the server sends it, piece by piece. **Nothing of it is checked here**: `cairn-log` verifies it as it comes. */
  export(range: { readonly from?: bigint; readonly to?: bigint } = {}, { signal }: CallOptions = {}): ExportPieces {
    demandMembers(range, ['from', 'to'])
    return exportOf(this.http, range, signal)
  }

  /** Goes on to the newest head of the chain. */
  async sync(options: CallOptions = {}): Promise<Head> {
    await this.prove({}, options)
    const { head } = this
    if (head === undefined) throw disproved('it shows no head', [])
    return head
  }

  /**
   * Each block from this height on, live, over breaks of the connection; each is checked to be of the chain, to follow the one before, and its seal to
   * hold. One without a seal of its own is covered by the next one that has one.
   */
  blocks(options: BlocksOptions = {}): AsyncGenerator<BlockEvent> {
    demandMembers(options, ['from', 'signal', 'onBreak'])
    demandHeight(options.from)
    return eventsOf(this.events, options)
  }

  private async send(commands: readonly Sent[]): Promise<readonly unknown[]> {
    const body = JSON.stringify({
      commands: commands.map(({ client, request, type, payload }) => ({
        client,
        request: String(request),
        type,
        payload: { hex: toHex(payload) },
      })),
    })
    const { receipts } = readAnswer(await this.http.text('/v1/commands', { method: 'POST', body }))
    if (receipts.length !== commands.length) {
      throw new CairnError('answer_invalid', `The server answered ${receipts.length} of ${commands.length} commands.`)
    }
    const answers = receipts.map((each) => errorIn(each) ?? readReceipt(each))
    // Of those that happened the next answer says so again.
    const passing = answers.find((each): each is CairnError => each instanceof CairnError && mayRetry(each))
    if (passing !== undefined) {
      const isOfAll = answers.every((each) => each instanceof CairnError && !mayHaveHappened(each))
      throw isOfAll ? passing : notKnown(passing)
    }
    if (this.isVerifying) await this.verify(answers, commands)
    // Over one of them it broke, and would again; the others have their receipts.
    return answers.map((each) => (each instanceof CairnError && isBroken(each) ? notKnown(each) : each))
  }

  /** One proof for each block that the receipts name: nearly always there is one. */
  private async verify(answers: readonly (ClientReceipt | CairnError)[], commands: readonly Sent[]): Promise<void> {
    const byBlock = new Map<bigint, { receipt: ClientReceipt; sent: Sent }[]>()
    answers.forEach((receipt, i) => {
      if (receipt instanceof CairnError) return
      const together = byBlock.get(receipt.height) ?? []
      together.push({ receipt, sent: commands[i] as Sent })
      byBlock.set(receipt.height, together)
    })
    for (const [height, ofBlock] of byBlock) {
      for (const together of inDocuments(ofBlock)) {
        const asked = { command: together.map(({ receipt }) => receipt.seq), block: height }
        const proof = await this.prove(asked).catch((error: unknown) => {
          throw asDisproved(error)
        })
        demandProved(proof, this.engine.hasher, together)
      }
    }
  }
}

/** As many together as one document can show. */
function inDocuments<R extends { readonly receipt: ClientReceipt; readonly sent: Sent }>(all: readonly R[]): R[][] {
  const documents: R[][] = []
  let left = 0
  for (const each of all) {
    left -= each.sent.payload.length + each.receipt.reply.length + COMMAND_COST
    if (left < 0 || documents.length === 0) {
      documents.push([])
      left = BATCH_BYTES_MAX
    }
    documents.at(-1)?.push(each)
  }
  return documents
}

/** The error with the number of the command that it is about: under it, and no other, it may be sent again. */
function numbered(error: unknown, client: string, request: bigint): unknown {
  if (!(error instanceof CairnError)) return error
  return new CairnError(error.code, error.message, { ...error.details, client, request })
}

const TAKEN: ReadonlySet<string> = new Set(['request_conflict', 'request_skipped'])

function bytesOf({ type, payload }: ClientCommand): Uint8Array {
  // Not `slice`, which gives a Buffer for a Buffer, and one that shares its bytes.
  if (payload instanceof Uint8Array) return new Uint8Array(payload)
  if (typeof payload === 'string') return utf8(payload)
  const isBytes = payload instanceof ArrayBuffer || ArrayBuffer.isView(payload)
  // As JSON it would be an empty object, and nothing at all an empty payload.
  if (isBytes || typeof payload !== 'object')
    throw invalidPayload(type, 'it is an object, a text, or bytes as an Uint8Array')
  try {
    return utf8(JSON.stringify(payload))
  } catch (error) {
    throw invalidPayload(type, `it cannot be written as JSON: ${String(error)}`)
  }
}

function invalidPayload(type: string, reason: string): CairnError {
  return new CairnError('invalid_payload', `The payload of ${type} is refused: ${reason}`, { type, reason })
}

function readAnswer(text: string): { readonly receipts: readonly unknown[] } {
  try {
    const { receipts } = JSON.parse(text) as { readonly receipts?: unknown }
    if (Array.isArray(receipts)) return { receipts }
  } catch {
    // It says the same as an answer of another shape.
  }
  throw new CairnError('answer_invalid', 'What the server answered is no list of receipts.')
}

function errorIn(answer: unknown): CairnError | undefined {
  const { problem } = (answer ?? {}) as { readonly problem?: unknown }
  if (problem === undefined) return undefined
  return named(problem) ?? new CairnError('answer_invalid', 'What the server answered is no error that it could have.')
}
