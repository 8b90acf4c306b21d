/** Transactions are not sent twice, whatever happens on the way: what each fault gives is told by its code. */
import { type Hex, type PublicClient, parseTransaction, type TransactionReceipt } from 'viem'
import { afterAll, describe, expect, it } from 'vitest'
import { cairnAnchorsAbi } from '../../contracts-abi/index.ts'
import { accountOf } from '../../src/evm/account.ts'
import { anchorTree } from '../../src/evm/anchor-tree.ts'
import { anchorCall, demandAnchors, deployAnchors, judgeTransaction } from '../../src/evm/anchors.ts'
import { evidenceCall } from '../../src/evm/evidence.ts'
import { deployedBy, finish, type Patience } from '../../src/evm/finish.ts'
import { ContractClient, deployClient, submission } from '../../src/evm/light-client.ts'
import { type Keep, PENDING_MAX, type Pending, readPending, takeUpPending } from '../../src/evm/pending.ts'
import { openRpc } from '../../src/evm/rpc.ts'
import { type Call, commit, estimate, raise } from '../../src/evm/transact.ts'
import { hex } from '../../src/evm/values.ts'
import { readBounded, writeDurably } from '../../src/store/durable-file.ts'
import { type CairnError, fromHex, nobleEngine } from '../../src/verify/index.ts'
import { EIO } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { Anvil, RICH_KEY } from '../support/evm/anvil.ts'
import { sideOf } from '../support/evm/followed.ts'
import { testContracts } from '../support/evm/solidity.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { codeOf } from '../support/sim-chain.ts'

const { hasher } = nobleEngine
const random = new Random(5)
const anvil = await Anvil.start()
const old = await Anvil.start('--hardfork', 'berlin', '--chain-id', '777')
afterAll(async () => {
  await anvil.stop()
  await old.stop()
})

const account = accountOf(fromHex(RICH_KEY) as Uint8Array, nobleEngine)
const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

function patience(more: Partial<Patience> = {}): Patience {
  return { now: () => performance.now(), sleep, confirmations: 1, timeout: 5000, interval: 20, ...more }
}

/** An RPC that says of receipts what it likes. */
function withReceipts(rpc: PublicClient, said: (receipt: TransactionReceipt) => TransactionReceipt): PublicClient {
  const ask = rpc.getTransactionReceipt.bind(rpc)
  return Object.assign(Object.create(rpc) as PublicClient, {
    getTransactionReceipt: async (of: Parameters<typeof ask>[0]) => said(await ask(of)),
  })
}

class MemoryKeep implements Keep {
  bytes: Uint8Array | undefined
  read(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.bytes)
  }
  write(bytes: Uint8Array): Promise<void> {
    this.bytes = bytes
    return Promise.resolve()
  }
  remove(): Promise<void> {
    this.bytes = undefined
    return Promise.resolve()
  }
}

async function sent(of: Anvil, call: Call) {
  const [rpc, keep] = [openRpc(of.url), new MemoryKeep()]
  const pending = await commit(keep, account, await estimate(rpc, account.address, call))
  return finish(rpc, keep, pending, patience())
}

const head = { chainId: random.bytes(32), height: 5n, blockHash: random.bytes(32), timestamp: 7n }
const tree = anchorTree([head], hasher)
const nonce = (of = anvil) => of.chain.getTransactionCount({ address: account.address })

describe.each([
  ['with a base fee', anvil, 31337],
  ['without one, as before EIP-1559', old, 777],
] as const)('on an EVM chain %s', (_, of, chainId) => {
  it('deploys and anchors; the receipt is believed when it is deep enough', async () => {
    const rpc = openRpc(of.url)
    const { receipt } = await sent(of, deployAnchors())
    const contract = receipt.contractAddress
    if (contract === null || contract === undefined) throw new Error('it made a contract')
    await demandAnchors(rpc, contract)
    const { pending } = await sent(of, anchorCall(contract, tree, 'https://example.org'))
    expect(await of.read(contract, cairnAnchorsAbi, 'anchoredAt', [hex(tree.root)])).toBeGreaterThan(0n)
    const evm = {
      chainId: BigInt(chainId),
      contract: fromHex(contract) as Uint8Array,
      transaction: pending.transaction,
    }
    const anchor = { format: 'cairn.anchor/v1', evm, root: tree.root, head, path: [] } as const
    expect(await judgeTransaction(rpc, anchor)).toMatchObject({ verdict: 'unchecked' })
    await of.chain.mine({ blocks: 2 })
    expect(await judgeTransaction(rpc, anchor)).toEqual({ check: 'transaction', verdict: 'ok' })
    expect(await judgeTransaction(rpc, { ...anchor, root: random.bytes(32) })).toMatchObject({ verdict: 'fail' })
  })
})

