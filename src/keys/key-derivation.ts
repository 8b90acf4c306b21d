/**
 * From a passphrase to the key of a keystore: scrypt or PBKDF2, with all parameters bounded before work or memory is spent on them, for a
 * keystore may come from anywhere.
 */
import { pbkdf2, scrypt } from 'node:crypto'
import { scryptAsync } from '@noble/hashes/scrypt.js'

export interface Scrypt {
  readonly kdf: 'scrypt'
  readonly n: number
  readonly r: number
  readonly p: number
  readonly salt: Uint8Array
}

export interface Pbkdf2 {
  readonly kdf: 'pbkdf2'
  readonly c: number
  readonly salt: Uint8Array
}

export const N_MAX: number = 1 << 20
/** Eight times what other wallets ask for. */
const SCRYPT_WORK_MAX: number = 1 << 24
const SCRYPT_MEMORY_MAX: number = 512 << 20
export const R_MAX = 1024
export const P_MAX = 1024
export const C_MAX = 10_000_000
/** Of a derived key: the half that encrypts, and the half that the mac is made with. Nobody writes longer ones. */
export const DKLEN = 32

/** What is wrong with the parameters, or nothing. */
export function wrongWithScrypt({ n, r, p }: Pick<Scrypt, 'n' | 'r' | 'p'>): string | undefined {
  const isWhole = [n, r, p].every((each) => Number.isSafeInteger(each) && each >= 1)
  if (!isWhole || n < 2 || n > N_MAX || (n & (n - 1)) !== 0) return `n is a power of two from 2 to ${N_MAX}`
  if (r > R_MAX || p > P_MAX) return `r and p are from 1 to ${R_MAX}`
  if (128 * n * r > SCRYPT_MEMORY_MAX) return `scrypt may take ${SCRYPT_MEMORY_MAX >> 20} MiB of memory`
  return n * r * p > SCRYPT_WORK_MAX ? `n · r · p is at most ${SCRYPT_WORK_MAX}` : undefined
}

/** As OpenSSL counts it. */
function memoryOf({ n, r, p }: Pick<Scrypt, 'n' | 'r' | 'p'>): number {
  return 128 * r * (n + p + 2)
}

/** The parameters are checked by whoever read them. What comes back is the caller's to wipe. */
export async function deriveKey(passphrase: Uint8Array, parameters: Scrypt | Pbkdf2): Promise<Uint8Array> {
  const { salt } = parameters
  if (parameters.kdf === 'pbkdf2') {
    return answer((call) => pbkdf2(passphrase, salt, parameters.c, DKLEN, 'sha256', call))
  }
  const { n, r, p } = parameters
  // RFC 7914 wants n below 2^(16·r), and OpenSSL insists. Keystores do not, not even the one in the definition of their format.
  if (n >= 2 ** (16 * r)) return scryptAsync(passphrase, salt, { N: n, r, p, dkLen: DKLEN })
  return answer((call) =>
    scrypt(passphrase, salt, DKLEN, { N: n, r, p, maxmem: memoryOf({ n, r, p }) + (1 << 20) }, call),
  )
}

function answer(ask: (call: (error: Error | null, key: Uint8Array) => void) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    ask((error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
