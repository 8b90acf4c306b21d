/** An EVM in this process, for tests that ask a contract thousands of times: what it answers, or the error that it reverts with, and the gas. */
import { type Block, createBlock } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import type { EVMResult } from '@ethereumjs/evm'
import { createAccount, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { createVM, type VM } from '@ethereumjs/vm'
import {
  type Abi,
  bytesToHex,
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
} from 'viem'
import { loadEngine } from '../../../src/hash/index.ts'

export interface Answer {
  /** Undefined where it reverted. */
  readonly result?: unknown
  /** The name of the error that it reverted with; `reverted` where it has none. */
  readonly error?: string
  /** Of the execution alone. */
  readonly gas: bigint
}

const GAS = 1_000_000_000n
const CALLER = createAddressFromString(`0x${'ca'.repeat(20)}`)

export class InProcess {
  /** Seconds, as the EVM's blocks are dated. */
  now = 1_800_000_000n
  readonly vm: VM
  private block: Block | undefined
  private readonly common: Common

  private constructor(vm: VM, common: Common) {
    this.vm = vm
    this.common = common
  }

  static async start(): Promise<InProcess> {
    // The contracts hash all the time, and the default hasher would take most of it.
    const { hasher } = await loadEngine()
    const customCrypto = { keccak256: (message: Uint8Array) => hasher.hash(message) }
    const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague, customCrypto })
    return new InProcess(await createVM({ common }), common)
  }

  async deploy({ abi, bytecode }: { readonly abi: Abi; readonly bytecode: Hex }, args: readonly unknown[] = []) {
    const data = encodeDeployData({ abi, bytecode, args: [...args] })
    const { execResult, createdAddress } = await this.run(data)
    if (execResult.exceptionError !== undefined || createdAddress === undefined) {
      throw new Error(`not deployed: ${errorNameIn(abi, bytesToHex(execResult.returnValue))}`)
    }
    return new Deployed(this, createdAddress.toString(), abi)
  }

  /** Lets what a call changes be undone. */
  async attempt<T>(run: () => Promise<T>): Promise<T> {
    await this.vm.stateManager.checkpoint()
    try {
      return await run()
    } finally {
      await this.vm.stateManager.revert()
    }
  }

  async give(address: Hex, amount: bigint): Promise<void> {
    const { stateManager } = this.vm
    const to = createAddressFromString(address)
    const account = (await stateManager.getAccount(to)) ?? createAccount({})
    await stateManager.putAccount(to, Object.assign(account, { balance: amount }))
  }

  async balanceOf(address: Hex): Promise<bigint> {
    return (await this.vm.stateManager.getAccount(createAddressFromString(address)))?.balance ?? 0n
  }

  async write(address: Hex, slot: Hex, value: Hex): Promise<void> {
    const account = createAddressFromString(address)
    await this.vm.stateManager.putStorage(account, hexToBytes(slot), hexToBytes(value))
  }

  async run(data: Hex, to?: Hex): Promise<EVMResult> {
    if (this.block?.header.timestamp !== this.now) {
      const header = { timestamp: this.now, number: 30_000_000n, gasLimit: GAS }
      this.block = createBlock({ header }, { common: this.common })
    }
    const { evm } = this.vm
    const called = await evm.runCall({
      caller: CALLER,
      data: hexToBytes(data),
      gasLimit: GAS,
      block: this.block,
      ...(to && { to: createAddressFromString(to) }),
    })
    // As after a transaction: what the next one looks at is cold again.
    await evm.journal.cleanup()
    return called
  }
}

export class Deployed {
  readonly address: Hex
  private readonly evm: InProcess
  private readonly abi: Abi

  constructor(evm: InProcess, address: Hex, abi: Abi) {
    this.evm = evm
    this.address = address
    this.abi = abi
  }

  async call(functionName: string, ...args: readonly unknown[]): Promise<Answer> {
    return this.raw(encodeFunctionData({ abi: this.abi, functionName, args: [...args] }), functionName)
  }

  /** With data that no encoder would make. */
  async raw(data: Hex, functionName: string): Promise<Answer> {
    const { execResult } = await this.evm.run(data, this.address)
    const [returned, gas] = [bytesToHex(execResult.returnValue), execResult.executionGasUsed]
    if (execResult.exceptionError !== undefined) return { error: errorNameIn(this.abi, returned), gas }
    return { result: decodeFunctionResult({ abi: this.abi, functionName, data: returned }), gas }
  }
}

function errorNameIn(abi: Abi, data: Hex): string {
  try {
    return decodeErrorResult({ abi, data }).errorName
  } catch {
    return 'reverted'
  }
}
