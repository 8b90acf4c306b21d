/**
 * The contracts against the verifier in TypeScript, on random proofs and what becomes of them when one thing is changed: both say the same of
 * each. CAIRN_EVM_CASES says how many there are (5000), CAIRN_SEED which.
 */
import { describe, expect, it } from 'vitest'
import {
  commandValue,
  headerValue,
  hex,
  intentValue,
  obligationValue,
  otherValue,
  pathValue,
  rootsValue,
} from '../../src/evm/values.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { batchRoot, blockHash, incoherence } from '../../src/verify/block.ts'
import {
  CairnError,
  type Claim,
  commandLeaf,
  consistencyPath,
  decodeEvidence,
  decodeProof,
  EMPTY,
  type Evidence,
  encodeEvidence,
  encodeProof,
  type Head,
  type Header,
  identityHash,
  intentLeaf,
  judgeEvidence,
  judgeProof,
  MemoryStateTree,
  obligationLeaf,
  type Path,
  type Proof,
  type Roots,
  recoverAddress,
  type StateClaim,
  verifyConsistency,
  verifyInclusion,
  verifyState,
} from '../../src/verify/index.ts'
import { rangeLeaf, rangeNode } from '../../src/verify/range.ts'
import { sideOf } from '../support/evm/followed.ts'
import { InProcess } from '../support/evm/in-process.ts'
import { deployHarness, Judge } from '../support/evm/judge.ts'
import { leavesOf, replaced, valueAt } from '../support/leaves.ts'
import { ChainMaker } from '../support/maker.ts'
import { MemoryRange } from '../support/memory-range.ts'
import { Random, seed } from '../support/seed.ts'

const CASES = Number(process.env.CAIRN_EVM_CASES ?? 5000)

const engine = await loadEngine()
const { hasher } = engine
const random = new Random()
const evm = await InProcess.start()
const harness = await deployHarness(evm)
const chain = new ChainMaker(random, engine).grow(9)
const fork = chain.fork(3).grow(5)
const judge = await Judge.of(evm, harness, chain.identity.genesis, engine)

/** How many of a kind there are, of all; each has to have good ones and bad ones among them. */
function cases(share: number, one: () => Promise<boolean>) {
  return async () => {
    const outcomes = { true: 0, false: 0 }
    for (let i = 0; i < Math.ceil(CASES * share); i++) outcomes[String(await one()) as 'true' | 'false']++
    expect(Object.values(outcomes).every((count) => count > 0)).toBe(true)
  }
}

const TIMEOUT = 60_000 + 60 * CASES

describe(`${CASES} cases (CAIRN_SEED=${seed})`, () => {
  it('a place in a range of any size', cases(0.2, inclusion), TIMEOUT)
  it('one range that extends another', cases(0.15, consistency), TIMEOUT)
  it('a key and its value, or its absence', cases(0.2, state), TIMEOUT)
  it('who signed', cases(0.15, recovery), TIMEOUT)
  it('what a block and its roots owe each other', cases(0.1, coherence), TIMEOUT)
  it('the leaves of commands, events and intents', cases(0.1, leaf), TIMEOUT)
  it('a whole block as the next head', cases(0.06, block), TIMEOUT)
  it('evidence', cases(0.04, evidence), TIMEOUT)
})

/** Nothing in three of ten; else one thing that is changed. */
function mutated<T>(value: T, ...changes: readonly ((value: T) => T)[]): T {
  return random.below(10) < 3 ? value : random.pick(changes)(value)
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = random.below(copy.length)
  copy[at] = (copy[at] as number) ^ (1 << random.below(8))
  return copy
}

const otherPath = (path: Path): Path =>
  random.pick<(path: Path) => Path>([
    (each) => each.slice(1),
    (each) => each.slice(0, -1),
    (each) => [...each, random.bytes(32)],
    (each) => [random.bytes(32), ...each],
    (each) => each.toReversed(),
    (each) => (each.length === 0 ? each : each.with(random.below(each.length), random.bytes(32))),
    (each) => (each.length === 0 ? each : [...each, each.at(-1) as Uint8Array]),
  ])(path)

const near = (value: bigint): bigint =>
  random.pick([
    value + 1n,
    value > 0n ? value - 1n : 0n,
    value * 2n,
    value / 2n,
    value ^ (1n << BigInt(random.below(20))),
  ])

function anyU64(): bigint {
  const bits = BigInt(random.below(64))
  return BigInt(hex(random.bytes(8))) >> bits
}

