/** What `cairn anchor` does: heads, tree, one transaction, and a receipt for each chain. */
import { resolve } from 'node:path'
import type { Hex } from 'viem'
import { anchorTree } from '../../evm/anchor-tree.ts'
import { anchorCall, anchoredAt, demandAnchors, receiptName, receiptsOf } from '../../evm/anchors.ts'
import type { Sent } from '../../evm/finish.ts'
import type { PendingAnchor } from '../../evm/pending.ts'
import { loadEngine } from '../../hash/index.ts'
import { jsonText } from '../../server/json-text.ts'
import { type AnchoredHead, decodeAnchor } from '../../verify/anchor.ts'
import { blockHash } from '../../verify/block.ts'
import { DOCUMENT_MAX } from '../../verify/bounds.ts'
import { equal, toHex } from '../../verify/bytes.ts'
import { attempt } from '../../verify/error.ts'
import { CairnError, fromHex } from '../../verify/index.ts'
import { quoted } from '../../verify/meaning.ts'
import { shownPath } from '../place.ts'
import { readBounded } from '../read.ts'
import { timeOf } from '../times.ts'
import type { SendingOptions } from './options.ts'
import { Sender, wasSent } from './sender.ts'
import { newestOf, type SourceOptions } from './source.ts'

export interface AnchorOptions extends SendingOptions, SourceOptions {
  readonly chain: readonly string[]
  readonly contract: Hex
  readonly out: string
  readonly uri: string
}

export async function runAnchor(options: AnchorOptions): Promise<void> {
  const out = resolve(options.out)
  await Sender.use(options, out, async (sender) => {
    await demandAnchors(sender.rpc, options.contract)
    const { hasher } = await loadEngine()
    const tree = anchorTree(await headsOf(options), hasher)
    const anchor = { contract: fromHex(options.contract) as Uint8Array, ...tree }
    // What was begun is this: whoever repeats the command after a crash wants one anchor, not two.
    if (sender.finished !== undefined && isOfSame(sender.finished.pending.anchor, anchor)) {
      told(sender.finished, out, options)
      return
    }
    // An idle chain is anchored once: again would be paid for, and the receipt of a later time take the place of this one.
    const there = await receiptsThere(out, anchor, await sender.evmChainId())
    const since = there === undefined ? 0n : await anchoredAt(sender.rpc, options.contract, tree.root)
    if (there !== undefined && since !== 0n) {
      const text = `Anchored since ${timeOf(since * 1000n)}, and nothing is newer: nothing was sent.\n${there.join('\n')}\n`
      const whole = { sent: false, isAnchored: true, root: tree.root, since, receipts: there }
      process.stdout.write(options.json ? jsonText(whole) : text)
      return
    }
    const outcome = await sender.send(anchorCall(options.contract, tree, options.uri), anchor)
    if (wasSent(outcome)) {
      told(outcome, out, options)
      return
    }
    const { gas, atMost, evmChainId } = outcome
    if (options.json) {
      process.stdout.write(
        jsonText({ sent: false, root: tree.root, chains: tree.anchored.length, evmChainId, gas, atMost }),
      )
    }
  })
}

/** Whether both are of the same chains in the same contract, however far those had come. */
function isOfSame(earlier: PendingAnchor | undefined, now: PendingAnchor): boolean {
  if (earlier === undefined || !equal(earlier.contract, now.contract)) return false
  const chainsOf = ({ anchored }: PendingAnchor): string =>
    anchored
      .map(({ head }) => toHex(head.chainId))
      .toSorted()
      .join()
  return chainsOf(earlier) === chainsOf(now)
}

/** The receipts of these heads under this root, in this contract; nothing where one of them is not there. */
async function receiptsThere(
  out: string,
  { contract, root, anchored }: PendingAnchor,
  evmChainId: bigint,
): Promise<readonly string[] | undefined> {
  const files: string[] = []
  for (const { head } of anchored) {
    const name = receiptName(head)
    const text = await readBounded(`${out}/${name}`, DOCUMENT_MAX).catch(() => undefined)
    const receipt = text === undefined ? undefined : attempt(() => decodeAnchor(text))
    if (receipt === undefined || receipt instanceof CairnError) return undefined
    const { evm } = receipt
    if (evm.chainId !== evmChainId || !equal(evm.contract, contract) || !equal(receipt.root, root)) return undefined
    files.push(`${shownPath(out)}/${name}`)
  }
  return files
}

async function headsOf(options: AnchorOptions): Promise<readonly AnchoredHead[]> {
  const engine = await loadEngine()
  const heads: AnchoredHead[] = []
  for (const source of options.chain) {
    const { proof, identity } = await newestOf(source, undefined, options, engine)
    const { height, timestamp } = proof.block
    const hash = blockHash(identity, proof.block, engine.hasher)
    heads.push({ chainId: identity.chainId, height, blockHash: hash, timestamp })
    if (!options.json) {
      process.stderr.write(
        `${quoted(identity.genesis.name)} ${toHex(identity.chainId)}: block ${height} ${toHex(hash)}\n`,
      )
    }
  }
  return heads
}

function told({ pending, receipt }: Sent, out: string, { json }: AnchorOptions): void {
  const files = receiptsOf(pending).map(({ name }) => `${shownPath(out)}/${name}`)
  const { transaction, evmChainId, anchor } = pending
  const { blockNumber, gasUsed } = receipt
  if (json) {
    const where = { evmChainId, transaction, block: blockNumber, root: anchor?.root, gasUsed }
    process.stdout.write(jsonText({ sent: true, ...where, receipts: files }))
    return
  }
  process.stdout.write(
    `Anchored in block ${blockNumber} by ${toHex(transaction)}, for ${gasUsed.toLocaleString('en')} gas.\n`,
  )
  for (const file of files) process.stdout.write(`${file}\n`)
}
