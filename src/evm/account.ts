/** Whoever pays: an account whose key stays bytes, for its owner to wipe, and signs transactions only. */
import { type Hex, keccak256, serializeTransaction, type TransactionSerializable } from 'viem'
import { fromHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { addressOf } from '../verify/signature.ts'
import { hex } from './values.ts'

export interface Account {
  readonly address: Hex
  /** The signed transaction, as it is sent. */
  sign(transaction: TransactionSerializable): Hex
}

/** The account of a private key, which stays the caller’s to wipe. */
export function accountOf(privateKey: Uint8Array, engine: Engine): Account {
  return {
    address: hex(addressOf(engine.secp256k1.publicKey(privateKey), engine)),
    sign(transaction: TransactionSerializable): Hex {
      const digest = fromHex(keccak256(serializeTransaction(transaction))) as Uint8Array
      const signature = engine.secp256k1.sign(digest, privateKey)
      const [r, s] = [hex(signature.subarray(0, 32)), hex(signature.subarray(32, 64))]
      const v = signature[64] as number
      // Before there were types of transactions the two values of v were told otherwise.
      if (transaction.type !== 'legacy') return serializeTransaction(transaction, { r, s, yParity: v - 27 })
      return serializeTransaction(transaction, { r, s, v: BigInt(v) })
    },
  }
}
