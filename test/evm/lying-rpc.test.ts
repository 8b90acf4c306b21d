/** An RPC that answers half, says one thing now and another one then, or keeps what is on the chain no more: nobody signs, pays or waits for what is not so. */
import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accountOf } from '../../src/evm/account.ts'
import { deployAnchors } from '../../src/evm/anchors.ts'
import { finish, type Patience } from '../../src/evm/finish.ts'
import { ContractClient } from '../../src/evm/light-client.ts'
import { type Keep, type Pending, readPending } from '../../src/evm/pending.ts'
import { openRpc } from '../../src/evm/rpc.ts'
import { commit, estimate, raise } from '../../src/evm/transact.ts'
import { hex } from '../../src/evm/values.ts'
import { fromHex, nobleEngine } from '../../src/verify/index.ts'
import { chainFolder } from '../cli/chain-folder.ts'
import { Anvil, RICH_KEY } from '../support/evm/anvil.ts'
import { MiddleRpc } from '../support/evm/middle-rpc.ts'
import { codeOf } from '../support/sim-chain.ts'
import { PAYER_OPTIONS, writePayer } from './payer.ts'

const { at, cairn } = chainFolder()
const anvil = await Anvil.start()
const other = await Anvil.start('--chain-id', '777')
const middle = await MiddleRpc.start(anvil.url)
beforeAll(() => writePayer(at))
afterEach(() => middle.reset())
afterAll(async () => {
  await middle.close()
  await anvil.stop()
  await other.stop()
})

const account = accountOf(fromHex(RICH_KEY) as Uint8Array, nobleEngine)
const rpc = openRpc(middle.url)
const call = { purpose: 'nothing', to: `0x${'11'.repeat(20)}`, data: '0x' } as const
const MAX = 10n ** 12n
const nonce = () => anvil.chain.getTransactionCount({ address: account.address })
const patience = (more: Partial<Patience> = {}): Patience => ({
  now: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
  confirmations: 1,
  timeout: 5000,
  interval: 20,
  ...more,
})

function keepInMemory(): Keep {
  let there: Uint8Array | undefined
  return {
    read: async () => there,
    write: async (bytes) => {
      there = bytes
    },
    remove: async () => {
      there = undefined
    },
  }
}

async function begun(): Promise<{ readonly keep: Keep; readonly pending: Pending }> {
  const keep = keepInMemory()
  return { keep, pending: await commit(keep, account, await estimate(rpc, account.address, call)) }
}

describe('an RPC that answers half', () => {
  it('fails by a code, whatever it is asked and whatever comes', async () => {
    for (const method of ['eth_chainId', 'eth_getTransactionCount', 'eth_estimateGas', 'eth_blockNumber']) {
      for (const answer of [null, 'abc', '0x', '0x-1', {}]) {
        const { keep, pending } = await begun()
        middle.change = (asked, result) => (asked === method ? answer : result)
        const run = async () => {
          await estimate(rpc, account.address, call)
          await finish(rpc, keep, pending, patience())
        }
        expect([method, answer, await run().catch(codeOf)]).toEqual([method, answer, 'rpc_failed'])
        middle.reset()
        await finish(rpc, keep, pending, patience())
      }
    }
  })

  it('has not said that a transaction did nothing: its note stays, and it is sent once', async () => {
    const before = await nonce()
    const { keep, pending } = await begun()
    for (const missing of ['status', 'blockNumber', 'transactionHash', 'gasUsed', 'logs']) {
      middle.change = (method, result) => {
        if (method !== 'eth_getTransactionReceipt' || result === null) return result
        return { ...(result as object), [missing]: null }
      }
      expect([missing, await finish(rpc, keep, pending, patience()).catch(codeOf)]).toEqual([missing, 'rpc_failed'])
      expect(await readPending(keep)).toEqual(pending)
    }
    middle.reset()
    await finish(rpc, keep, pending, patience())
    expect(await nonce()).toBe(before + 1)
  })

  it('and gives no receipt of what it knows to be in a block has not said that another one took its place', async () => {
    const { keep, pending } = await begun()
    middle.change = (method, result) => (method === 'eth_getTransactionReceipt' ? null : result)
    expect(await finish(rpc, keep, pending, patience({ timeout: 500 })).catch(codeOf)).toBe('transaction_unconfirmed')
  })

  it('or says that the fault is its own is not a contract that refuses', async () => {
    const client = new ContractClient(rpc, `0x${'33'.repeat(20)}`)
    const error = { code: -32603, message: 'missing trie node' }
    middle.answer = (response) => response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }))
    expect(await client.chainId().catch(codeOf)).toBe('rpc_failed')
    expect(await client.isFrozen().catch(codeOf)).toBe('rpc_failed')
    expect(await estimate(rpc, account.address, call).catch(codeOf)).toBe('rpc_failed')
  })
})

