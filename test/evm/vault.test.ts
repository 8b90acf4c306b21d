/** The vault pays what the chain says, once, to whom it says, and nothing else. Attacks by their names. */

import { encodeFunctionData, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { cairnVaultAbi, cairnVaultBytecode } from '../../contracts-abi/index.ts'
import { hex } from '../../src/evm/values.ts'
import { Followed, sideOf, withdrawal } from '../support/evm/followed.ts'
import { type Deployed, InProcess } from '../support/evm/in-process.ts'
import { type TestContract, testContracts } from '../support/evm/solidity.ts'
import { ChainMaker, type Order } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

const evm = await InProcess.start()
const actors = testContracts('Actors.sol')
const DELAY = 3600n
const VAULT: TestContract = { abi: cairnVaultAbi, bytecode: cairnVaultBytecode }
const ALICE: Hex = `0x${'a1'.repeat(20)}`

const balanceOf = (address: Hex): Promise<bigint> => evm.balanceOf(address)

interface Setting {
  readonly followed: Followed
  readonly vault: Deployed
  readonly maker: ChainMaker
}

/** A chain whose intents are made when the vault's address is known, its client at that head, and the vault with a hundred wei. */
async function setting(ordersFor: (vault: Hex) => readonly Order[]): Promise<Setting> {
  const maker = new ChainMaker(new Random(21)).grow(1, 1)
  // It made no intent yet: its commands are random, and the withdrawals shall begin somewhere.
  const followed = await Followed.of(evm, maker)
  const vault = await evm.deploy(VAULT, [followed.client.address, DELAY])
  maker.block(ordersFor(vault.address))
  expect((await followed.submit(1)).error).toBe(undefined)
  await evm.give(vault.address, 100n)
  return { followed, vault, maker }
}

function paying(...data: readonly Uint8Array[]): readonly Order[] {
  return [{ intents: data.map((each) => ({ kind: 'withdraw', data: each })) }]
}

const first = ({ maker }: Setting): bigint => maker.madeAt(0).roots.intents.size

async function withdraw(one: Setting, nth = 0n, at = 1, under?: number) {
  return one.vault.call('withdraw', ...one.followed.intent(first(one) + nth, at, under))
}

describe('paying', () => {
  it('pays when the head has stood for the delay, to the second, and who calls plays no part', async () => {
    const one = await setting((vault) => paying(withdrawal(vault, ALICE, 30n)))
    const before = await balanceOf(ALICE)
    evm.now += DELAY - 1n
    expect((await withdraw(one)).error).toBe('NotFinal')
    evm.now += 1n
    expect((await withdraw(one)).error).toBe(undefined)
    expect((await balanceOf(ALICE)) - before).toBe(30n)
    expect((await one.vault.call('isPaid', first(one))).result).toBe(true)
  })

  it('an intent paid twice: not again, not under another head, not from the history of another one', async () => {
    const one = await setting((vault) => paying(withdrawal(vault, ALICE, 30n)))
    one.maker.grow(2)
    expect((await one.followed.submit(3, 1)).error).toBe(undefined)
    evm.now += DELAY
    const before = await balanceOf(ALICE)
    expect((await withdraw(one)).error).toBe(undefined)
    for (const place of [[1], [3], [1, 3], [2, 3]] as const) {
      expect((await withdraw(one, 0n, ...place)).error).toBe('PaidAlready')
    }
    expect((await balanceOf(ALICE)) - before).toBe(30n)
  })

  it('an intent for another vault, another chain of the EVM, of another kind or form', async () => {
    const other: Hex = `0x${'0b'.repeat(20)}`
    const one = await setting((vault) => {
      const good = withdrawal(vault, ALICE, 1n)
      const dirty = Uint8Array.from(good)
      dirty[32 * 3] = 1
      return [
        ...paying(withdrawal(other, ALICE, 1n), withdrawal(vault, ALICE, 1n, undefined, 5n), good.subarray(1)),
        ...paying(Buffer.concat([good, Uint8Array.of(0)]), dirty),
        { intents: [{ kind: 'withdrew', data: good }] },
      ]
    })
    evm.now += DELAY
    const errors = [
      'ForAnotherVault',
      'ForAnotherVault',
      'NotAWithdrawal',
      'NotAWithdrawal',
      'reverted',
      'NotAWithdrawal',
    ]
    for (const [i, error] of errors.entries()) expect((await withdraw(one, BigInt(i))).error, String(i)).toBe(error)
    // What was refused is not paid: it never can be.
    expect((await one.vault.call('isPaid', first(one))).result).toBe(false)
  })

  it('an intent that is changed on the way: another recipient, amount, index or kind is another leaf', async () => {
    const one = await setting((vault) => paying(withdrawal(vault, ALICE, 1n), withdrawal(vault, ALICE, 2n)))
    evm.now += DELAY
    const [ground, under, intent, path] = one.followed.intent(first(one), 1)
    const mallory = hex(withdrawal(one.vault.address, `0x${'ee'.repeat(20)}`, 1n))
    for (const change of [{ data: mallory }, { index: first(one) + 1n }, { seq: 0n }, { kind: 'withdraw ' }]) {
      const { error } = await one.vault.call('withdraw', ground, under, { ...intent, ...change }, path)
      expect(error).toBe('reverted')
    }
    expect((await one.vault.call('withdraw', ground, under, intent, path)).error).toBe(undefined)
  })

  it('more than the vault has, or to somebody who refuses: nothing changes, and it may be tried again', async () => {
    const refusing = await evm.deploy(actors('RefusingRecipient'))
    const one = await setting((vault) =>
      paying(withdrawal(vault, ALICE, 101n), withdrawal(vault, refusing.address, 5n)),
    )
    evm.now += DELAY
    expect((await withdraw(one, 0n)).error).toBe('PaymentFailed')
    expect((await withdraw(one, 1n)).error).toBe('PaymentFailed')
    await evm.give(one.vault.address, 101n)
    expect((await withdraw(one, 0n)).error).toBe(undefined)
    await refusing.call('open')
    await evm.give(one.vault.address, 5n)
    expect((await withdraw(one, 1n)).error).toBe(undefined)
    expect(await balanceOf(refusing.address)).toBe(5n)
  })

  it('tokens: those that answer true or nothing are paid; false, and what is no token at all, are refused', async () => {
    const tokens: Deployed[] = []
    for (const manner of [0n, 1n, 2n]) tokens.push(await evm.deploy(actors('OddToken'), [manner]))
    const nobody: Hex = `0x${'dd'.repeat(20)}`
    const one = await setting((vault) =>
      paying(...[...tokens.map(({ address }) => address), nobody].map((token) => withdrawal(vault, ALICE, 7n, token))),
    )
    for (const token of tokens) await token.call('mint', one.vault.address, 7n)
    evm.now += DELAY
    expect((await withdraw(one, 0n)).error).toBe(undefined)
    expect((await withdraw(one, 1n)).error).toBe(undefined)
    expect((await withdraw(one, 2n)).error).toBe('PaymentFailed')
    expect((await withdraw(one, 3n)).error).toBe('PaymentFailed')
    for (const token of tokens.slice(0, 2)) expect((await token.call('balanceOf', ALICE)).result).toBe(7n)
  })
})

describe('being stopped', () => {
  it('a freeze stops it', async () => {
    const one = await setting((vault) => paying(withdrawal(vault, ALICE, 1n)))
    evm.now += DELAY
    const fork = one.maker.fork(0).grow(1)
    expect((await one.followed.report(sideOf(one.maker.madeAt(1)), sideOf(fork.madeAt(1)))).result).toBe(false)
    expect((await withdraw(one)).error).toBe('reverted')
    expect(await balanceOf(one.vault.address)).toBe(100n)
  })

  it('a head that is revoked after it was accepted pays nothing, however long it has stood', async () => {
    const one = await setting((vault) => paying(withdrawal(vault, ALICE, 1n)))
    evm.now += 100n * DELAY
    expect((await one.followed.revoke(one.maker.revoke(0n, one.maker.madeAt(0)))).error).toBe(undefined)
    expect((await withdraw(one)).error).toBe('reverted')
  })
})

describe('reentrancy in the vault', () => {
  it('a recipient that asks again while it is paid gets it once', async () => {
    const one = await setting((vault) => paying(withdrawal(vault, ALICE, 0n)))
    const greedy = await evm.deploy(actors('GreedyRecipient'), [one.vault.address])
    one.maker.block(
      paying(withdrawal(one.vault.address, greedy.address, 30n), withdrawal(one.vault.address, greedy.address, 30n)),
    )
    expect((await one.followed.submit(2, 1)).error).toBe(undefined)
    evm.now += DELAY
    const call = (nth: bigint) =>
      encodeFunctionData({
        abi: VAULT.abi,
        functionName: 'withdraw',
        args: one.followed.intent(first(one) + nth, 2),
      })
    await greedy.call('whenPaid', call(1n))
    expect((await withdraw(one, 1n, 2)).error).toBe(undefined)
    expect((await greedy.call('received')).result).toBe(1n)
    expect((await greedy.call('succeeded')).result).toBe(0n)
    expect(await balanceOf(greedy.address)).toBe(30n)
    // Another intent while it is paid is its right, and is paid once as well.
    one.maker.block(paying(...[20n, 20n].map((amount) => withdrawal(one.vault.address, greedy.address, amount))))
    expect((await one.followed.submit(3, 2)).error).toBe(undefined)
    evm.now += DELAY
    await greedy.call('whenPaid', call(2n))
    expect((await one.vault.call('withdraw', ...one.followed.intent(first(one) + 3n, 3))).error).toBe(undefined)
    expect((await greedy.call('succeeded')).result).toBe(1n)
    expect(await balanceOf(greedy.address)).toBe(80n)
    expect(await balanceOf(one.vault.address)).toBe(20n)
  })

  it('an answer of a megabyte is not copied', async () => {
    const loud = await evm.deploy(actors('LoudRecipient'))
    const one = await setting((vault) => paying(withdrawal(vault, loud.address, 1n), withdrawal(vault, ALICE, 1n)))
    evm.now += DELAY
    const plain = await withdraw(one, 1n)
    const bombed = await withdraw(one, 0n)
    expect(bombed.error).toBe(undefined)
    // What the recipient spends on making it is its own affair; the vault adds nothing.
    expect(bombed.gas - plain.gas).toBeLessThan(2_100_000n)
  })
})

it('is not made without a client', async () => {
  await expect(evm.deploy(VAULT, [ALICE, DELAY])).rejects.toThrow('NoClient')
})