/** Any size up to 2^64: the root follows from a path of random hashes, by RFC 9162 §2.1.3.2. */
async function inclusion(): Promise<boolean> {
  const size = anyU64() || 1n
  const index = anyU64() % size
  const entry = random.bytes(32)
  const path: Uint8Array[] = []
  let root = rangeLeaf(entry, hasher)
  for (let at = index, last = size - 1n; last > 0n; at >>= 1n, last >>= 1n) {
    const sibling = random.bytes(32)
    if (at % 2n === 1n || at === last) {
      // On the right edge a node without a sibling rises as it is.
      while (at % 2n === 0n && at !== 0n) {
        at >>= 1n
        last >>= 1n
      }
      if (last === 0n && at === 0n) break
      path.push(sibling)
      root = rangeNode(sibling, root, hasher)
    } else {
      path.push(sibling)
      root = rangeNode(root, sibling, hasher)
    }
  }
  const given = mutated<{ index: bigint; entry: Uint8Array; size: bigint; root: Uint8Array; path: Path }>(
    { index, entry, size, root, path },
    (each) => ({ ...each, index: near(each.index) }),
    (each) => ({ ...each, size: near(each.size) }),
    (each) => ({ ...each, path: otherPath(each.path) }),
    (each) => ({ ...each, entry: flipped(each.entry) }),
    (each) => ({ ...each, root: flipped(each.root) }),
  )
  if (given.index >= 1n << 64n || given.size >= 1n << 64n) return false
  const said = verifyInclusion(given.index, given.entry, given, given.path, hasher)
  const args = [given.index, hex(given.entry), given.size, hex(given.root), pathValue(given.path)]
  expect((await harness.call('isIncluded', ...args)).result, JSON.stringify(args, textOf)).toBe(said)
  return said
}

const range = new MemoryRange(hasher)
for (let i = 0; i < 130; i++) range.append(random.bytes(32))

async function consistency(): Promise<boolean> {
  const size2 = BigInt(random.below(131))
  const size1 = BigInt(random.below(Number(size2) + 1))
  const path = consistencyPath(size1, size2, range.nodeAt, hasher)
  const right = { size1, root1: range.rootAt(size1), size2, root2: range.rootAt(size2), path }
  const given = mutated(
    right,
    (each) => ({ ...each, size1: near(each.size1) }),
    (each) => ({ ...each, size2: near(each.size2) }),
    (each) => ({ ...each, path: otherPath(each.path) }),
    (each) => ({ ...each, root1: each.root2 }),
    (each) => ({ ...each, root2: flipped(each.root2) }),
  )
  const [older, newer] = [
    { size: given.size1, root: given.root1 },
    { size: given.size2, root: given.root2 },
  ]
  const said = verifyConsistency(older, newer, given.path, hasher)
  const args = [given.size1, hex(given.root1), given.size2, hex(given.root2), pathValue(given.path)]
  expect((await harness.call('isConsistent', ...args)).result, JSON.stringify(args, textOf)).toBe(said)
  return said
}

async function state(): Promise<boolean> {
  const tree = new MemoryStateTree(hasher)
  const keys = Array.from({ length: random.below(40) }, () => random.bytes(1 + random.below(3)))
  tree.update(keys.map((key) => [key, random.bytes(random.below(5))]))
  const key = keys.length > 0 && random.below(2) === 0 ? random.pick(keys) : random.bytes(4)
  const right: StateClaim = { kind: 'state', tree: 'state', key, ...tree.prove(key) }
  const given = mutated<StateClaim>(
    right,
    (each) => ({ ...each, siblings: otherPath(each.siblings) }),
    (each) => ({ ...each, siblings: [EMPTY, ...each.siblings] }),
    (each) => ({ ...each, key: random.bytes(3) }),
    (each) => ({ ...withoutOther(each), value: each.value === null ? random.bytes(2) : null }),
    withoutOther,
    (each) => (each.other === undefined ? each : { ...each, other: { ...each.other, value: random.bytes(32) } }),
    (each) =>
      each.value === null ? { ...each, other: { key: hasher.hash(each.key), value: random.bytes(32) } } : each,
    (each) => (each.value === null ? each : { ...each, value: random.bytes(6) }),
  )
  const said = verifyState(tree.root, given.key, given, hasher)
  const args = [hex(tree.root), hex(given.key)]
  const answer =
    given.value === null
      ? await harness.call('isAbsent', ...args, pathValue(given.siblings), otherValue(given))
      : await harness.call('isPresent', ...args, hex(given.value), pathValue(given.siblings))
  expect(answer.result ?? false, JSON.stringify(given, textOf)).toBe(said)
  return said
}

function withoutOther({ kind, tree, key, value, siblings }: StateClaim): StateClaim {
  return { kind, tree, key, value, siblings }
}

