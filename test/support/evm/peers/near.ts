/**
 * What it costs Rainbow Bridge to bring its light client of NEAR a newer block: blocks of NEAR as its package has them for its own tests. It stores
 * what validators are said to have signed, and checks a signature only when somebody contests it in time.
 */
import { readFileSync } from 'node:fs'
import type { Abi, Hex } from 'viem'
import { hex } from '../../../../src/evm/values.ts'
import { concat, utf8 } from '../../../../src/verify/bytes.ts'
import type { Anvil } from '../anvil.ts'
import type { Gas } from '../gas.ts'
import type { Question } from './trees.ts'

const FOLDER = 'node_modules/rainbow-bridge-sol/nearbridge'
const NUMBERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

interface Validator {
  readonly account_id: string
  readonly public_key: string
  readonly stake: string
}

interface Block {
  readonly prev_block_hash: string
  readonly next_block_inner_hash: string
  readonly inner_lite: {
    readonly height: number
    readonly epoch_id: string
    readonly next_epoch_id: string
    readonly prev_state_root: string
    readonly outcome_root: string
    readonly timestamp_nanosec: string
    readonly next_bp_hash: string
    readonly block_merkle_root: string
  }
  readonly inner_rest_hash: string
  readonly next_bps: readonly Validator[]
  readonly approvals_after_next: readonly (string | null)[]
}

export async function measureNear(anvil: Anvil, ask: Question): Promise<readonly Gas[]> {
  const [keys, bridge] = [contract('Ed25519'), contract('NearBridge')]
  const keysAt = await anvil.deploy(keys.abi, keys.bytecode)
  // Nothing is at stake here, and nobody contests: a block counts at once.
  const at = await anvil.deploy(bridge.abi, bridge.bytecode, [keysAt, 0n, 0n, 0n])
  await anvil.send(at, bridge.abi, 'initWithValidators', [
    hex(validatorsBytes(read('init_validators_15178713') as readonly Validator[])),
  ])
  await anvil.send(at, bridge.abi, 'initWithBlock', [hex(blockBytes(read('block_15178713') as Block))])
  // The first ones pay for what has no value yet.
  await anvil.send(at, bridge.abi, 'addLightClientBlock', [hex(blockBytes(read('block_15178760') as Block))])
  const newest = read('block_15204402') as Block
  const added = await anvil.send(at, bridge.abi, 'addLightClientBlock', [hex(blockBytes(newest))])
  const signer = newest.approvals_after_next.findIndex((each) => each !== null)
  const asked = await ask(at, bridge.abi, 'checkBlockProducerSignatureInHead', [BigInt(signer)], true)
  const count = newest.next_bps.length
  return [
    {
      name: `Rainbow Bridge \`NearBridge.addLightClientBlock\`, ${count} validators`,
      gas: Number(added),
      checks:
        'who is said to have signed, and their stake; no signature (whoever brings it leaves a pledge), not that the block follows the one before',
    },
    {
      name: 'Rainbow Bridge `NearBridge.checkBlockProducerSignatureInHead`',
      gas: asked,
      checks: 'one of those signatures (Ed25519), where somebody contests it',
    },
  ]
}

function contract(name: string): { readonly abi: Abi; readonly bytecode: Hex } {
  const text = (kind: string): string => readFileSync(`${FOLDER}/dist/${name}.full.${kind}`, 'utf8')
  return { abi: JSON.parse(text('abi')) as Abi, bytecode: `0x${text('bin').trim()}` }
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(`${FOLDER}/test/${name}.json`, 'utf8'))
}

// NEAR's encoding: numbers with their lowest byte first, and the length of a list before it.

function number(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
}

function list<T>(items: readonly T[], bytesOf: (item: T) => Uint8Array): Uint8Array {
  return concat(number(BigInt(items.length), 4), ...items.map(bytesOf))
}

/** Digits to the base 58, of which `size` bytes come. */
function base58(text: string, size: number): Uint8Array {
  return number(
    Array.from(text).reduce((sum, digit) => sum * 58n + BigInt(NUMBERS.indexOf(digit)), 0n),
    size,
  ).toReversed()
}

/** A key or a signature, with its kind before it: 0 for Ed25519. */
function ed25519(text: string, size: number): Uint8Array {
  return concat(Uint8Array.of(0), base58(text.replace('ed25519:', ''), size))
}

function validatorsBytes(validators: readonly Validator[]): Uint8Array {
  return list(validators, ({ account_id, public_key, stake }) =>
    concat(
      list([...utf8(account_id)], (byte) => Uint8Array.of(byte)),
      ed25519(public_key, 32),
      number(BigInt(stake), 16),
    ),
  )
}

function blockBytes({ inner_lite: inner, ...outer }: Block): Uint8Array {
  return concat(
    base58(outer.prev_block_hash, 32),
    base58(outer.next_block_inner_hash, 32),
    number(BigInt(inner.height), 8),
    base58(inner.epoch_id, 32),
    base58(inner.next_epoch_id, 32),
    base58(inner.prev_state_root, 32),
    base58(inner.outcome_root, 32),
    number(BigInt(inner.timestamp_nanosec), 8),
    base58(inner.next_bp_hash, 32),
    base58(inner.block_merkle_root, 32),
    base58(outer.inner_rest_hash, 32),
    Uint8Array.of(1),
    validatorsBytes(outer.next_bps),
    list(outer.approvals_after_next, (each) =>
      each === null ? Uint8Array.of(0) : concat(Uint8Array.of(1), ed25519(each, 64)),
    ),
  )
}
