/**
 * Blocks that a delegated key sealed with ranges, trees and histories that no honest chain has. Whoever holds the key may sign any
 * root; the rules of FORMAT §6 to §8 that go beyond "the hashes lead to the root" are there so that even then no claim says two
 * things, and each case here is refused by one of them alone.
 */
import {
  batchRoot,
  blockHash,
  type Claim,
  type Command,
  commandLeaf,
  consistencyPath,
  EMPTY,
  identityHash,
  intentLeaf,
  nobleEngine,
  obligationLeaf,
  stateInner,
  stateLeaf,
} from '../../../src/verify/index.ts'
import { rangeLeaf } from '../../../src/verify/range.ts'
import { MemoryRange } from '../memory-range.ts'
import type { Base, Document } from './base.ts'
import { type ProofCase, proofCase } from './cases.ts'
import { sealedAs } from './sealed-cases.ts'

const { hasher } = nobleEngine

export function forgedCases(base: Base): ProofCase[] {
  const { chain, random } = base
  const parent = chain.blockClaim(chain.head.header.height - 1n)
  const refused = (name: string, document: Document): ProofCase => proofCase(`forged: ${name}`, document, ['claims[0]'])
  return [
    refused('an event of a command that is not there yet', eventFromTheFuture(base)),
    refused('an intent of a command that is not there yet', intentFromTheFuture(base)),
    refused('a command at an index that is not its seq', commandOutOfPlace(base)),
    refused(
      'the parent is not the last of the history',
      sealedAs(base, { parentHash: random.bytes(32) }, {}, [parent]),
    ),
    proofCase('forged: nothing, and the parent is named by a claim', sealedAs(base, {}, {}, [parent]), []),
    refused('a range of 2 entries that is said to have 1, and a path to the second', longPath(base)),
    refused('a range of 8 entries that is said to have 3, extending one of 5', laterSize(base)),
    refused('a tree with a leaf one step too low', lowLeaf(base)),
    refused('a tree with a leaf where its key does not lead', strayLeaf(base)),
    refused('a tree whose leaf is said to be another than it is', ownLeaf(base)),
    refused('a history with a block at the height of another', blockOutOfPlace(base)),
  ]
}

function rangeOf(entries: readonly Uint8Array[]): MemoryRange {
  const range = new MemoryRange(hasher)
  for (const entry of entries) range.append(entry)
  return range
}

function eventFromTheFuture(base: Base): Document {
  const obligation = { seq: base.chain.head.roots.commands.size, topic: 'trade', data: base.random.bytes(4) }
  const range = rangeOf([obligationLeaf(0n, obligation, hasher)])
  return sealedAs(base, {}, { obligations: range.sizedRoot }, [{ kind: 'obligation', index: 0n, obligation, path: [] }])
}

function intentFromTheFuture(base: Base): Document {
  const intent = { seq: base.chain.head.roots.commands.size, kind: 'withdraw', data: base.random.bytes(4) }
  const range = rangeOf([intentLeaf(0n, intent, hasher)])
  return sealedAs(base, {}, { intents: range.sizedRoot }, [{ kind: 'intent', index: 0n, intent, path: [] }])
}

function commandOutOfPlace(base: Base): Document {
  const command = { ...base.chain.madeAt(0).commands[0], seq: 5n } as Command
  const range = rangeOf([base.random.bytes(32), commandLeaf(identityHash(command, hasher), command, hasher)])
  const claim: Claim = { kind: 'command', index: 1n, command, path: range.path(1n) }
  return sealedAs(base, { firstSeq: 0n, commandCount: 2n }, { commands: range.sizedRoot }, [claim])
}

/** A path may not be longer than the size allows: the second of two entries would pass for the only one. */
function longPath(base: Base): Document {
  const [first, obligation] = [base.random.bytes(32), { seq: 0n, topic: 'trade', data: base.random.bytes(4) }]
  const { root } = rangeOf([first, obligationLeaf(0n, obligation, hasher)]).sizedRoot
  const claim: Claim = { kind: 'obligation', index: 0n, obligation, path: [rangeLeaf(first, hasher)] }
  return sealedAs(base, {}, { obligations: { size: 1n, root } }, [claim])
}

/** An older size is not larger than the newer one, whatever the hashes say. */
function laterSize(base: Base): Document {
  const range = rangeOf(Array.from({ length: 8 }, () => base.random.bytes(32)))
  const path = consistencyPath(5n, 8n, range.nodeAt, hasher)
  const claim: Claim = { kind: 'consistency', range: 'intents', size: 5n, root: range.rootAt(5n), path }
  return sealedAs(base, {}, { intents: { size: 3n, root: range.rootAt(8n) } }, [claim])
}

/** A leaf beside nothing: where one key is alone in a subtree, its leaf stands for the subtree. */
function lowLeaf(base: Base): Document {
  const [key, value] = [base.random.bytes(5), base.random.bytes(5)]
  const hashed = hasher.hash(key)
  const leaf = stateLeaf(hashed, hasher.hash(value), hasher)
  const root = isRight(hashed) ? stateInner(EMPTY, leaf, hasher) : stateInner(leaf, EMPTY, hasher)
  return sealedAs(base, {}, { state: root }, [{ kind: 'state', tree: 'state', key, value, siblings: [EMPTY] }])
}

/** A leaf on the left whose key goes right: absence of a key that goes left does not follow from it. */
function strayLeaf(base: Base): Document {
  const { random } = base
  const key = random.bytes(5)
  const [left, right] = [random.bytes(32), random.bytes(32)]
  const hashed = hasher.hash(key)
  // Its first bit is the other one.
  const other = { key: Uint8Array.from(hashed, (byte) => byte ^ 0xff), value: random.bytes(32) }
  const stray = stateLeaf(other.key, other.value, hasher)
  const sibling = isRight(hashed) ? left : right
  const root = isRight(hashed) ? stateInner(sibling, stray, hasher) : stateInner(stray, sibling, hasher)
  return sealedAs(base, {}, { risk: root }, [
    { kind: 'state', tree: 'risk', key, value: null, siblings: [sibling], other },
  ])
}

/** The key's own leaf cannot show that the key is absent. */
function ownLeaf(base: Base): Document {
  const key = base.random.bytes(5)
  const other = { key: hasher.hash(key), value: base.random.bytes(32) }
  const root = stateLeaf(other.key, other.value, hasher)
  return sealedAs(base, {}, { risk: root }, [{ kind: 'state', tree: 'risk', key, value: null, siblings: [], other }])
}

function isRight(key: Uint8Array): boolean {
  return (key[0] as number) >= 0x80
}

/** The history says that block 1 stands at height 0 too. */
function blockOutOfPlace(base: Base): Document {
  const { chain } = base
  const { header, roots } = chain.madeAt(1)
  const block = { ...header, batchRoot: batchRoot(roots, hasher) }
  const hash = blockHash(chain.identity, block, hasher)
  const { root } = rangeOf([hash]).sizedRoot
  const claim: Claim = { kind: 'block', height: 0n, blockHash: hash, path: [], block, roots, claims: [] }
  return sealedAs(base, { height: 1n, parentHash: hash }, { history: root }, [claim])
}