async function recovery(): Promise<boolean> {
  const digest = random.bytes(32)
  const signature = engine.secp256k1.sign(digest, random.bytes(32))
  const given = mutated(
    signature,
    flipped,
    (each) => each.with(64, random.below(40)),
    (each) => each.with(64, 55 - (each[64] as number)),
    (each) => each.slice(0, 64),
    (each) => new Uint8Array([...each, 0]),
    (each) => Uint8Array.from(each, (byte, i) => (i < 32 ? 0 : byte)),
    (each) => Uint8Array.from(each, (byte, i) => (i < 32 ? 0xff : byte)),
    (each) => Uint8Array.from(each, (byte, i) => (i >= 32 && i < 64 ? 0 : byte)),
    (each) => each.with(32, 0x80 + random.below(128)),
  )
  const signer = recoverAddress(digest, given, engine)
  const { result } = await harness.call('recover', hex(digest), hex(given))
  expect(String(result).toLowerCase(), hex(given)).toBe(hex(signer ?? new Uint8Array(20)))
  return signer !== undefined
}

async function coherence(): Promise<boolean> {
  const made = random.pick(chain.blocks)
  const header = mutated<Header>(
    made.header,
    (each) => ({ ...each, height: near(each.height) }),
    (each) => ({ ...each, epoch: BigInt(random.below(3)) }),
    (each) => ({ ...each, parentHash: random.pick([new Uint8Array(32), random.bytes(32)]) }),
    (each) => ({ ...each, commandCount: random.pick([0n, near(each.commandCount)]) }),
    (each) => ({ ...each, firstSeq: near(each.firstSeq) }),
    (each) => ({ ...each, timestamp: random.pick([0n, near(each.timestamp)]) }),
    (each) => ({ ...each, commandsHash: hasher.hash(new Uint8Array(0)) }),
  )
  const roots = mutated<Roots>(
    made.roots,
    (each) => ({ ...each, state: random.bytes(32) }),
    (each) => ({ ...each, history: hasher.hash(new Uint8Array(0)) }),
    (each) => ({ ...each, commands: { ...each.commands, size: near(each.commands.size) } }),
    (each) => ({ ...each, intents: each.obligations, obligations: each.intents }),
  )
  // Often signed as it is, so that more than the batch root is looked at.
  const block = random.below(3) === 0 ? header : { ...header, batchRoot: batchRoot(roots, hasher) }
  const said = incoherence(chain.identity, block, roots, hasher)
  const { createdAt } = chain.identity.genesis
  const { error } = await harness.call('demandCoherent', headerValue(block), rootsValue(roots), createdAt)
  expect(error === undefined, `${said} ${error}`).toBe(said === undefined)
  const asked = await harness.call('blockHash', hex(chain.chainId), headerValue(block))
  expect(asked.result).toBe(hex(blockHash(chain.identity, block, hasher)))
  return said === undefined
}

/** With what is out of bounds among them: that is refused before it is hashed. */
async function leaf(): Promise<boolean> {
  const { functionName, value, expected, bad } = random.pick([aCommand, anObligation, anIntent])()
  const isBad = random.below(4) === 0
  const { result, error } = await harness.call(functionName, isBad ? { ...value, ...random.pick(bad) } : value)
  expect(isBad ? error : result, JSON.stringify(value, textOf)).toBe(isBad ? 'Malformed' : hex(expected))
  return !isBad
}

interface LeafCase {
  readonly functionName: string
  readonly value: object
  readonly expected: Uint8Array
  readonly bad: readonly object[]
}

const LONG = 'é'.repeat(33)

function aCommand(): LeafCase {
  const seq = anyU64()
  const client = random.below(2) === 0 ? '' : textUpTo(12)
  const request = client === '' ? 0n : 1n + anyU64() / 2n
  const content = { payload: random.bytes(random.below(200)), salt: random.bytes(32) }
  const outcome = { receivedAt: anyU64(), status: random.below(2) as 0 | 1, reply: random.bytes(random.below(99)) }
  const sizes = { obligationSize: anyU64(), intentSize: anyU64() }
  const command = { seq, client, request, type: textUpTo(12), ...content, ...outcome, ...sizes }
  return {
    functionName: 'commandLeaf',
    value: commandValue({ kind: 'command', index: seq, command, path: [] }),
    expected: commandLeaf(identityHash(command, hasher), command, hasher),
    bad: [
      { status: 2 + random.below(250) },
      { client: '', request: 1n },
      { client: 'a', request: 0n },
      { client: LONG, request: 1n },
      { commandType: '' },
      { commandType: LONG },
      { reply: hex(new Uint8Array((64 << 10) + 1)) },
    ],
  }
}

const BAD_DATA = { data: hex(new Uint8Array((64 << 10) + 1)) }

