/** A reading that starts behind a block that a proof proves: what it finds, and what a block alone cannot decide. */
import { beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/verify/bytes.ts'
import { blockHash, decodeProof, encodeProof, type Head, identify } from '../../src/verify/index.ts'
import { MemoryDisk } from '../journal/memory-disk.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { Random } from '../support/seed.ts'
import { createIn, put } from '../support/sim-chain.ts'
import { audit, engine, type Files, filesIn, flipped, keys, verdictsOf } from './audited.ts'

let files: Files
let older: Files
/** Of block 3, and of block 7, which is the newest. */
let proofs: readonly string[]

beforeAll(async () => {
  const world = new World({ seed: 7 })
  const chain = await createIn(world, keys, { engine })
  const taken: string[] = []
  for (let i = 0; i < 8; i++) {
    await chain.submit(put(`k${i}`, 'x'.repeat(12_000), { client: 'a', request: BigInt(i + 1) }))
    if (i === 1) older = await filesIn(world)
    if (i === 3 || i === 7) taken.push(await chain.prove({}))
  }
  await chain.close()
  files = await filesIn(world)
  proofs = taken
})

const at = (which: 0 | 1): { readonly fromProof: string } => ({ fromProof: proofs[which] as string })

describe('from a proof', () => {
  it('what comes after its block is read, and nothing before it', async () => {
    for (const pieceBytes of [undefined, 512]) {
      const verified = await audit(files, at(0), pieceBytes)
      expect(verified).toMatchObject({ ok: true, level: 'seals', blocks: 4n, commands: 4n, head: { height: 7n } })
      const unchecked = verified.verdicts.filter(({ verdict }) => verdict === 'unchecked').map(({ check }) => check)
      expect(unchecked).toEqual(['requests', 'ranges', 'state', 'outcomes', 'head'])
    }
    const [first = ''] = [...files.keys()].filter((path) => path.endsWith('.wal')).toSorted()
    // Rot before it is nobody's business here, where its file can be left out.
    expect((await audit(flipped(files, first, 2000), at(0))).ok).toBe(true)
    expect(await audit(files, at(1))).toMatchObject({ ok: true, blocks: 0n, head: { height: 7n } })
  })

  it('goes on where it stood', async () => {
    for (const which of [0, 1] as const) {
      const disk = new MemoryDisk(files)
      const whole = await audit(disk, { ...at(which), resume: 'audit.state' })
      expect(await audit(disk, { ...at(which), resume: 'audit.state' })).toEqual(whole)
      await expect(audit(disk, { resume: 'audit.state' })).rejects.toMatchObject({ code: 'resume_refused' })
    }
  })

  it('the head that was accepted before is found behind it, and not looked for before it', async () => {
    const head = (await audit(files)).head as Head
    expect(verdictsOf(await audit(files, { ...at(0), head })).head).toBe('ok')
    const before = { height: 1n, blockHash: new Uint8Array(32) }
    expect(verdictsOf(await audit(files, { ...at(0), head: before })).head).toBe('unchecked')
  })

  it('the head that was accepted before is the block of the proof, or the two contradict each other', async () => {
    const { genesis, block } = decodeProof(at(0).fromProof)
    const { height } = block
    const own = blockHash(identify(genesis, engine.hasher), block, engine.hasher)
    expect(verdictsOf(await audit(files, { ...at(0), head: { height, blockHash: own } })).head).toBe('ok')
    const other = await audit(files, { ...at(0), head: { height, blockHash: new Uint8Array(32) } })
    expect(other).toMatchObject({ ok: false, fault: { check: 'head', height, reason: /your head is another one/ } })
  })

  it('a chain that ends before it is an older copy', async () => {
    const { fault } = await audit(older, at(0))
    expect(fault).toMatchObject({ check: 'head', reason: 'the chain ends before block 3 of the proof' })
  })

  it('a chain with another block there, or another one after it, is another', async () => {
    const proof = decodeProof(at(0).fromProof)
    // Another chain of the same keys, which parted before: its proof holds, and is none of this one.
    const world = new World({ seed: 8 })
    const chain = await createIn(world, keys, { engine })
    for (let i = 0; i < 4; i++) await chain.submit(put(`other${i}`, 'v'))
    const other = await chain.prove({})
    await chain.close()
    const { fault } = await audit(files, { fromProof: other })
    expect(fault).toMatchObject({ height: 3n })
    // Its seal stands in the file from which it is read, and is of another block than the proof's.
    expect(fault).toMatchObject({ check: 'seals', reason: 'the delegate did not sign this block' })
    const unsigned = encodeProof({ ...proof, block: { ...proof.block, timestamp: proof.block.timestamp + 1n } })
    expect((await audit(files, { fromProof: unsigned })).fault).toMatchObject({
      check: 'head',
      reason: 'the proof does not hold: seal: the delegate did not sign this block',
    })
  })

  it('the proof has to be one, and of this chain', async () => {
    expect((await audit(files, { fromProof: utf8('{}') })).fault?.reason).toMatch(/^the proof is malformed: /)
    const foreign = chainKeys('kv@1', new Random(77))
    const world = new World({ seed: 9 })
    const chain = await createIn(world, foreign, { engine })
    await chain.submit(put('a', 'b'))
    const proof = await chain.prove({})
    await chain.close()
    expect((await audit(files, { fromProof: proof })).fault).toMatchObject({ check: 'head', reason: /genesis/ })
  })
})
