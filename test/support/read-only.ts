/** What holds of a chain that is open for reading only, for tests that bring one into that state. */
import { expect } from 'vitest'
import type { Chain, ChainOptions } from '../../src/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { verifyProof } from '../../src/verify/index.ts'
import type { World } from '../simulation/world.ts'
import type { ChainKeys } from './chain-keys.ts'
import { errorOf, openTold, put } from './sim-chain.ts'

/** It is open for reading only, for this reason; it reads and proves up to this height, and takes nothing. */
export async function isReadOnly(
  world: World,
  keys: ChainKeys,
  code: string,
  height: bigint,
  other: Partial<ChainOptions> = {},
): Promise<void> {
  const { chain, told } = await openTold(world, keys, other)
  expect(chain.readOnly?.code).toBe(code)
  expect(told.filter(({ kind }) => kind === 'read-only')).toHaveLength(code === 'no_signer' ? 0 : 1)
  expect(chain.head?.height).toBe(height)
  const key = utf8(`k${height}`)
  expect(chain.get('state', key)).toEqual(utf8(`v${height}`))
  const proof = await chain.prove({ command: 0n, state: [utf8('k0')], absent: [utf8('none')] })
  expect(verifyProof(proof, { chainId: chain.id }).ok).toBe(true)
  const past = await chain.prove({ state: [utf8('k1')], height: 1n })
  expect(verifyProof(past, { chainId: chain.id }).ok).toBe(true)
  await refusesAll(chain, code)
  const heights: bigint[] = []
  for await (const { record } of chain.blocks()) heights.push(record.header.height)
  expect(heights.at(-1)).toBe(height)
  await chain.close()
}

export async function refusesAll(chain: Chain, code: string): Promise<void> {
  const command = put('k', 'v', { client: 'a', request: 99n })
  expect((await errorOf(chain.submit(command))).code).toBe(code)
  expect((await errorOf(chain.submitMany([command]))).code).toBe(code)
  expect((await errorOf(chain.operate(command))).code).toBe(code)
  expect((await errorOf(chain.flush())).code).toBe(code)
}
