/**
 * A path or a list of siblings is accepted as it was made and in no other way: not shorter, not longer, not in another order, not
 * another claim's. Every such change is tried on every path of proofs that carry everything.
 */
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../src/hash/index.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import { type Trust, verifyProof } from '../../../src/verify/index.ts'
import { EMPTY_ROOT } from '../../../src/verify/range.ts'
import { EMPTY } from '../../../src/verify/state-proof.ts'
import { expectedFailures } from '../../support/expected-failures.ts'
import { type At, jsonPath, replaced, valueAt } from '../../support/leaves.ts'
import { richProof } from '../../support/rich-proof.ts'
import { Random, seed } from '../../support/seed.ts'

const engine = await loadEngine()
const subjects = Array.from({ length: 3 }, (_, i) => richProof(seed + i))
const random = new Random()
/** What somebody might add to a path in the hope that it changes nothing. */
const ADDED = [new Uint8Array(32), EMPTY, EMPTY_ROOT, random.bytes(32)].map(toHex)

type Hexes = readonly string[]

/** Where the paths and siblings of a document are. */
function pathsOf(value: unknown, at: At = []): At[] {
  if (typeof value !== 'object' || value === null) return []
  if (at.at(-1) === 'path' || at.at(-1) === 'siblings') return [at]
  return Object.entries(value).flatMap(([name, each]) =>
    pathsOf(each, [...at, Array.isArray(value) ? Number(name) : name]),
  )
}

/** Every other list that is made of this one by cutting, repeating, adding and exchanging. */
function changesOf(path: Hexes): Map<string, Hexes> {
  const changes = new Map<string, Hexes>()
  const without = (i: number): Hexes => [...path.slice(0, i), ...path.slice(i + 1)]
  path.forEach((hash, i) => {
    changes.set(`without ${i}`, without(i))
    changes.set(`with ${i} twice`, [...path.slice(0, i), hash, ...path.slice(i)])
    changes.set(`with ${i} first`, [hash, ...without(i)])
    changes.set(`with ${i} last`, [...without(i), hash])
    changes.set(`cut at ${i}`, path.slice(0, i))
    changes.set(`cut up to ${i}`, path.slice(i + 1))
    for (let j = i + 1; j < path.length; j++) {
      changes.set(`with ${i} and ${j} exchanged`, path.with(i, path[j] as string).with(j, hash))
    }
    for (const added of ADDED) changes.set(`with ${added} for ${i}`, path.with(i, added))
  })
  for (const added of ADDED) {
    changes.set(`${added} before it`, [added, ...path])
    changes.set(`${added} after it`, [...path, added])
  }
  changes.set('turned round', [...path].reverse())
  changes.set('twice', [...path, ...path])
  for (const [name, changed] of changes) if (changed.join() === path.join()) changes.delete(name)
  return changes
}

function failing(document: unknown, trust: Trust): string[] {
  const { verdicts } = verifyProof(JSON.stringify(document), trust, engine)
  const failed = verdicts.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check)
  return failed.sort()
}

describe.each(subjects)(`a path is accepted as it was made (CAIRN_SEED=${seed}, proof %#)`, ({ document, trust }) => {
  const paths = pathsOf(document)
  /** What fails with a path is what fails with one hash of it. */
  const expected = (at: At): Hexes => [...expectedFailures(document, [...at, 0], ADDED[0], trust.head).fail].sort()

  it('there are as many as there are claims', () => {
    expect(paths.length).toBe(23)
    expect(failing(document, trust)).toEqual([])
  })

  it.each(paths.map((at) => [jsonPath(at), at] as const))('%s: not cut, repeated, added to or exchanged', (_, at) => {
    for (const [name, changed] of changesOf(valueAt(document, at) as Hexes)) {
      expect(failing(replaced(document, at, changed), trust), name).toEqual(expected(at))
    }
  })

  it('none stands in for that of another claim', () => {
    for (const at of paths) {
      const own = valueAt(document, at) as Hexes
      const others = paths.map((other) => valueAt(document, other) as Hexes)
      for (const other of others.filter((each) => each.join() !== own.join())) {
        expect(failing(replaced(document, at, other), trust)).toEqual(expected(at))
      }
    }
  })

  it('none may be longer than a path can be', () => {
    for (const at of paths) {
      const max = at.at(-1) === 'path' ? 65 : 256
      const longest = Array.from({ length: max }, () => ADDED[3])
      expect(failing(replaced(document, at, longest), trust)).toEqual(expected(at))
      expect(failing(replaced(document, at, [...longest, ADDED[3]]), trust)).toEqual(['format'])
    }
  })
})
