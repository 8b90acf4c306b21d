/** A chain is verified as it streams by: from any source, in bounded memory, and a source that breaks is not a chain that lies. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  type ChainRecord,
  type ChainTrust,
  ChainVerifier,
  MemoryStateTree,
  nobleEngine,
  type StateTree,
  verifyChain,
} from '../../src/verify/index.ts'
import { endlessChain } from '../support/endless-chain.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { toyEngine } from '../support/toy-engine.ts'
import { sealRecord, trustIn, verify, withBlocks } from '../support/whole-chain.ts'

const maker = new ChainMaker(new Random(60)).grow(4)
const records: readonly ChainRecord[] = maker.records()

/** Records as they come from afar: each some time later. It says whether it was closed and how many it gave. */
class Source implements AsyncIterable<unknown> {
  given = 0
  isClosed = false
  private readonly items: readonly unknown[]
  private readonly broken: Error | undefined

  constructor(items: readonly unknown[], broken?: Error) {
    this.items = items
    this.broken = broken
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    try {
      for (const each of this.items) {
        await Promise.resolve()
        this.given++
        yield each
      }
      if (this.broken !== undefined) throw this.broken
    } finally {
      this.isClosed = true
    }
  }
}

describe('records come', () => {
  it('from an array, a set, a generator, a list of promises, or a source that takes its time', async () => {
    const whole = await verify(maker)
    expect(whole.ok).toBe(true)
    function* generator(): Generator<ChainRecord> {
      yield* records
    }
    const promised = records.map((each) => Promise.resolve(each))
    for (const source of [records, new Set(records), generator(), promised, new Source(records)]) {
      expect(await verify(maker, source)).toEqual(whole)
    }
  })

  it('and no further than to the first fault: then the source is closed', async () => {
    const source = new Source([...records.slice(0, 4), ...records])
    expect((await verify(maker, source)).fault).toMatchObject({ check: 'order', height: 2n })
    expect(source).toMatchObject({ given: 5, isClosed: true })
  })

  it('to their end otherwise, and the source is closed too', async () => {
    const source = new Source(records)
    await verify(maker, source)
    expect(source).toMatchObject({ given: records.length, isClosed: true })
  })

  it('hardly at all, where the chain is another one', async () => {
    const source = new Source(records)
    const { fault } = await verify(maker, source, { chainId: new Uint8Array(32) })
    expect(fault?.check).toBe('genesis')
    expect(source).toMatchObject({ given: 1, isClosed: true })
  })
})

describe('what breaks on the way is the caller’s to hear of', () => {
  const broken = new Error('the disk is gone')

  it('a source that throws: the same error, never a verdict', async () => {
    await expect(verify(maker, new Source(records, broken))).rejects.toBe(broken)
    await expect(verify(maker, new Source([], broken))).rejects.toBe(broken)
    await expect(verify(maker, throwing())).rejects.toBe(broken)
    await expect(verify(maker, [records[0], Promise.reject(broken)])).rejects.toBe(broken)
  })

  it('but what comes after a fault is never asked for', async () => {
    const source = new Source([records[2]], broken)
    expect((await verify(maker, source)).fault?.check).toBe('order')
  })

  it('a tree that throws, now or later: the same error, and the source is closed', async () => {
    const [now, later]: StateTree[] = [
      {
        update: () => {
          throw broken
        },
      },
      { update: () => Promise.reject(broken) },
    ] as const
    for (const state of [now, later] as StateTree[]) {
      const source = new Source(records)
      const trees = { state, risk: new MemoryStateTree(nobleEngine.hasher) }
      await expect(verify(maker, source, { trees })).rejects.toBe(broken)
      expect(source.isClosed).toBe(true)
    }
  })

  it('a tree that takes its time is waited for', async () => {
    const slow = (): StateTree => {
      const tree = new MemoryStateTree(nobleEngine.hasher)
      return { update: (writes) => Promise.resolve(tree.update(writes)) }
    }
    expect((await verify(maker, records, { trees: { state: slow(), risk: slow() } })).ok).toBe(true)
  })

  function* throwing(): Generator {
    yield records[0]
    throw broken
  }
})

describe('memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  function heapInUse(): number {
    // The second time waits for what the first found: buffers are given back beside the program, and would be counted still.
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }

  it('does not grow with the chain: fifty thousand blocks take no more than ten thousand', async () => {
    const repeating = new ChainMaker(new Random(61), toyEngine)
    // Every block comes with more seals than it needs, and with a revocation that came with all the others.
    const beside = (height: bigint, hash: Uint8Array): ChainRecord[] => {
      const seal = { k: 'seal', v: 1, height, seal: repeating.seal(hash) } as const
      return [seal, seal]
    }
    const authority = [{ k: 'revocation', ...repeating.revoke(7n, maker.head) }] as const
    const verifier = new ChainVerifier(trustWithoutTrees(repeating), toyEngine)
    const heap: number[] = []
    for (const record of endlessChain(repeating, toyEngine, { blocks: 50_000, commandsPerBlock: 1, beside })) {
      const isBlock = record.k === 'block'
      if (!(await verifier.take(isBlock ? { ...record, authority } : record))) break
      if (isBlock && record.header.height % 10_000n === 9_999n) heap.push(heapInUse())
    }
    expect(verifier.finish()).toMatchObject({ ok: true, blocks: 50_000n, commands: 50_000n })
    expect(heap.length).toBe(5)
    expect((heap[4] as number) - (heap[0] as number)).toBeLessThan(500_000)
  })

  it('of a record is not held on to: a reader may use one buffer for all of them', async () => {
    // The last block comes with a revocation that names it as the last good one: it must still do so when all was read.
    const last = maker.madeAt(3)
    const authority = [{ k: 'revocation', ...maker.revoke(0n, last) }] as const
    const verifier = new ChainVerifier(trustIn(maker))
    for (const each of withBlocks(records, ({ header }) => (header.height === 3n ? { authority } : undefined))) {
      const lent = structuredClone(each)
      expect(await verifier.take(lent)).toBe(true)
      overwrite(lent)
    }
    expect(verifier.finish()).toMatchObject({ ok: true, head: { blockHash: last.hash } })
  })

  it('of a signature that was found good is no other one that the reader put in its place', async () => {
    const verifier = new ChainVerifier(trustIn(maker))
    const delegation = structuredClone(maker.hot.delegation)
    for (const height of [0, 1]) {
      const { record, header, seal } = maker.madeAt(height)
      await verifier.take(record)
      const isTaken = await verifier.take(sealRecord({ header, seal: { ...seal, delegation } }))
      expect(isTaken).toBe(height === 0)
      overwrite(delegation.signature)
    }
  })
})

it('a block may hold more commands than a call takes arguments', async () => {
  const many = new ChainMaker(new Random(63), toyEngine)
  const chain = endlessChain(many, toyEngine, { blocks: 1, commandsPerBlock: 150_000 })
  expect(await verifyChain(chain, trustWithoutTrees(many), toyEngine)).toMatchObject({ ok: true, commands: 150_000n })
})

function trustWithoutTrees({ chainId, identity }: ChainMaker): ChainTrust {
  return { chainId, genesis: identity.genesis, revocations: [] }
}

/** Fills every byte of it, as the next record would. */
function overwrite(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee)
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) overwrite(each)
}
