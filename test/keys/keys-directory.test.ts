/** The keys directory of a chain in production: modes, names, what is never overwritten, and what a power cut leaves of it. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { hotSigner } from '../../src/keys/hot-signer.ts'
import { KeysDirectory } from '../../src/keys/keys-directory.ts'
import { encryptKeystore, makeHotKey } from '../../src/keys/keystore.ts'
import { modePrivacy, readSecret, writeSecret } from '../../src/keys/secret-file.ts'
import type { ColdRequest } from '../../src/keys/typed-data.ts'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'
import { blockHash, delegationDigest, isValidSeal, revocationDigest } from '../../src/verify/index.ts'
import type { Delegation, Revocation } from '../../src/verify/types.ts'
import { EIO, failAfter } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'
import { refused, textOf } from './refused.ts'

const engine = await loadEngine()
const rng = systemRng()
const random = new Random()
const passphrase = utf8('a passphrase')
const keys = chainKeys('kv@1', random)
const { identity, coldKey } = keys

const root = mkdtempSync(join(tmpdir(), 'cairn-keys-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const fresh = (): string => join(root, `${made++}`, 'data.keys')
const directory = (path = fresh()): KeysDirectory => new KeysDirectory(path, identity, { engine })
const simulated = (world: World): KeysDirectory =>
  new KeysDirectory('data.keys', identity, { engine, disk: world.disk, privacy: () => Promise.resolve() })

const FROM = 1_763_600_000_000n
const unsigned = (index: bigint, delegate: Uint8Array): Omit<Delegation, 'signature'> => ({
  delegate,
  index,
  validFrom: FROM,
  validUntil: FROM + 1_000_000n,
})
const sign = (digest: Uint8Array): Uint8Array => engine.secp256k1.sign(digest, coldKey)
const delegated = (index: bigint, delegate: Uint8Array): Delegation => {
  const members = unsigned(index, delegate)
  return { ...members, signature: sign(delegationDigest(identity, members, engine.hasher)) }
}
const revoked = (index: bigint, fromHeight = 5n): Revocation => {
  const members = { index, fromHeight, parentHash: random.bytes(32) }
  return { ...members, signature: sign(revocationDigest(identity, members, engine.hasher)) }
}
/** A keystore and its delegation, in the directory. */
async function grow(kept: KeysDirectory, index: bigint): Promise<{ privateKey: Uint8Array; delegation: Delegation }> {
  const { privateKey, address } = makeHotKey(rng, engine)
  await kept.addKeystore(
    index,
    await encryptKeystore(privateKey, passphrase, { rng, engine, scrypt: { n: 2, r: 1, p: 1 } }),
  )
  const delegation = delegated(index, address)
  await kept.addDelegation(delegation)
  return { privateKey, delegation }
}
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe(`a keys directory (CAIRN_SEED=${seed})`, () => {
  it('that is not there is empty', async () => {
    const kept = directory()
    const none = {
      keystores: [],
      delegations: [],
      pendingDelegations: [],
      pendingRevocations: [],
      signedRevocations: [],
    }
    expect(await kept.list()).toEqual(none)
    expect([await kept.nextIndex(), await kept.revocations(), await kept.unlock(passphrase)]).toEqual([0n, [], []])
    expect([await kept.keystore(0n), await kept.delegation(0n)]).toEqual([undefined, undefined])
    expect(await kept.pending('delegation', 0n)).toBeUndefined()
  })

  it('gives what a signer needs, and the signer seals', async () => {
    const kept = directory()
    const grown = [await grow(kept, 0n), await grow(kept, 1n), await grow(kept, 10n)]
    const hotKeys = await kept.unlock(passphrase)
    expect(hotKeys).toEqual(grown)
    const maker = new ChainMaker(random)
    const { header } = maker.block([{}], { timestamp: FROM + 5n })
    const seal = await hotSigner(hotKeys, engine).seal(identity, header)
    expect(seal.delegation.index).toBe(10n)
    const block = { blockHash: blockHash(identity, header, engine.hasher), timestamp: header.timestamp }
    expect(isValidSeal(identity, block, seal, engine)).toBe(true)
    expect((await kept.unlock(passphrase, ({ index }) => index < 10n)).length).toBe(2)
    // What was taken back seals nothing, and a delegation without a keystore is somebody else's to use.
    await kept.publish(revoked(10n))
    await kept.addDelegation(delegated(11n, random.bytes(20)))
    expect(await kept.unlock(passphrase)).toEqual(grown.slice(0, 2))
    expect(await kept.nextIndex()).toBe(12n)
    const error = await refused(() => kept.unlock(utf8('another')))
    expect(error.code).toBe('passphrase_wrong')
  })

  it('is 0700 and all in it 0600', async () => {
    const kept = directory()
    const { delegation } = await grow(kept, 0n)
    await kept.publish(revoked(0n))
    await kept.addPending({ k: 'delegation', ...unsigned(1n, delegation.delegate) })
    expect(modeOf(kept.path)).toBe('700')
    const names = readdirSync(kept.path).filter((name) => name !== 'lock')
    expect(names).toEqual([
      'delegation-0.json',
      'hot-0.keystore.json',
      'pending-delegation-1.typed-data.json',
      'revocations.json',
    ])
    for (const name of names) expect([name, modeOf(join(kept.path, name))]).toEqual([name, '600'])
  })

  it('that others may enter, or a keystore that others may read, is secret_exposed', async () => {
    const kept = directory()
    await grow(kept, 0n)
    const file = join(kept.path, 'hot-0.keystore.json')
    for (const [path, mode, right] of [
      [kept.path, 0o755, 'chmod 700'],
      [kept.path, 0o710, 'chmod 700'],
      [file, 0o644, 'chmod 600'],
      [file, 0o620, 'chmod 600'],
    ] as const) {
      const before = statSync(path).mode
      chmodSync(path, mode)
      const error = await refused(() => kept.unlock(passphrase))
      expect(error).toMatchObject({ code: 'secret_exposed', details: { path } })
      expect(error.message).toContain(right)
      chmodSync(path, before)
    }
    expect((await kept.unlock(passphrase)).length).toBe(1)
  })

  it('that others may enter takes no secret', async () => {
    const kept = directory()
    mkdirSync(kept.path, { recursive: true })
    chmodSync(kept.path, 0o755)
    expect((await refused(() => grow(kept, 0n))).code).toBe('secret_exposed')
    expect(readdirSync(kept.path).filter((name) => name !== 'lock')).toEqual([])
  })

  it('takes nothing in the place of another, and the same again', async () => {
    const kept = directory()
    const { delegation } = await grow(kept, 0n)
    const text = (await kept.keystore(0n)) as string
    await kept.addKeystore(0n, text)
    await kept.addDelegation(delegation)
    const other = (await kept.keystore(0n))?.replace(/"mac": "./, (mac) =>
      mac.endsWith('0') ? '"mac": "1' : '"mac": "0',
    ) as string
    const request: ColdRequest = { k: 'delegation', ...unsigned(1n, delegation.delegate) }
    await kept.addPending(request)
    await kept.addPending(request)
    for (const attempt of [
      () => kept.addKeystore(0n, `${other} `),
      () => kept.addDelegation(delegated(0n, random.bytes(20))),
      () => kept.addPending({ ...request, validUntil: FROM }),
    ]) {
      const error = await refused(attempt)
      expect(error.code).toBe('key_exists')
      expect(textOf(error)).not.toContain(other.slice(100, 140))
    }
    expect(await kept.keystore(0n)).toBe(text)
    expect(await kept.delegation(0n)).toEqual(delegation)
    expect((await refused(() => kept.addKeystore(1n, '{}'))).code).toBe('keystore_invalid')
  })

  it('keeps a request until its signature is imported', async () => {
    const kept = directory()
    const requests: readonly ColdRequest[] = [
      { k: 'delegation', ...unsigned(3n, random.bytes(20)) },
      { k: 'revocation', index: 3n, fromHeight: 8n, parentHash: random.bytes(32) },
    ]
    for (const request of requests) {
      const path = await kept.addPending(request)
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ message: { chain: 'test', index: '3' } })
      expect(await kept.pending(request.k, 3n)).toEqual(request)
    }
    expect(await kept.list()).toMatchObject({ pendingDelegations: [3n], pendingRevocations: [3n] })
    for (const request of requests) {
      const wrong = await refused(() => kept.importSignature(request.k, 3n, `0x${'11'.repeat(64)}1b`))
      expect(['wrong_signer', 'signature_invalid']).toContain(wrong.code)
      const digest =
        request.k === 'delegation'
          ? delegationDigest(identity, request, engine.hasher)
          : revocationDigest(identity, request, engine.hasher)
      const authority = await kept.importSignature(request.k, 3n, toHex(sign(digest)))
      expect(authority).toEqual({ ...request, signature: sign(digest) })
      expect((await refused(() => kept.importSignature(request.k, 3n, toHex(sign(digest))))).code).toBe(
        'nothing_pending',
      )
    }
    expect(await kept.list()).toMatchObject({ delegations: [3n], pendingDelegations: [], pendingRevocations: [] })
    // What was signed waits until the chain has taken it up; then everybody may know.
    expect(await kept.revocations()).toEqual([])
    const [signed] = await kept.signedRevocations()
    expect(signed?.index).toBe(3n)
    expect(await kept.nextIndex()).toBe(4n)
    await kept.publish(signed as Revocation)
    expect([await kept.revocations(), await kept.signedRevocations()]).toEqual([[signed], []])
  })

  it('refuses what the cold key did not sign, and what lies under another name', async () => {
    const kept = directory()
    const foreign = { ...delegated(0n, random.bytes(20)), validUntil: FROM + 1n }
    expect((await refused(() => kept.addDelegation(foreign))).code).toBe('keys_invalid')
    const changed = { ...revoked(0n), fromHeight: 6n }
    expect((await refused(() => kept.addRevocation(changed))).code).toBe('keys_invalid')
    expect((await refused(() => kept.publish(changed))).code).toBe('keys_invalid')
    const { delegation } = await grow(kept, 0n)
    const text = readFileSync(join(kept.path, 'delegation-0.json'), 'utf8')
    for (const [name, content] of [
      ['delegation-1.json', text],
      ['delegation-1.json', text.replace(toHex(delegation.delegate), toHex(random.bytes(20)))],
      ['delegation-1.json', `${text}{}`],
      ['delegation-1.json', ''],
      ['revocations.json', '[{}]'],
      ['revocations.json', `[${' '.repeat(1 << 20)}]`],
    ] as const) {
      writeFileSync(join(kept.path, name), content, { mode: 0o600 })
      expect(['keys_invalid', 'over_limit']).toContain((await refused(() => kept.unlock(passphrase))).code)
      rmSync(join(kept.path, name))
    }
    await kept.addPending({ k: 'delegation', ...unsigned(5n, random.bytes(20)) })
    const pending = readFileSync(join(kept.path, 'pending-delegation-5.typed-data.json'))
    writeFileSync(join(kept.path, 'pending-delegation-6.typed-data.json'), pending, { mode: 0o600 })
    expect((await refused(() => kept.pending('delegation', 6n))).code).toBe('keys_invalid')
  })

  it('leaves other files alone', async () => {
    const kept = directory()
    mkdirSync(kept.path, { recursive: true, mode: 0o700 })
    for (const name of [
      'guard',
      'hot-01.keystore.json',
      'hot-99999999999999999999.keystore.json',
      'delegation-1.json.tmp',
    ])
      writeFileSync(join(kept.path, name), '')
    expect(await kept.list()).toMatchObject({ keystores: [], delegations: [] })
    expect(await kept.nextIndex()).toBe(0n)
  })

  it('keeps all revocations that are added at once, each once', async () => {
    const kept = directory()
    const all = Array.from({ length: 5 }, (_, index) => revoked(BigInt(index)))
    for (const each of all) await kept.publish(each)
    await kept.publish(all[2] as Revocation)
    expect(await kept.revocations()).toEqual(all)
    // Some at the same moment: one waits for the other, and nothing is lost.
    const more = [5n, 6n, 7n].map((index) => revoked(index))
    await Promise.all(more.map((each) => kept.publish(each)))
    expect(new Set((await kept.revocations()).map(({ index }) => index))).toEqual(
      new Set([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]),
    )
  })

  it('has nothing of a file that another process takes away while it is looked for', async () => {
    const path = fresh()
    await directory(path).addRevocation(revoked(3n))
    const disk = {
      ...nodeDisk,
      open: async (name: string, how: 'read' | 'write' | 'create') => {
        if (how === 'read' && name.endsWith('signed-revocation-3.json')) rmSync(name, { force: true })
        return nodeDisk.open(name, how)
      },
    }
    expect(await new KeysDirectory(path, identity, { engine, disk }).signedRevocations()).toEqual([])
  })

  it('loses nothing that it was given again after a sync of it had failed', async () => {
    const text = await encryptKeystore(random.bytes(32), passphrase, { rng, engine, scrypt: { n: 2, r: 1, p: 1 } })
    const request: ColdRequest = { k: 'delegation', ...unsigned(1n, random.bytes(20)) }
    const delegation = delegated(0n, random.bytes(20))
    const taken = revoked(0n)
    const steps: Record<
      string,
      [(kept: KeysDirectory) => Promise<unknown>, (kept: KeysDirectory) => Promise<unknown>]
    > = {
      keystore: [(kept) => kept.addKeystore(0n, text), (kept) => kept.keystore(0n)],
      request: [(kept) => kept.addPending(request), (kept) => kept.pending('delegation', 1n)],
      delegation: [(kept) => kept.addDelegation(delegation), (kept) => kept.delegation(0n)],
      'signed revocation': [(kept) => kept.addRevocation(taken), async (kept) => (await kept.signedRevocations())[0]],
      'published revocation': [(kept) => kept.publish(taken), async (kept) => (await kept.revocations())[0]],
    }
    for (const [name, [add, found]] of Object.entries(steps)) {
      for (let round = 0; round < 12; round++) {
        let world = new World({ seed: round })
        if (name === 'published revocation') await simulated(world).addRevocation(taken)
        failAfter(world, /^rename/, 'syncDirectory', /data\.keys$/)
        await expect(add(simulated(world))).rejects.toBe(EIO)
        world = world.restart(random)
        await add(simulated(world))
        expect(await found(simulated(world.crash(random))), name).toBeDefined()
      }
    }
  })

  it('loses nothing that a call came back for, wherever a power cut comes', async () => {
    const text = await encryptKeystore(random.bytes(32), passphrase, { rng, engine, scrypt: { n: 2, r: 1, p: 1 } })
    const delegation = delegated(0n, random.bytes(20))
    const taken = revoked(0n)
    for (let at = 1; ; at++) {
      const world = new World()
      world.crashAfter = at
      const done: ('keystore' | 'pending' | 'delegation' | 'revocation')[] = []
      const kept = simulated(world)
      const life = (async () => {
        await kept.addKeystore(0n, text)
        done.push('keystore')
        await kept.addPending({ k: 'delegation', ...unsigned(0n, delegation.delegate) })
        done.push('pending')
        await kept.addDelegation(delegation)
        done.push('delegation')
        await kept.publish(taken)
        done.push('revocation')
      })()
      await Promise.race([life, world.died])
      const next = simulated(world.crash(random))
      const [keystore, pending] = [await next.keystore(0n), await next.pending('delegation', 0n)]
      const [after, revocations] = [await next.delegation(0n), await next.revocations()]
      expect([undefined, text]).toContain(keystore)
      const lost = {
        keystore: keystore !== text,
        pending: pending === undefined && after === undefined,
        delegation: !isDeepStrictEqual([after, pending], [delegation, undefined]),
        revocation: !isDeepStrictEqual(revocations, [taken]),
      }
      expect(done.filter((step) => lost[step])).toEqual([])
      if (done.length === 4) return
    }
  })
})

describe('a secret file', () => {
  it('is written 0600, whatever was there before, and read back where its mode is right', async () => {
    const path = fresh()
    await writeSecret(nodeDisk, path, 'secret', utf8('one'))
    await writeSecret(nodeDisk, path, 'secret', utf8('two'))
    expect([modeOf(path), modeOf(join(path, 'secret'))]).toEqual(['700', '600'])
    expect(await readSecret(nodeDisk, path, 'secret', 10)).toEqual(utf8('two'))
    expect(await readSecret(nodeDisk, path, 'other', 10)).toBeUndefined()
    expect((await refused(() => readSecret(nodeDisk, path, 'secret', 2))).code).toBe('over_limit')
    await modePrivacy(join(path, 'nothing'))
    chmodSync(join(path, 'secret'), 0o604)
    expect((await refused(() => readSecret(nodeDisk, path, 'secret', 10))).code).toBe('secret_exposed')
  })
})