describe('the transaction of an anchor', () => {
  it('is not believed while it waits, after it failed, and when its block was taken back', async () => {
    const rpc = openRpc(anvil.url)
    const { receipt } = await sent(anvil, deployAnchors())
    const contract: Hex = receipt.contractAddress ?? '0x'
    const anchorOf = (transaction: Hex) => {
      const evm = {
        chainId: 31337n,
        contract: fromHex(contract) as Uint8Array,
        transaction: fromHex(transaction) as Uint8Array,
      }
      return { format: 'cairn.anchor/v1', evm, root: tree.root, head, path: [] } as const
    }
    const { data } = anchorCall(contract, tree, '')
    const from = account.address
    const send = (data: Hex) => anvil.chain.sendUnsignedTransaction({ from, to: contract, data, gas: 200_000n })
    const before = await anvil.chain.snapshot()
    await anvil.chain.setAutomine(false)
    const waiting = await send(data)
    const reverted = await send(data.replace(hex(tree.root).slice(2), '00'.repeat(32)) as Hex)
    const waits = {
      check: 'transaction',
      verdict: 'unchecked',
      reason: 'the transaction is in no block yet: ask again later',
    }
    expect(await judgeTransaction(rpc, anchorOf(waiting))).toEqual(waits)
    await anvil.chain.mine({ blocks: 4 })
    await anvil.chain.setAutomine(true)
    expect(await judgeTransaction(rpc, anchorOf(waiting))).toEqual({ check: 'transaction', verdict: 'ok' })
    expect(await judgeTransaction(rpc, anchorOf(reverted))).toMatchObject({
      verdict: 'fail',
      reason: 'that transaction failed: it anchored nothing',
    })
    await anvil.chain.revert({ id: before })
    await anvil.chain.mine({ blocks: 9 })
    expect(await judgeTransaction(rpc, anchorOf(waiting))).toMatchObject({ verdict: expect.not.stringMatching('ok') })
  })
})

