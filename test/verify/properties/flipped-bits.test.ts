/**
 * One bit of a valid proof is another: whatever member it is in, exactly those checks fail that the member enters into. Every bit
 * of every member of a proof that carries everything (of a hash, one in every digit), and random bits of the text of many proofs.
 * One change alone is no fault: the key of an absence may become another key that is absent too, and then the claim is true.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../src/hash/index.ts'
import { fromUtf8, utf8 } from '../../../src/verify/bytes.ts'
import { type Verification, verifyProof } from '../../../src/verify/index.ts'
import { expectedFailures } from '../../support/expected-failures.ts'
import { type At, flipsOf, jsonPath, type Leaf, type LeafValue, leavesOf, textAround } from '../../support/leaves.ts'
import { type RichProof, richProof } from '../../support/rich-proof.ts'
import { seed } from '../../support/seed.ts'

// Thousands of signers are recovered: by the fastest engine that works here.
const engine = await loadEngine()

const failed = ({ verdicts }: Verification): string[] =>
  verdicts.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check)

/** What is wrong with the checks that fail when this leaf is another, or nothing. */
function surprise({ document, trust }: RichProof, at: At, value: LeafValue | undefined, text: Uint8Array): string {
  const { fail, mayFail = [] } = expectedFailures(document, at, value, trust.head)
  const seen = failed(verifyProof(text, trust, engine))
  const failing = seen.filter((check) => !fail.includes(check) && !mayFail.includes(check))
  const holding = fail.filter((check) => !seen.includes(check))
  if (failing.length + holding.length === 0) return ''
  return `${jsonPath(at)} = ${value}: ${failing.join()} should hold, ${holding.join()} should fail`
}

describe(`every bit of a proof that carries everything (CAIRN_SEED=${seed})`, () => {
  const subject = richProof(seed)
  const leaves = leavesOf(subject.document)
  const partOf = (at: At): string => jsonPath(at.slice(0, at[0] === 'claims' ? 2 : 1))
  const parts = [...new Set(leaves.map(({ at }) => partOf(at)))]

  it('is good as it is, every check of it', () => {
    const { verdicts } = verifyProof(subject.text, subject.trust, engine)
    expect(verdicts.filter(({ verdict }) => verdict === 'ok').length).toBe(30)
    expect(verdicts.length).toBe(30)
  })

  it.each(parts)('%s: each bit fails what it enters into, and nothing else', (part) => {
    const surprises = leaves
      .filter(({ at }) => partOf(at) === part)
      .flatMap((leaf) => {
        const write = textAround(subject.document, leaf.at)
        return flipsOf(leaf).map(({ value, json }) => surprise(subject, leaf.at, value, write(json)))
      })
    expect(surprises.filter(Boolean)).toEqual([])
  })
})

describe(`any bit of the text of any proof (CAIRN_SEED=${seed})`, () => {
  const subjects = Array.from({ length: 6 }, (_, i) => richProof(seed + 1 + i))

  it('is refused, or fails what it enters into', () => {
    fc.assert(
      fc.property(fc.constantFrom(...subjects), fc.nat(), (subject, place) => {
        const bytes = utf8(subject.text)
        const bit = place % (8 * bytes.length)
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        const [change] = changesBetween(subject.document, bytes)
        // Where it is not JSON any more, or has other members, all that can be said is that its form is wrong.
        const seen = failed(verifyProof(bytes, subject.trust, engine)).join()
        expect(change === undefined ? seen : surprise(subject, change.at, change.value, bytes)).toBe(
          change === undefined ? 'format' : '',
        )
      }),
      { seed, numRuns: 2500 },
    )
  })
})

/** The leaf that is another one in this text; none where it has not the same members. */
function changesBetween(document: unknown, bytes: Uint8Array): readonly Leaf[] {
  const text = fromUtf8(bytes)
  if (text === undefined) return []
  const [before, after] = [leavesOf(document), leavesOf(orNothing(() => JSON.parse(text) as unknown))]
  const isSameShape = before.map(({ at }) => jsonPath(at)).join() === after.map(({ at }) => jsonPath(at)).join()
  return isSameShape ? after.filter(({ value }, i) => value !== before[i]?.value) : []
}

function orNothing<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}
