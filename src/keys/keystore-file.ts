/**
 * The text of a keystore, version 3 of Ethereum's "Web3 Secret Storage", read and written. Other wallets write upper and lower case, `Crypto` for
 * `crypto`, and members of their own beside it: these are let through. Inside `crypto` everything is strict.
 */
import { fromHex, fromUtf8, toHex } from '../verify/bytes.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { malformed } from '../verify/fault.ts'
import type { Json } from '../verify/json.ts'
import { C_MAX, DKLEN, N_MAX, P_MAX, type Pbkdf2, R_MAX, type Scrypt, wrongWithScrypt } from './key-derivation.ts'
import { readNumberedJson, wholeNumber } from './numbered-json.ts'

export interface Keystore {
  readonly id?: string
  readonly address?: Uint8Array
  readonly derivation: Scrypt | Pbkdf2
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly mac: Uint8Array
}

export const KEYSTORE_BYTES_MAX: number = 64 << 10
const SALT_MAX = 128
const UUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/

const CRYPTO = ['cipher', 'cipherparams', 'ciphertext', 'kdf', 'kdfparams', 'mac']

type Members = ReadonlyMap<string, Json>

export function readKeystore(text: string | Uint8Array): Keystore {
  const read = attempt(() => decode(text))
  if (read instanceof CairnError) throw keystoreInvalid(read.message)
  return read
}

/** Why a keystore is refused; never anything of what it holds. */
export function keystoreInvalid(reason: string): CairnError {
  const message = `The keystore is damaged, or of a form that nobody reads here (${reason}): bring back a copy of it.`
  return new CairnError('keystore_invalid', message, { reason })
}

function decode(given: string | Uint8Array): Keystore {
  if (given.length > KEYSTORE_BYTES_MAX) throw malformed(`it is longer than ${KEYSTORE_BYTES_MAX} bytes`)
  const text = typeof given === 'string' ? given : fromUtf8(given)
  if (text === undefined) throw malformed('it is not UTF-8')
  const whole = membersOf(readNumberedJson(text), 'the keystore')
  if (wholeNumber(whole.get('version'), 0, Number.MAX_SAFE_INTEGER) !== 3) throw malformed('version is not 3')
  if (whole.has('crypto') && whole.has('Crypto')) throw malformed('crypto stands twice')
  const crypto = exactly(whole.get('crypto') ?? whole.get('Crypto'), 'crypto', CRYPTO)
  if (crypto.get('cipher') !== 'aes-128-ctr') throw malformed('cipher is not aes-128-ctr')
  const id = whole.get('id')
  if (id !== undefined && !(typeof id === 'string' && UUID.test(id))) throw malformed('id is not a UUID')
  const address = whole.get('address')
  return {
    ...(id !== undefined && { id }),
    ...(address !== undefined && { address: hex(address, 'address', 20, 20) }),
    derivation: derivationOf(crypto.get('kdf'), crypto.get('kdfparams')),
    iv: hex(exactly(crypto.get('cipherparams'), 'cipherparams', ['iv']).get('iv'), 'iv', 16, 16),
    ciphertext: hex(crypto.get('ciphertext'), 'ciphertext', 32, 32),
    mac: hex(crypto.get('mac'), 'mac', 32, 32),
  }
}

function derivationOf(kdf: Json | undefined, given: Json | undefined): Scrypt | Pbkdf2 {
  const saltOf = (parameters: Members): Uint8Array => {
    number(parameters, 'dklen', DKLEN, DKLEN)
    return hex(parameters.get('salt'), 'salt', 1, SALT_MAX)
  }
  if (kdf === 'scrypt') {
    const parameters = exactly(given, 'kdfparams', ['dklen', 'n', 'p', 'r', 'salt'])
    const n = number(parameters, 'n', 2, N_MAX)
    const [r, p] = [number(parameters, 'r', 1, R_MAX), number(parameters, 'p', 1, P_MAX)]
    const wrong = wrongWithScrypt({ n, r, p })
    if (wrong !== undefined) throw malformed(wrong)
    return { kdf, n, r, p, salt: saltOf(parameters) }
  }
  if (kdf !== 'pbkdf2') throw malformed('kdf is neither scrypt nor pbkdf2')
  const parameters = exactly(given, 'kdfparams', ['c', 'dklen', 'prf', 'salt'])
  if (parameters.get('prf') !== 'hmac-sha256') throw malformed('prf is not hmac-sha256')
  return { kdf, c: number(parameters, 'c', 1, C_MAX), salt: saltOf(parameters) }
}

function membersOf(value: Json | undefined, name: string): Members {
  if (value instanceof Map) return value as Members
  throw malformed(`${name} is not an object`)
}

function exactly(value: Json | undefined, name: string, known: readonly string[]): Members {
  const members = membersOf(value, name)
  const wrong = known.find((each) => !members.has(each))
  if (wrong !== undefined) throw malformed(`${name} has no ${wrong}`)
  if (members.size > known.length) throw malformed(`${name} has a member that nobody knows`)
  return members
}

function number(parameters: Members, name: string, min: number, max: number): number {
  const value = wholeNumber(parameters.get(name), min, max)
  if (value === undefined)
    throw malformed(`${name} is not ${min === max ? min : `a whole number from ${min} to ${max}`}`)
  return value
}

/** Some write `0x` before it, and some in upper case. */
function hex(value: Json | undefined, name: string, min: number, max: number): Uint8Array {
  const digits = typeof value === 'string' ? value.toLowerCase() : ''
  const bytes = fromHex(digits.startsWith('0x') ? digits : `0x${digits}`)
  if (bytes === undefined || bytes.length < min || bytes.length > max) {
    throw malformed(`${name} is not ${min === max ? min : `${min} to ${max}`} bytes in hex`)
  }
  return bytes
}

/** As go-ethereum writes it. */
export function writeKeystore(keystore: Required<Keystore> & { readonly derivation: Scrypt }): string {
  const bare = (bytes: Uint8Array): string => toHex(bytes).slice(2)
  const { n, p, r, salt } = keystore.derivation
  const crypto = {
    cipher: 'aes-128-ctr',
    ciphertext: bare(keystore.ciphertext),
    cipherparams: { iv: bare(keystore.iv) },
    kdf: 'scrypt',
    kdfparams: { dklen: DKLEN, n, p, r, salt: bare(salt) },
    mac: bare(keystore.mac),
  }
  return `${JSON.stringify({ address: bare(keystore.address), crypto, id: keystore.id, version: 3 }, undefined, 2)}\n`
}