function anObligation(): LeafCase {
  const [index, obligation] = [anyU64(), { seq: anyU64(), topic: textUpTo(20), data: random.bytes(random.below(300)) }]
  return {
    functionName: 'obligationLeaf',
    value: obligationValue({ kind: 'obligation', index, obligation, path: [] }),
    expected: obligationLeaf(index, obligation, hasher),
    bad: [{ topic: '' }, { topic: LONG }, BAD_DATA],
  }
}

function anIntent(): LeafCase {
  const [index, intent] = [anyU64(), { seq: anyU64(), kind: textUpTo(20), data: random.bytes(random.below(300)) }]
  return {
    functionName: 'intentLeaf',
    value: intentValue({ kind: 'intent', index, intent, path: [] }),
    expected: intentLeaf(index, intent, hasher),
    bad: [{ kind: '' }, { kind: LONG }, BAD_DATA],
  }
}

function textUpTo(max: number): string {
  return Array.from({ length: 1 + random.below(max) }, () => random.pick(['a', 'Z', '9', 'é', '鎖', ' '])).join('')
}

/** A document with one leaf of it changed, or nothing where that is no document any more. */
function changedDocument<T>(text: string, decode: (text: string) => T): T | undefined {
  const document = JSON.parse(text) as unknown
  const at = random.pick(leavesOf(document).filter(({ at }) => at.at(-1) !== 'format')).at
  const value = valueAt(document, at)
  const change = (): unknown => {
    if (typeof value !== 'string') return value === 0 ? 1 : 0
    if (/^[0-9]+$/.test(value)) return String(near(BigInt(value)))
    if (!value.startsWith('0x') || value.length < 4) return `${value}x`
    const digit = 2 + random.below(value.length - 2)
    return `${value.slice(0, digit)}${random.below(16).toString(16)}${value.slice(digit + 1)}`
  }
  try {
    return decode(JSON.stringify(replaced(document, at, change())))
  } catch (error) {
    if (error instanceof CairnError) return undefined
    throw error
  }
}

const CLAIMS = 3

async function block(): Promise<boolean> {
  const of = random.pick([chain, chain, fork])
  const made = random.pick(of.blocks.slice(2))
  const held = chain.madeAt(random.below(of.blocks.indexOf(made)))
  const { height, epoch, timestamp } = held.header
  const head: Head | undefined = random.below(5) === 0 ? undefined : { height, blockHash: held.hash, epoch, timestamp }
  const claims: Claim[] = [
    of.blockClaim(height, made),
    of.commandClaim(BigInt(random.below(Number(made.roots.commands.size))), made),
    of.stateClaim('state', Uint8Array.of(0x6b, random.below(30)), made),
  ]
  const right = of.proof(random.below(8) === 0 ? claims.slice(1) : claims.slice(0, CLAIMS), made)
  const proof: Proof | undefined = random.below(4) === 0 ? right : changedDocument(encodeProof(right), decodeProof)
  if (proof === undefined) return false
  const { verdicts } = judgeProof(proof, { chainId: chain.chainId, revocations: [], ...(head && { head }) }, engine)
  const failed = new Set(verdicts.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check))
  const asked = await judge.block(proof, [], head)
  const ofBlock = ['genesis', 'delegation', 'seal', 'revocation', 'roots', 'head']
  const ok = !ofBlock.some((check) => failed.has(check))
  const told = () => JSON.stringify({ proof, head, failed: [...failed], asked }, textOf)
  expect(asked.ok, told()).toBe(ok)
  // Claims against roots that are not the block's are not looked at on a chain, nor those of another chain.
  const claimed = failed.has('genesis') || failed.has('roots') ? {} : await judge.claims(proof)
  const differing = Object.entries(claimed).filter(([check, each]) => each.ok === failed.has(check))
  expect(differing, told()).toEqual([])
  return ok
}

async function evidence(): Promise<boolean> {
  const side = (of: ChainMaker) => {
    const made = random.pick(of.blocks.slice(3))
    if (random.below(2) === 0) return sideOf(made)
    const height = BigInt(random.below(Number(made.header.height)))
    const path = of.ranges.history.path(height, made.header.height)
    const ancestor = { height, blockHash: of.madeAt(Number(height)).hash, path }
    return { ...sideOf(made), roots: made.roots, ancestor }
  }
  const right = chain.evidence(side(random.pick([chain, fork])), side(random.pick([chain, fork])))
  const given: Evidence | undefined =
    random.below(2) === 0 ? right : changedDocument(encodeEvidence(right), decodeEvidence)
  if (given === undefined) return false
  const { ok } = judgeEvidence(given, { chainId: chain.chainId }, engine)
  expect((await judge.evidence(given)).ok, JSON.stringify(given, textOf)).toBe(ok)
  return ok
}

/** For messages: a case that failed has to be made again from its seed, and is easier read so. */
function textOf(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? hex(value) : value
}