describe('a transaction that was signed', () => {
  const call = { purpose: 'nothing', to: `0x${'11'.repeat(20)}`, data: '0x' } as const
  const rpc = openRpc(anvil.url)

  it('is noted before it is sent, and nothing else is signed as long as it is there', async () => {
    const keep = new MemoryKeep()
    const before = await nonce()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    expect(await nonce()).toBe(before)
    expect(await readPending(keep)).toEqual(pending)
    await expect(commit(keep, account, await estimate(rpc, account.address, call))).rejects.toMatchObject({
      code: 'transaction_pending',
    })
    await finish(rpc, keep, pending, patience())
    // Once more, as after a crash before the note was removed.
    await finish(rpc, keep, pending, patience())
    expect(await nonce()).toBe(before + 1)
    expect(await readPending(keep)).toEqual(pending)
  })

  it('waits for the depth that was asked for, and tells that it is not there yet', async () => {
    const keep = new MemoryKeep()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    const early = await finish(rpc, keep, pending, patience({ confirmations: 4, timeout: 100 })).catch(codeOf)
    expect(early).toBe('transaction_unconfirmed')
    const aborted = await finish(rpc, keep, pending, patience({ confirmations: 4, signal: AbortSignal.abort() })).catch(
      codeOf,
    )
    expect(aborted).toBe('transaction_unconfirmed')
    await anvil.chain.mine({ blocks: 3 })
    expect((await finish(rpc, keep, pending, patience({ confirmations: 4 }))).receipt.status).toBe('success')
  })

  it('is sent again after its block was replaced by others without it', async () => {
    const [keep, before] = [new MemoryKeep(), await nonce()]
    const snapshot = await anvil.chain.snapshot()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    await finish(rpc, keep, pending, patience())
    await anvil.chain.revert({ id: snapshot })
    expect(await nonce()).toBe(before)
    await finish(rpc, keep, pending, patience())
    expect(await nonce()).toBe(before + 1)
  })

  it('whose nonce another one took is told, and never sent under another nonce', async () => {
    const keep = new MemoryKeep()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    await anvil.sendData(`0x${'22'.repeat(20)}`, '0x')
    expect(await finish(rpc, keep, pending, patience()).catch(codeOf)).toBe('transaction_replaced')
    expect(await readPending(keep)).toEqual(pending)
  })

  it('is not given up because a node that is late has not heard of it', async () => {
    const keep = new MemoryKeep()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    const questions: TransactionReceipt[] = []
    // The nonce is told by a node that has the block, the receipt by one that has not.
    const late = withReceipts(rpc, (receipt) => {
      questions.push(receipt)
      if (questions.length < 8) throw Object.assign(new Error('none'), { name: 'TransactionReceiptNotFoundError' })
      return receipt
    })
    const finished = finish(late, keep, pending, patience({ confirmations: 3 }))
    while (questions.length < 10) await sleep(10)
    await anvil.chain.mine({ blocks: 2 })
    expect((await finished).pending).toEqual(pending)
  })

  it('makes a contract where account and nonce say, whatever the RPC says', async () => {
    const [keep, elsewhere] = [new MemoryKeep(), `0x${'66'.repeat(20)}` as const]
    const pending = await commit(keep, account, await estimate(rpc, account.address, deployAnchors()))
    const lying = withReceipts(rpc, (receipt) => ({ ...receipt, contractAddress: elsewhere }))
    const sent = await finish(lying, keep, pending, patience())
    expect(sent.receipt.contractAddress).toBe(elsewhere)
    await demandAnchors(rpc, deployedBy(sent.pending))
  })

  it('that was carried out and reverted is over', async () => {
    const keep = new MemoryKeep()
    const { receipt } = await sent(anvil, deployAnchors())
    const contract = receipt.contractAddress as `0x${string}`
    const expected = await estimate(rpc, account.address, anchorCall(contract, tree, ''))
    // As if what was true at the estimate were true no more: the contract has no such function.
    const pending = await commit(keep, account, { ...expected, data: '0xdeadbeef' })
    expect(await finish(rpc, keep, pending, patience()).catch(codeOf)).toBe('transaction_reverted')
    expect(await readPending(keep)).toBe(undefined)
  })

  it('is of one EVM chain, whatever RPC is named the next time', async () => {
    const keep = new MemoryKeep()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    expect(await finish(openRpc(old.url), keep, pending, patience()).catch(codeOf)).toBe('wrong_evm_chain')
    await finish(rpc, keep, pending, patience())
  })

  it('is refused by the contract before it is paid for, by the name of the error', async () => {
    const { receipt } = await sent(anvil, deployAnchors())
    const nothing = { root: new Uint8Array(32), anchored: tree.anchored }
    const refused = await estimate(
      rpc,
      account.address,
      anchorCall(receipt.contractAddress as `0x${string}`, nothing, ''),
    ).catch((error: unknown) => error as CairnError)
    expect(refused).toMatchObject({ code: 'contract_refused', details: { error: 'NoRoot' } })
  })
})

