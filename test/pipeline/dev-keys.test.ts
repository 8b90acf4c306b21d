/** Development keys as the producer meets them: kept in a file, refused where they are damaged or those of another chain. */
import { expect, it } from 'vitest'
import {
  DEV_KEYS_FILE,
  devSigner,
  makeDevKeys,
  readDevKeys,
  takeUpDevKeys,
  writeDevKeys,
} from '../../src/keys/dev-keys.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { identify, nobleEngine } from '../../src/verify/index.ts'
import { EIO } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { errorOf, replaceFile } from '../support/sim-chain.ts'

it('are read as they were written; keys_invalid where they are damaged, keys_mismatch for another chain', async () => {
  const world = new World()
  const keys = makeDevKeys({ name: 'dev', machine: 'kv@1', createdAt: 1n }, world.rng, nobleEngine)
  expect(await readDevKeys(world.disk, 'keys')).toBeUndefined()
  await writeDevKeys(world.disk, 'keys', keys)
  expect(await readDevKeys(world.disk, 'keys')).toMatchObject(keys)
  const signer = devSigner(keys, identify(keys.genesis, nobleEngine.hasher), nobleEngine)
  expect(signer.delegations).toEqual([keys.delegation])
  const other = async (): Promise<unknown> => devSigner(keys, chainKeys().identity, nobleEngine)
  expect((await errorOf(other)).code).toBe('keys_mismatch')
  await replaceFile(world, `keys/${DEV_KEYS_FILE}`, utf8('{}'))
  const error = await errorOf(() => readDevKeys(world.disk, 'keys'))
  expect(error.code).toBe('keys_invalid')
  expect(error.message).not.toContain(Buffer.from(keys.coldKey).toString('hex'))
})

it('of an earlier process are there for good before a chain is made with them, though a sync of them failed', async () => {
  for (let round = 0; round < 12; round++) {
    let world = new World({ seed: round })
    const keys = makeDevKeys({ name: 'dev', machine: 'kv@1', createdAt: 1n }, world.rng, nobleEngine)
    world.failNext('syncDirectory', EIO, /keys$/)
    await expect(writeDevKeys(world.disk, 'keys', keys)).rejects.toBe(EIO)
    world = world.restart()
    expect(await takeUpDevKeys(world.disk, 'keys')).toMatchObject(keys)
    world = world.crash()
    expect(await readDevKeys(world.disk, 'keys')).toMatchObject(keys)
  }
})
