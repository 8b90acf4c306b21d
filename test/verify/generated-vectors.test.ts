/** More worked examples than the ones that were handed over, made anew each time: every verdict is the one known from the making. */
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { toHex } from '../../src/verify/bytes.ts'
import * as codecs from '../../src/verify/codecs.ts'
import {
  batchRoot,
  blockHash,
  commandsHash,
  decodeGenesis,
  decodeHead,
  decodeRevocations,
  EMPTY,
  Frontier,
  identify,
  isValidSeal,
  MemoryStateTree,
  verifyConsistency,
  verifyEvidence,
  verifyInclusion,
  verifyProof,
  verifyState,
  type Write,
} from '../../src/verify/index.ts'
import { asRead } from '../support/as-read.ts'
import { seed } from '../support/seed.ts'
import { makeVectors } from '../support/vectors/index.ts'
import { bytesOf as bytes, stateProofOf } from '../vectors/read.ts'

const engine = await loadEngine()
const { hasher } = engine
const CHAINS = 4

const made = Array.from({ length: CHAINS }, (_, i) => makeVectors(seed + i))

describe.each(made)(
  `generated examples, chain %# (CAIRN_SEED=${seed})`,
  ({ chain, proofs, evidence, ranges, state }) => {
    it('has the hashes that its blocks say', () => {
      const identity = identify(decodeGenesis(JSON.stringify(chain.genesis)), hasher)
      expect(toHex(identity.chainId)).toBe(chain.chainId)
      let commands = Frontier.empty
      for (const each of chain.blocks) {
        const header = asRead(codecs.header, each.header)
        const blockIs = { blockHash: blockHash(identity, header, hasher), timestamp: header.timestamp }
        expect(toHex(blockIs.blockHash)).toBe(each.blockHash)
        expect(toHex(batchRoot(asRead(codecs.roots, each.roots), hasher))).toBe(each.header.batchRoot)
        expect(toHex(commandsHash(each.identityHashes.map(bytes), hasher))).toBe(each.header.commandsHash)
        expect(isValidSeal(identity, blockIs, asRead(codecs.seal, each.seal), engine)).toBe(true)
        commands = commands.append(each.commandLeaves.map(bytes), hasher)
        expect(toHex(commands.root(hasher))).toBe(each.roots.commands.root)
      }
      for (const tree of ['state', 'risk'] as const) {
        const held = chain[tree].map(({ key, value }): Write => [bytes(key), bytes(value)])
        expect(toHex(new MemoryStateTree(hasher).update(held))).toBe(chain.blocks.at(-1).roots[tree])
      }
    })

    it('has proofs with these verdicts', () => {
      expect(new Set(proofs.cases.map(({ ok }) => ok)).size).toBe(2)
      for (const { name, proof, ok, verdicts, revocations, head } of proofs.cases) {
        const trust = {
          chainId: proofs.chainId,
          ...(revocations && { revocations: decodeRevocations(JSON.stringify(revocations)) }),
          ...(head && { head: decodeHead(JSON.stringify(head)) }),
        }
        const answer = verifyProof(JSON.stringify(proof), trust, engine)
        const given = Object.fromEntries(answer.verdicts.map(({ check, verdict }) => [check, verdict]))
        expect(given, name).toEqual(verdicts)
        expect(answer.ok, name).toBe(ok)
      }
    })

    it('has evidence that holds or does not', () => {
      for (const { name, ok, evidence: document } of evidence.cases) {
        const { verdicts, ...answer } = verifyEvidence(JSON.stringify(document), evidence, engine)
        expect(answer.ok, `${name}: ${JSON.stringify(verdicts)}`).toBe(ok)
      }
    })

    it('has ranges with these roots and paths', () => {
      const { entries, roots, inclusion, consistency } = ranges
      roots.forEach((root, size) => {
        expect(toHex(Frontier.empty.append(entries.slice(0, size).map(bytes), hasher).root(hasher))).toBe(root)
      })
      for (const { size, index, entry, root, path } of inclusion) {
        const range = { size: BigInt(size), root: bytes(root) }
        expect(verifyInclusion(BigInt(index), bytes(entry), range, path.map(bytes), hasher)).toBe(true)
      }
      for (const { size1, root1, size2, root2, path } of consistency) {
        const [older, newer] = [
          { size: BigInt(size1), root: bytes(root1) },
          { size: BigInt(size2), root: bytes(root2) },
        ]
        expect(verifyConsistency(older, newer, path.map(bytes), hasher)).toBe(true)
      }
    })

    it('has sets with these roots and proofs', () => {
      expect(toHex(EMPTY)).toBe(state.empty)
      for (const { pairs, root, proofs: all } of state.sets) {
        const tree = new MemoryStateTree(hasher)
        expect(toHex(tree.update(pairs.map(({ key, value }) => [bytes(key), bytes(value)])))).toBe(root)
        for (const example of all) {
          const key = bytes(example.key)
          const proof = stateProofOf(example)
          expect(tree.prove(key)).toEqual(proof)
          expect(verifyState(bytes(root), key, proof, hasher)).toBe(true)
        }
      }
    })
  },
)

it('the same seed makes the same examples, another one others', () => {
  expect(JSON.stringify(makeVectors(seed))).toBe(JSON.stringify(made[0]))
  expect(makeVectors(seed).proofs.chainId).not.toBe(made[1]?.proofs.chainId)
})
