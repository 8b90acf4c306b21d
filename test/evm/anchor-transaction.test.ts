/** What an RPC has to say before the transaction of an anchor is believed: each thing that is missing, wrong or of no form keeps it from that. */
import { createAddressFromString } from '@ethereumjs/util'
import { encodeEventTopics, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { cairnAnchorsAbi, cairnAnchorsBytecode } from '../../contracts-abi/index.ts'
import { type Ask, type Found, findTransaction, isAnchorsCode } from '../../src/evm/anchor-transaction.ts'
import type { Anchor } from '../../src/verify/anchor.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { CairnError } from '../../src/verify/error.ts'
import { InProcess } from '../support/evm/in-process.ts'
import { Random, seed } from '../support/seed.ts'

const random = new Random()
const hash = (): string => toHex(random.bytes(32))
const anchor: Anchor = {
  format: 'cairn.anchor/v1',
  evm: { chainId: 31337n, contract: random.bytes(20), transaction: random.bytes(32) },
  root: random.bytes(32),
  head: { chainId: random.bytes(32), height: 5n, blockHash: random.bytes(32), timestamp: 7n },
  path: [],
}
const contract = toHex(anchor.evm.contract)
const transaction = toHex(anchor.evm.transaction)
const root = toHex(anchor.root)
const blockHash = hash()
const args = { root: root as Hex, publisher: toHex(random.bytes(20)) as Hex }
const topics = encodeEventTopics({ abi: cairnAnchorsAbi, eventName: 'Anchored', args }) as readonly string[]
const code = `0x${cairnAnchorsBytecode.slice(-2 * 968)}`

const OTHER = 'that transaction anchored another root, or in another contract'
const UNKNOWN = 'the contract is none that is known here: know who wrote it'
const REPLACED = 'the block that it was in is not on the EVM chain any more: ask again later'

const log = { address: contract, topics }
const receipt = { transactionHash: transaction, status: '0x1', blockNumber: '0x5', blockHash, logs: [log] }
const GOOD: Readonly<Record<string, unknown>> = {
  eth_chainId: '0x7a69',
  eth_getTransactionReceipt: receipt,
  eth_getTransactionByHash: { hash: transaction },
  eth_getCode: code,
  eth_getBlockByNumber: { hash: blockHash },
  eth_blockNumber: '0xa',
}

const asking =
  (answers: Readonly<Record<string, unknown>>): Ask =>
  ({ method }) =>
    Promise.resolve(answers[method])

const found = (changed: object): Promise<Found> => findTransaction(asking({ ...GOOD, ...changed }), anchor)

const receiptWith = (changed: object): object => ({ eth_getTransactionReceipt: { ...receipt, ...changed } })
const logWith = (changed: object): object => receiptWith({ logs: [{ ...log, ...changed }] })

describe(`the transaction of an anchor (CAIRN_SEED=${seed})`, () => {
  it('is believed where all of it is as the anchor says, and it is told where it stands', async () => {
    const asked: unknown[] = []
    const ask: Ask = ({ method, params }) => {
      asked.push([method, ...params])
      return Promise.resolve(GOOD[method])
    }
    expect(await findTransaction(ask, anchor)).toEqual({
      verdict: { check: 'transaction', verdict: 'ok' },
      said: 'Anchored in block 5 of the EVM chain 31337, 6 blocks deep.',
    })
    expect(asked).toEqual([
      ['eth_chainId'],
      ['eth_getTransactionReceipt', transaction],
      ['eth_getCode', contract, 'latest'],
      ['eth_getBlockByNumber', '0x5', false],
      ['eth_blockNumber'],
    ])
  })

  it.each([
    ['beside other events', receiptWith({ logs: [{ address: toHex(random.bytes(20)), topics: [] }, log] })],
    ['with an address and hashes in capitals', logWith({ address: `0x${contract.slice(2).toUpperCase()}` })],
    ['as deep as it has to be', { eth_blockNumber: '0x7' }],
  ])('is believed %s', async (_, changed) => {
    expect((await found(changed)).verdict.verdict).toBe('ok')
  })

  it.each([
    ['the EVM chain is another one', { eth_chainId: '0x1' }, 'the RPC is of the EVM chain 1, and the anchor of 31337'],
    [
      'there is none',
      { eth_getTransactionReceipt: null, eth_getTransactionByHash: null },
      'there is no such transaction on the EVM chain',
    ],
    ['it was reverted', receiptWith({ status: '0x0' }), 'that transaction failed: it anchored nothing'],
    ['it says nothing', receiptWith({ logs: [] }), OTHER],
    ['another contract says it', logWith({ address: toHex(random.bytes(20)) }), OTHER],
    ['it anchored another root', logWith({ topics: topics.with(1, hash()) }), OTHER],
    ['it is another event', logWith({ topics: topics.with(0, hash()) }), OTHER],
    ['the event has no publisher', logWith({ topics: topics.slice(0, 2) }), OTHER],
    ['the event has more', logWith({ topics: [...topics, hash()] }), OTHER],
  ])('fails where %s', async (_, changed, reason) => {
    expect(await found(changed)).toEqual({ verdict: { check: 'transaction', verdict: 'fail', reason } })
  })

  it.each([
    ['it waits', { eth_getTransactionReceipt: null }, 'the transaction is in no block yet: ask again later'],
    ['the contract is another one', { eth_getCode: `${code}00` }, UNKNOWN],
    ['the contract is the tail of CairnAnchors', { eth_getCode: `0x${code.slice(-2)}` }, UNKNOWN],
    ['there is no contract', { eth_getCode: '0x' }, UNKNOWN],
    ['its block was replaced', { eth_getBlockByNumber: { hash: hash() } }, REPLACED],
    ['its block is gone', { eth_getBlockByNumber: null }, REPLACED],
    ['it is the newest', { eth_blockNumber: '0x5' }, 'it is 1 block deep, of 3: ask again later'],
    ['it is not deep enough', { eth_blockNumber: '0x6' }, 'it is 2 blocks deep, of 3: ask again later'],
    ['the node is behind', { eth_blockNumber: '0x1' }, 'it is 0 blocks deep, of 3: ask again later'],
  ])('is left open where %s', async (_, changed, reason) => {
    expect(await found(changed)).toEqual({ verdict: { check: 'transaction', verdict: 'unchecked', reason } })
  })

  it('is never believed, and nothing else breaks, where a member of an answer is anything else', async () => {
    const hostile = [
      undefined,
      null,
      '',
      '0x',
      '0',
      7,
      1e99,
      true,
      {},
      [],
      [[]],
      'x'.repeat(99),
      `0x${'f'.repeat(17)}`,
      hash(),
      '0x7A6g',
    ]
    const places: readonly ((value: unknown) => object)[] = [
      ...Object.keys(GOOD)
        .filter((method) => method !== 'eth_getTransactionByHash')
        .map((method) => (value: unknown) => ({ [method]: value })),
      ...Object.keys(receipt).map((name) => (value: unknown) => receiptWith({ [name]: value })),
      ...Object.keys(log).map((name) => (value: unknown) => logWith({ [name]: value })),
      (value) => receiptWith({ logs: [value] }),
      // Who published it may be anybody.
      ...[0, 1].map((i) => (value: unknown) => logWith({ topics: (topics as readonly unknown[]).with(i, value) })),
      (value) => ({ eth_getBlockByNumber: { hash: value } }),
      (value) => ({ eth_getTransactionReceipt: null, eth_getTransactionByHash: value }),
      (value) => ({ eth_getTransactionReceipt: null, eth_getTransactionByHash: { hash: value } }),
    ]
    for (const place of places) {
      for (const value of hostile) {
        const ended = await found(place(value)).then(
          ({ verdict }) => verdict.verdict,
          (error: unknown) => (error instanceof CairnError ? error.code : error),
        )
        expect(['fail', 'unchecked', 'rpc_failed']).toContain(ended)
      }
    }
  })
})

it('the code of CairnAnchors is what its deployment leaves, all of it and nothing else', async () => {
  const evm = await InProcess.start()
  const { address } = await evm.deploy({ abi: cairnAnchorsAbi, bytecode: cairnAnchorsBytecode })
  const there = toHex(await evm.vm.stateManager.getCode(createAddressFromString(address)))
  expect(there).toBe(code)
  expect(isAnchorsCode(there)).toBe(true)
  for (const other of [undefined, null, '', '0x', `${there}00`, there.slice(0, -2), `0x${there.slice(4)}`])
    expect(isAnchorsCode(other)).toBe(false)
})
