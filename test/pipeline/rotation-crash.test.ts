/**
 * A life with a rotation, ended before and after every single effect that it has outside, then started with and without the revocation that was given:
 * nothing acknowledged is lost, one hash is sealed a height, and what was published never finds the head without a seal that holds.
 */
import { describe, expect, it } from 'vitest'
import { Chain } from '../../src/index.ts'
import { type HotKey, hotSigner } from '../../src/keys/hot-signer.ts'
import type { Signer } from '../../src/ports/signer.ts'
import { toHex } from '../../src/verify/bytes.ts'
import {
  blockHash,
  ChainVerifier,
  decodeProof,
  type Header,
  type Identity,
  judgeProof,
  MemoryStateTree,
  nobleEngine,
  type Revocation,
} from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { CREATED_AT, chainKeys, delegate, revoke } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const { identity, coldKey } = keys
const secondKey = new Random(23).bytes(32)
const WINDOW = [CREATED_AT, CREATED_AT + 3_155_760_000_000n] as const
const first: HotKey = { privateKey: keys.hotKey, delegation: keys.delegation }
const second: HotKey = { privateKey: secondKey, delegation: delegate(identity, coldKey, secondKey, 1n, WINDOW) }

/** What outlives the crashes. */
class Known {
  readonly receipts = new Map<bigint, string>()
  /** Of the newest command that has a receipt. */
  newest = 0n
  readonly hashes = new Map<bigint, Set<string>>()
  revocation: Revocation | undefined
  /** The newest command that had a receipt when the revocation was published; nothing before. */
  publishedAt: bigint | undefined
  sent = 0n

  /** Signs, and notes what it signed. */
  signer(given: readonly HotKey[]): Signer & { add(key: HotKey): void; retire(index: bigint): void } {
    const hot = hotSigner(given, nobleEngine)
    return {
      get delegations() {
        return hot.delegations
      },
      add: (key) => hot.add(key),
      retire: (index) => hot.retire(index),
      seal: (of: Identity, header: Header) => {
        const hash = toHex(blockHash(of, header, nobleEngine.hasher))
        this.hashes.set(header.height, (this.hashes.get(header.height) ?? new Set()).add(hash))
        return hot.seal(of, header)
      },
    }
  }

  async send(chain: Chain, request: bigint): Promise<void> {
    const receipt = await chain.submit(sim.put(`k${request}`, 'v', { client: 'a', request }))
    const text = sim.textOf(receipt)
    demand((this.receipts.get(request) ?? text) === text, `request ${request} was answered otherwise before`)
    this.receipts.set(request, text)
    if (receipt.seq > this.newest) this.newest = receipt.seq
  }

  /** A new command, and after it those that were never answered come again. */
  async more(chain: Chain, count: number): Promise<void> {
    const sent: Promise<void>[] = []
    for (let i = 0; i < count; i++) sent.push(this.send(chain, ++this.sent))
    await Promise.all(sent)
  }
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

async function life(world: World, known: Known): Promise<void> {
  const signer = known.signer([first])
  const chain = await sim.createIn(world, keys, { signer })
  await known.more(chain, 3)
  const { height = 0n, hash = new Uint8Array(32) } = chain.head ?? {}
  known.revocation = revoke(identity, coldKey, 0n, { height: height + 1n, parent: hash })
  await known.more(chain, 2)
  signer.add(second)
  const before = known.more(chain, 2)
  const imported = chain.importAuthority([known.revocation])
  const during = known.more(chain, 2)
  await imported
  known.publishedAt = known.newest
  signer.retire(0n)
  await Promise.all([before, during])
  await known.more(chain, 2)
  await chain.close()
}

async function verify(chain: Chain, revocations: readonly Revocation[]): Promise<boolean> {
  const { hasher } = nobleEngine
  const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
  const verifier = new ChainVerifier({ chainId: chain.id, genesis: chain.genesis, trees, revocations }, nobleEngine)
  for await (const { record, seal } of chain.blocks()) {
    await verifier.take(record)
    if (seal !== undefined) await verifier.take({ k: 'seal', v: 1, height: record.header.height, seal })
  }
  return verifier.finish().ok
}

async function recover(world: World, known: Known): Promise<void> {
  const made = await world.disk.list('data')
  if (!made.includes('genesis.json')) {
    demand(known.receipts.size === 0, 'the chain is gone, and commands had been acknowledged')
    return
  }
  if (known.publishedAt !== undefined) {
    // Nobody's keys are at hand: what was published must already be held by the journal.
    const { signer: _, ...reading } = sim.optionsIn(world, keys, { revocations: [known.revocation as Revocation] })
    const read = await Chain.open(sim.DIRECTORY, reading)
    const proof = decodeProof(await read.prove({ command: known.publishedAt }))
    const revocations = [known.revocation as Revocation]
    const isGood = judgeProof(proof, { chainId: read.id, revocations }).ok
    demand(isGood, 'the head had no seal that holds when the revocation was published')
    await read.close()
  }
  const revocations = known.publishedAt === undefined ? [] : [known.revocation as Revocation]
  const signer = known.signer(known.publishedAt === undefined ? [first, second] : [second])
  const chain = await sim.openIn(world, keys, { signer, revocations })
  for (let request = 1n; request <= known.sent; request++) {
    await known.send(chain, request).catch((error: unknown) => {
      if (sim.codeOf(error) !== 'request_skipped' || known.receipts.has(request)) throw error
    })
  }
  if (known.revocation !== undefined) {
    await chain.importAuthority([known.revocation])
    signer.retire(0n)
  }
  await known.more(chain, 1)
  const given = known.revocation === undefined ? [] : [known.revocation]
  const last = decodeProof(await chain.prove({ command: 0n }))
  demand(judgeProof(last, { chainId: chain.id, revocations: given }).ok, 'a proof does not verify')
  demand(await verify(chain, given), 'the chain does not verify')
  for (const hashes of known.hashes.values()) demand(hashes.size === 1, 'two blocks were sealed at one height')
  await chain.close()
}

describe(`a rotation that is ended at every effect (CAIRN_SEED=${seed})`, () => {
  it('loses no command, no seal that was published for, and goes on with the next key', async () => {
    const whole = new World({ seed })
    await life(whole, new Known())
    expect(whole.effects).toBeGreaterThan(50)
    for (let effect = 1; effect <= whole.effects; effect++) {
      for (const isAfter of [false, true]) {
        const world = new World({ seed })
        if (isAfter) world.crashAfter = effect
        else world.crashAt = effect
        const known = new Known()
        await Promise.race([life(world, known), world.died])
        try {
          await recover(effect % 2 === 0 ? world.crash() : world.restart(), known)
        } catch (error) {
          const where = `${isAfter ? 'after' : 'at'} effect ${effect} of ${whole.effects}`
          throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
        }
      }
    }
  }, 600_000)
})
