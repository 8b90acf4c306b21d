/** The chain of the worked examples, made by an independent implementation, as records: it verifies with its state. */
import { expect, it } from 'vitest'
import { fromHex } from '../../src/verify/bytes.ts'
import { type Codec, json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import {
  type ChainRecord,
  type ChainTrust,
  decodeGenesis,
  decodeRevocations,
  MemoryStateTree,
  nobleEngine,
  type RecordedWrite,
  verifyChain,
} from '../../src/verify/index.ts'
import { readJson } from '../../src/verify/json.ts'
import { readVectors } from '../vectors/read.ts'

interface Example {
  genesis: object
  chainId: string
  revocation: object
  blocks: {
    header: object
    roots: object
    seal: object
    commands: { seq: string }[]
    writes: { tree: 'state' | 'risk'; key: string; value: string | null }[][]
  }[]
  obligations: { seq: string; topic: string; data: string }[]
  intents: { seq: string; kind: string; data: string }[]
}

const example = readVectors<Example>('chain')
const { hasher } = nobleEngine

function decode<T>(codec: Codec<T>, value: unknown): T {
  return codec.decode(readJson(JSON.stringify(value)), json)
}

function bytes(hex: string): Uint8Array {
  return fromHex(hex) as Uint8Array
}

function recordsOf({ blocks, obligations, intents }: Example): ChainRecord[] {
  return blocks.flatMap(({ header, roots, seal, commands, writes }): ChainRecord[] => {
    const recorded = commands.map((each, i) => {
      const { obligationSize: _, intentSize: __, ...command } = decode(codecs.command, each)
      const ofThis = ({ seq }: { seq: string }): boolean => seq === each.seq
      return {
        ...command,
        obligations: obligations.filter(ofThis).map(({ topic, data }) => ({ topic, data: bytes(data) })),
        intents: intents.filter(ofThis).map(({ kind, data }) => ({ kind, data: bytes(data) })),
        writes: (writes[i] ?? []).map(
          ({ tree, key, value }): RecordedWrite => [tree, bytes(key), value === null ? null : bytes(value)],
        ),
      }
    })
    const decoded = { header: decode(codecs.header, header), roots: decode(codecs.roots, roots), commands: recorded }
    const { height } = decoded.header
    return [
      { k: 'block', v: 1, ...decoded, notes: [], authority: [] },
      { k: 'seal', v: 1, height, seal: decode(codecs.seal, seal) },
    ]
  })
}

function trust(revocations: ChainTrust['revocations'] = []): ChainTrust {
  const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
  return { chainId: example.chainId, genesis: decodeGenesis(JSON.stringify(example.genesis)), revocations, trees }
}

it('verifies, all of it', async () => {
  const verification = await verifyChain(recordsOf(example), trust())
  expect(verification.verdicts.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  expect(verification).toMatchObject({ ok: true, blocks: 6n, commands: 10n })
})

it('is not covered by its seals after the revocation that comes with it', async () => {
  const revocations = decodeRevocations(JSON.stringify([example.revocation]))
  expect(await verifyChain(recordsOf(example), trust(revocations))).toMatchObject({
    ok: false,
    fault: { check: 'revocation', height: 4n },
  })
})
