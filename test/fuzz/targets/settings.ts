/** Files that an operator writes or a program leaves: the config file, and the note of a transaction that may have been sent. */
import { encodeFunctionData, type Hex, hexToBytes, keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { cairnAnchorsAbi } from '../../../contracts-abi/index.ts'
import { decodeConfig } from '../../../src/cli/settings/config-file.ts'
import { type Pending, readPending, writePending } from '../../../src/evm/pending.ts'
import { anchoredUnder } from '../../../src/verify/anchor.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import { nobleEngine } from '../../../src/verify/engine.ts'
import { demandSameJson, type Example, of, type Target, target } from '../target.ts'

const config = (value: unknown): Example => [of('json', JSON.stringify(value))]

const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const payer = privateKeyToAccount(toHex(hash(1)) as Hex)
const contract = new Uint8Array(20).fill(4)
const anchored = {
  head: { chainId: hash(6), height: 5n, blockHash: hash(7), timestamp: 9n },
  path: [hash(8), hash(9)],
}
const root = anchoredUnder(anchored.head, anchored.path, nobleEngine.hasher)
// Truly signed: what a note says otherwise than its transaction is refused.
const raw = await payer.signTransaction({
  chainId: 1,
  nonce: 7,
  to: toHex(contract) as Hex,
  data: encodeFunctionData({ abi: cairnAnchorsAbi, functionName: 'anchor', args: [toHex(root) as Hex, 'a place'] }),
  gas: 60_000n,
  maxFeePerGas: 2n,
  maxPriorityFeePerGas: 1n,
})
const pending: Pending = {
  format: 'cairn.evm-pending/v1',
  purpose: 'an anchor of two heads',
  evmChainId: 1n,
  from: hexToBytes(payer.address),
  nonce: 7n,
  transaction: keccak256(raw, 'bytes'),
  raw: hexToBytes(raw),
  anchor: {
    contract,
    root,
    anchored: [anchored],
  },
}

/** A note on a disk that is one value. */
function keepOf(there?: Uint8Array) {
  const keep = {
    bytes: there,
    read: () => Promise.resolve(keep.bytes),
    write: (bytes: Uint8Array) => {
      keep.bytes = bytes
      return Promise.resolve()
    },
    remove: () => Promise.resolve(),
  }
  return keep
}

const noted = keepOf()
await writePending(noted, pending)

export const settings: readonly Target[] = [
  target({
    name: 'config',
    codes: ['invalid_config'],
    examples: [
      config({ $schema: './config.schema.json', data: 'chain', keys: 'keys', machine: ['kv', './own.js'], port: 4270 }),
      config({ url: 'http://127.0.0.1:4270', pin: 'pin', chainId: `0x${'ab'.repeat(32)}`, timeout: 5, log: 'warn' }),
      config({ machine: 'ledger', level: 'roots', cores: 2, maxBody: 4096, maxRequests: 10, maxListeners: 0 }),
    ],
    decode: (input) => decodeConfig(input, 'cairn.config.json'),
    check(values, input) {
      const given = JSON.parse(Buffer.from(input).toString()) as Record<string, unknown>
      const names = Object.keys(given).filter((name) => name !== '$schema')
      const isAll = names.length === values.size && names.every((name) => values.has(name as never))
      if (!isAll) throw new Error(`it takes ${[...values.keys()].join(', ')} of ${names.join(', ')}`)
    },
  }),
  target({
    name: 'evm-pending',
    codes: ['pending_invalid'],
    examples: [[of('json', noted.bytes ?? '')]],
    decode: (input) => readPending(keepOf(input)),
    async check(read, input) {
      const again = keepOf()
      if (read !== undefined) await writePending(again, read)
      demandSameJson(input, Buffer.from(again.bytes ?? []).toString())
    },
  }),
]
