/** A real EVM on a free loopback port: anvil, in a process of its own that is ended by its pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Abi,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type PublicActions,
  publicActions,
  type TestClient,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

/** By hand: `viem/chains` has it beside six hundred others, which take a second to load. */
const ANVIL = defineChain({
  id: 31_337,
  name: 'Anvil',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

/** The first account that anvil gives money to: known to everybody, and worth nothing. */
export const RICH_KEY: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

/** How often, and after how many milliseconds, a receipt is asked for again. */
const RECEIPT_TRIES = 3000
const RECEIPT_PAUSE = 10

function program(): string {
  const require = createRequire(import.meta.url)
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[process.platform as string] ?? process.platform
  const processor = process.arch === 'x64' ? 'amd64' : process.arch
  const manifest = require.resolve(`@foundry-rs/anvil-${system}-${processor}/package.json`)
  return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
}

export class Anvil {
  readonly url: string
  readonly chain: TestClient & PublicActions
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.child = child
    this.url = url
    const client = createTestClient({ mode: 'anvil', chain: ANVIL, transport: http(url), pollingInterval: 20 })
    this.chain = client.extend(publicActions)
  }

  static async start(...args: readonly string[]): Promise<Anvil> {
    const child = spawn(program(), ['--host', '127.0.0.1', '--port', '0', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })
    const url = await new Promise<string>((resolve, reject) => {
      child.on('error', reject).on('exit', (code) => reject(new Error(`anvil ended with ${code}`)))
      lines.on('line', (line) => {
        const [, address] = /^Listening on (\S+)$/.exec(line) ?? []
        if (address !== undefined) resolve(`http://${address}`)
      })
    })
    // It goes on printing, and must not wait for a reader.
    lines.removeAllListeners('line')
    child.stdout.resume()
    return new Anvil(child, url)
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
  }

  private get wallet() {
    return createWalletClient({ account: privateKeyToAccount(RICH_KEY), chain: ANVIL, transport: http(this.url) })
  }

  async deploy(abi: Abi, bytecode: Hex, args: readonly unknown[] = []): Promise<Hex> {
    const hash = await this.wallet.deployContract({ abi, bytecode, args: [...args] })
    const { contractAddress, status } = await this.receiptOf(hash)
    if (status !== 'success' || contractAddress === null || contractAddress === undefined)
      throw new Error('not deployed')
    return contractAddress
  }

  /** Sends a call, and answers what it took in all; throws where it is reverted. */
  async send(address: Hex, abi: Abi, functionName: string, args: readonly unknown[]): Promise<bigint> {
    const hash = await this.wallet.writeContract({ address, abi, functionName, args: [...args] })
    const { gasUsed, status } = await this.receiptOf(hash)
    if (status !== 'success') throw new Error(`${functionName} was reverted`)
    return gasUsed
  }

  /** The same for a call that is encoded already. */
  async sendData(to: Hex, data: Hex): Promise<bigint> {
    const hash = await this.wallet.sendTransaction({ to, data })
    const { gasUsed, status } = await this.receiptOf(hash)
    if (status !== 'success') throw new Error('it was reverted')
    return gasUsed
  }

  /** Asked for again and again: viem asks once a block, and of one transaction a block the receipt may come a moment after the block's number. */
  private async receiptOf(hash: Hex): Promise<TransactionReceipt> {
    for (let tries = 0; tries < RECEIPT_TRIES; tries++) {
      const receipt = await this.chain.getTransactionReceipt({ hash }).catch((error: unknown) => {
        if (!(error instanceof TransactionReceiptNotFoundError)) throw error
      })
      if (receipt !== undefined) return receipt
      await sleep(RECEIPT_PAUSE)
    }
    throw new Error(`no block has the transaction ${hash}`)
  }

  async read(address: Hex, abi: Abi, functionName: string, args: readonly unknown[] = []): Promise<unknown> {
    return this.chain.readContract({ address, abi, functionName, args: [...args] })
  }
}
