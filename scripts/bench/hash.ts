/** `npm run bench:hash`: what `cairn-log/hash` gains over noble, through the interfaces that everything else uses. */
import { gzipSync } from 'node:zlib'
import { type Figure, figure, type Target } from '../../src/cli/bench/figures.ts'
import { describeEngine, loadEngine } from '../../src/hash/index.ts'
import { type Hasher, nobleEngine, type Secp256k1 } from '../../src/verify/engine.ts'
import { toHex } from '../../src/verify/index.ts'
import { browserBundle } from '../lib/bundles.mjs'
import { proofTimeInChromium } from './browser.ts'
import { compare, type Work } from './measure.ts'
import { makeProofs, type Proofs, proofFigures } from './proofs.ts'
import { report } from './report.ts'

const engine = await loadEngine()
const figures = hashing(engine.hasher, nobleEngine.hasher)
if (engine.secp256k1.name === 'native') figures.push(...signing(engine.secp256k1, nobleEngine.secp256k1))
const proofs = makeProofs(engine)
figures.push(...proofFigures(proofs, engine), ...(await browserFigures(proofs)))
report(figures, { engine: describeEngine(engine) })

/** What a page loads, and how long it takes for a proof. Needs dist and a Chromium: without one the figure is not reached. */
async function browserFigures({ chainId, texts: [text] }: Proofs): Promise<Figure[]> {
  const size = gzipSync(await browserBundle(), { level: 9 }).length / 1024
  const times = await proofTimeInChromium(new TextDecoder().decode(text), toHex(chainId))
  return [
    figure('proof of 10 claims, every delegation new: noble in Chromium', 'ms', times, { atMost: 5 }),
    figure('cairn-log/verify bundled for a browser, gzipped', 'KiB', [size], { atMost: 25 }),
  ]
}

function hashing(fast: Hasher, noble: Hasher): Figure[] {
  /** Hashes one message, another one each time. */
  const one = (hasher: Hasher, size: number): Work => {
    const message = pattern(size)
    return (i) => {
      message[0] = i
      return firstByte(hasher.hash(message))
    }
  }

  // About what a level of a range or a tree takes, when a block changes a thousand keys.
  const batch = 1000
  const pairs = pattern(batch * 64)
  const batched: Work = (i) => {
    pairs[0] = i
    return firstByte(fast.hashMany(pairs, 64))
  }
  const oneByOne: Work = (i) => {
    pairs[0] = i
    let bytes = 0
    for (let from = 0; from < pairs.length; from += 64) bytes += firstByte(noble.hash(pairs.subarray(from, from + 64)))
    return bytes
  }
  return [
    ...comparison('keccak-256 of pairs, 64 B, batched', batched, oneByOne, { atLeast: 12 }, batch),
    ...comparison('keccak-256 of one message, 64 B', one(fast, 64), one(noble, 64), { atLeast: 8 }),
    ...comparison('keccak-256 of one message, 1 KiB', one(fast, 1024), one(noble, 1024), { atLeast: 7 }),
  ]
}

function signing(native: Secp256k1, noble: Secp256k1): Figure[] {
  const key = pattern(32)
  const publicKey = noble.publicKey(key)
  // So many that nobody gains by remembering the last ones.
  const signed = Array.from({ length: 1000 }, (_, i) => {
    const digest = nobleEngine.hasher.hash(Uint8Array.of(i >> 8, i))
    return { digest, signature: native.sign(digest, key) }
  })
  const pick = (i: number) => signed[i % signed.length] as (typeof signed)[number]

  const sign =
    (secp256k1: Secp256k1): Work =>
    (i) =>
      firstByte(secp256k1.sign(pick(i).digest, key))
  const verify =
    (secp256k1: Secp256k1): Work =>
    (i) => {
      const { digest, signature } = pick(i)
      if (!secp256k1.verify(digest, signature, publicKey)) throw new Error(`${secp256k1.name} refuses a good signature`)
      return 1
    }
  const recover =
    (secp256k1: Secp256k1): Work =>
    (i) => {
      const { digest, signature } = pick(i)
      const recovered = secp256k1.recover(digest, signature)
      if (recovered === undefined) throw new Error(`${secp256k1.name} recovers nothing from a good signature`)
      return firstByte(recovered)
    }
  return [
    ...comparison('secp256k1 verify', verify(native), verify(noble), { atLeast: 15 }),
    ...comparison('secp256k1 recover', recover(native), recover(noble), { atLeast: 15 }),
    ...comparison('secp256k1 sign', sign(native), sign(noble)),
  ]
}

/** The ratio, for which there may be a target, and the rate behind it. A run of a work does it `times` times. */
function comparison(name: string, fast: Work, noble: Work, target?: Target, times: number = 1): Figure[] {
  const { ratio, rate } = compare(fast, noble)
  return [
    figure(`${name}: times as fast as noble`, '×', ratio, target),
    figure(
      `${name}: rate`,
      '/s',
      rate.map((runs) => runs * times),
    ),
  ]
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 151 + 1)
}

function firstByte(bytes: Uint8Array): number {
  return bytes[0] as number
}
