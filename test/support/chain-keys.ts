/** A genesis with its keys, for tests that make chains: the cold key delegated to a hot key for a hundred years. */
import { hotSigner } from '../../src/keys/hot-signer.ts'
import type { Signer } from '../../src/ports/signer.ts'
import {
  addressOf,
  type Delegation,
  delegationDigest,
  type Engine,
  type Genesis,
  type Identity,
  identify,
  nobleEngine,
  type Revocation,
  revocationDigest,
} from '../../src/verify/index.ts'
import { Random } from './seed.ts'

export interface ChainKeys {
  readonly genesis: Genesis
  readonly identity: Identity
  readonly coldKey: Uint8Array
  readonly hotKey: Uint8Array
  readonly delegation: Delegation
  readonly signer: Signer
}

export const CREATED_AT = 1_763_600_000_000n
const CENTURY = 3_155_760_000_000n

export function chainKeys(
  machine = 'kv@1',
  random: Random = new Random(7),
  engine: Engine = nobleEngine,
  name = 'test',
): ChainKeys {
  const coldKey = random.bytes(32)
  const hotKey = random.bytes(32)
  const genesis: Genesis = {
    name,
    coldKey: addressOf(engine.secp256k1.publicKey(coldKey), engine),
    machine,
    createdAt: CREATED_AT,
    nonce: random.bytes(32),
  }
  const identity = identify(genesis, engine.hasher)
  const delegation = delegate(identity, coldKey, hotKey, 0n, [CREATED_AT, CREATED_AT + CENTURY], engine)
  return {
    genesis,
    identity,
    coldKey,
    hotKey,
    delegation,
    signer: hotSigner([{ privateKey: hotKey, delegation }], engine),
  }
}

export function delegate(
  identity: Identity,
  coldKey: Uint8Array,
  hotKey: Uint8Array,
  index: bigint,
  [validFrom, validUntil]: readonly [bigint, bigint],
  engine: Engine = nobleEngine,
): Delegation {
  const delegate = addressOf(engine.secp256k1.publicKey(hotKey), engine)
  const unsigned = { delegate, index, validFrom, validUntil }
  const signature = engine.secp256k1.sign(delegationDigest(identity, unsigned, engine.hasher), coldKey)
  return { ...unsigned, signature }
}

/** The cold key takes a delegation back: from this height on, after the block of this hash. */
export function revoke(
  identity: Identity,
  coldKey: Uint8Array,
  index: bigint,
  from: { readonly height: bigint; readonly parent: Uint8Array },
  engine: Engine = nobleEngine,
): Revocation {
  const unsigned = { index, fromHeight: from.height, parentHash: from.parent }
  const signature = engine.secp256k1.sign(revocationDigest(identity, unsigned, engine.hasher), coldKey)
  return { ...unsigned, signature }
}