describe('an RPC that comes to no end', () => {
  it('with an answer, or tells to ask it again next week, is waited for no longer than its time', async () => {
    const impatient = openRpc(middle.url, 100)
    for (const [answer, why] of [
      [(response) => response.writeHead(200).write('{"jsonrpc":'), 'timeout'],
      [(response) => response.writeHead(429, { 'retry-after': '604800' }).end(), 'again in 604800 s'],
    ] as readonly [(response: ServerResponse) => void, string][]) {
      middle.answer = answer
      await expect(estimate(impatient, account.address, call)).rejects.toMatchObject({
        code: 'rpc_failed',
        message: expect.stringContaining(why),
      })
    }
  })
})

describe('an RPC that keeps the receipt of a block that another one took the place of', () => {
  it('has not shown that the transaction is on the chain: it is sent again, and waited for', async () => {
    const { keep, pending } = await begun()
    const kept = new Map<string, unknown>()
    middle.change = (method, result) => {
      if (method !== 'eth_getTransactionReceipt') return result
      if (result !== null) kept.set('it', result)
      return kept.get('it') ?? null
    }
    const before = await anvil.chain.snapshot()
    await finish(rpc, keep, pending, patience())
    await anvil.chain.revert({ id: before })
    await anvil.chain.setAutomine(false)
    await anvil.chain.mine({ blocks: 5 })
    const waiting = finish(rpc, keep, pending, patience({ timeout: 500 })).catch(codeOf)
    expect(await waiting).toBe('transaction_unconfirmed')
    expect(await anvil.chain.getTransaction({ hash: hex(pending.transaction) })).toMatchObject({ blockNumber: null })
    await anvil.chain.setAutomine(true)
    await anvil.chain.mine({ blocks: 1 })
    middle.reset()
    await finish(rpc, keep, pending, patience())
  })
})

describe('an RPC of another EVM chain', () => {
  it('says nothing of the fees of a transaction that waits: it is not signed again by them', async () => {
    const { keep, pending } = await begun()
    expect(await raise(openRpc(other.url), keep, account, pending, MAX).catch(codeOf)).toBe('wrong_evm_chain')
    expect(await readPending(keep)).toEqual(pending)
    await finish(rpc, keep, pending, patience())
  })

  it('and that says so only after it was asked once has nothing signed for that chain', async () => {
    let asked = 0
    middle.change = (method, result) => (method === 'eth_chainId' && asked++ > 0 ? '0x309' : result)
    const paid = [...PAYER_OPTIONS, '--rpc', middle.url, '--confirmations', '1', '--yes', '--evm-chain-id', '31337']
    const { code, stderr } = await cairn('evm', 'deploy', 'anchors', ...paid, '--state', 'meant', '--timeout', '1')
    expect([code, stderr]).toEqual([1, expect.stringContaining('The RPC is of the EVM chain 777, and 31337 is meant')])
    expect(existsSync(at('meant', 'pending.json'))).toBe(false)
  })
})

describe('without --yes', () => {
  it('nothing is sent, what was begun neither', async () => {
    const args = [
      'evm',
      'deploy',
      'anchors',
      ...PAYER_OPTIONS,
      '--rpc',
      anvil.url,
      '--state',
      'begun',
      '--timeout',
      '1',
    ]
    await anvil.chain.setAutomine(false)
    expect((await cairn(...args, '--yes')).stderr).toContain('Repeat the command')
    const { transaction: hash } = JSON.parse(readFileSync(at('begun', 'pending.json'), 'utf8')) as { transaction: Hex }
    await anvil.chain.dropTransaction({ hash })
    const { code, stderr } = await cairn(...args, '--json')
    expect([code, JSON.parse(stderr)]).toMatchObject([1, { error: { code: 'transaction_pending' } }])
    await expect(anvil.chain.getTransaction({ hash })).rejects.toThrow('could not be found')
    await anvil.chain.setAutomine(true)
    expect((await cairn(...args, '--yes', '--confirmations', '1')).stdout).toContain(deployAnchors().purpose)
  })
})
