/** The JSON schemas of what comes in and goes out: they validate, and the OpenAPI document is made of them. */
import { CLIENT_MAX, KEY_MAX, LABEL_MAX } from '../verify/bounds.ts'

/** A JSON schema, plain. */
export type Schema = { readonly [member: string]: unknown }

export const U64: Schema = {
  type: 'string',
  pattern: '^(0|[1-9][0-9]{0,19})$',
  description: 'A whole number in decimal digits, as text: JSON numbers of other programs lose digits.',
  examples: ['41'],
}
const bytes = (count: number, description: string): Schema => ({
  type: 'string',
  pattern: `^0x[0-9a-f]{${2 * count}}$`,
  description,
})
const HASH: Schema = bytes(32, '32 bytes')
const BYTES: Schema = { type: 'string', pattern: '^0x(?:[0-9a-f]{2})*$', description: 'Bytes, as hex digits.' }

const object = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})
const listOf = (items: Schema): Schema => ({ type: 'array', items })

const TEXT_OR_HEX: Schema = {
  oneOf: [{ type: 'string' }, object({ hex: BYTES })],
  description: 'Text, or {"hex":"0x…"} where the bytes are not UTF-8.',
}

/** A command as it is submitted. */
export const SUBMISSION: Schema = {
  type: 'object',
  properties: {
    client: {
      type: 'string',
      minLength: 1,
      maxLength: CLIENT_MAX,
      description: 'Who asks: with `request` it names the command once and for all.',
    },
    request: { ...U64, description: 'The client’s number for this command, from 1 on and growing, as text.' },
    type: { type: 'string', minLength: 1, maxLength: LABEL_MAX, examples: ['put'] },
    payload: {
      description:
        'A JSON value, whose canonical UTF-8 text (RFC 8785) becomes the bytes; or the bytes themselves, as {"hex":"0x…"}.',
      examples: [{ key: 'greeting', value: 'hello' }],
    },
  },
  required: ['type', 'payload'],
  additionalProperties: false,
}

export const RECEIPT: Schema = {
  ...object(
    {
      height: U64,
      blockHash: HASH,
      timestamp: { ...U64, description: 'The time of the block, in milliseconds since 1970.' },
      seq: { ...U64, description: 'The place of the command in the chain.' },
      client: { type: 'string' },
      request: U64,
      status: { enum: [0, 1], description: '0 accepted, 1 rejected by the machine.' },
      reply: TEXT_OR_HEX,
      proof: { type: 'object', description: 'The portable proof (cairn.proof/v1), where it was asked for.' },
    },
    ['proof'],
  ),
  description: 'The command is durable, was executed once, and stands in a sealed block.',
}

export const PROBLEM: Schema = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, and what to do.' },
    code: { type: 'string', description: 'Stable: programs decide by it.' },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
  // What each code has beside them: the number, the bound, the height that it is about.
  additionalProperties: true,
  description: 'A problem document (RFC 9457).',
}

export const GENESIS: Schema = object({
  name: { type: 'string' },
  coldKey: bytes(20, 'An address'),
  machine: { type: 'string' },
  createdAt: U64,
  nonce: HASH,
})
export const DELEGATION: Schema = object({
  delegate: bytes(20, 'An address'),
  index: U64,
  validFrom: U64,
  validUntil: U64,
  signature: bytes(65, 'A signature'),
})
export const REVOCATION: Schema = object({
  index: U64,
  fromHeight: U64,
  parentHash: HASH,
  signature: bytes(65, 'A signature'),
})
export const SEAL: Schema = object({ delegation: DELEGATION, signature: bytes(65, 'A signature') })
const HEADER: Schema = object({
  epoch: U64,
  height: U64,
  parentHash: HASH,
  timestamp: U64,
  firstSeq: U64,
  commandCount: U64,
  batchRoot: HASH,
  commandsHash: HASH,
})
const RANGE: Schema = object({ size: U64, root: HASH })
const ROOTS: Schema = object({
  state: HASH,
  risk: HASH,
  commands: RANGE,
  obligations: RANGE,
  intents: RANGE,
  history: HASH,
})

export const CHAIN: Schema = object(
  {
    chainId: HASH,
    name: { type: 'string' },
    machine: { type: 'string', description: 'What executes the next block.' },
    head: { oneOf: [object({ height: U64, blockHash: HASH, timestamp: U64 }), { type: 'null' }] },
    commands: { ...U64, description: 'How many there are in the chain.' },
    readOnly: { oneOf: [object({ code: { type: 'string' }, message: { type: 'string' } }), { type: 'null' }] },
    evmRpc: {
      type: 'string',
      description:
        'The RPC of an EVM chain, where the operator named one: the page of the explorer asks it for the transactions of anchors.',
    },
  },
  ['evmRpc'],
)

const COMMAND: Schema = {
  type: 'object',
  properties: {
    seq: U64,
    client: { type: 'string' },
    request: U64,
    type: { type: 'string' },
    payload: BYTES,
    salt: HASH,
    receivedAt: U64,
    status: { enum: [0, 1] },
    reply: BYTES,
    obligations: listOf({ type: 'object' }),
    intents: listOf({ type: 'object' }),
    writes: listOf({ type: 'array' }),
  },
  required: ['seq', 'client', 'request', 'type', 'status', 'reply', 'obligations', 'intents'],
}
/** What listeners are told of a block, and pages are made of. */
const SUMMARY = { blockHash: HASH, header: HEADER, roots: ROOTS }
export const BLOCK_SUMMARY: Schema = object(SUMMARY)
/** The newest one has a seal of its own, or will have. */
export const SEALED_SUMMARY: Schema = object({ ...SUMMARY, seal: SEAL }, ['seal'])
export const BLOCK: Schema = object({
  blockHash: HASH,
  header: HEADER,
  roots: ROOTS,
  commands: listOf(COMMAND),
  notes: listOf(BYTES),
  authority: listOf({ type: 'object' }),
})
export const VALUE: Schema = object({
  tree: { enum: ['state', 'risk'] },
  key: TEXT_OR_HEX,
  height: U64,
  value: TEXT_OR_HEX,
})

/** One number in the path or the query. */
export const KEY_TEXT: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: 2 * KEY_MAX + 2,
  description: 'A raw key: 0x and hex digits, or its text.',
}
export { listOf, object }
