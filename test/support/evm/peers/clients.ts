/**
 * What it costs others to bring a light client a newer block: Snowbridge's client of Polkadot, with a validator set of one, who is trusted as the
 * delegate of a Cairn chain is, and with as many as Polkadot has.
 */
import { numberToHex } from 'viem'
import { hex, pathValue } from '../../../../src/evm/values.ts'
import { concat, fromHex, utf8, ZERO32 } from '../../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../../src/verify/index.ts'
import { addressOf } from '../../../../src/verify/signature.ts'
import { Random } from '../../seed.ts'
import type { Anvil } from '../anvil.ts'
import type { Gas } from '../gas.ts'
import { shipped } from '../solidity.ts'

const { hasher, secp256k1 } = nobleEngine
/** How many signatures of Polkadot's set its client asks for at a time. */
const SAMPLE = 101n
const SET = 1n

export async function measureClients(anvil: Anvil): Promise<readonly Gas[]> {
  const [one, polkadot] = [await beefy(anvil, 1, 1), await beefy(anvil, 600, 512)]
  const more = 'not that the block follows the one before, nor any revocation'
  return [
    {
      name: 'Snowbridge `BeefyClient.submitFiatShamir`, one validator',
      gas: one,
      checks: `one signature and that the signer is in the set; ${more}`,
    },
    {
      name: `Snowbridge \`BeefyClient.submitFiatShamir\`, ${SAMPLE} of 600 validators`,
      gas: polkadot,
      checks: `the signatures of a sample, chosen by their own hash; ${more}`,
    },
  ]
}

interface Validator {
  readonly privateKey: Uint8Array
  readonly address: Uint8Array
}

/** Of so many validators the first `signing` signed, none of whom stands on the right edge of their tree. */
async function beefy(anvil: Anvil, count: number, signing: number): Promise<number> {
  const random = new Random(13)
  const validators = Array.from({ length: count }, (): Validator => {
    const privateKey = random.bytes(32)
    return { privateKey, address: addressOf(secp256k1.publicKey(privateKey), nobleEngine) }
  })
  const rows = rowsOver(validators.map(({ address }) => hasher.hash(address)))
  const set = { id: SET, length: BigInt(count), root: hex(rows.at(-1)?.[0] as Uint8Array) }
  const { abi, bytecode } = shipped('@snowbridge/contracts/out/BeefyClient.sol/BeefyClient.json')
  const client = await anvil.deploy(abi, bytecode, [4n, 8n, 17n, SAMPLE, 1n, set, { ...set, id: SET + 1n }])
  const bits = Array.from({ length: Math.ceil(count / 256) }, (_, word) =>
    word * 256 < signing ? 2n ** BigInt(Math.min(256, signing - word * 256)) - 1n : 0n,
  )
  const leaf = {
    version: 0,
    parentNumber: 1,
    parentHash: hex(random.bytes(32)),
    nextAuthoritySetID: SET + 1n,
    nextAuthoritySetLen: count,
    nextAuthoritySetRoot: set.root,
    parachainHeadsRoot: hex(random.bytes(32)),
  }
  const update = async (blockNumber: number): Promise<bigint> => {
    const root = random.bytes(32)
    const commitment = { blockNumber, validatorSetID: SET, payload: [{ payloadID: '0x6d68', data: hex(root) }] }
    const digest = hasher.hash(encoded(root, blockNumber))
    const sampled = (await anvil.read(client, abi, 'createFiatShamirFinalBitfield', [commitment, bits])) as bigint[]
    const proofs = validators.flatMap((validator, index) =>
      ((sampled[index >> 8] as bigint) >> BigInt(index & 255)) & 1n ? [signed(validator, index, digest, rows)] : [],
    )
    return anvil.send(client, abi, 'submitFiatShamir', [commitment, bits, proofs, leaf, [hex(ZERO32)], 0n])
  }
  // The first one pays for what has no value yet.
  await update(2)
  return Number(await update(3))
}

function signed(
  { privateKey, address }: Validator,
  index: number,
  digest: Uint8Array,
  rows: readonly (readonly Uint8Array[])[],
): object {
  const signature = secp256k1.sign(digest, privateKey)
  const siblings = rows.slice(0, -1).map((row, level) => row[(index >> level) ^ 1] as Uint8Array)
  return {
    v: signature[64],
    r: hex(signature.subarray(0, 32)),
    s: hex(signature.subarray(32, 64)),
    index: BigInt(index),
    account: hex(address),
    proof: pathValue(siblings),
  }
}

/** The rows of a tree, from its leaves to its root; a node without a sibling rises as it is. */
function rowsOver(leaves: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const rows = [leaves]
  for (let row = leaves; row.length > 1; rows.push(row)) {
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) => {
      const [left, right] = [row[2 * i] as Uint8Array, row[2 * i + 1]]
      return right === undefined ? left : hasher.hash(concat(left, right))
    })
  }
  return rows
}

/** A commitment as it is signed, in the encoding of Substrate: one payload of 32 bytes, and numbers with their lowest byte first. */
function encoded(root: Uint8Array, blockNumber: number): Uint8Array {
  const number = (value: bigint, size: number): Uint8Array =>
    (fromHex(numberToHex(value, { size })) as Uint8Array).toReversed()
  return concat(
    Uint8Array.of(1 << 2),
    utf8('mh'),
    Uint8Array.of(32 << 2),
    root,
    number(BigInt(blockNumber), 4),
    number(SET, 8),
  )
}
