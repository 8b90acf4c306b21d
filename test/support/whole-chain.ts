/** Whole chains as records, and how a verification of them is asked for and told in tests. */
import {
  type BlockRecord,
  batchRoot,
  blockHash,
  type ChainCheck,
  type ChainRecord,
  type ChainTrust,
  type ChainVerification,
  type CloseRecord,
  type Engine,
  type Header,
  MemoryStateTree,
  nobleEngine,
  type RecordedCommand,
  type Roots,
  type SealRecord,
  verifyChain,
} from '../../src/verify/index.ts'
import type { ChainMaker, HotKey, MadeBlock } from './maker.ts'

/** All that a verifier can be given. */
export function trustIn(maker: ChainMaker, { hasher }: Engine = nobleEngine): Required<ChainTrust> {
  const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
  return { chainId: maker.chainId, genesis: maker.identity.genesis, revocations: [], trees }
}

export function verify(
  maker: ChainMaker,
  records: Iterable<unknown> | AsyncIterable<unknown> = maker.records(),
  trust: Partial<ChainTrust> = {},
  engine: Engine = nobleEngine,
): Promise<ChainVerification> {
  return verifyChain(records, { ...trustIn(maker, engine), ...trust }, engine)
}

/** The checks by their verdict: `{ genesis: 'ok', … }`. */
export function verdictsOf({ verdicts }: ChainVerification): Partial<Record<ChainCheck, string>> {
  return Object.fromEntries(verdicts.map(({ check, verdict }) => [check, verdict]))
}

export function sealRecord({ header, seal }: Pick<MadeBlock, 'header' | 'seal'>): SealRecord {
  return { k: 'seal', v: 1, height: header.height, seal }
}

export function closeRecord({ header, hash }: Pick<MadeBlock, 'header' | 'hash'>): CloseRecord {
  return { k: 'close', v: 1, height: header.height, hash }
}

/** The records with its blocks changed where `change` says how. */
export function withBlocks(
  records: readonly ChainRecord[],
  change: (record: BlockRecord) => Partial<BlockRecord> | undefined,
): ChainRecord[] {
  return records.map((each) => (each.k === 'block' ? Object.assign({}, each, change(each)) : each))
}

/** As a copy has a command that left out what it wrote. */
export function withoutWrites(command: RecordedCommand): RecordedCommand {
  const { writes, ...rest } = command
  return writes === undefined ? command : rest
}

/** The records up to a block whose header or roots say something else, hashed and sealed as if they were right. */
export function restated(
  maker: ChainMaker,
  height: number,
  {
    header,
    roots,
    ...record
  }: { header?: Partial<Header>; roots?: Partial<Roots> } & Partial<Omit<BlockRecord, 'header' | 'roots'>>,
  by: HotKey = maker.hot,
): ChainRecord[] {
  const { hasher } = nobleEngine
  const made = maker.madeAt(height)
  const otherRoots = { ...made.roots, ...roots }
  const otherHeader = { ...made.header, batchRoot: batchRoot(otherRoots, hasher), ...header }
  const seal = maker.seal(blockHash(maker.identity, otherHeader, hasher), by)
  return [
    ...maker.records().slice(0, 2 * height),
    { ...made.record, ...record, header: otherHeader, roots: otherRoots },
    sealRecord({ header: made.header, seal }),
  ]
}

/** The fault of records that do not verify: its check, the blocks that were read, and where it is as far as it says so. */
export async function faultOf(
  maker: ChainMaker,
  given: Iterable<unknown> = maker.records(),
  trust: Partial<ChainTrust> = {},
): Promise<unknown> {
  const { ok, fault, verdicts, blocks } = await verify(maker, given, trust)
  const failing = verdicts.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)
  if (ok || fault === undefined || failing.join() !== fault.check)
    throw new Error(`fault: ${fault?.check}, failing: ${failing.join()}`)
  const { check, height, seq } = fault
  return { check, blocks, ...(height !== undefined && { height }), ...(seq !== undefined && { seq }) }
}

/** A fault in the block of this height: the blocks below it were read. */
export function inBlock(height: bigint, check: ChainCheck, seq?: bigint): unknown {
  return { check, blocks: height, height, ...(seq !== undefined && { seq }) }
}
