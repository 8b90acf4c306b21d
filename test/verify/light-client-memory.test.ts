/** What a light client keeps: little, enough to go on from when a key turns out to have been stolen, and all of it in its text. */
import { describe, expect, it } from 'vitest'
import { CairnError, encodeGenesis, LightClient, type Revocation } from '../../src/verify/index.ts'
import { beginner, follower, told } from '../support/follow.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'
import { toyEngine } from '../support/toy-engine.ts'

/** Block 0 holds a command, the others of this long chain none that matter: each is taken as the next head. */
function longChain(blocks: number): ChainMaker {
  const maker = new ChainMaker(new Random(9), toyEngine)
  for (let i = 0; i < blocks; i++) maker.block([{ obligations: [] }])
  return maker
}

function keptHeights(client: LightClient): number[] {
  const { heads } = JSON.parse(client.save()) as { heads: { block: { height: string } }[] }
  return heads.map(({ block }) => Number(block.height))
}

describe('of ten thousand heads', () => {
  const maker = longChain(10_001)
  const sizes: number[] = []
  const kept: number[][] = []
  const clients: LightClient[] = []
  let client = beginner(maker, toyEngine)
  for (let height = 0; height <= 10_000; height++) {
    const names = height > 0 ? [height - 1] : []
    client = client.step(told(maker, height, { names })).client
    if (client.head?.height !== BigInt(height)) throw new Error(`height ${height} was not taken`)
    if (height < 300 || height % 97 === 0) {
      kept.push(keptHeights(client))
      sizes.push(client.save().length)
    }
    if (height === 5000 || height === 10_000) clients.push(client)
  }

  it('about 2·log2(n) are kept: the first, the newest, and ever fewer further back', () => {
    for (const heights of kept) {
      const n = (heights.at(-1) as number) + 1
      expect(heights[0]).toBe(0)
      expect(heights.length).toBeLessThanOrEqual(2 * Math.log2(n) + 2)
      expect(heights.slice(-3)).toEqual(Array.from({ length: Math.min(3, n) }, (_, i) => n - Math.min(3, n) + i))
    }
  })

  it('so that the text stays under 36 kB', () => {
    expect(Math.max(...sizes)).toBeLessThan(36_000)
  })

  it('one from before a theft is left, however many heads the thief feeds: less than so many before it', () => {
    for (const heights of kept) {
      const newest = heights.at(-1) as number
      for (let fed = 1; fed <= newest; fed++) {
        const lastHonest = newest - fed
        const left = heights.findLast((height) => height <= lastHonest) as number
        expect(lastHonest - left).toBeLessThan(fed)
      }
    }
  })

  it('and the client goes on from it when the theft is known', () => {
    const next = maker.delegate({ index: 1n })
    // The honest chain parts from the thief's at height 5000, where the key was stolen; it went on under another.
    const honest = maker.fork(5000).grow(3, 1)
    const fooled = clients[1]?.learn([maker.revoke(0n, maker.madeAt(5000))]) as LightClient
    expect(fooled.isFrozen).toBe(true)
    const waiting = fooled.pending.map(({ height }) => Number(height))
    expect(waiting.length).toBeGreaterThan(1)
    const step = fooled.step(told(honest, 5003, { names: waiting, by: next }))
    expect(step.kind).toBe('newer')
    expect(step.client.isFrozen).toBe(false)
    // Who was not fooled goes on just so.
    expect(clients[0]?.step(told(honest, 5003, { names: [5000], by: next })).kind).toBe('newer')
  })
})

