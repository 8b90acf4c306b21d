/**
 * The signer in this process: hot keys in memory, each with the delegation that the cold key gave it.
 *
 * Promise: of a chain it signs one hash a height, and nothing below the newest that it signed. What it signed before it was made it does
 * not know: that is what the guard is for.
 */
import type { Signer } from '../ports/signer.ts'
import { blockHash } from '../verify/block.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { windowAt } from '../verify/seal.ts'
import { addressOf } from '../verify/signature.ts'
import type { Delegation, Header, Seal } from '../verify/types.ts'

/** A private key, and the cold key’s word for it. */
export interface HotKey {
  readonly privateKey: Uint8Array
  readonly delegation: Delegation
}

export interface HotSigner extends Signer {
  /** One more key, which seals from now on what its delegation is for. */
  add(key: HotKey): void
  /** The keys of this delegation seal only what no other one can: it is about to be taken back. */
  defer(index: bigint): void
  /** The keys of this delegation seal nothing more. */
  retire(index: bigint): void
}

/**
 * A signer with its keys in the memory of this process; it signs no second block at a height, as long as it lives. The bytes of the keys stay their
 * owner's, who wipes them when the signer is done with: nothing copies them.
 */
export function hotSigner(given: readonly HotKey[], engine: Engine): HotSigner {
  for (const each of given) demandMatch(each, engine)
  let keys = given
  const newest = new Map<string, { readonly height: bigint; readonly hash: Uint8Array }>()
  return {
    get delegations(): readonly Delegation[] {
      return keys.map(({ delegation }) => delegation)
    },
    add(key: HotKey): void {
      demandMatch(key, engine)
      keys = [...keys, key]
    },
    defer(index: bigint): void {
      const isDeferred = ({ delegation }: HotKey): boolean => delegation.index === index
      keys = [...keys.filter(isDeferred), ...keys.filter((key) => !isDeferred(key))]
    },
    retire(index: bigint): void {
      keys = keys.filter(({ delegation }) => delegation.index !== index)
    },
    async seal(identity: Identity, header: Header): Promise<Seal> {
      const hash = blockHash(identity, header, engine.hasher)
      const chain = toHex(identity.chainId)
      const before = newest.get(chain)
      if (before !== undefined && (header.height < before.height || isOther(before, header.height, hash))) {
        throw refused(header.height, before)
      }
      // The one that was given last, of those that are for this time: a rotation gives the new one while the old one still runs.
      const key = keys.findLast(({ delegation }) => windowAt(header.timestamp, delegation) === 'open')
      if (key === undefined) throw notDelegated(header.timestamp)
      newest.set(chain, { height: header.height, hash })
      const signature = engine.secp256k1.sign(hash, key.privateKey)
      return Promise.resolve({ delegation: key.delegation, signature })
    },
  }
}

function demandMatch({ privateKey, delegation }: HotKey, engine: Engine): void {
  if (equal(addressOf(engine.secp256k1.publicKey(privateKey), engine), delegation.delegate)) return
  const message = `The delegation of index ${delegation.index} is to another key than the one that was given with it.`
  throw new CairnError('delegation_mismatch', message, { index: delegation.index })
}

function isOther(
  before: { readonly height: bigint; readonly hash: Uint8Array },
  height: bigint,
  hash: Uint8Array,
): boolean {
  return height === before.height && !equal(hash, before.hash)
}

function refused(height: bigint, before: { readonly height: bigint; readonly hash: Uint8Array }): CairnError {
  return new CairnError(
    'seal_refused',
    `The signer signed height ${before.height} already and refuses another block at height ${height}.`,
    { height, signed: before.height, hash: toHex(before.hash) },
  )
}

/** What to do where no delegation is for a block’s time. */
function notDelegated(timestamp: bigint): CairnError {
  return new CairnError(
    'delegation_needed',
    'No delegation of the signer is for this time: let the cold key sign a new one, and give it to the signer.',
    { timestamp },
  )
}
