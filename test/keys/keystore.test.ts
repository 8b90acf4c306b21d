/**
 * Keystores: those that others made are read, ours are read by the definition alone, and nothing damaged or hostile gives a key, takes much
 * time or memory, or makes a secret part of an error.
 */
import { createDecipheriv, scryptSync } from 'node:crypto'
import { privateKeyToAddress } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/hash/index.ts'
import { decryptKeystore, encryptKeystore, keystoreAddress, makeHotKey } from '../../src/keys/keystore.ts'
import { systemRng } from '../../src/ports/rng.ts'
import { concat, fromHex, toHex, utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { quickest } from '../support/quick.ts'
import { Random, seed } from '../support/seed.ts'
import { ETHERS, type Known, PBKDF2, SCRYPT } from './keystores.ts'
import { refused, textOf } from './refused.ts'

const engine = await loadEngine()
const rng = systemRng()
const random = new Random()
const passphrase = utf8('correct horse Batterie 🔋')
/** So that thousands of them are read in a second. */
const scrypt = { n: 2, r: 1, p: 1 }
const fast = { rng, engine, scrypt }

const open = (text: string, given: Uint8Array = passphrase): Promise<Uint8Array> => decryptKeystore(text, given, engine)
/** ethers’ with something else in it, read with its passphrase. */
const changed = (from: string | RegExp, to: string, { text }: Known = ETHERS): string => {
  const other = text.replace(from, to)
  if (other === text) throw new Error(`nothing was changed by ${from}`)
  return other
}
const codeIn = (error: unknown): unknown => (error as { code?: unknown }).code
const codeOf = async (text: string): Promise<string> => (await refused(() => open(text, utf8('made elsewhere')))).code

describe('keystores of others', () => {
  it.each([PBKDF2, SCRYPT, ETHERS])('of $from are read', async ({ text, passphrase, privateKey }) => {
    expect(toHex(await open(text, utf8(passphrase)))).toBe(privateKey)
  })

  it.each([
    ['in upper case', ETHERS.text.replace(/"[0-9a-f]{32,}"/g, (hex) => hex.toUpperCase())],
    ['with 0x before hex', ETHERS.text.replace(/"([0-9a-f]{32,})"/g, '"0x$1"')],
    ['with members of their own', changed('{"address"', '{"x-ethers":{"a":[1.5e3,-2,true]},"name":"é","address"')],
    ['without an address or an id', changed(/"address".*?"version"/, '"version"')],
    ['as bytes', ETHERS.text],
  ])('%s are read', async (name, text) => {
    const given = name === 'as bytes' ? utf8(text) : text
    expect(toHex(await decryptKeystore(given, utf8(ETHERS.passphrase), engine))).toBe(ETHERS.privateKey)
  })
})

describe(`keystores of ours (CAIRN_SEED=${seed})`, () => {
  it('are read again, and each is another', async () => {
    const { privateKey, address } = makeHotKey(rng, engine)
    const [one, two] = [
      await encryptKeystore(privateKey, passphrase, fast),
      await encryptKeystore(privateKey, passphrase, fast),
    ]
    expect(one).not.toBe(two)
    expect([await open(one), await open(two)]).toEqual([privateKey, privateKey])
    expect(keystoreAddress(one)).toEqual(address)
    expect(toHex(address)).toBe(privateKeyToAddress(toHex(privateKey) as `0x${string}`).toLowerCase())
    expect(one).not.toContain(toHex(privateKey).slice(2))
  })

  it('are what the definition says, and as strong as those of other wallets', async () => {
    const { privateKey, address } = makeHotKey(rng, engine)
    const { crypto, ...rest } = JSON.parse(await encryptKeystore(privateKey, passphrase, { rng, engine }))
    expect(rest).toMatchObject({ version: 3, address: toHex(address).slice(2) })
    expect(rest.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(crypto).toMatchObject({ cipher: 'aes-128-ctr', kdf: 'scrypt' })
    const { n, r, p, dklen, salt } = crypto.kdfparams
    expect([n, r, p, dklen]).toEqual([1 << 17, 8, 1, 32])
    const derived = scryptSync(passphrase, Buffer.from(salt, 'hex'), dklen, { N: n, r, p, maxmem: 1 << 28 })
    const ciphertext = Buffer.from(crypto.ciphertext, 'hex')
    expect(toHex(nobleEngine.hasher.hash(concat(derived.subarray(16, 32), ciphertext)))).toBe(`0x${crypto.mac}`)
    const decipher = createDecipheriv(
      'aes-128-ctr',
      derived.subarray(0, 16),
      Buffer.from(crypto.cipherparams.iv, 'hex'),
    )
    expect(toHex(decipher.update(ciphertext))).toBe(toHex(privateKey))
  })

  it('another passphrase is passphrase_wrong, which says whose key it is and nothing more', async () => {
    const { privateKey, address } = makeHotKey(rng, engine)
    const text = await encryptKeystore(privateKey, passphrase, fast)
    for (const other of ['x-Batterie', 'correct horse Batterie 🔋 ', 'correct horse batterie 🔋']) {
      const error = await refused(() => open(text, utf8(other)))
      expect(error).toMatchObject({ code: 'passphrase_wrong', details: { address: toHex(address) } })
      expect(textOf(error)).not.toContain(other)
    }
  })

  it('with any bit of any byte changed gives the same key or none', async () => {
    const { privateKey } = makeHotKey(rng, engine)
    const bytes = utf8(await encryptKeystore(privateKey, passphrase, fast))
    const text = Buffer.from(bytes).toString()
    // What it does not depend on: how it is laid out, the name of the file, and whether hex is in upper case.
    const [idFrom, idEnd] = [text.indexOf('"id"'), text.indexOf('"version"')]
    let refusals = 0
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const other = bytes.slice()
        other[at] = (other[at] as number) ^ (1 << bit)
        const opened = await decryptKeystore(other, passphrase, engine).catch((error: unknown) => codeIn(error))
        if (opened === 'keystore_invalid' || opened === 'passphrase_wrong') {
          refusals++
          continue
        }
        expect(opened).toEqual(privateKey)
        const isSpace = /\s/.test(text[at] as string)
        const isCase = bit === 5 && /[a-f]/.test(text[at] as string)
        // One member of the whole may be called anything else: address, id. Without it the key is the same.
        const isName = /^\s*"\w*$/.test(text.slice(text.lastIndexOf('\n', at) + 1, at)) && at < idEnd
        expect([at, isSpace || isCase || isName || (at > idFrom && at < idEnd)]).toEqual([at, true])
      }
    }
    expect(refusals).toBeGreaterThan(bytes.length * 5)
  })

  it.each([
    ['a cut one', ETHERS.text.slice(0, -1)],
    ['something behind it', `${ETHERS.text} 1`],
    ['nothing', ''],
    ['another JSON', '[]'],
    ['version 1', changed('"version":3', '"version":1')],
    ['a version in quotes', changed('"version":3', '"version":"3"')],
    ['a version that stands twice', changed('"version":3', '"version":3,"version":3')],
    ['crypto that stands twice', changed('"Crypto"', '"crypto":{},"Crypto"')],
    ['crypto that is no object', changed(/\{"cipher".*/, '3}')],
    ['a member in crypto that nobody knows', changed('"kdf":', '"x":1,"kdf":')],
    ['a parameter that nobody knows', changed('"n":', '"x":1,"n":')],
    ['another cipher', changed('aes-128-ctr', 'aes-128-cbc')],
    ['another kdf', changed('"kdf":"scrypt"', '"kdf":"argon2id"')],
    ['another prf', changed('hmac-sha256', 'hmac-sha512', PBKDF2)],
    ['no salt', changed(/"salt":"[0-9a-f]*",/, '')],
    ['an empty salt', changed(/"salt":"[0-9a-f]*"/, '"salt":""')],
    ['a salt of a thousand bytes', changed(/"salt":"[0-9a-f]*"/, `"salt":"${'00'.repeat(1000)}"`)],
    ['an iv of 15 bytes', changed('"iv":"7c', '"iv":"')],
    ['a ciphertext of 31 bytes', changed('"ciphertext":"15', '"ciphertext":"')],
    ['a mac of 33 bytes', changed('"mac":"', '"mac":"00')],
    ['an address of 19 bytes', changed('"address":"2c', '"address":"')],
    ['an address of another key', changed('"address":"2c', '"address":"2d')],
    ['an id that is none', changed('"id":"f17e8022-', '"id":"f17e8022')],
    ['n that is no power of two', changed('"n":4096', '"n":4095')],
    ['n of 1', changed('"n":4096', '"n":1')],
    ['n of 2^21', changed('"n":4096', '"n":2097152')],
    ['n beyond all numbers', changed('"n":4096', '"n":1e300')],
    ['n in quotes', changed('"n":4096', '"n":"4096"')],
    ['a fraction', changed('"r":8', '"r":8.0')],
    ['r of 0', changed('"r":8', '"r":0')],
    ['p of 0', changed('"p":1', '"p":0')],
    ['a p below 0', changed('"p":1', '"p":-1')],
    ['1 GiB of memory', changed('"n":4096', '"n":1048576')],
    ['512 MiB and a little', changed('"n":4096,"dklen":32,"p":1,"r":8', '"n":524288,"dklen":32,"p":1,"r":9')],
    ['much work in little memory', changed('"p":1', '"p":1024')],
    ['much memory by r', changed('"r":8', '"r":1025')],
    ['dklen of 33', changed('"dklen":32', '"dklen":33')],
    ['dklen of 31', changed('"dklen":32', '"dklen":31')],
    ['dklen of a gigabyte', changed('"dklen":32', '"dklen":1073741824')],
    ['eleven million rounds', changed('"c" : 262144', '"c" : 11000000', PBKDF2)],
    ['a megabyte of it', `${ETHERS.text}${' '.repeat(1 << 20)}`],
    ['half a surrogate', changed('"address"', '"\ud800":1,"address"')],
  ])('%s is keystore_invalid', async (_, text) => {
    expect(await codeOf(text)).toBe('keystore_invalid')
    // Before any work: a key of ethers' takes some milliseconds, these would take seconds and gigabytes.
    expect(await quickest(500, () => codeOf(text))).toBeLessThan(500)
  })

  it('a whole one whose key is no key is keystore_invalid', async () => {
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      const derived = scryptSync(passphrase, Buffer.alloc(32), 32, { N: 2, r: 1, p: 1 })
      const cipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.alloc(16))
      const ciphertext = cipher.update(bad)
      const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
      const mac = hex(nobleEngine.hasher.hash(concat(derived.subarray(16, 32), ciphertext)))
      const kdfparams = { dklen: 32, n: 2, r: 1, p: 1, salt: '00'.repeat(32) }
      const cipherparams = { iv: '00'.repeat(16) }
      const crypto = { cipher: 'aes-128-ctr', cipherparams, ciphertext: hex(ciphertext), kdf: 'scrypt', kdfparams, mac }
      for (const each of [engine, nobleEngine]) {
        const error = await refused(() => decryptKeystore(JSON.stringify({ version: 3, crypto }), passphrase, each))
        expect(error.code).toBe('keystore_invalid')
      }
    }
  })

  it('what is no private key is not encrypted, and no error shows it', async () => {
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(0xff), random.bytes(31), random.bytes(33)]) {
      const error = await refused(() => encryptKeystore(bad, passphrase, fast))
      expect(error.code).toBe('key_invalid')
      expect(textOf(error)).not.toContain(toHex(bad).slice(2))
    }
    const key = fromHex(ETHERS.privateKey) as Uint8Array
    const weak = await refused(() => encryptKeystore(key, passphrase, { rng, engine, scrypt: { n: 3, r: 8, p: 1 } }))
    expect(weak.code).toBe('invalid_option')
  })
})
