/**
 * The keys directory of a chain in production, which lies beside the data and never in it:
 *
 *     hot-<index>.keystore.json                       a hot key, encrypted
 *     delegation-<index>.json                         the cold key's word for it
 *     signed-revocation-<index>.json                  what the cold key took back, until the chain is sealed with another key
 *     revocations.json                                all that was taken back: for everybody to know
 *     pending-delegation-<index>.typed-data.json      what the cold key is asked to sign, until it has
 *     pending-revocation-<index>.typed-data.json
 *
 * Promise: each file is there for good when the call comes back, 0600 in a directory 0700; wrong modes are refused; no keystore and no
 * delegation ever takes the place of another. What is read was signed by the chain's cold key, or is refused.
 */

import type { Disk } from '../ports/disk.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { REVOCATIONS_FILE_MAX } from '../verify/bounds.ts'
import { equal, toHex, utf8 } from '../verify/bytes.ts'
import { type Codec, json, native } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { readJson } from '../verify/json.ts'
import type { Authority } from '../verify/records.ts'
import { isDelegatedByColdKey, isRevokedByColdKey } from '../verify/seal.ts'
import type { Delegation, Revocation } from '../verify/types.ts'
import { alone } from './alone.ts'
import { importSignature } from './cold-signature.ts'
import type { HotKey } from './hot-signer.ts'
import { decryptKeystore } from './keystore.ts'
import { KEYSTORE_BYTES_MAX, readKeystore } from './keystore-file.ts'
import { modePrivacy, type Privacy, readSecret, writeSecret } from './secret-file.ts'
import { type ColdRequest, readTypedData, typedDataOf } from './typed-data.ts'

export interface KeysListing {
  /** The indexes of the keystores, the delegations and the requests that are not signed yet, each ascending. */
  readonly keystores: readonly bigint[]
  readonly delegations: readonly bigint[]
  readonly pendingDelegations: readonly bigint[]
  readonly pendingRevocations: readonly bigint[]
  readonly signedRevocations: readonly bigint[]
}

export interface KeysDirectoryOptions {
  readonly engine: Engine
  /** The outside, for simulations. */
  readonly disk?: Disk
  readonly privacy?: Privacy
}

const SMALL_BYTES_MAX = 4096
/** A revocation takes 300 bytes as JSON. */
const REVOCATIONS_BYTES_MAX: number = REVOCATIONS_FILE_MAX * 512
const REVOCATIONS_FILE = 'revocations.json'
const INDEX = '(0|[1-9][0-9]{0,19})'
const U64_END = 1n << 64n

const keystoreName = (index: bigint): string => `hot-${index}.keystore.json`
const delegationName = (index: bigint): string => `delegation-${index}.json`
const signedName = (index: bigint): string => `signed-revocation-${index}.json`
const pendingName = (k: ColdRequest['k'], index: bigint): string => `pending-${k}-${index}.typed-data.json`

export class KeysDirectory {
  readonly path: string
  private readonly identity: Identity
  private readonly engine: Engine
  private readonly disk: Disk
  private readonly privacy: Privacy

  constructor(path: string, identity: Identity, options: KeysDirectoryOptions) {
    this.path = path
    this.identity = identity
    this.engine = options.engine
    this.disk = options.disk ?? nodeDisk
    this.privacy = options.privacy ?? modePrivacy
  }

  async list(): Promise<KeysListing> {
    const names = await this.disk.list(this.path)
    const indexes = (before: string, after: string): readonly bigint[] => {
      const form = new RegExp(`^${before}-${INDEX}\\.${after}$`)
      const found = names.flatMap((name) => form.exec(name)?.[1] ?? []).map(BigInt)
      return found.filter((index) => index < U64_END).sort((a, b) => (a < b ? -1 : 1))
    }
    return {
      keystores: indexes('hot', 'keystore\\.json'),
      delegations: indexes('delegation', 'json'),
      pendingDelegations: indexes('pending-delegation', 'typed-data\\.json'),
      pendingRevocations: indexes('pending-revocation', 'typed-data\\.json'),
      signedRevocations: indexes('signed-revocation', 'json'),
    }
  }

  /** One that names nothing yet, of a key, a delegation, a request or a revocation. */
  async nextIndex(): Promise<bigint> {
    const revoked = (await this.revocations()).map(({ index }) => index)
    const listed: Readonly<Record<string, readonly bigint[]>> = { ...(await this.list()) }
    const taken = [...Object.values(listed).flat(), ...revoked]
    return taken.reduce((next, index) => (index >= next ? index + 1n : next), 0n)
  }

