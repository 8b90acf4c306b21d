/** What `cairn evm report` and `cairn evm thaw` do: a freeze by evidence, and how the cold key lifts it. Loaded only when one of them runs. */
import type { Hex } from 'viem'
import { evidenceCall, foretell, isExplainedIn } from '../../evm/evidence.ts'
import { isOf } from '../../evm/finish.ts'
import { ContractClient } from '../../evm/light-client.ts'
import { announcementCall, thawCall, thawState, thawTypedData } from '../../evm/thaw.ts'
import type { Call } from '../../evm/transact.ts'
import { loadEngine } from '../../hash/index.ts'
import { decodeEvidence, decodeGenesis, identify } from '../../verify/index.ts'
import { timeOf } from '../times.ts'
import { readAs } from '../verify.ts'
import type { SendingOptions } from './options.ts'
import { Sender } from './sender.ts'
import { print, sendAndTell } from './told.ts'

export interface ReportOptions extends SendingOptions {
  readonly client: Hex
}

export async function runReport(file: string, options: ReportOptions): Promise<void> {
  const evidence = await readAs(file, decodeEvidence)
  await Sender.use(options, undefined, async (sender) => {
    const { hasher } = await loadEngine()
    const client = new ContractClient(sender.rpc, options.client)
    await client.demandOf(identify(evidence.genesis, hasher))
    const call = evidenceCall(options.client, evidence)
    const { isFrozen, isAnnounced } = await thawState(sender.rpc, options.client)
    // What was begun is told as what it did, and not that it was done before.
    if (!isBegun(sender, call)) {
      const { isExplained, wasReported } = await foretell(sender.rpc, options.client, evidence, hasher)
      if (wasReported && (isExplained || (isFrozen && !isAnnounced))) {
        const text = `This evidence was reported there before: it would be paid for, and change nothing. ${isFrozen ? 'The light client is frozen.' : 'The light client is not frozen.'}`
        print({ sent: false, isKnown: true, isFrozen, isExplained }, text, options)
        return
      }
      if (!options.json) process.stderr.write(`${meaningBefore(isFrozen, isAnnounced, isExplained)}\n`)
    }
    await sendAndTell(sender, call, options, async ({ receipt }) => {
      const [isExplained, isFrozen] = [isExplainedIn(receipt), await client.isFrozen()]
      return { isFrozen, isExplained, text: meaningOfReport(isFrozen, isExplained) }
    })
  })
}

function meaningBefore(isFrozen: boolean, isAnnounced: boolean, isExplained: boolean): string {
  if (isExplained)
    return 'A revocation that the light client knows explains this evidence: it is published there, and freezes nothing.'
  if (isAnnounced) return 'The light client is frozen, and a thaw is announced: this evidence takes it back.'
  return isFrozen
    ? 'The light client is frozen already: this evidence is published there as well.'
    : 'This evidence freezes the light client.'
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

export interface ThawOptions extends SendingOptions {
  readonly client: Hex
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
    const { round, isFrozen, isAnnounced, thawAt } = await thawState(rpc, to)
    const announcement = options.signature && announcementCall(to, afresh, options.signature)
    // Once it is announced the same command thaws, unless it is repeated for the announcement, which was on its way.
    if (isBegun(sender, announcement)) return announce(sender, announcement, options)
    if (isBegun(sender, thawCall(to))) return sendAndTell(sender, thawCall(to), options)
    if (isAnnounced) {
      if (!options.json)
        process.stderr.write(`A thaw is announced: it may be thawed from ${timeOf(thawAt * 1000n)} on.\n`)
      return sendAndTell(sender, thawCall(to), options)
    }
    // What the cold key signs for a round without a freeze is of no use: the next freeze begins another one.
    if (!isFrozen && !(afresh && (await client.standing()).kind === 'stuck')) {
      const text = 'The light client is not frozen: there is nothing to thaw.'
      print({ sent: false, isFrozen }, text, options)
      return
    }
    if (announcement !== undefined) return announce(sender, announcement, options)
    const typedData = thawTypedData(identity, { evmChainId: await sender.evmChainId(), client: to, round, afresh })
    process.stdout.write(`${JSON.stringify(typedData, undefined, 2)}\n`)
    process.stderr.write('The cold key signs this (eth_signTypedData_v4); then repeat it with --signature.\n')
  })
}

/** Whether it is what an earlier command began, and is done now. */
function isBegun({ finished }: Sender, call: Call | undefined): call is Call {
  return call !== undefined && finished !== undefined && isOf(finished.pending, call)
}

function announce(sender: Sender, call: Call, options: ThawOptions): Promise<void> {
  return sendAndTell(sender, call, options, async () => {
    const { thawAt } = await thawState(sender.rpc, options.client)
    return { thawAt, text: thawAt === 0n ? '' : `It may be thawed from ${timeOf(thawAt * 1000n)} on.` }
  })
}
