/** A chain as it streams by: every block made when it is asked for and kept by nobody. */
import {
  batchRoot,
  blockHash,
  type ChainRecord,
  commandLeaf,
  commandsHash,
  EMPTY_ROOT,
  type Engine,
  Frontier,
  type Header,
  identityHash,
  type RecordedCommand,
  type Roots,
} from '../../src/verify/index.ts'
import type { ChainMaker } from './maker.ts'

const NONE = { size: 0n, root: EMPTY_ROOT } as const
const OUTCOME = { status: 0, reply: new Uint8Array(), obligationSize: 0n, intentSize: 0n } as const

interface Shape {
  readonly blocks: number
  readonly commandsPerBlock: number
  /** What else comes after each block and its seal. */
  readonly beside?: (height: bigint, hash: Uint8Array) => readonly ChainRecord[]
}

/** Blocks of anonymous commands, sealed; their state is not what it should be. */
export function* endlessChain(
  maker: ChainMaker,
  { hasher }: Engine,
  { blocks, commandsPerBlock, beside = () => [] }: Shape,
): Generator<ChainRecord> {
  const { identity } = maker
  let [commandRange, history] = [Frontier.empty, Frontier.empty]
  let parentHash: Uint8Array = new Uint8Array(32)
  for (let height = 0n; height < BigInt(blocks); height++) {
    const firstSeq = commandRange.size
    const timestamp = identity.genesis.createdAt + height
    const commands = Array.from({ length: commandsPerBlock }, (_, i): RecordedCommand => {
      const anonymous = { client: '', request: 0n, type: 'put', payloadHash: parentHash, receivedAt: timestamp }
      const nothing = { status: OUTCOME.status, reply: OUTCOME.reply, obligations: [], intents: [], writes: [] }
      return { seq: firstSeq + BigInt(i), ...anonymous, ...nothing }
    })
    const hashes = commands.map((command) => identityHash(command, hasher))
    commandRange = commandRange.append(
      hashes.map((each) => commandLeaf(each, OUTCOME, hasher)),
      hasher,
    )
    const roots: Roots = {
      state: EMPTY_ROOT,
      risk: EMPTY_ROOT,
      commands: { size: commandRange.size, root: commandRange.root(hasher) },
      obligations: NONE,
      intents: NONE,
      history: history.root(hasher),
    }
    const header: Header = {
      height,
      epoch: 1n,
      parentHash,
      commandsHash: commandsHash(hashes, hasher),
      batchRoot: batchRoot(roots, hasher),
      commandCount: BigInt(commandsPerBlock),
      firstSeq,
      timestamp,
    }
    yield { k: 'block', v: 1, header, roots, commands, notes: [], authority: [] }
    parentHash = blockHash(identity, header, hasher)
    history = history.append([parentHash], hasher)
    yield { k: 'seal', v: 1, height, seal: maker.seal(parentHash) }
    yield* beside(height, parentHash)
  }
}
