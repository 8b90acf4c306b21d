/** What the commands of `cairn evm` do. This file brings the machinery with it, and is loaded only when one of them runs. */
import type { Hex } from 'viem'
import { deployAnchors } from '../../evm/anchors.ts'
import { deployedBy } from '../../evm/finish.ts'
import {
  ContractClient,
  deployClient,
  knowsRevocation,
  leadsOnFrom,
  revocationCall,
  type Standing,
  sinceOf,
  submission,
} from '../../evm/light-client.ts'
import { openRpc } from '../../evm/rpc.ts'
import type { Call } from '../../evm/transact.ts'
import { hex } from '../../evm/values.ts'
import { deployVault } from '../../evm/vault.ts'
import { loadEngine } from '../../hash/index.ts'
import { jsonText } from '../../server/json-text.ts'
import {
  CairnError,
  decodeGenesis,
  decodeProof,
  decodeRevocations,
  type Engine,
  type Proof,
} from '../../verify/index.ts'
import { escaped, meaningOf } from '../../verify/meaning.ts'
import { EXIT } from '../exit.ts'
import { tableOf } from '../table.ts'
import { styleOf, widthOf } from '../terminal.ts'
import { readAs } from '../verify.ts'
import { type RpcOptions, rpcAddress, type SendingOptions } from './options.ts'
import { Sender, wasSent } from './sender.ts'
import { newestOf, type SourceOptions } from './source.ts'
import { print, sendAndTell } from './told.ts'

interface ToClient {
  readonly client: Hex
}

export interface DeployOptions extends SendingOptions {
  readonly genesis?: string
  readonly revocations?: string
  readonly client?: Hex
  readonly delay: number
}

export type Contract = 'anchors' | 'client' | 'vault'

export async function runDeploy(contract: Contract, options: DeployOptions): Promise<void> {
  const call = await deployment(contract, options)
  await Sender.use(options, undefined, async (sender) => {
    // A vault on anything else would never pay out again what is sent to it.
    if (contract === 'vault') await new ContractClient(sender.rpc, options.client as Hex).chainId()
    const outcome = await sender.send(call)
    if (!wasSent(outcome)) {
      print({ sent: false, gas: outcome.gas, atMost: outcome.atMost }, undefined, options)
      return
    }
    const { receipt, pending } = outcome
    const { purpose, transaction, evmChainId } = pending
    const address = deployedBy(pending)
    const whole = { sent: true, contract: address, evmChainId, transaction, gasUsed: receipt.gasUsed }
    print(whole, `${purpose}: ${address} on the EVM chain ${evmChainId}`, options)
  })
}

async function deployment(contract: Contract, options: DeployOptions): Promise<Call> {
  if (contract === 'anchors') return deployAnchors()
  if (contract === 'client') {
    const genesis = await readAs(options.genesis as string, decodeGenesis)
    const revocations = options.revocations ? await readAs(options.revocations, decodeRevocations) : []
    return deployClient(genesis, revocations)
  }
  return deployVault(options.client as Hex, BigInt(options.delay))
}

export interface SubmitOptions extends SendingOptions, SourceOptions, ToClient {
  readonly chain: string
}

export async function runSubmit(options: SubmitOptions): Promise<void> {
  await Sender.use(options, undefined, async (sender) => {
    await submit(sender, options)
  })
}

/** The newest block, proved from where the light client stands: of several heads that it may go on from, from the newest that the chain has. */
async function newestFrom(
  standing: Standing,
  client: ContractClient,
  options: SubmitOptions,
  engine: Engine,
): Promise<{ readonly proof: Proof; readonly standing: Standing }> {
  const { proof, identity } = await newestOf(options.chain, sinceOf(standing), options, engine)
  await client.demandOf(identity)
  const [newest, ...older] = standing.kind === 'stuck' ? standing.bases : []
  // What a thief brought is in doubt, too, where the revocation of his key names a later block.
  if (newest === undefined || older.length === 0 || leadsOnFrom(proof, newest, engine.hasher))
    return { proof, standing }
  return newestFrom({ kind: 'stuck', bases: older }, client, options, engine)
}

