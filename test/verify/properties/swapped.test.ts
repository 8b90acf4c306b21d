/**
 * What is proved of one chain, block, key or claim is proved of no other: members of valid proofs change places in every
 * combination, and claims are brought before blocks that they were not made for. A claim holds under another block exactly when
 * that block has the same range or tree.
 */
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../src/hash/index.ts'
import { equal, toHex, utf8 } from '../../../src/verify/bytes.ts'
import {
  type Claim,
  consistencyPath,
  judgeProof,
  MemoryStateTree,
  type Proof,
  verifyConsistency,
  verifyInclusion,
  verifyState,
} from '../../../src/verify/index.ts'
import { ChainMaker, type MadeBlock } from '../../support/maker.ts'
import { MemoryRange } from '../../support/memory-range.ts'
import { Random, seed } from '../../support/seed.ts'

const engine = await loadEngine()
const { hasher } = engine
const random = new Random()

/** Both, with every combination of members taken from the second; none and all of them among those. */
function mixes<T extends object>(a: T, b: T, names: readonly (keyof T)[]): { mixed: T; taken: readonly (keyof T)[] }[] {
  return Array.from({ length: 2 ** names.length }, (_, set) => {
    const taken = names.filter((_, i) => (set >> i) % 2 === 1)
    return { mixed: Object.assign({}, a, Object.fromEntries(taken.map((name) => [name, b[name]]))), taken }
  })
}

/** The first of both, with every combination of members of the part from the second. */
function outcomes<T extends object>(
  mixed: readonly { mixed: T; taken: readonly (keyof T)[] }[],
  isGood: (each: T) => boolean,
) {
  return mixed.filter(({ mixed }) => isGood(mixed)).map(({ taken }) => taken.join())
}

describe(`members of two valid proofs change places (CAIRN_SEED=${seed})`, () => {
  const chain = new ChainMaker(random, engine).grow(6)
  const other = new ChainMaker(random, engine).grow(6)
  const fork = chain.fork(3).grow(2)
  const retired = chain.revoke(9n, chain.madeAt(0))

  function proofOf(of: ChainMaker, at: MadeBlock = of.head): Proof {
    const claims = [of.commandClaim(2n, at), of.blockClaim(1n, at), of.consistencyClaim('commands', 4n, at)]
    return of.proof(claims, at, [of === other ? other.revoke(9n, other.madeAt(0)) : retired])
  }
  const isGood = (proof: Proof): boolean => judgeProof(proof, { chainId: chain.chainId, revocations: [] }, engine).ok

  it('of two chains: only the one of the trusted chain is good', () => {
    const names = ['genesis', 'block', 'roots', 'seal', 'revocations', 'claims'] as const
    expect(outcomes(mixes(proofOf(chain), proofOf(other), names), isGood)).toEqual([''])
  })

  it('of two branches of one chain: only all of one or all of the other', () => {
    const names = ['block', 'roots', 'seal', 'claims'] as const
    expect(outcomes(mixes(proofOf(chain), proofOf(fork), names), isGood)).toEqual(['', names.join()])
  })

  it('of two blocks of one chain: only all of one or all of the other', () => {
    const names = ['block', 'roots', 'seal', 'claims'] as const
    expect(outcomes(mixes(proofOf(chain), proofOf(chain, chain.madeAt(4)), names), isGood)).toEqual(['', names.join()])
  })

  it('of two genesis: every member is part of the identity', () => {
    const [a, b] = [chain.identity.genesis, other.identity.genesis]
    const [name, machine] = ['other', 'kv@2']
    const names = ['name', 'coldKey', 'machine', 'createdAt', 'nonce'] as const
    const twin = { ...b, name, machine, createdAt: a.createdAt - 1n }
    const proof = proofOf(chain)
    expect(outcomes(mixes(a, twin, names), (genesis) => isGood({ ...proof, genesis }))).toEqual([''])
  })

  it('of two delegations, seals or revocations: only all of one or all of the other', () => {
    const second = chain.delegate({
      index: 5n,
      validFrom: chain.identity.genesis.createdAt - 7n,
      validUntil: 1n << 63n,
    })
    const proof = proofOf(chain)
    const seal = chain.seal(chain.head.hash, second)
    const members = ['delegate', 'index', 'validFrom', 'validUntil', 'signature'] as const
    const delegations = mixes(proof.seal.delegation, seal.delegation, members)
    for (const { signature } of [proof.seal, seal]) {
      const good = outcomes(delegations, (delegation) => isGood({ ...proof, seal: { delegation, signature } }))
      expect(good).toEqual([signature === seal.signature ? members.join() : ''])
    }
    const [a, b] = [retired, chain.revoke(8n, chain.madeAt(1))]
    const revocations = mixes(a, b, ['index', 'fromHeight', 'parentHash', 'signature'])
    expect(outcomes(revocations, (each) => isGood({ ...proof, revocations: [each] }))).toEqual([
      '',
      'index,fromHeight,parentHash,signature',
    ])
  })
})