describe('a transaction whose fee is too low', () => {
  const rpc = openRpc(anvil.url)
  const call = { purpose: 'nothing', to: `0x${'11'.repeat(20)}`, data: '0x' } as const
  const MAX = 10n ** 12n

  /** Sent, and in no block as long as `run` runs. */
  async function waiting(run: (keep: MemoryKeep, pending: Pending) => Promise<void>): Promise<void> {
    const keep = new MemoryKeep()
    const pending = await commit(keep, account, await estimate(rpc, account.address, call))
    await anvil.chain.setAutomine(false)
    try {
      expect(await finish(rpc, keep, pending, patience({ timeout: 0 })).catch(codeOf)).toBe('transaction_unconfirmed')
      await run(keep, pending)
    } finally {
      await anvil.chain.setAutomine(true)
      await anvil.chain.mine({ blocks: 1 })
    }
  }

  it('is signed again under its nonce with a higher one: one of the two is carried out', async () => {
    const before = await nonce()
    await waiting(async (keep, pending) => {
      const raised = await raise(rpc, keep, account, pending, MAX)
      expect(raised).toMatchObject({ nonce: pending.nonce, replaced: [pending.transaction] })
      expect(await readPending(keep)).toEqual(raised)
      const [old, now] = [parseTransaction(hex(pending.raw)), parseTransaction(hex(raised.raw))]
      for (const same of ['chainId', 'nonce', 'gas', 'to', 'data', 'value'] as const)
        expect(now[same]).toEqual(old[same])
      for (const fee of ['maxFeePerGas', 'maxPriorityFeePerGas'] as const) {
        expect(Number(now[fee])).toBeGreaterThan(Number(old[fee]) * 1.12)
      }
      expect(await finish(rpc, keep, raised, patience({ timeout: 0 })).catch(codeOf)).toBe('transaction_unconfirmed')
      await anvil.chain.mine({ blocks: 1 })
      expect((await finish(rpc, keep, raised, patience())).pending.transaction).toEqual(raised.transaction)
    })
    expect(await nonce()).toBe(before + 1)
  })

  it('is found where it was carried out after all, before the other one', async () => {
    const before = await nonce()
    await waiting(async (keep, pending) => {
      const raised = await raise(rpc, keep, account, pending, MAX)
      await anvil.chain.mine({ blocks: 1 })
      expect((await finish(rpc, keep, raised, patience())).pending.transaction).toEqual(pending.transaction)
    })
    expect(await nonce()).toBe(before + 1)
  })

  it('is not raised above what is allowed, nor by another account', async () => {
    await waiting(async (keep, pending) => {
      const { maxFeePerGas = 0n } = parseTransaction(hex(pending.raw))
      expect(await raise(rpc, keep, account, pending, maxFeePerGas).catch(codeOf)).toBe('fee_too_high')
      const other = accountOf(random.bytes(32), nobleEngine)
      expect(await raise(rpc, keep, other, pending, MAX).catch(codeOf)).toBe('transaction_pending')
      expect(await readPending(keep)).toEqual(pending)
    })
  })

  it('is raised on a chain without a base fee, too', async () => {
    const [there, keep] = [openRpc(old.url), new MemoryKeep()]
    const pending = await commit(keep, account, await estimate(there, account.address, call))
    const raised = await raise(there, keep, account, pending, MAX)
    const [before, after] = [pending, raised].map(({ raw }) => parseTransaction(hex(raw)).gasPrice ?? 0n)
    expect(Number(after)).toBeGreaterThan(Number(before) * 1.12)
    await finish(there, keep, raised, patience())
  })
})

/** As the command line keeps it. */
const keepOn = ({ disk }: World): Keep => ({
  read: () => readBounded(disk, 'evm', 'pending.json', PENDING_MAX),
  write: (bytes) => writeDurably(disk, 'evm', 'pending.json', bytes),
  remove: () => disk.unlink('evm/pending.json'),
})

describe('the note of a transaction', () => {
  it('is there for good before it is sent by another command, though a sync of it failed', async () => {
    const rpc = openRpc(anvil.url)
    const call = { purpose: 'nothing', to: `0x${'11'.repeat(20)}`, data: '0x' } as const
    const expected = await estimate(rpc, account.address, call)
    for (let round = 0; round < 12; round++) {
      let world = new World({ seed: round })
      await world.disk.makeDirectory('evm')
      world.failNext('syncDirectory', EIO, /evm$/)
      await expect(commit(keepOn(world), account, expected)).rejects.toBe(EIO)
      world = world.restart()
      const pending = await takeUpPending(keepOn(world))
      expect(pending).toBeDefined()
      world = world.crash()
      expect(await readPending(keepOn(world))).toEqual(pending)
    }
  })

  const rpc = openRpc(anvil.url)

  it('is of what was signed: whoever changes a word of it is found out', async () => {
    const { receipt } = await sent(anvil, deployAnchors())
    const contract = receipt.contractAddress as `0x${string}`
    const keep = new MemoryKeep()
    const anchor = { contract: fromHex(contract) as Uint8Array, ...tree }
    const pending = await commit(
      keep,
      account,
      await estimate(rpc, account.address, anchorCall(contract, tree, '')),
      anchor,
    )
    const note = JSON.parse(Buffer.from(keep.bytes as Uint8Array).toString()) as Record<string, object>
    const other = hex(random.bytes(32))
    const { anchored } = note.anchor as { anchored: readonly { head: object; path: readonly string[] }[] }
    const heads = anchored.map(({ head, path }) => ({ head: { ...head, height: '1' }, path }))
    const paths = anchored.map(({ head, path }) => ({ head, path: [...path, other] }))
    for (const [change, why] of [
      [{ transaction: other }, 'another transaction'],
      [{ evmChainId: '1' }, 'another EVM chain'],
      [{ nonce: '999' }, 'another nonce'],
      [{ from: hex(random.bytes(20)) }, 'another account'],
      [{ anchor: { ...note.anchor, root: other } }, 'another anchor'],
      [{ anchor: { ...note.anchor, contract: hex(random.bytes(20)) } }, 'another anchor'],
      [{ anchor: { ...note.anchor, anchored: heads } }, 'not under the root'],
      [{ anchor: { ...note.anchor, anchored: paths } }, 'not under the root'],
      [{ raw: '0x02' }, 'no transaction'],
    ] as const) {
      keep.bytes = Buffer.from(JSON.stringify({ ...note, ...change }))
      const refused = await readPending(keep).catch((error: unknown) => error as CairnError)
      expect(refused).toMatchObject({ code: 'pending_invalid', message: expect.stringContaining(why) })
    }
    keep.bytes = Buffer.from(JSON.stringify(note))
    expect(await readPending(keep)).toEqual(pending)
  })
})

