/** What a chain proves of itself, checked by those who have nothing but its id. */
import { describe, expect, it } from 'vitest'
import { type Chain, defineMachine } from '../../src/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { type Claim, decodeProof, type Head, verifyProof } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import { createIn, openIn } from '../support/sim-chain.ts'

/** A machine with all that can be proved: `n` events and intents, and a key in both trees. */
const maker = defineMachine({
  id: 'maker',
  version: 1,
  commands: {
    make: {
      validate: (payload: Uint8Array) => payload,
      execute({ payload, seq }, tx) {
        const n = payload[0] ?? 0
        for (let i = 0; i < n; i++) tx.emit('made', Uint8Array.of(i))
        for (let i = 0; i < n % 3; i++) tx.intend('send', Uint8Array.of(i))
        tx.put('state', utf8(`key ${seq}`), payload)
        tx.put('risk', utf8('newest'), utf8(String(seq)))
        return payload
      },
    },
  },
})

const keys = chainKeys('maker@1')

async function made(): Promise<{ world: World; chain: Chain }> {
  const world = new World()
  const chain = await createIn(world, keys, { machine: maker })
  for (let block = 0; block < 12; block++) {
    const sent = Array.from({ length: 1 + (block % 4) }, (_, i) => ({
      type: 'make',
      payload: Uint8Array.of((block + i) % 5),
    }))
    await chain.submitMany(sent)
  }
  return { world, chain }
}

function accepts(chain: Chain, proof: string, head?: Head): void {
  const trust = { chainId: chain.id, ...(head && { head }) }
  const { verdicts } = verifyProof(proof, { ...trust, revocations: [] })
  expect(verdicts.filter(({ verdict }) => verdict === 'fail')).toEqual([])
}

const kinds = (proof: string): readonly string[] => decodeProof(utf8(proof)).claims.map(({ kind }: Claim) => kind)

describe(`proofs (CAIRN_SEED=${seed})`, () => {
  it('of every command, obligation and intent, by itself, under the newest block', async () => {
    const { chain } = await made()
    const { commands, obligations, intents } = decodeProof(utf8(await chain.prove({}))).roots
    expect([obligations.size > 20n, intents.size > 5n]).toEqual([true, true])
    for (let i = 0n; i < commands.size; i++) accepts(chain, await chain.prove({ command: i }))
    for (let i = 0n; i < obligations.size; i++) accepts(chain, await chain.prove({ obligation: i }))
    for (let i = 0n; i < intents.size; i++) accepts(chain, await chain.prove({ intent: i }))
    await chain.close()
  })

  it('of everything at once, as of every height, leading on from every height', async () => {
    const { world, chain } = await made()
    const proveAll = async (open: Chain): Promise<void> => {
      const newest = open.head?.height as bigint
      for (let height = 0n; height <= newest; height++) {
        const proof = await open.prove({
          command: [0n],
          obligation: height > 1n ? [0n, 1n] : [],
          intent: height > 3n ? 0n : [],
          state: [utf8('key 0'), { tree: 'risk', key: utf8('newest') }],
          absent: [utf8('key 999'), { tree: 'risk', key: utf8('none') }],
          since: height,
          height,
        })
        const { block } = decodeProof(utf8(proof))
        expect(block.height).toBe(newest)
        expect(kinds(proof).filter((kind) => kind === 'block')).toHaveLength(height === newest ? 0 : 2)
        accepts(open, proof)
      }
    }
    await proveAll(chain)
    await chain.close()
    const again = await openIn(world.restart(), keys, { machine: maker })
    await proveAll(again)
    await again.close()
  })

  it('leads on from a head that was accepted before, and not from another one', async () => {
    const { chain } = await made()
    const hash = (await chain.prove({})).length > 0 ? chain.head?.hash : undefined
    const head = { height: chain.head?.height as bigint, blockHash: hash as Uint8Array }
    await chain.submit({ type: 'make', payload: Uint8Array.of(1) })
    const proof = await chain.prove({ since: head.height })
    accepts(chain, proof, head)
    const other = { ...head, blockHash: head.blockHash.map((byte) => byte ^ 1) }
    expect(verifyProof(proof, { chainId: chain.id, head: other }).ok).toBe(false)
    await chain.close()
  })

  it('value as of a height is the one that was there', async () => {
    const { chain } = await made()
    for (let height = 0n; height < 12n; height++) {
      const proof = decodeProof(utf8(await chain.prove({ state: [{ tree: 'risk', key: utf8('newest') }], height })))
      const value = chain.get('risk', utf8('newest'), { height })
      expect(JSON.stringify(proof, (_, each) => (typeof each === 'bigint' ? `${each}` : each))).toBeDefined()
      const claims = height === 11n ? proof.claims : (proof.claims[0] as Extract<Claim, { kind: 'block' }>).claims
      expect(claims?.[0]).toMatchObject({ kind: 'state', value })
    }
    await chain.close()
  })

  it('while blocks are made and not applied yet: always under a block that is sealed, and right', async () => {
    const { chain } = await made()
    const proofs: Promise<string>[] = []
    for (let i = 0; i < 30; i++) {
      const sent = chain.submit({ type: 'make', payload: Uint8Array.of(i % 5) })
      proofs.push(sent.then((receipt) => receipt.proof()))
      proofs.push(chain.prove({ command: 0n, state: [utf8('key 0')], height: BigInt(i % 12) }))
      if (i % 3 === 0) await sent
    }
    for (const proof of await Promise.all(proofs)) accepts(chain, proof)
    await chain.close()
  })

  it('a receipt proves itself, whenever it is asked', async () => {
    const { chain } = await made()
    const receipt = await chain.submit({ type: 'make', payload: Uint8Array.of(2) })
    const early = await receipt.proof()
    await chain.submit({ type: 'make', payload: Uint8Array.of(3) })
    for (const proof of [early, await receipt.proof()]) {
      accepts(chain, proof)
      expect(decodeProof(utf8(proof)).claims[0]).toMatchObject({ kind: 'command', index: receipt.seq })
    }
    await chain.close()
  })

  it('fails with any byte of its text changed', async () => {
    const { chain } = await made()
    const text = utf8(await chain.prove({ command: 0n, state: [utf8('key 0')], height: 0n }))
    const random = new Random()
    const { chainId } = { chainId: chain.id }
    expect(verifyProof(text, { chainId }).ok).toBe(true)
    let accepted = 0
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice()
      changed[at] = (changed[at] as number) ^ (1 << random.below(7))
      if (verifyProof(changed, { chainId }).ok) accepted++
    }
    expect(accepted).toBe(0)
    await chain.close()
  }, 240_000)
})
