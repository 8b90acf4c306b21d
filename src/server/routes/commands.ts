/** `/v1/commands`: commands go in, receipts come out; and what became of a command, asked by its place or by its client's number. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Chain } from '../../chain.ts'
import { REQUEST_COMMANDS_MAX } from '../../limits.ts'
import type { Submission } from '../../pipeline/1-submit.ts'
import type { Receipt } from '../../pipeline/receipt.ts'
import { utf8 } from '../../verify/bytes.ts'
import { CairnError } from '../../verify/error.ts'
import { fromHex, toHex } from '../../verify/index.ts'
import { canonicalText, type JsonValue } from '../canonical-json.ts'
import { numberIn } from '../keys-in-urls.ts'
import type { Metrics } from '../metrics.ts'
import { problemOf } from '../problem.ts'
import { plainReceipt } from '../receipt-text.ts'
import { type InTurn, isKnown, KNOWN, mayChange, type Route } from '../route.ts'
import { listOf, object, PROBLEM, RECEIPT, SUBMISSION, U64 } from '../schemas.ts'
import { demandClient } from '../tokens.ts'

interface GivenCommand {
  readonly client?: string
  readonly request?: string
  readonly type: string
  readonly payload: JsonValue
}

type Body = GivenCommand | { readonly commands: readonly GivenCommand[] }

const PROOF = { type: 'string', enum: ['1'], description: 'With the portable proof of each.' }

/** Proofs of a batch are made in turns: together they take many times what its commands took. */
export function commandRoutes(chain: Chain, metrics: Metrics, inTurn: InTurn): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/commands',
      summary: 'Submit a command, or several in order',
      description:
        'The answer comes when the command is durable and sealed. With `client` and `request` it is executed once, however often it is sent: send it again under the same number after any failure. With `Prefer: respond-async`, where each command has a number, the answer is 202 at once; it promises nothing, and `GET /v1/commands?client=&request=` tells what came of it. One that is not found there after a restart or a refusal is sent again under its number.',
      tag: 'commands',
      scope: 'append',
      query: { type: 'object', properties: { proof: PROOF }, additionalProperties: false },
      body: {
        oneOf: [
          SUBMISSION,
          object({ commands: { ...listOf(SUBMISSION), minItems: 1, maxItems: REQUEST_COMMANDS_MAX } }),
        ],
      },
      answer: { oneOf: [RECEIPT, object({ receipts: listOf({ oneOf: [RECEIPT, object({ problem: PROBLEM })] }) })] },
      others: { 202: 'It was taken, and nothing is promised yet.' },
      headers: {
        type: 'object',
        properties: {
          Prefer: {
            type: 'string',
            enum: ['respond-async'],
            description: 'Not to wait: the answer is 202 where each command has a number.',
          },
        },
      },
      refusals: [409, 413, 415, 422],
      handle: (request, reply) => submit({ chain, metrics, inTurn }, request, reply),
    },
    {
      method: 'GET',
      path: '/v1/commands',
      summary: 'What became of a client’s command',
      description: 'Its receipt, the same as it was given first.',
      others: KNOWN,
      refusals: [404],
      tag: 'commands',
      scope: 'read',
      query: {
        ...object(
          {
            client: { type: 'string', minLength: 1, description: 'The name that it was sent under.' },
            request: { ...U64, description: 'The client’s number for it.' },
            proof: PROOF,
          },
          ['proof'],
        ),
      },
      answer: RECEIPT,
      handle: async (request, reply) => {
        const { client, request: number, proof } = request.query as Record<'client' | 'request' | 'proof', string>
        const receipt = await chain.find(client, numberIn(number, 'request'))
        if (receipt !== undefined) return answer(receipt, proof === '1', request, reply)
        throw new CairnError(
          'not_found',
          'Nothing was executed under this number of this client, as far as the newest block.',
        )
      },
    },
    {
      method: 'GET',
      path: '/v1/commands/:seq',
      summary: 'The receipt of a command by its place',
      description: 'The same as it was given first.',
      others: KNOWN,
      refusals: [404],
      tag: 'commands',
      scope: 'read',
      params: object({ seq: { ...U64, description: 'Its place in the chain, from 0 on.' } }),
      query: { type: 'object', properties: { proof: PROOF }, additionalProperties: false },
      answer: RECEIPT,
      handle: async (request, reply) => {
        const { seq } = request.params as { readonly seq: string }
        const { proof } = request.query as { readonly proof?: string }
        return answer(await chain.command(numberIn(seq, 'seq')), proof === '1', request, reply)
      },
    },
  ]
}