  /** Keeps a keystore, which is checked to be one; `key_exists` where the index has another. */
  async addKeystore(index: bigint, text: string): Promise<void> {
    readKeystore(text)
    await this.add(keystoreName(index), text)
  }

  /** The text of a keystore, or nothing where there is none. */
  async keystore(index: bigint): Promise<string | undefined> {
    const bytes = await this.read(keystoreName(index), KEYSTORE_BYTES_MAX)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  /** All delegations, in the order of their indexes. */
  async delegations(): Promise<readonly Delegation[]> {
    const { delegations } = await this.list()
    const read = await Promise.all(delegations.map((index) => this.delegation(index)))
    return read.filter((delegation) => delegation !== undefined)
  }

  async delegation(index: bigint): Promise<Delegation | undefined> {
    const name = delegationName(index)
    const delegation = await this.decode(name, SMALL_BYTES_MAX, codecs.delegation)
    if (delegation === undefined) return undefined
    if (delegation.index !== index) throw this.invalid(name, `it is of index ${delegation.index}`)
    this.demandDelegated(name, delegation)
    return delegation
  }

  /** Keeps a delegation, and takes away the request for it; `key_exists` where the index has another. */
  async addDelegation(delegation: Delegation): Promise<void> {
    const name = delegationName(delegation.index)
    this.demandDelegated(name, delegation)
    await this.add(name, encoded(codecs.delegation, delegation))
    await this.remove(pendingName('delegation', delegation.index))
  }

  /** `key_exists` where the index names a delegation already: the cold key must not be asked for another one under it. */
  async demandUnnamed(index: bigint): Promise<void> {
    const { delegations } = await this.list()
    const revocations = [...(await this.signedRevocations()), ...(await this.revocations())]
    const isNamed = delegations.includes(index) || revocations.some((each) => each.index === index)
    if (!isNamed) return
    const message = `The index ${index} names a delegation already, and one only, for ever: take another one.`
    throw new CairnError('key_exists', message, { index })
  }

  /** What is published. */
  async revocations(): Promise<readonly Revocation[]> {
    const revocations = (await this.decode(REVOCATIONS_FILE, REVOCATIONS_BYTES_MAX, codecs.revocations)) ?? []
    for (const revocation of revocations) this.demandRevoked(REVOCATIONS_FILE, revocation)
    return revocations
  }

  /** What the cold key signed and nobody has published yet. */
  async signedRevocations(): Promise<readonly Revocation[]> {
    const { signedRevocations } = await this.list()
    const read = await Promise.all(
      signedRevocations.map(async (index) => {
        const revocation = await this.decode(signedName(index), SMALL_BYTES_MAX, codecs.revocation)
        if (revocation !== undefined) this.demandRevoked(signedName(index), revocation)
        return revocation
      }),
    )
    return read.filter((revocation) => revocation !== undefined)
  }

  /** Keeps a revocation until it is published, and takes away the request for it; `key_exists` where the index has another that waits. */
  async addRevocation(revocation: Revocation): Promise<void> {
    const name = signedName(revocation.index)
    this.demandRevoked(name, revocation)
    await this.add(name, encoded(codecs.revocation, revocation))
    await this.remove(pendingName('revocation', revocation.index))
  }

  /** For everybody to know, from now on. A crash in between leaves it in both places: it is published again. */
  async publish(revocation: Revocation): Promise<void> {
    this.demandRevoked(REVOCATIONS_FILE, revocation)
    const text = encoded(codecs.revocation, revocation)
    await this.alone(async () => {
      const before = await this.revocations()
      // Then it is written again, too, as in `add`.
      const isKnown = before.some((each) => encoded(codecs.revocation, each) === text)
      await this.write(REVOCATIONS_FILE, encoded(codecs.revocations, isKnown ? before : [...before, revocation]))
    })
    await this.remove(signedName(revocation.index))
  }

  /**
   * Writes what the cold key is asked to sign; gives the path of the file, for whoever carries it there. `key_exists` where the index has
   * another request: somebody may be signing it.
   */
  async addPending(request: ColdRequest): Promise<string> {
    const name = pendingName(request.k, request.index)
    const text = `${JSON.stringify(typedDataOf(this.identity, request), undefined, 2)}\n`
    await this.add(name, text)
    return `${this.path}/${name}`
  }

  /** What the cold key was asked for under this index, or nothing. */
  async pending(k: ColdRequest['k'], index: bigint): Promise<ColdRequest | undefined> {
    const name = pendingName(k, index)
    const bytes = await this.read(name, SMALL_BYTES_MAX)
    if (bytes === undefined) return undefined
    const request = attempt(() => readTypedData(this.identity, bytes))
    if (request instanceof CairnError) throw this.invalid(name, request.message)
    if (request.k === k && request.index === index) return request
    throw this.invalid(name, `it is the ${request.k} of index ${request.index}`)
  }

  /** The cold key’s signature on what it was asked for: checked, kept for good, and the request taken away. */
  async importSignature(k: ColdRequest['k'], index: bigint, signature: string): Promise<Authority> {
    const request = await this.pending(k, index)
    if (request === undefined) {
      const message = `Nothing is asked of the cold key under ${k} ${index}: ${this.path} has no ${pendingName(k, index)}.`
      throw new CairnError('nothing_pending', message, { k, index })
    }
    const authority = importSignature(this.identity, request, signature, this.engine)
    const { k: kind, ...members } = authority
    await (kind === 'delegation'
      ? this.addDelegation(members as Delegation)
      : this.addRevocation(members as Revocation))
    return authority
  }

  /**
   * The hot keys for `hotSigner`: those with a keystore, a delegation and no revocation, of the delegations that are wanted, in the order of
   * their indexes. Each takes as long as its keystore is strong.
   */
  async unlock(
    passphrase: Uint8Array,
    wanted: (delegation: Delegation) => boolean = () => true,
  ): Promise<readonly HotKey[]> {
    const revoked = new Set((await this.revocations()).map(({ index }) => index))
    const usable = (await this.delegations()).filter((each) => !revoked.has(each.index) && wanted(each))
    const keys: HotKey[] = []
    try {
      for (const delegation of usable) {
        const text = await this.keystore(delegation.index)
        // One after the other: two keystores at a time would take twice the memory.
        if (text !== undefined)
          keys.push({ privateKey: await decryptKeystore(text, passphrase, this.engine), delegation })
      }
    } catch (error) {
      for (const { privateKey } of keys) privateKey.fill(0)
      throw error
    }
    return keys
  }

  private demandDelegated(name: string, delegation: Delegation): void {
    if (isDelegatedByColdKey(this.identity, delegation, this.engine)) return
    throw this.invalid(name, `the cold key of the chain ${toHex(this.identity.chainId)} did not sign it`)
  }

  private demandRevoked(name: string, revocation: Revocation): void {
    if (isRevokedByColdKey(this.identity, revocation, this.engine)) return
    throw this.invalid(name, `the cold key did not sign the revocation of index ${revocation.index}`)
  }

  private async decode<T>(name: string, max: number, codec: Codec<T>): Promise<T | undefined> {
    const bytes = await this.read(name, max)
    if (bytes === undefined) return undefined
    const decoded = attempt(() => codec.decode(readJson(bytes), json))
    if (decoded instanceof CairnError) throw this.invalid(name, decoded.message)
    return decoded
  }

  private read(name: string, max: number): Promise<Uint8Array | undefined> {
    return readSecret(this.disk, this.path, name, max, this.privacy)
  }

  private write(name: string, text: string): Promise<void> {
    return writeSecret(this.disk, this.path, name, utf8(text), this.privacy)
  }

  /** Written once and never another. The same again is written again: it is seen, and is gone with the next power cut where a sync of it failed. */
  private async add(name: string, text: string): Promise<void> {
    await this.alone(async () => {
      const before = await this.read(name, KEYSTORE_BYTES_MAX)
      if (before !== undefined && !equal(before, utf8(text))) {
        const message = `${this.path}/${name} is there, and nothing takes its place: take another index, or move the file away.`
        throw new CairnError('key_exists', message, { file: name })
      }
      await this.write(name, text)
    })
  }

  private async remove(name: string): Promise<void> {
    if (!(await this.disk.list(this.path)).includes(name)) return
    await this.disk.unlink(`${this.path}/${name}`)
    await this.disk.syncDirectory(this.path)
  }

  private alone<T>(act: () => Promise<T>): Promise<T> {
    return alone(this.disk, `${this.path}/lock`, `the keys in ${this.path}`, act)
  }

  private invalid(file: string, why: string): CairnError {
    const message = `${this.path}/${file} is not what this chain’s keys directory holds (${why}): bring back a copy, or move it away.`
    return new CairnError('keys_invalid', message, { file, why })
  }
}

/** Decoded as a reader would, so that nothing is written that it refuses. */
function encoded<T>(codec: Codec<T>, value: T): string {
  return `${JSON.stringify(codec.encode(codec.decode(value, native), json), undefined, 2)}\n`
}