describe('a contract that is not CairnAnchors', () => {
  it('is not paid for, and what it says that it anchored is not believed', async () => {
    const rpc = openRpc(anvil.url)
    const forger = testContracts('Actors.sol')('AnchorForger')
    const address = await anvil.deploy(forger.abi, forger.bytecode)
    expect(await demandAnchors(rpc, address).catch(codeOf)).toBe('no_contract')
    const { pending } = await sent(anvil, anchorCall(address, tree, ''))
    await anvil.chain.mine({ blocks: 5 })
    const evm = { chainId: 31337n, contract: fromHex(address) as Uint8Array, transaction: pending.transaction }
    const anchor = { format: 'cairn.anchor/v1', evm, root: tree.root, head, path: [] } as const
    expect(await judgeTransaction(rpc, anchor)).toMatchObject({
      verdict: 'unchecked',
      reason: expect.stringContaining('know who wrote it'),
    })
  })
})

describe('a light client that cannot go on', () => {
  const rpc = openRpc(anvil.url)
  const maker = new ChainMaker(random).grow(6)
  const fork = maker.fork(2).grow(3)

  async function following(): Promise<ContractClient> {
    const { receipt } = await sent(anvil, deployClient(maker.identity.genesis, []))
    const client = new ContractClient(rpc, receipt.contractAddress as `0x${string}`)
    const call = submission(client.address, maker.proof([], maker.madeAt(3)), await client.standing(), hasher)
    if (call === undefined) throw new Error('it is new')
    await sent(anvil, call)
    return client
  }

  it('is told: frozen, of another chain, or without a proof that leads on', async () => {
    const client = await following()
    await client.demandOf(maker.identity)
    await expect(client.demandOf(new ChainMaker(random).identity)).rejects.toMatchObject({ code: 'wrong_chain' })
    await expect(new ContractClient(rpc, `0x${'33'.repeat(20)}`).demandOf(maker.identity)).rejects.toMatchObject({
      code: 'no_contract',
    })
    const standing = await client.standing()
    const code = (attempt: () => unknown): string => {
      try {
        attempt()
        return 'none'
      } catch (error) {
        return codeOf(error)
      }
    }
    expect(code(() => submission(client.address, maker.proof([], maker.madeAt(5)), standing, hasher))).toBe(
      'proof_needed',
    )
    expect(submission(client.address, maker.proof([], maker.madeAt(3)), standing, hasher)).toBe(undefined)
    await sent(anvil, evidenceCall(client.address, maker.evidence(sideOf(maker.madeAt(4)), sideOf(fork.madeAt(4)))))
    const frozen = await client.standing()
    expect(frozen).toEqual({ kind: 'frozen' })
    expect(code(() => submission(client.address, maker.proof([]), frozen, hasher))).toBe('client_frozen')
    expect(code(() => submission(client.address, maker.proof([]), { kind: 'stuck', bases: [] }, hasher))).toBe(
      'client_stuck',
    )
  })
})