describe('saved and loaded', () => {
  const maker = new ChainMaker(new Random(10), toyEngine).grow(14)
  const other = maker.fork(6).grow(4)
  const [second, third] = [maker.delegate({ index: 1n }), maker.delegate({ index: 2n })]
  const revocations: Revocation[] = [maker.revoke(0n, maker.madeAt(8)), maker.revoke(1n, maker.madeAt(6))]
  const proofs = [
    told(maker, 2),
    told(maker, 5, { names: [2] }),
    told(maker, 5, { by: third }),
    told(maker, 7, { names: [5] }),
    told(other, 7, { by: second }),
    told(other, 9, { names: [5], by: third }),
    told(maker, 1, { revocations: [revocations[0] as Revocation] }),
    told(maker, 1, { revocations: [revocations[1] as Revocation] }),
    told(maker, 8, { names: [7] }),
    told(maker, 12, { names: [8, 7], by: third }),
    '{}',
  ]
  const lessons = [[], revocations.slice(0, 1), revocations.slice(1)]

  /** What is seen of a client from outside. */
  const seen = ({ head, pending, fork, isFrozen }: LightClient) => ({ head, pending, fork, isFrozen })

  it(`it behaves as if it never slept, whatever comes in whatever order (seed ${seed})`, () => {
    const random = new Random()
    for (let run = 0; run < 60; run++) {
      let [awake, slept] = [beginner(maker, toyEngine), beginner(maker, toyEngine)]
      for (let i = 0; i < 12; i++) {
        const [proof, lesson, isLesson] = [random.pick(proofs), random.pick(lessons), random.below(5) === 0]
        const take = (client: LightClient): { client: LightClient } =>
          isLesson ? { client: client.learn(lesson) } : client.step(proof)
        const [awaken, woken] = [take(awake), take(LightClient.load(slept.save(), toyEngine))]
        ;[awake, slept] = [awaken.client, woken.client]
        expect({ ...woken, client: seen(slept) }).toEqual({ ...awaken, client: seen(awake) })
        expect(slept.save()).toBe(awake.save())
      }
    }
  })

  it('a pinned head is kept, with epoch and time or without', () => {
    const { header, hash } = maker.madeAt(5)
    const genesis = encodeGenesis(maker.identity.genesis)
    for (const more of [{}, { epoch: header.epoch, timestamp: header.timestamp }]) {
      const head = { height: header.height, blockHash: hash, ...more }
      const pinned = LightClient.pin({ chainId: maker.chainId, genesis, head }, toyEngine)
      const loaded = LightClient.load(pinned.save(), toyEngine)
      expect(loaded.head).toEqual(head)
      expect(loaded.step(told(maker, 7, { names: [5] })).kind).toBe('newer')
    }
  })

  it('a text that is not one is refused by name', () => {
    const accepted = follower(maker, [2, 5], maker.hot, toyEngine)
    const text = accepted
      .learn(revocations)
      .step(told(other, 9, { by: third }))
      .client.save()
    expect(LightClient.load(text, toyEngine).save()).toBe(text)
    const broken = [
      '',
      'null',
      '[]',
      '{}',
      '{"__proto__":null}',
      text.slice(0, -1),
      `${text} x`,
      text.replace('"heads"', '"tails"'),
      text.replace('cairn.light-client/v1', 'cairn.proof/v1'),
      text.replace('"knowsRevocations":1', '"knowsRevocations":2'),
      text.replace('"accepted":"2"', '"accepted":2'),
      text.replace('"accepted":"2"', '"accepted":"-2"'),
      text.replace('"accepted":"2"', '"accepted":"18446744073709551616"'),
      text.replace(/"ordinal":"\d+"/, '"ordinal":null'),
      text.replace(/"parentHash":"0x../, '"parentHash":"0x'),
      text.replace(/"heads":\[/, '"heads":[[],'),
      text.replace(/"heads":\[/, '"heads":[],"heads":['),
      text.replace(/"seals":\[\{.*?\}\]/, '"seals":[]'),
      '['.repeat(100_000),
    ]
    for (const each of broken) {
      expect(each).not.toBe(text)
      expect(() => LightClient.load(each, toyEngine)).toThrow(CairnError)
    }
  })
})

describe('what a client was given or gives', () => {
  const maker = new ChainMaker(new Random(13)).grow(6)
  const other = maker.fork(2).grow(2)

  it('may be overwritten: the client stays what it was', () => {
    const [head, revocation] = [{ height: 1n, blockHash: maker.madeAt(1).hash.slice() }, maker.revoke(7n, maker.head)]
    const genesis = encodeGenesis(maker.identity.genesis)
    const pinned = LightClient.pin({ chainId: maker.chainId, genesis, head }).learn([revocation])
    const client = pinned.step(told(maker, 3, { names: [1] })).client
    const { client: forked, evidence } = client.step(told(other, 3))
    const saved = [pinned, client, forked].map((each) => each.save())
    for (const each of [head, revocation, pinned.head, client.head, client.chainId, forked.fork, evidence])
      overwrite(each)
    expect([pinned, client, forked].map((each) => each.save())).toEqual(saved)
    expect(client.step(told(maker, 5, { names: [3] })).kind).toBe('newer')
    expect(pinned.step(told(maker, 5, { names: [1] })).kind).toBe('newer')
  })

  it('is decoded first: what is no head and no revocation is refused by name', () => {
    const genesis = encodeGenesis(maker.identity.genesis)
    const head = { height: 1n, blockHash: maker.madeAt(1).hash.subarray(1) }
    expect(() => LightClient.pin({ chainId: maker.chainId, genesis, head })).toThrow(CairnError)
    const revocation = maker.revoke(0n, maker.madeAt(1))
    for (const index of ['0', null, 0.5]) {
      expect(() => beginner(maker).learn([{ ...revocation, index: index as never }])).toThrow(CairnError)
    }
    // A number that is one is taken for the bigint that it stands for.
    const client = follower(maker, [3]).learn([{ ...revocation, index: 0 as never }])
    expect(client.isFrozen).toBe(true)
  })
})

describe('a step', () => {
  const maker = new ChainMaker(new Random(11)).grow(4)
  const client = follower(maker, [1])
  const proof = told(maker, 3, { names: [1] })

  it(`never throws, whatever the text: it is rejected, and the client stays as it was (seed ${seed})`, () => {
    const random = new Random()
    const bent = Array.from({ length: 300 }, () => {
      const at = random.below(proof.length)
      const piece = random.pick(['', '0', '"', '{', ']', ',', '\\', '\ud800', '0x', 'null', proof.slice(at, at + 40)])
      return proof.slice(0, at) + piece + proof.slice(at + random.below(40))
    })
    const hostile = [
      '',
      'null',
      '0',
      '"',
      '[]',
      '{}',
      '[{}]',
      '{"format":"cairn.proof/v1"}',
      '{"format":"cairn.evidence/v1"}',
      '{"__proto__":{"format":"cairn.proof/v1"}}',
      '\ufeff{}',
      '['.repeat(1 << 20),
      ' '.repeat((16 << 20) + 1),
      new Uint8Array(),
      Uint8Array.of(0xff, 0xfe),
      random.bytes(1000),
      ...bent.filter((each) => each !== proof),
    ]
    for (const each of hostile) {
      const step = client.step(each)
      expect(step.kind).toBe('rejected')
      expect(step.verification.ok).toBe(false)
      expect(step.client.save()).toBe(client.save())
    }
  })

  it('never throws, whatever else it is handed', () => {
    const foreign = [
      undefined,
      null,
      0,
      1n,
      true,
      {},
      [],
      Symbol('s'),
      () => proof,
      new Map(),
      new DataView(new ArrayBuffer(8)),
    ]
    for (const each of foreign) expect(client.step(each as never).kind).toBe('rejected')
  })

  it('takes bytes as it takes text', () => {
    expect(client.step(new TextEncoder().encode(proof)).kind).toBe('newer')
  })
})

/** Fills every byte of it, as its owner may. */
function overwrite(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee)
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) overwrite(each)
}