describe(`a claim before a block that it was not made for (CAIRN_SEED=${seed})`, () => {
  // Some blocks leave a range or a tree as it was.
  const chain = new ChainMaker(random, engine)
  for (let height = 0; height < 9; height++) {
    chain.block([
      {
        client: 'desk',
        obligations: height % 3 === 0 ? [{ topic: 'trade', data: random.bytes(3) }] : [],
        intents: height % 4 === 0 ? [{ kind: 'withdraw', data: random.bytes(3) }] : [],
        writes: height % 3 === 1 ? [['risk', utf8(`limit ${height}`), random.bytes(3)]] : [],
      },
    ])
  }

  /** Claims of every kind that can be made at a block, and what they rest on. */
  function claimsAt(at: MadeBlock): (readonly [Claim, unknown])[] {
    const { roots } = at
    const each = <T>(size: bigint, make: (index: bigint) => T): T[] =>
      Array.from({ length: Number(size) }, (_, index) => make(BigInt(index)))
    const history = { size: at.header.height, root: roots.history }
    const from = (range: 'commands' | 'obligations' | 'intents') =>
      each(roots[range].size, (size) => [chain.consistencyClaim(range, size + 1n, at), roots[range]] as const)
    const keys = [0, 1, 4, 7, 9].map((i) => utf8(`limit ${i}`))
    return [
      ...each(roots.commands.size, (index) => [chain.commandClaim(index, at), roots.commands] as const),
      ...each(roots.obligations.size, (index) => [chain.obligationClaim(index, at), roots.obligations] as const),
      ...each(roots.intents.size, (index) => [chain.intentClaim(index, at), roots.intents] as const),
      ...each(history.size, (index) => [chain.blockClaim(index, at), history] as const),
      ...each(history.size, (size) => [chain.consistencyClaim('history', size + 1n, at), history] as const),
      ...from('commands'),
      ...from('obligations'),
      ...from('intents'),
      ...keys.flatMap((key) => [
        [chain.stateClaim('risk', key, at), roots.risk] as const,
        [chain.stateClaim('state', key, at), roots.state] as const,
      ]),
    ]
  }

  it('holds exactly when the range or tree is the same there', () => {
    const made = chain.blocks.map((at) => claimsAt(at))
    const grounds = chain.blocks.map(({ roots, header }) => ({
      ...roots,
      history: { size: header.height, root: roots.history },
    }))
    const counts = { holds: 0, fails: 0 }
    for (const [there, at] of chain.blocks.entries()) {
      const ground = Object.values(grounds[there] ?? {}).map(shown)
      const claims = made.flat()
      for (let first = 0; first < claims.length; first += 1000) {
        const some = claims.slice(first, first + 1000)
        const { verdicts } = judgeProof(
          chain.proof(
            some.map(([claim]) => claim),
            at,
          ),
          { chainId: chain.chainId },
          engine,
        )
        const judged = verdicts.filter(({ check }) => check.startsWith('claims')).map(({ verdict }) => verdict)
        const wanted = some.map(([, rest]) => (ground.includes(shown(rest)) ? 'ok' : 'fail'))
        expect(judged).toEqual(wanted)
        for (const verdict of judged) counts[verdict === 'ok' ? 'holds' : 'fails']++
      }
    }
    expect(counts.holds).toBeGreaterThan(200)
    expect(counts.fails).toBeGreaterThan(1000)
  })

  /** A root, with its size where it has one. */
  function shown(ground: unknown): string {
    if (ground instanceof Uint8Array) return toHex(ground)
    const { size, root } = ground as { size: bigint; root: Uint8Array }
    return `${size} ${toHex(root)}`
  }
})

