/**
 * Development keys: a cold key and a hot key in one file that is not encrypted, with the genesis and the delegation that they were made for.
 * They are for trying things out: whoever reads the file can do everything that the owner of the chain can.
 *
 * Promise: the file is written before the chain is made, so that a start that was cut short goes on with the same keys. No private key is
 * ever part of a message.
 */
import type { Disk } from '../ports/disk.ts'
import type { Rng } from '../ports/rng.ts'
import type { Signer } from '../ports/signer.ts'
import { readBounded, writeDurably } from '../store/durable-file.ts'
import { equal, utf8 } from '../verify/bytes.ts'
import { bytes32, type Codec, json, native, object, oneOf } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type Identity, identify } from '../verify/identity.ts'
import { readJson } from '../verify/json.ts'
import { delegationDigest } from '../verify/seal.ts'
import { addressOf } from '../verify/signature.ts'
import type { Delegation, Genesis } from '../verify/types.ts'
import { hotSigner } from './hot-signer.ts'

export interface DevKeys {
  readonly genesis: Genesis
  readonly coldKey: Uint8Array
  readonly hotKey: Uint8Array
  readonly delegation: Delegation
}

interface DevKeysFile extends DevKeys {
  readonly format: 'cairn.dev-keys/v1'
  readonly warning: typeof WARNING
}

export const DEV_KEYS_FILE = 'dev-keys.json'
const WARNING = 'Development keys, not encrypted. Whoever has this file can do everything. Not for production.'
const BYTES_MAX = 16 << 10
const KEY_BYTES = 32
const YEAR = 31_536_000_000n

const codec: Codec<DevKeysFile> = object<DevKeysFile>({
  format: oneOf('cairn.dev-keys/v1'),
  warning: oneOf(WARNING),
  genesis: codecs.genesis,
  coldKey: bytes32,
  hotKey: bytes32,
  delegation: codecs.delegation,
})

/** Fresh keys for a chain that is made at this time; the delegation is for a year from then on. */
export function makeDevKeys(
  chain: Pick<Genesis, 'name' | 'machine' | 'createdAt'>,
  rng: Rng,
  { hasher, secp256k1 }: Engine,
): DevKeys {
  const [coldKey, hotKey] = [rng.bytes(KEY_BYTES), rng.bytes(KEY_BYTES)]
  const address = (key: Uint8Array): Uint8Array => addressOf(secp256k1.publicKey(key), { hasher, secp256k1 })
  const genesis: Genesis = { ...chain, coldKey: address(coldKey), nonce: rng.bytes(32) }
  const { createdAt } = codecs.genesis.decode(genesis, native)
  const unsigned = { delegate: address(hotKey), index: 0n, validFrom: createdAt, validUntil: createdAt + YEAR }
  const digest = delegationDigest(identify(genesis, hasher), unsigned, hasher)
  return { genesis, coldKey, hotKey, delegation: { ...unsigned, signature: secp256k1.sign(digest, coldKey) } }
}

/** There for good when it comes back, in a directory that is made where it is not there. */
export async function writeDevKeys(disk: Disk, directory: string, keys: DevKeys): Promise<void> {
  const file = codec.encode({ format: 'cairn.dev-keys/v1', warning: WARNING, ...keys }, json)
  await disk.makeDirectory(directory)
  await writeDurably(disk, directory, DEV_KEYS_FILE, utf8(`${JSON.stringify(file, undefined, 2)}\n`))
}

/** Nothing where there is no such file. */
export async function readDevKeys(disk: Disk, directory: string): Promise<DevKeys | undefined> {
  const text = await readBounded(disk, directory, DEV_KEYS_FILE, BYTES_MAX)
  if (text === undefined) return undefined
  const file = attempt(() => codec.decode(readJson(text), json))
  if (!(file instanceof CairnError)) return file
  throw new CairnError(
    'keys_invalid',
    `${directory}/${DEV_KEYS_FILE} is not a file of development keys (${file.message}): bring back the one that was made with the chain.`,
    { directory, reason: file.message },
  )
}

/**
 * Those that an earlier process made, for whoever makes a chain with them: there for good when this comes back. A file of which a sync failed is seen,
 * and a power cut takes it away; then nobody could seal another block of that chain.
 */
export async function takeUpDevKeys(disk: Disk, directory: string): Promise<DevKeys | undefined> {
  const found = await readDevKeys(disk, directory)
  if (found !== undefined) await writeDevKeys(disk, directory, found)
  return found
}

/** Seals blocks with the hot key. Keys of another chain are refused. */
export function devSigner({ genesis, hotKey, delegation }: DevKeys, identity: Identity, engine: Engine): Signer {
  if (equal(identify(genesis, engine.hasher).chainId, identity.chainId)) {
    return hotSigner([{ privateKey: hotKey, delegation }], engine)
  }
  throw new CairnError(
    'keys_mismatch',
    `The development keys are those of another chain, ${JSON.stringify(genesis.name)}: bring back the ones that were made with this chain.`,
    { name: genesis.name },
  )
}
