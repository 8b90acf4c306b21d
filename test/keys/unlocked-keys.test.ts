/** Hot keys that are watched: what is imported takes effect once, in the right order, and what fails is told and offered again. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import type { HotKey } from '../../src/keys/hot-signer.ts'
import { KeysDirectory } from '../../src/keys/keys-directory.ts'
import { encryptKeystore } from '../../src/keys/keystore.ts'
import { UnlockedKeys } from '../../src/keys/unlocked-keys.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import type { Header, Revocation } from '../../src/verify/types.ts'
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

const HEADER: Header = {
  height: 0n,
  epoch: 1n,
  parentHash: new Uint8Array(32),
  commandsHash: new Uint8Array(32),
  batchRoot: new Uint8Array(32),
  commandCount: 1n,
  firstSeq: 0n,
  timestamp: CREATED_AT,
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

  it('publish what the chain knows and an older directory, put back, does not', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await grow(kept, 1n)
    await keys.look(takeUp)
    const ofChain = [takenBack(0n)]
    const taken = await keys.look(takeUp, ofChain)
    expect(taken.revocations).toEqual(ofChain)
    expect(await kept.revocations()).toEqual(ofChain)
    expect(indexes(keys)).toEqual([1n])
    expect((await keys.look(takeUp, ofChain)).revocations).toEqual([])
    // The chain has it: it is not given to it again.
    expect(offered).toEqual([{ revocations: [], published: [] }])
  })

  it('open a keystore that could not be read at first, as soon as it can', async () => {
    const { kept, keys } = await opened()
    const { takeUp } = chainOver(kept)
    await grow(kept, 1n)
    const path = join(kept.path, 'hot-1.keystore.json')
    const whole = readFileSync(path, 'utf8')
    const failing = (code: string) => expect(keys.look(takeUp)).rejects.toMatchObject({ code })
    // Copied there by hand: half of it has come, and then others could read it.
    writeFileSync(path, whole.slice(0, 100))
    await failing('keystore_invalid')
    // It is told once, and what else is new is not kept waiting.
    await grow(kept, 2n)
    expect((await keys.look(takeUp)).delegations.map(({ index }) => index)).toEqual([2n])
    writeFileSync(path, whole)
    chmodSync(path, 0o644)
    await failing('secret_exposed')
    expect((await keys.look(takeUp)).delegations).toEqual([])
    chmodSync(path, 0o600)
    expect((await keys.look(takeUp)).delegations.map(({ index }) => index)).toEqual([1n])
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

  it('publish again what a kill, or a sync that failed, left published and waiting', async () => {
    const { kept, keys } = await opened()
    await grow(kept, 1n)
    const revocation = takenBack(0n)
    await kept.publish(revocation)
    await kept.addRevocation(revocation)
    for (const each of [keys, await UnlockedKeys.open(kept, utf8('same'), engine)]) {
      const { offered, takeUp } = chainOver(kept)
      await kept.addRevocation(revocation)
      await each.look(takeUp)
      expect(offered).toEqual([{ revocations: [0n], published: [0n] }])
      expect(await kept.signedRevocations()).toEqual([])
      expect((await kept.revocations()).map(({ index }) => index)).toEqual([0n])
    }
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

  it('are those that the passphrase opens at a start, too: a rotation may have brought another one', async () => {
    const { kept } = await opened()
    await grow(kept, 1n, 'another')
    await kept.addRevocation(takenBack(0n))
    for (const [passphrase, open, locked] of [
      ['same', 0n, 1n],
      ['another', 1n, 0n],
    ] as const) {
      const keys = await UnlockedKeys.open(kept, utf8(passphrase), engine)
      expect([indexes(keys), keys.locked]).toEqual([[open], [locked]])
    }
    const wrong = utf8('wrong')
    expect((await refused(() => UnlockedKeys.open(kept, wrong, engine))).code).toBe('passphrase_wrong')
    expect(wrong.every((byte) => byte === 0)).toBe(true)
  })

  it('offer again what could not be published', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await grow(kept, 1n)
    await kept.addRevocation(takenBack(0n))
    const publish = kept.publish.bind(kept)
    kept.publish = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
    await expect(keys.look(takeUp)).rejects.toThrow('ENOSPC')
    expect(indexes(keys)).toEqual([1n])
    kept.publish = publish
    await keys.look(takeUp)
    expect((await kept.revocations()).map(({ index }) => index)).toEqual([0n])
    expect(offered.length).toBe(2)
  })

  it('seal with another key while the newest one is taken back', async () => {
    const { kept, keys } = await opened()
    await grow(kept, 1n)
    const { takeUp } = chainOver(kept)
    await keys.look(takeUp)
    await kept.addRevocation(takenBack(1n))
    let sealedWith: bigint | undefined
    await keys.look(async () => {
      const header = { ...HEADER, timestamp: CREATED_AT }
      sealedWith = (await keys.signer.seal(identity, header)).delegation.index
    })
    expect(sealedWith).toBe(0n)
  })

  it('that are looked at twice at a time take up each once', async () => {
    const { kept, keys } = await opened()
    const { offered, takeUp } = chainOver(kept)
    await grow(kept, 1n)
    await kept.addRevocation(takenBack(0n))
    await Promise.all([keys.look(takeUp), keys.look(takeUp), keys.look(takeUp)])
    expect(offered).toEqual([{ revocations: [0n], published: [] }])
  })

  it('wipe the passphrase and the keys when they are let go, and seal nothing more', async () => {
    const { kept } = await opened()
    const passphrase = utf8('same')
    const unlocked: HotKey[] = []
    const unlock = kept.unlock.bind(kept)
    kept.unlock = async (...given) => {
      const found = await unlock(...given)
      unlocked.push(...found)
      return found
    }
    const keys = await UnlockedKeys.open(kept, passphrase, engine)
    keys.forget()
    expect(unlocked.length).toBe(1)
    for (const secret of [passphrase, ...unlocked.map(({ privateKey }) => privateKey)]) {
      expect(secret.every((byte) => byte === 0)).toBe(true)
    }
    expect((await refused(() => keys.signer.seal(identity, HEADER))).code).toBe('delegation_needed')
  })

  it('forget what is still being opened when they are forgotten', async () => {
    const { kept, keys } = await opened()
    await grow(kept, 1n)
    const unlock = kept.unlock.bind(kept)
    const late: HotKey[] = []
    kept.unlock = async (...given) => {
      late.push(...(await unlock(...given)))
      // The passphrase has opened it by then.
      keys.forget()
      return late
    }
    const taken = await keys.look(async () => undefined)
    expect([late.length, taken.delegations, indexes(keys)]).toEqual([1, [], []])
    expect(late.every(({ privateKey }) => privateKey.every((byte) => byte === 0))).toBe(true)
  })
})