describe(`a proof of one place in a range (CAIRN_SEED=${seed})`, () => {
  const LAST = 9
  const range = new MemoryRange(hasher)
  const entries = Array.from({ length: LAST }, () => random.bytes(32))
  for (const entry of entries) range.append(entry)
  const sizes = Array.from({ length: LAST + 1 }, (_, size) => size)
  const rootOf = (size: number) => ({ size: BigInt(size), root: range.rootAt(BigInt(size)) })

  it('is of that index, entry and size, of all combinations of them', () => {
    for (const size of sizes) {
      for (const madeFor of sizes) {
        for (let madeAt = 0; madeAt < madeFor; madeAt++) {
          const path = range.path(BigInt(madeAt), BigInt(madeFor))
          for (let index = 0; index <= size; index++) {
            const proved = entries.filter((entry) => verifyInclusion(BigInt(index), entry, rootOf(size), path, hasher))
            expect(proved).toEqual(size === madeFor && index === madeAt ? [entries[index]] : [])
          }
        }
      }
    }
  })

  it('is of that pair of sizes, of all combinations of four', () => {
    for (const a of sizes) {
      for (const b of sizes.slice(a)) {
        const claim = consistencyPath(BigInt(a), BigInt(b), range.nodeAt, hasher)
        for (const older of sizes) {
          for (const newer of sizes) {
            // From nothing, and from itself, there is nothing to prove.
            const isTrivial = claim.length === 0 && older <= newer && (older === 0 || older === newer)
            const isOwn = older === a && newer === b
            expect(verifyConsistency(rootOf(older), rootOf(newer), claim, hasher)).toBe(isOwn || isTrivial)
          }
        }
      }
    }
  })
})

describe(`a proof of one key in a tree (CAIRN_SEED=${seed})`, () => {
  const keys = Array.from({ length: 80 }, (_, i) => utf8(`key ${i}`))
  const tree = new MemoryStateTree(hasher)
  tree.update(keys.slice(0, 40).map((key) => [key, random.bytes(1 + random.below(8))]))
  const bitsOf = (key: Uint8Array): string =>
    Array.from(hasher.hash(key), (byte) => byte.toString(2).padStart(8, '0')).join('')

  it('is of no other key; an absence is one of every absent key that would stand in the same place', () => {
    let shared = 0
    for (const own of keys) {
      const proof = tree.prove(own)
      for (const key of keys) {
        const isSamePlace = bitsOf(key).startsWith(bitsOf(own).slice(0, proof.siblings.length))
        const isOther = proof.other !== undefined && equal(hasher.hash(key), proof.other.key)
        const holds = proof.value === null ? isSamePlace && !isOther : key === own
        expect(verifyState(tree.root, key, proof, hasher)).toBe(holds)
        if (holds && key !== own) shared++
      }
    }
    expect(shared).toBeGreaterThan(0)
  })

  it('is of no other value, and of no other tree', () => {
    const changed = tree.copy()
    changed.update([[keys[3] as Uint8Array, null]])
    for (const key of keys.slice(0, 40)) {
      const proof = tree.prove(key)
      expect(verifyState(tree.root, key, proof, hasher)).toBe(true)
      expect(verifyState(changed.root, key, proof, hasher)).toBe(false)
      const longer = Uint8Array.of(...(proof.value ?? []), 0)
      expect(verifyState(tree.root, key, { ...proof, value: longer }, hasher)).toBe(false)
      expect(verifyState(tree.root, key, { ...proof, value: new Uint8Array(0) }, hasher)).toBe(false)
    }
  })
})
