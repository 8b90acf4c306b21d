/** Two proofs of strangers, compared: how much is asked of what they claim. */
import { expect, it, vi } from 'vitest'
import { compareProofs } from '../../src/cli/compare-proofs.ts'
import { type Claim, decodeProof, nobleEngine, type Proof } from '../../src/verify/index.ts'
import { bytesOf, readVectors } from '../vectors/read.ts'

interface Vectors {
  readonly chainId: string
  readonly cases: readonly { readonly name: string; readonly proof: object }[]
}

const { chainId, cases } = readVectors<Vectors>('proofs')
const proof = decodeProof(JSON.stringify(cases.find(({ name }) => name === 'valid')?.proof))

/** It names ancestors that it does not have. */
function hostile(byte: number): Proof {
  const claimed = (_: unknown, i: number): Claim => {
    return { kind: 'block', height: 0n, blockHash: new Uint8Array(32).fill(byte).fill(i, 0, 1), path: [] }
  }
  return { ...proof, claims: Array.from({ length: 32 }, claimed) }
}

it('each side is judged once by itself, not with each of the other', () => {
  const recover = vi.spyOn(nobleEngine.secp256k1, 'recover')
  const found = compareProofs(hostile(1), hostile(2), bytesOf(chainId))
  expect(found).toMatchObject({ verification: { ok: false } })
  // Two signatures a side, and both sides of the pair that is handed out.
  expect(recover.mock.calls.length).toBeLessThanOrEqual(4 * (2 * 33 + 1))
  recover.mockRestore()
})
