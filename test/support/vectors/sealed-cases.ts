/**
 * Blocks that a delegated key sealed although they are not as a block should be (FORMAT §3 and `roots` in §8). The seal is good;
 * what is wrong is named by another check.
 */
import {
  batchRoot,
  blockHash,
  type Claim,
  type Header,
  nobleEngine,
  type Proof,
  type Roots,
} from '../../../src/verify/index.ts'
import { asDocument, type Base, type Document } from './base.ts'
import { type ProofCase, proofCase } from './cases.ts'

const { hasher } = nobleEngine
const ZERO32 = new Uint8Array(32)

export function sealedCases(base: Base): ProofCase[] {
  return [...laterBlocks(base), ...firstBlocks(base)]
}

/** A block with other members, its batch root following its roots unless that is given too, sealed as if nothing were wrong. */
export function sealedAs(
  { chain }: Base,
  header: Partial<Header>,
  roots: Partial<Roots> = {},
  claims: readonly Claim[] = [],
  at = chain.head,
): Document {
  const whole = { ...at.roots, ...roots }
  const block = { ...at.header, batchRoot: batchRoot(whole, hasher), ...header }
  const seal = chain.seal(blockHash(chain.identity, block, hasher))
  const proof: Proof = { ...chain.proof(claims, at), block, roots: whole, seal }
  return asDocument(proof)
}

function laterBlocks(base: Base): ProofCase[] {
  const { chain, random } = base
  const { header, roots } = chain.head
  const nothing = chain.ranges.commands.rootAt(0n)
  const size = header.firstSeq
  const commands = { size, root: chain.ranges.commands.rootAt(size) }
  const empty = { commandCount: 0n, commandsHash: nothing }
  const wrong = (name: string, changes: Partial<Header>, others: Partial<Roots> = {}): ProofCase =>
    proofCase(`sealed: ${name}`, sealedAs(base, changes, others), ['roots'])
  return [
    proofCase('sealed: as it is', sealedAs(base, {}), []),
    wrong('another batch root', { batchRoot: random.bytes(32) }),
    wrong('the command size is one less', {}, { commands: { ...roots.commands, size: roots.commands.size - 1n } }),
    wrong('the command count is one more', { commandCount: header.commandCount + 1n }),
    wrong('the first seq is one less', { firstSeq: header.firstSeq - 1n }),
    wrong('the sum goes round 2^64', {
      firstSeq: (1n << 64n) - 1n,
      commandCount: header.firstSeq + header.commandCount + 1n,
    }),
    wrong('epoch 0', { epoch: 0n }),
    wrong('no parent', { parentHash: ZERO32 }),
    wrong('height 0 with a parent', { height: 0n }),
    wrong('empty, with a commands hash', { commandCount: 0n }, { commands }),
    proofCase('sealed: empty, as a block that opens an epoch may be', sealedAs(base, empty, { commands }), []),
    proofCase(
      'sealed: of a far later epoch',
      sealedAs(base, { epoch: (1n << 64n) - 1n, timestamp: header.timestamp }),
      [],
    ),
  ]
}

function firstBlocks(base: Base): ProofCase[] {
  const { chain, random } = base
  const first = chain.madeAt(0)
  const { header, roots } = first
  const { createdAt } = chain.identity.genesis
  const nothing = chain.ranges.commands.rootAt(0n)
  const as = (name: string, fails: boolean, changes: Partial<Header>, others: Partial<Roots> = {}): ProofCase =>
    proofCase(`sealed: block 0 ${name}`, sealedAs(base, changes, others, [], first), fails ? ['roots'] : [])
  const later = { commands: { ...roots.commands, size: header.commandCount + 1n } }
  return [
    as('as it is', false, {}),
    as('at the moment of the genesis', false, { timestamp: createdAt }),
    proofCase('sealed: block 0 a moment before the genesis', beforeGenesis(base), ['roots']),
    as('with a parent', true, { parentHash: random.bytes(32) }),
    as('of epoch 2', true, { epoch: 2n }),
    as('that begins at seq 1', true, { firstSeq: 1n }, later),
    as('with a history', true, {}, { history: random.bytes(32) }),
    as(
      'without commands',
      true,
      { commandCount: 0n, commandsHash: nothing },
      { commands: { size: 0n, root: nothing } },
    ),
  ]
}

/** Its delegation was in force already: only the time is wrong. */
function beforeGenesis({ chain }: Base): Document {
  const first = chain.madeAt(0)
  const block = { ...first.header, timestamp: chain.identity.genesis.createdAt - 1n }
  const seal = chain.seal(blockHash(chain.identity, block, hasher), chain.delegate({ validFrom: 0n }))
  return asDocument({ ...chain.proof([], first), block, seal })
}
