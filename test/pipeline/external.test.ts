/**
 * The chain of the worked examples, made by an independent implementation, taken through the whole producer: its commands with their outcomes,
 * its times, salts and seals go in, and its block hashes come out; and so they do when the store is made anew from what was written.
 */
import { expect, it } from 'vitest'
import { Chain, type ChainOptions, external, type Submission } from '../../src/index.ts'
import type { Signer } from '../../src/ports/signer.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { type Codec, json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { decodeGenesis, type Header, identify, nobleEngine, verifyProof } from '../../src/verify/index.ts'
import { readJson } from '../../src/verify/json.ts'
import { SimClock } from '../simulation/sim-clock.ts'
import { World } from '../simulation/world.ts'
import { bytesOf, readVectors } from '../vectors/read.ts'

interface Example {
  genesis: object
  blocks: {
    header: object
    blockHash: string
    seal: object
    commands: { seq: string }[]
    writes: { tree: 'state' | 'risk'; key: string; value: string | null }[][]
  }[]
  obligations: { seq: string; topic: string; data: string }[]
  intents: { seq: string; kind: string; data: string }[]
  state: { key: string; value: string }[]
  risk: { key: string; value: string }[]
}

const example = readVectors<Example>('chain')
const decode = <T>(codec: Codec<T>, value: unknown): T => codec.decode(readJson(JSON.stringify(value)), json)
const genesis = decodeGenesis(JSON.stringify(example.genesis))
const identity = identify(genesis, nobleEngine.hasher)
const blocks = example.blocks.map((block) => ({
  ...block,
  header: decode(codecs.header, block.header),
  seal: decode(codecs.seal, block.seal),
  commands: block.commands.map((each) => decode(codecs.command, each)),
}))

/** Gives the seals of the examples, which nobody here has the keys for. */
const signer: Signer = {
  delegations: [...new Map(blocks.map(({ seal }) => [seal.delegation.index, seal.delegation])).values()],
  seal(_, header: Header) {
    const found = blocks.find((block) => block.header.height === header.height)
    if (found === undefined) throw new Error('the examples end before this block')
    return Promise.resolve(found.seal)
  },
}

/** The salts of the examples for commands, and anything for files. */
function optionsIn(world: World, clock: SimClock, home = 'store'): ChainOptions {
  const salts = blocks.flatMap(({ commands }) => commands.map(({ salt }) => salt as Uint8Array))
  const rng = { bytes: (length: number) => (length === 32 ? (salts.shift() as Uint8Array) : world.rng.bytes(length)) }
  const ports = { disk: world.disk, clock, rng, home: world.store(home) }
  const machine = { ...external, name: genesis.machine }
  return {
    machine,
    signer,
    guard: 'keys/guard',
    engine: nobleEngine,
    cacheBytes: 1 << 20,
    journalFileBytes: 1 << 16,
    ports,
  }
}

function submissionOf(block: (typeof blocks)[number], i: number): Submission {
  const { client, request, type, payload, receivedAt, status, reply, seq } = block.commands[
    i
  ] as (typeof block.commands)[number]
  const ofThis = (each: { seq: string }): boolean => each.seq === String(seq)
  const outcome = {
    status,
    reply,
    obligations: example.obligations.filter(ofThis).map(({ topic, data }) => ({ topic, data: bytesOf(data) })),
    intents: example.intents.filter(ofThis).map(({ kind, data }) => ({ kind, data: bytesOf(data) })),
    writes: (block.writes[i] ?? []).map(
      ({ tree, key, value }) => [tree, bytesOf(key), value === null ? null : bytesOf(value)] as const,
    ),
  }
  return { client, request, type, payload: payload as Uint8Array, receivedAt, outcome }
}

it('gives the block hashes of the examples, live and when the store is made anew', async () => {
  const world = new World()
  // Both clocks go from block to block together.
  const clock = new SimClock(world, Number(blocks[0]?.header.timestamp))
  const chain = await Chain.create('data', genesis, optionsIn(world, clock))
  let made = 0
  for (const block of blocks) {
    // A block without commands opens an epoch: that is made by a takeover, which is not here yet.
    if (block.header.epoch !== 1n || block.commands.length === 0) break
    await clock.advance(Number(block.header.timestamp) - clock.now())
    const answers = await chain.submitMany(block.commands.map((_, i) => submissionOf(block, i)))
    for (const answer of answers) expect(answer).toMatchObject({ block: { height: block.header.height } })
    expect(chain.head?.header).toEqual(block.header)
    expect(toHex(chain.head?.hash as Uint8Array)).toBe(block.blockHash)
    made++
  }
  console.log(`${made} of ${blocks.length} blocks of the examples went through the producer`)
  expect(made).toBeGreaterThan(2)
  const proof = await chain.prove({ command: [0n, 1n], since: 0n })
  expect(verifyProof(proof, { chainId: identity.chainId }).ok).toBe(true)
  const trees = made === blocks.length ? (['state', 'risk'] as const) : []
  for (const tree of trees) {
    for (const { key, value } of example[tree]) expect(toHex(chain.get(tree, bytesOf(key)) as Uint8Array)).toBe(value)
  }
  await chain.close()
  const again = await Chain.open('data', optionsIn(world, clock, 'anew'))
  expect(toHex(again.head?.hash as Uint8Array)).toBe(blocks[made - 1]?.blockHash)
  await again.close()
})
