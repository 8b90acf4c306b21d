/** What the commands of `cairn evm` do. This file brings the machinery with it, and is loaded only when one of them runs. */
import type { Hex } from 'viem'
import { deployAnchors } from '../../evm/anchors.ts'
import { deployedBy, isOf, type Sent } from '../../evm/finish.ts'
import {
  ContractClient,
  deployClient,
  evidenceCall,
  isExplainedIn,
  knowsRevocation,
  leadsOnFrom,
  revocationCall,
  type Standing,
  sinceOf,
  submission,
} from '../../evm/light-client.ts'
import { openRpc } from '../../evm/rpc.ts'
import { announcementCall, thawCall, thawState, thawTypedData } from '../../evm/thaw.ts'
import type { Call } from '../../evm/transact.ts'
import { hex } from '../../evm/values.ts'
import { deployVault } from '../../evm/vault.ts'
import { loadEngine } from '../../hash/index.ts'
import { jsonText } from '../../server/json-text.ts'
import {
  CairnError,
  decodeEvidence,
  decodeGenesis,
  decodeProof,
  decodeRevocations,
  type Engine,
  identify,
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

export interface ReportOptions extends SendingOptions, ToClient {}

export async function runReport(file: string, options: ReportOptions): Promise<void> {
  const evidence = await readAs(file, decodeEvidence)
  await Sender.use(options, undefined, async (sender) => {
    const { hasher } = await loadEngine()
    const client = new ContractClient(sender.rpc, options.client)
    await client.demandOf(identify(evidence.genesis, hasher))
    const call = evidenceCall(options.client, evidence)
    await sendAndTell(sender, call, options, async ({ receipt }) => {
      const [isExplained, isFrozen] = [isExplainedIn(receipt), await client.isFrozen()]
      return { isFrozen, isExplained, text: meaningOfReport(isFrozen, isExplained) }
    })
  })
}

function meaningOfReport(isFrozen: boolean, isExplained: boolean): string {
  const explained = 'A revocation that it knows explains this evidence, which is published there all the same.'
  if (isExplained)
    return isFrozen
      ? `${explained} The light client was frozen before, and is.`
      : `${explained} The light client is not frozen.`
  if (isFrozen) return 'The light client is frozen now: it believes nothing, until the cold key thaws it.'
  return 'The light client was frozen by it, and is not any more: it was thawed since.'
}

export interface ThawOptions extends SendingOptions, ToClient {
  readonly genesis: string
  readonly afresh?: true
  readonly signature?: Hex
}

/** What the cold key signs, or with its signature the announcement, or once that is over the thaw itself. */
export async function runThaw(options: ThawOptions): Promise<void> {
  const genesis = await readAs(options.genesis, decodeGenesis)
  const afresh = options.afresh === true
  const { hasher } = await loadEngine()
  const identity = identify(genesis, hasher)
  await Sender.use(options, undefined, async (sender) => {
    const { rpc } = sender
    const client = new ContractClient(rpc, options.client)
    await client.demandOf(identity)
    const to = options.client
    const { round, isAnnounced } = await thawState(rpc, to)
    const announcement = options.signature && announcementCall(to, afresh, options.signature)
    // Once it is announced the same command thaws, unless it is repeated for the announcement, which was on its way.
    const isBegun = (call: Call | undefined): boolean =>
      call !== undefined && sender.finished !== undefined && isOf(sender.finished.pending, call)
    if (announcement !== undefined && (!isAnnounced || isBegun(announcement))) {
      return sendAndTell(sender, announcement, options)
    }
    if (isAnnounced || isBegun(thawCall(to))) return sendAndTell(sender, thawCall(to), options)
    const typedData = thawTypedData(identity, { evmChainId: await sender.evmChainId(), client: to, round, afresh })
    process.stdout.write(`${JSON.stringify(typedData, undefined, 2)}\n`)
    process.stderr.write('The cold key signs this (eth_signTypedData_v4); then repeat it with --signature.\n')
  })
}

/** `more` says what came of it, beside that it was carried out. */
async function sendAndTell(
  sender: Sender,
  call: Call,
  options: SendingOptions,
  more?: (sent: Sent) => Promise<{ readonly text: string }>,
): Promise<void> {
  const outcome = await sender.send(call)
  if (!wasSent(outcome)) {
    print({ sent: false, gas: outcome.gas, atMost: outcome.atMost }, undefined, options)
    return
  }
  const { transaction, purpose } = outcome.pending
  const { gasUsed } = outcome.receipt
  const { text, ...found } = (await more?.(outcome)) ?? { text: '' }
  const done = `${purpose}: done by ${hex(transaction)}, for ${gasUsed.toLocaleString('en')} gas. ${text}`.trimEnd()
  print({ sent: true, transaction, gasUsed, ...found }, done, options)
}

function print(whole: object, text: string | undefined, { json }: { readonly json?: true }): void {
  if (json) process.stdout.write(jsonText(whole))
  else if (text !== undefined) process.stdout.write(`${escaped(text)}\n`)
}
