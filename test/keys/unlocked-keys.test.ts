/** Hot keys that are watched: what is imported takes effect once, in the right order, and what fails is told and offered again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { KeysDirectory } from '../../src/keys/keys-directory.ts'
import { encryptKeystore } from '../../src/keys/keystore.ts'
import { UnlockedKeys } from '../../src/keys/unlocked-keys.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import type { Revocation } from '../../src/verify/types.ts'
import { CREATED_AT, chainKeys, delegate, revoke } from '../support/chain-keys.ts'
import { Random, seed } from '../support/seed.ts'
import { refused } from './refused.ts'

const engine = await loadEngine()
const random = new Random()
const { identity, coldKey } = chainKeys('kv@1', random)
const root = mkdtempSync(join(tmpdir(), 'cairn-unlocked-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const scrypt = { n: 2, r: 1, p: 1 }

async function grow(kept: KeysDirectory, index: bigint, passphrase = 'same'): Promise<void> {
  const privateKey = random.bytes(32)
  await kept.addKeystore(
    index,
    await encryptKeystore(privateKey, utf8(passphrase), { rng: systemRng(), engine, scrypt }),
  )
  await kept.addDelegation(delegate(identity, coldKey, privateKey, index, [CREATED_AT, CREATED_AT + 1n], engine))
}

async function opened(): Promise<{ readonly kept: KeysDirectory; readonly keys: UnlockedKeys }> {
  const kept = new KeysDirectory(join(root, `${made++}`), identity, { engine })
  await grow(kept, 0n)
  return { kept, keys: await UnlockedKeys.open(kept, utf8('same'), engine) }
}

const takenBack = (index: bigint): Revocation =>
  revoke(identity, coldKey, index, { height: 3n, parent: random.bytes(32) }, engine)
const indexes = ({ signer }: UnlockedKeys): readonly bigint[] => signer.delegations.map(({ index }) => index)

/** A chain that says what it was offered, and what was published by then. */
function chainOver(kept: KeysDirectory) {
  const offered: { readonly revocations: readonly bigint[]; readonly published: readonly bigint[] }[] = []
  const takeUp = async (revocations: readonly Revocation[]): Promise<void> => {
    const published = (await kept.revocations()).map(({ index }) => index)
    offered.push({ revocations: revocations.map(({ index }) => index), published })
  }
  return { offered, takeUp }
}

describe(`unlocked keys (CAIRN_SEED=${seed})`, () => {
  it('offer what is new once, and publish only what the chain took up', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await keys.look(takeUp)
    expect(offered).toEqual([])
    await grow(kept, 1n)
    await kept.addRevocation(takenBack(0n))
    const taken = await keys.look(takeUp)
    expect(taken.delegations.map(({ index }) => index)).toEqual([1n])
    expect(offered).toEqual([{ revocations: [0n], published: [] }])
    expect((await kept.revocations()).map(({ index }) => index)).toEqual([0n])
    expect(indexes(keys)).toEqual([1n])
    await keys.look(takeUp)
    expect(offered.length).toBe(1)
  })

  it('offer again what the chain refused, and publish nothing of it', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await grow(kept, 1n)
    await kept.addRevocation(takenBack(0n))
    await expect(keys.look(() => Promise.reject(new Error('not now')))).rejects.toThrow('not now')
    expect([await kept.revocations(), indexes(keys)]).toEqual([[], [0n, 1n]])
    const taken = await keys.look(takeUp)
    expect(taken.delegations.map(({ index }) => index)).toEqual([1n])
    expect(offered).toEqual([{ revocations: [0n], published: [] }])
  })

  it('bring into the chain what was published past it', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await grow(kept, 1n)
    await kept.publish(takenBack(0n))
    await keys.look(takeUp)
    expect(offered).toEqual([{ revocations: [0n], published: [0n] }])
    expect(indexes(keys)).toEqual([1n])
    const again = await UnlockedKeys.open(kept, utf8('same'), engine)
    await again.look(takeUp)
    expect(offered.length).toBe(1)
  })

  it('that another passphrase opens are told once, and the others go on', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await grow(kept, 1n, 'another')
    await grow(kept, 2n)
    expect((await refused(() => keys.look(takeUp))).code).toBe('passphrase_wrong')
    await keys.look(takeUp)
    expect(indexes(keys)).toEqual([0n, 2n])
    expect(offered.length).toBe(1)
    await keys.look(takeUp)
    expect(offered.length).toBe(1)
  })

  it('wipe the passphrase when they are let go', async () => {
    const { kept } = await opened()
    const passphrase = utf8('same')
    const keys = await UnlockedKeys.open(kept, passphrase, engine)
    keys.forget()
    expect(passphrase.every((byte) => byte === 0)).toBe(true)
  })
})
