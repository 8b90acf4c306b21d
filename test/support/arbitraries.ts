/**
 * Documents of FORMAT §8 for fast-check, as JSON values: every shape with every length and bound that FORMAT allows, the extremes
 * among them. They are right in form alone: no hash in them fits another. Members stand in the order in which FORMAT names them,
 * so that `JSON.stringify` of one is its canonical text.
 */
import * as fc from 'fast-check'

type Json = Readonly<Record<string, unknown>>

const U64_MAX = (1n << 64n) - 1n

/** As many bytes, as `0x…`. */
function hex(min: number, max: number = min): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: min, maxLength: max }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)
}

export const u64: fc.Arbitrary<string> = fc
  .oneof(fc.bigInt({ min: 0n, max: U64_MAX }), fc.constantFrom(0n, 1n, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, U64_MAX))
  .map(String)

export const bytes32 = hex(32)
const address = hex(20).filter((each) => /[1-9a-f]/.test(each.slice(2)))
const signature = hex(65)

/** Any well-formed text, from the whole of Unicode, of so many bytes of UTF-8. */
function text(min: number, max: number): fc.Arbitrary<string> {
  const any = fc.string({ unit: 'binary', minLength: min, maxLength: max })
  const ascii = fc.string({ unit: 'grapheme-ascii', minLength: min, maxLength: max })
  return fc.oneof(any, ascii).map((whole) => {
    const points = Array.from(whole)
    while (Buffer.byteLength(points.join('')) > max) points.pop()
    return points.join('')
  })
}

const label = text(1, 64)
const machine = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9.-]{0,30}$/), fc.bigInt({ min: 0n, max: U64_MAX }))
  .map(([id, version]) => `${id}@${version}`)

/** An object of these members; those named `optional` may be left out. */
function object(members: Readonly<Record<string, fc.Arbitrary<unknown>>>, optional: readonly string[] = []) {
  const requiredKeys = Object.keys(members).filter((name) => !optional.includes(name))
  return fc.record(members, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<Json>
}

export const genesis = object({ name: label, coldKey: address, machine, createdAt: u64, nonce: bytes32 })

export const header = object({
  height: u64,
  epoch: u64,
  parentHash: bytes32,
  commandsHash: bytes32,
  batchRoot: bytes32,
  commandCount: u64,
  firstSeq: u64,
  timestamp: u64,
})

const sizedRoot = object({ size: u64, root: bytes32 })
export const roots = object({
  state: bytes32,
  risk: bytes32,
  commands: sizedRoot,
  obligations: sizedRoot,
  intents: sizedRoot,
  history: bytes32,
})

export const delegation = object({ delegate: address, index: u64, validFrom: u64, validUntil: u64, signature })
export const revocation = object({ index: u64, fromHeight: u64, parentHash: bytes32, signature })
const seal = object({ delegation, signature })

const client = fc.oneof(
  fc.constant({ client: '', request: '0' }),
  fc.record({ client: text(1, 64), request: u64.filter((request) => request !== '0') }, { noNullPrototype: true }),
)
const content = fc.oneof(
  fc.record({ payload: hex(0, 200), salt: bytes32 }, { noNullPrototype: true }),
  fc.record({ payloadHash: bytes32 }, { noNullPrototype: true }),
)
const outcome = object({
  receivedAt: u64,
  status: fc.constantFrom(0, 1),
  reply: hex(0, 100),
  obligationSize: u64,
  intentSize: u64,
})
export const command = fc
  .tuple(u64, client, label, content, outcome)
  .map(([seq, who, type, what, came]) => Object.assign({ seq }, who, { type }, what, came))

export const obligation = object({ seq: u64, topic: label, data: hex(0, 100) })
export const intent = object({ seq: u64, kind: label, data: hex(0, 100) })

const path = fc.array(bytes32, { maxLength: 65 })
const other = object({ key: bytes32, value: bytes32 })
const key = hex(1, 1024)
const tree = fc.constantFrom('state', 'risk')
const siblings = fc.array(bytes32, { maxLength: 256 })

const plainBlock = { kind: fc.constant('block'), height: u64, blockHash: bytes32, path }
const flatClaims: readonly fc.Arbitrary<Json>[] = [
  object({ kind: fc.constant('command'), index: u64, command, path }),
  object({
    kind: fc.constant('obligation'),
    index: u64,
    obligation,
    path,
  }),
  object({
    kind: fc.constant('intent'),
    index: u64,
    intent,
    path,
  }),
  object({ kind: fc.constant('state'), tree, key, value: hex(0, 200), siblings }),
  object({ kind: fc.constant('state'), tree, key, value: fc.constant(null), siblings, other }, ['other']),
  object(plainBlock),
  object({
    kind: fc.constant('consistency'),
    range: fc.constantFrom('commands', 'obligations', 'intents', 'history'),
    size: u64,
    root: bytes32,
    path,
  }),
]
const nestedClaims = fc.array(fc.oneof(...flatClaims), { maxLength: 3 })
const claim = fc.oneof(...flatClaims, object({ ...plainBlock, block: header, roots, claims: nestedClaims }))

export const proof = object({
  format: fc.constant('cairn.proof/v1'),
  genesis,
  block: header,
  roots,
  seal,
  revocations: fc.array(revocation, { maxLength: 3 }),
  claims: fc.array(claim, { maxLength: 4 }),
})

const side = fc.oneof(
  object({ block: header, seal }),
  object({ block: header, seal, roots, ancestor: object({ height: u64, blockHash: bytes32, path }) }),
)
export const evidence = object({ format: fc.constant('cairn.evidence/v1'), genesis, a: side, b: side })

export const head = object({ height: u64, blockHash: bytes32, epoch: u64, timestamp: u64 }, ['epoch', 'timestamp'])
export const revocations = fc.array(revocation, { maxLength: 5 })