async function answer(
  receipt: Receipt,
  withProof: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  if (withProof) {
    void reply.header('cache-control', 'no-cache')
    return proved(receipt)
  }
  mayChange(reply, `${toHex(receipt.block.hash)}-${receipt.seq}`)
  return isKnown(request, reply) ? undefined : plainReceipt(receipt)
}

async function proved(receipt: Receipt): Promise<unknown> {
  return { ...plainReceipt(receipt), proof: JSON.parse(await receipt.proof()) as unknown }
}

/** What was executed is in the log: why it cannot be proved now must not read as if nothing had been written. */
async function provedNow(receipt: Receipt): Promise<unknown> {
  try {
    return await proved(receipt)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CairnError('outcome_unknown', `The command was executed, and its proof cannot be made: ${why}`, { cause })
  }
}

interface SubmitParts {
  readonly chain: Chain
  readonly metrics: Metrics
  readonly inTurn: InTurn
}

async function submit(
  { chain, metrics, inTurn }: SubmitParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const body = request.body as Body
  const { proof } = request.query as { readonly proof?: string }
  const given = 'commands' in body ? body.commands : [body]
  const submissions = given.map(submissionOf)
  for (const { client } of submissions) demandClient(request, client)
  void reply.header('cache-control', 'no-store')
  // Of what has no number nobody could ask what became of it.
  if (isAsync(request) && submissions.every((each) => each.client !== undefined)) {
    // Whatever becomes of them is told to who asks; a full queue is told now.
    const answers = chain.submitMany(submissions)
    const refused = await Promise.race([refusalOf(answers), soon()])
    if (refused !== undefined) throw refused
    answers.then(
      (each) => countRefused(each, metrics),
      () => undefined,
    )
    return reply.code(202).header('preference-applied', 'respond-async').send()
  }
  const answers = await chain.submitMany(submissions)
  if (!('commands' in body)) {
    const [one] = answers as [Receipt | CairnError]
    if (one instanceof CairnError) throw one
    return proof === '1' ? provedNow(one) : plainReceipt(one)
  }
  countRefused(answers, metrics)
  if (proof !== '1') return { receipts: answers.map((each) => plainAnswer(each)) }
  // Sent in its turn: by then it is counted.
  await inTurn(request, async () => {
    const receipts: unknown[] = []
    // One after the other: what waits for its proof takes no memory.
    for (const each of answers) {
      // For who is gone nothing is proved: what came of the commands is asked under their numbers.
      if (request.raw.socket.destroyed) break
      receipts.push(each instanceof CairnError ? plainAnswer(each) : await provedNow(each))
    }
    void reply.send({ receipts })
  })
  return reply
}

function plainAnswer(answer: Receipt | CairnError): unknown {
  return answer instanceof CairnError ? { problem: problemOf(answer).problem } : plainReceipt(answer)
}

/** One command of many is refused within an answer that is a good one. */
function countRefused(answers: readonly (Receipt | CairnError)[], metrics: Metrics): void {
  for (const each of answers) if (each instanceof CairnError) metrics.refused(each.code)
}

async function refusalOf(answers: Promise<unknown>): Promise<Error | undefined> {
  try {
    await answers
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** The next turn of the loop: by then a submission that is malformed, or finds no room, was refused. */
function soon(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(undefined))
  })
}

function isAsync({ headers }: FastifyRequest): boolean {
  return /(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(String(headers.prefer ?? ''))
}

function submissionOf({ client, request, type, payload }: GivenCommand): Submission {
  const command = { type, payload: bytesOf(payload) }
  if (client === undefined && request === undefined) return command
  if (client !== undefined && request !== undefined)
    return { ...command, client, request: numberIn(request, 'request') }
  throw new CairnError(
    'invalid_request',
    'client and request belong together: who asks, and its number for the command.',
  )
}

function bytesOf(payload: JsonValue): Uint8Array {
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) {
    const { hex } = payload as { readonly hex?: JsonValue }
    if (hex !== undefined && Object.keys(payload).length === 1) {
      const bytes = typeof hex === 'string' ? fromHex(hex) : undefined
      if (bytes !== undefined) return bytes
      throw new CairnError('invalid_request', 'The payload {"hex":…} is 0x and pairs of lower-case hex digits.')
    }
  }
  return utf8(canonicalText(payload))
}
