/**
 * Hot keys at rest: keystores of Ethereum's "Web3 Secret Storage" version 3, so that other wallets read them and theirs are read here.
 *
 * Promise: no passphrase and no key is ever part of a message, and what is derived on the way is wiped. The key that comes back is the
 * caller's to wipe.
 */
import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'
import type { Rng } from '../ports/rng.ts'
import { concat, equal, toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { addressOf } from '../verify/signature.ts'
import { deriveKey, type Scrypt, wrongWithScrypt } from './key-derivation.ts'
import { keystoreInvalid, readKeystore, writeKeystore } from './keystore-file.ts'

export interface KeystoreOptions {
  readonly rng: Rng
  readonly engine: Engine
  /** How hard each guess at the passphrase is; 128 MiB and half a second where it is left out. */
  readonly scrypt?: { readonly n: number; readonly r: number; readonly p: number }
}

const CIPHER = 'aes-128-ctr'
const STANDARD = { n: 1 << 17, r: 8, p: 1 } as const
const KEY_BYTES = 32

/** A fresh hot key, and the address that the cold key delegates to. */
export function makeHotKey(
  rng: Rng,
  engine: Engine,
): { readonly privateKey: Uint8Array; readonly address: Uint8Array } {
  const privateKey = rng.bytes(KEY_BYTES)
  return { privateKey, address: demandAddress(privateKey, engine) }
}

/** The JSON of a keystore, for a file that only its owner reads. */
export async function encryptKeystore(
  privateKey: Uint8Array,
  passphrase: Uint8Array,
  { rng, engine, scrypt = STANDARD }: KeystoreOptions,
): Promise<string> {
  const address = demandAddress(privateKey, engine)
  const wrong = wrongWithScrypt(scrypt)
  if (wrong !== undefined) throw new CairnError('invalid_option', `The option scrypt is refused: ${wrong}.`, { wrong })
  const { n, r, p } = scrypt
  const derivation: Scrypt = { kdf: 'scrypt', n, r, p, salt: rng.bytes(32) }
  const iv = rng.bytes(16)
  const derived = await deriveKey(passphrase, derivation)
  try {
    const cipher = createCipheriv(CIPHER, derived.subarray(0, 16), iv)
    const ciphertext = concat(cipher.update(privateKey), cipher.final())
    const mac = macOf(derived, ciphertext, engine)
    return writeKeystore({ id: uuidOf(rng.bytes(16)), address, derivation, iv, ciphertext, mac })
  } finally {
    derived.fill(0)
  }
}

/** The private key: `passphrase_wrong` where it is another one, `keystore_invalid` where the text is not a keystore. */
export async function decryptKeystore(
  text: string | Uint8Array,
  passphrase: Uint8Array,
  engine: Engine,
): Promise<Uint8Array> {
  const { derivation, iv, ciphertext, mac, address } = readKeystore(text)
  const derived = await deriveKey(passphrase, derivation)
  try {
    if (!timingSafeEqual(macOf(derived, ciphertext, engine), mac)) throw passphraseWrong(address)
    const decipher = createDecipheriv(CIPHER, derived.subarray(0, 16), iv)
    const decrypted = decipher.update(ciphertext)
    const privateKey = Uint8Array.from(decrypted)
    decrypted.fill(0)
    const found = addressOfKey(privateKey, engine)
    if (found !== undefined && (address === undefined || equal(found, address))) return privateKey
    privateKey.fill(0)
    throw keystoreInvalid('the key in it is not the one of its address')
  } finally {
    derived.fill(0)
  }
}

/** Whose key a keystore says that it holds, without its passphrase. */
export function keystoreAddress(text: string | Uint8Array): Uint8Array | undefined {
  return readKeystore(text).address
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array, { hasher }: Engine): Uint8Array {
  const message = concat(derived.subarray(16, 32), ciphertext)
  const mac = hasher.hash(message)
  message.fill(0)
  return mac
}

/** Nothing where it is not the key of anything: zero, or beyond the order of the curve. */
function addressOfKey(privateKey: Uint8Array, engine: Engine): Uint8Array | undefined {
  try {
    return addressOf(engine.secp256k1.publicKey(privateKey), engine)
  } catch {
    // What it threw may name the key.
    return undefined
  }
}

function demandAddress(privateKey: Uint8Array, engine: Engine): Uint8Array {
  const address = privateKey.length === KEY_BYTES ? addressOfKey(privateKey, engine) : undefined
  if (address !== undefined) return address
  throw new CairnError('key_invalid', 'This is not a private key of secp256k1: give 32 bytes that are one.')
}

/** Version 4, random. */
function uuidOf(random: Uint8Array): string {
  random[6] = ((random[6] as number) & 0x0f) | 0x40
  random[8] = ((random[8] as number) & 0x3f) | 0x80
  return toHex(random).replace(/^0x(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function passphraseWrong(address: Uint8Array | undefined): CairnError {
  const whose = address === undefined ? '' : ` of ${toHex(address)}`
  return new CairnError(
    'passphrase_wrong',
    `The passphrase does not open the keystore${whose}: give the one that it was made with. If it is the right one, the file is damaged: bring back a copy.`,
    address === undefined ? {} : { address: toHex(address) },
  )
}
