/** Two sealed blocks side by side (FORMAT §4 and §8): those that contradict each other, and those that only look like it. */
import { blockHash, type Evidence, type EvidenceSide, encodeEvidence, nobleEngine } from '../../../src/verify/index.ts'
import { ChainMaker, type MadeBlock } from '../maker.ts'
import { MemoryRange } from '../memory-range.ts'
import { type Base, bytes, changed, type Document } from './base.ts'
import type { EvidenceCase } from './cases.ts'

export function evidenceCases(base: Base): EvidenceCase[] {
  const { chain, second, random } = base
  const { identity } = chain
  const fork = chain.fork(2).grow(4)
  const stranger = new ChainMaker(random)
  const side = ({ header, seal }: MadeBlock): EvidenceSide => ({ block: header, seal })
  const withAncestor = (of: ChainMaker, at: MadeBlock, height: number): EvidenceSide => ({
    ...side(at),
    roots: at.roots,
    ancestor: {
      height: BigInt(height),
      blockHash: of.madeAt(height).hash,
      path: of.ranges.history.path(BigInt(height), at.header.height),
    },
  })
  const by = (at: MadeBlock, key = second): EvidenceSide => ({ block: at.header, seal: chain.seal(at.hash, key) })
  const write = (a: EvidenceSide, b: EvidenceSide): Document => JSON.parse(encodeEvidence(chain.evidence(a, b)))
  const [here, there] = [chain.madeAt(3), fork.madeAt(3)]
  const [head, forkHead] = [withAncestor(chain, chain.head, 3), withAncestor(fork, fork.head, 3)]
  const fork4 = fork.madeAt(4)

  const incoherent = { ...there.header, commandCount: there.header.commandCount + 7n, epoch: 0n }
  const hash = blockHash(identity, incoherent, nobleEngine.hasher)
  const expired = chain.delegate({ validFrom: 0n, validUntil: there.header.timestamp - 1n })
  const contradiction = write(side(here), side(there))
  const twoHeads = write(head, forkHead)
  const otherIdentity: Evidence = { ...chain.evidence(side(here), side(there)), genesis: stranger.identity.genesis }

  const good: readonly (readonly [string, Document])[] = [
    ['two blocks at one height', contradiction],
    ['the same, the other way round', write(side(there), side(here))],
    ['two blocks at one height, sealed by two keys', write(side(here), by(there))],
    ['two heads with different ancestors at one height', twoHeads],
    ['a block against an ancestor', write(side(here), forkHead)],
    ['next to each other, and the parent is another block', write(side(here), side(fork4))],
    [
      'a common ancestor, but another parent',
      write(withAncestor(chain, chain.madeAt(4), 1), withAncestor(fork, fork.madeAt(5), 1)),
    ],
    [
      'a block that its seal names with counts that are wrong',
      write(side(here), { block: incoherent, seal: chain.seal(hash) }),
    ],
    ['of far epochs and the same height', write(side(here), reepoched(base, here))],
  ]
  const bad: readonly (readonly [string, Document])[] = [
    ['the same block twice', write(side(here), side(here))],
    ['the same block sealed by two keys', write(side(here), by(here))],
    ['two heights of one chain', write(side(here), side(chain.madeAt(4)))],
    ['two heads of one chain with the same ancestor', write(head, withAncestor(chain, chain.madeAt(5), 3))],
    ['far apart, and nothing contradicts', write(side(chain.madeAt(2)), side(fork.head))],
    ['an ancestor that both have', write(withAncestor(chain, chain.head, 1), side(chain.madeAt(1)))],
    ['an ancestor by a false path', changed(twoHeads, ['b', 'ancestor', 'path'], (path) => [...path, bytes(32)])],
    ['an ancestor by an empty path', changed(twoHeads, ['b', 'ancestor', 'path'], () => [])],
    [
      'an ancestor with another hash',
      changed(write(side(here), head), ['b', 'ancestor', 'blockHash'], () => bytes(32)),
    ],
    ['an ancestor at another height', changed(twoHeads, ['b', 'ancestor', 'height'], () => '2')],
    ['an ancestor in a history of one’s own', write(side(here), ownHistory(base, fork.head))],
    ['roots of another block', changed(twoHeads, ['b', 'roots'], () => twoHeads.a.roots)],
    ['roots without an ancestor', changed(twoHeads, ['b', 'ancestor'], () => undefined)],
    ['an ancestor without roots', changed(twoHeads, ['b', 'roots'], () => undefined)],
    ['a side without a seal', changed(contradiction, ['b', 'seal'], () => undefined)],
    ['an unknown member', { ...contradiction, c: contradiction.a }],
    ['of another format', { ...contradiction, format: 'cairn.evidence/v2' }],
    ['of another chain', JSON.parse(encodeEvidence(otherIdentity))],
    ['that holds, but of another chain', JSON.parse(encodeEvidence(elsewhere(random)))],
    [
      'a block that was changed after it was sealed',
      changed(contradiction, ['b', 'block', 'timestamp'], (time) => `${time}0`),
    ],
    [
      'a side sealed by a key that nobody delegated to',
      write(side(here), { ...side(there), seal: { ...there.seal, signature: stranger.seal(there.hash).signature } }),
    ],
    ['a delegation made by oneself', write(side(here), { block: there.header, seal: stranger.seal(there.hash) })],
    ['a seal after its delegation had run out', write(side(here), by(there, expired))],
  ]
  return [
    ...good.map(([name, evidence]) => ({ name, ok: true, evidence })),
    ...bad.map(([name, evidence]) => ({ name, ok: false, evidence })),
  ]
}

/** Roots that were never the block's, in whose history a block of one's own stands. */
function ownHistory({ random }: Base, { header, seal, roots }: MadeBlock): EvidenceSide {
  const hashes = Array.from({ length: Number(header.height) }, () => random.bytes(32))
  const range = new MemoryRange(nobleEngine.hasher)
  for (const hash of hashes) range.append(hash)
  const blockHash = hashes[3] as Uint8Array
  const own = { ...roots, history: range.sizedRoot.root }
  return { block: header, seal, roots: own, ancestor: { height: 3n, blockHash, path: range.path(3n) } }
}

/** Whoever owns another chain may contradict himself there. */
function elsewhere(random: Base['random']): Evidence {
  const other = new ChainMaker(random).grow(2)
  const fork = other.fork(0).grow(1)
  const side = ({ header, seal }: MadeBlock): EvidenceSide => ({ block: header, seal })
  return other.evidence(side(other.madeAt(1)), side(fork.madeAt(1)))
}

/** The block again, by a writer of another term. */
function reepoched({ chain }: Base, at: MadeBlock): EvidenceSide {
  const block = { ...at.header, epoch: at.header.epoch + 9n }
  return { block, seal: chain.seal(blockHash(chain.identity, block, nobleEngine.hasher)) }
}