/** Whether the light client stands at the newest block now. */
async function submit(sender: Sender, options: SubmitOptions, isDue?: (behind: bigint) => boolean): Promise<boolean> {
  const engine = await loadEngine()
  const client = new ContractClient(sender.rpc, options.client)
  const { proof, standing } = await newestFrom(await client.standing(), client, options, engine)
  const since = sinceOf(standing)
  const { height } = proof.block
  if (isDue !== undefined && since !== undefined && !isDue(height - since)) return false
  const call = submission(options.client, proof, standing, engine.hasher)
  if (call === undefined) {
    print({ sent: false, height, isHead: true }, `Block ${height} is the head of the light client already.`, options)
    return true
  }
  const outcome = await sender.send(call)
  if (!wasSent(outcome)) {
    print({ sent: false, height, gas: outcome.gas, atMost: outcome.atMost }, undefined, options)
    return false
  }
  const { transaction } = outcome.pending
  const { gasUsed } = outcome.receipt
  const text = `Block ${height} is the head of the light client, by ${hex(transaction)}, for ${gasUsed.toLocaleString('en')} gas.`
  print({ sent: true, height, transaction, gasUsed }, text, options)
  return true
}

export interface WatchOptions extends SubmitOptions {
  readonly everyBlocks?: number
  readonly everyMinutes?: number
  readonly poll: number
}

const MINUTE = 60_000

/** Until it is interrupted. What fails is told and tried again: a node that is away comes back. */
export async function runWatch(options: WatchOptions): Promise<void> {
  const { everyBlocks, everyMinutes, poll } = options
  await Sender.use(options, undefined, async (sender) => {
    let last = Number.NEGATIVE_INFINITY
    let told = ''
    while (!sender.isInterrupted) {
      const isDue = (behind: bigint): boolean => {
        const byBlocks = everyBlocks !== undefined && behind >= BigInt(everyBlocks)
        const byTime = everyMinutes !== undefined && behind > 0n && performance.now() - last >= everyMinutes * MINUTE
        return byBlocks || byTime
      }
      try {
        // What it ran out of patience with, the last time.
        await sender.finishEarlier()
        if (await submit(sender, options, isDue)) last = performance.now()
        told = ''
      } catch (error) {
        if (!(error instanceof CairnError) || FOR_A_PERSON.has(error.code)) throw error
        // What stays wrong is told once.
        if (error.message !== told && !sender.isInterrupted) process.stderr.write(`${escaped(error.message)}\n`)
        told = error.message
      }
      await sender.wait(poll * 1000)
    }
  })
}

/** What no waiting mends. */
const FOR_A_PERSON = new Set([
  'wrong_chain',
  'no_contract',
  'client_frozen',
  'client_stuck',
  'wrong_evm_chain',
  'transaction_replaced',
  'passphrase_wrong',
  'pending_invalid',
])

export interface AskOptions extends RpcOptions, ToClient {
  readonly json?: true
}

/** Asks the contract whether it believes a proof; nothing is sent. */
export async function runAsk(file: string, options: AskOptions): Promise<void> {
  const proof = await readAs(file, decodeProof)
  const { hasher } = await loadEngine()
  const client = new ContractClient(openRpc(await rpcAddress(options)), options.client)
  const verification = await client.judge(proof, hasher)
  const { ok, verdicts } = verification
  const meaning = (check: string): string =>
    check === 'block' ? 'The light client accepted the block of the proof as a head.' : meaningOf(check, proof)
  const text = `${tableOf(verdicts, meaning, styleOf(process.stdout), widthOf(process.stdout))}\n`
  process.stdout.write(options.json ? jsonText({ ok, client: options.client, verdicts }) : text)
  process.exitCode = ok ? EXIT.ok : EXIT.failed
}

export interface RevokeOptions extends SendingOptions, ToClient {
  readonly revocations: string
}

/** Brings revocations that the client does not know. */
export async function runRevoke(options: RevokeOptions): Promise<void> {
  const revocations = await readAs(options.revocations, decodeRevocations)
  await Sender.use(options, undefined, async (sender) => {
    // Refused where it is no light client: what else is at that address would say nothing that helps.
    await new ContractClient(sender.rpc, options.client).chainId()
    for (const each of revocations) {
      if (await knowsRevocation(sender.rpc, options.client, each)) {
        const text = `The light client knows the revocation of delegation ${each.index} already.`
        print({ sent: false, isKnown: true, index: each.index }, text, options)
      } else await sendAndTell(sender, revocationCall(options.client, each), options)
    }
  })
}
