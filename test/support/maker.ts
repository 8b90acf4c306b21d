/**
 * A maker of whole chains in memory, for tests, benchmarks and examples: keys, blocks, seals, records, proofs. It keeps everything
 * and optimises nothing; what makes chains for real is the pipeline.
 */
import {
  addressOf,
  type BlockRecord,
  batchRoot,
  blockHash,
  type Claim,
  type Command,
  commandLeaf,
  commandsHash,
  consistencyPath,
  type Delegation,
  delegationDigest,
  type Engine,
  type Evidence,
  type EvidenceSide,
  type Genesis,
  type Header,
  type Identity,
  identify,
  identityHash,
  intentLeaf,
  MemoryStateTree,
  nobleEngine,
  obligationLeaf,
  ownWrites,
  type Proof,
  type RangeName,
  type RecordedCommand,
  type Revocation,
  type Roots,
  revocationDigest,
  type Seal,
  type SealRecord,
  type TreeName,
} from '../../src/verify/index.ts'
import { MemoryRange } from './memory-range.ts'
import { Random } from './seed.ts'

/** What of a command its maker chooses; the rest follows or is random. */
export type Order = Partial<RecordedCommand>

export interface MadeBlock {
  readonly header: Header
  readonly roots: Roots
  readonly hash: Uint8Array
  readonly record: BlockRecord
  readonly seal: Seal
  readonly commands: readonly Command[]
  readonly trees: Readonly<Record<TreeName, MemoryStateTree>>
}

export interface BlockOptions {
  readonly timestamp?: bigint
  /** Opens the next epoch. */
  readonly opensEpoch?: boolean
  readonly authority?: BlockRecord['authority']
  readonly by?: HotKey
}

/** A hot key and the delegation to it. */
export interface HotKey {
  readonly privateKey: Uint8Array
  readonly delegation: Delegation
}

const START = 1_763_600_000_000n
const YEAR = 31_536_000_000n

export class ChainMaker {
  readonly identity: Identity
  readonly hot: HotKey
  readonly blocks: MadeBlock[] = []
  readonly ranges: Readonly<Record<RangeName, MemoryRange>>
  private readonly coldKey: Uint8Array
  private readonly random: Random
  private readonly engine: Engine
  private readonly highest = new Map<string, bigint>()

  constructor(random: Random = new Random(), engine: Engine = nobleEngine, genesis: Partial<Genesis> = {}) {
    this.random = random
    this.engine = engine
    this.coldKey = random.bytes(32)
    const coldKey = addressOf(engine.secp256k1.publicKey(this.coldKey), engine)
    const made = { name: 'made', coldKey, machine: 'kv@1', createdAt: START, nonce: random.bytes(32), ...genesis }
    this.identity = identify(made, engine.hasher)
    this.hot = this.delegate({})
    const range = (): MemoryRange => new MemoryRange(engine.hasher)
    this.ranges = { commands: range(), obligations: range(), intents: range(), history: range() }
  }

  get chainId(): Uint8Array {
    return this.identity.chainId
  }

  get head(): MadeBlock {
    const head = this.blocks.at(-1)
    if (head === undefined) throw new Error('no block was made yet')
    return head
  }

  /** A new hot key that the cold key delegates to. */
  delegate(window: Partial<Delegation>): HotKey {
    const { secp256k1, hasher } = this.engine
    const privateKey = this.random.bytes(32)
    const delegate = addressOf(secp256k1.publicKey(privateKey), this.engine)
    const unsigned = { delegate, index: 0n, validFrom: START, validUntil: START + YEAR, ...window }
    const signature = secp256k1.sign(delegationDigest(this.identity, unsigned, hasher), this.coldKey)
    return { privateKey, delegation: { ...unsigned, signature } }
  }

  revoke(index: bigint, lastGood: { readonly header: Header; readonly hash: Uint8Array }): Revocation {
    const unsigned = { index, fromHeight: lastGood.header.height + 1n, parentHash: lastGood.hash }
    const digest = revocationDigest(this.identity, unsigned, this.engine.hasher)
    return { ...unsigned, signature: this.engine.secp256k1.sign(digest, this.coldKey) }
  }

  seal(hash: Uint8Array, by: HotKey = this.hot): Seal {
    return { delegation: by.delegation, signature: this.engine.secp256k1.sign(hash, by.privateKey) }
  }

  /** A block of these commands on top of the newest. */
  block(orders: readonly Order[], options: BlockOptions = {}): MadeBlock {
    const { hasher } = this.engine
    const parent = this.blocks.at(-1)
    const firstSeq = parent === undefined ? 0n : parent.header.firstSeq + parent.header.commandCount
    const timestamp = options.timestamp ?? (parent?.header.timestamp ?? START) + 1000n
    const recorded = orders.map((order, i) => this.command(order, firstSeq + BigInt(i), timestamp))
    const identityHashes = recorded.map((command) => identityHash(command, hasher))
    const hash = commandsHash(identityHashes, hasher)
    const commands = recorded.map((command, i) => this.append(command, identityHashes[i] as Uint8Array))

    const trees = this.applied(recorded, hash, firstSeq + BigInt(recorded.length))
    const { history } = this.ranges
    const roots: Roots = {
      state: trees.state.root,
      risk: trees.risk.root,
      commands: this.ranges.commands.sizedRoot,
      obligations: this.ranges.obligations.sizedRoot,
      intents: this.ranges.intents.sizedRoot,
      history: history.sizedRoot.root,
    }
    const header: Header = {
      height: parent === undefined ? 0n : parent.header.height + 1n,
      epoch: (parent?.header.epoch ?? 1n) + (options.opensEpoch ? 1n : 0n),
      parentHash: parent?.hash ?? new Uint8Array(32),
      commandsHash: hash,
      batchRoot: batchRoot(roots, hasher),
      commandCount: BigInt(recorded.length),
      firstSeq,
      timestamp,
    }
    const made: MadeBlock = {
      header,
      roots,
      hash: blockHash(this.identity, header, hasher),
      record: { k: 'block', v: 1, header, roots, commands: recorded, notes: [], authority: options.authority ?? [] },
      seal: this.seal(blockHash(this.identity, header, hasher), options.by),
      commands,
      trees,
    }
    history.append(made.hash)
    this.blocks.push(made)
    return made
  }

  /** As many blocks of random commands. */
  grow(blocks: number, commandsPerBlock = 3): this {
    for (let i = 0; i < blocks; i++) this.block(Array.from({ length: commandsPerBlock }, () => this.randomOrder()))
    return this
  }

  /** The same chain up to a height, to grow another way from there. */
  fork(height: number): ChainMaker {
    const copy: ChainMaker = Object.assign(Object.create(ChainMaker.prototype), this)
    const ranges = {
      commands: this.ranges.commands.cut(this.madeAt(height).roots.commands.size),
      obligations: this.ranges.obligations.cut(this.madeAt(height).roots.obligations.size),
      intents: this.ranges.intents.cut(this.madeAt(height).roots.intents.size),
      history: this.ranges.history.cut(BigInt(height) + 1n),
    }
    const blocks = this.blocks.slice(0, height + 1)
    const highest = new Map<string, bigint>()
    for (const { client, request } of blocks.flatMap((block) => block.commands)) highest.set(client, request)
    return Object.assign(copy, { ranges, blocks, highest, random: new Random(height + 1) })
  }

  madeAt(height: number): MadeBlock {
    const made = this.blocks[height]
    if (made === undefined) throw new Error(`no block of height ${height} was made`)
    return made
  }

  /** All records in the order of a journal: each seal after its block. */
  records(): (BlockRecord | SealRecord)[] {
    return this.blocks.flatMap(({ record, header, seal }) => [
      record,
      { k: 'seal', v: 1, height: header.height, seal } as const,
    ])
  }

  proof(claims: readonly Claim[], at: MadeBlock = this.head, revocations: readonly Revocation[] = []): Proof {
    const { header, roots, seal } = at
    return { format: 'cairn.proof/v1', genesis: this.identity.genesis, block: header, roots, seal, revocations, claims }
  }

  writesOf(seq: bigint): NonNullable<RecordedCommand['writes']> {
    return this.commandAt(seq).recorded.writes ?? []
  }

  commandClaim(seq: bigint, at: MadeBlock = this.head): Claim {
    const { command } = this.commandAt(seq)
    return { kind: 'command', index: seq, command, path: this.ranges.commands.path(seq, at.roots.commands.size) }
  }

  obligationClaim(index: bigint, at: MadeBlock = this.head): Claim {
    const obligation = this.recorded.flatMap(({ seq, obligations }) => obligations.map((each) => ({ seq, ...each })))[
      Number(index)
    ]
    if (obligation === undefined) throw new Error(`no obligation ${index} was made`)
    return {
      kind: 'obligation',
      index,
      obligation,
      path: this.ranges.obligations.path(index, at.roots.obligations.size),
    }
  }

  intentClaim(index: bigint, at: MadeBlock = this.head): Claim {
    const intent = this.recorded.flatMap(({ seq, intents }) => intents.map((each) => ({ seq, ...each })))[Number(index)]
    if (intent === undefined) throw new Error(`no intent ${index} was made`)
    return { kind: 'intent', index, intent, path: this.ranges.intents.path(index, at.roots.intents.size) }
  }

  stateClaim(tree: TreeName, key: Uint8Array, at: MadeBlock = this.head): Claim {
    return { kind: 'state', tree, key, ...at.trees[tree].prove(key) }
  }

  blockClaim(height: bigint, at: MadeBlock = this.head, claims?: readonly Claim[]): Claim {
    const ancestor = this.madeAt(Number(height))
    const path = this.ranges.history.path(height, at.header.height)
    const plain = { kind: 'block', height, blockHash: ancestor.hash, path } as const
    return claims === undefined ? plain : { ...plain, block: ancestor.header, roots: ancestor.roots, claims }
  }

  consistencyClaim(range: RangeName, size: bigint, at: MadeBlock = this.head): Claim {
    const newer = range === 'history' ? at.header.height : at.roots[range].size
    const path = consistencyPath(size, newer, this.ranges[range].nodeAt, this.engine.hasher)
    return { kind: 'consistency', range, size, root: this.ranges[range].rootAt(size), path }
  }

  evidence(a: EvidenceSide, b: EvidenceSide): Evidence {
    return { format: 'cairn.evidence/v1', genesis: this.identity.genesis, a, b }
  }

  private get recorded(): readonly RecordedCommand[] {
    return this.blocks.flatMap(({ record }) => record.commands)
  }

  private commandAt(seq: bigint): { readonly command: Command; readonly recorded: RecordedCommand } {
    const made = this.blocks.findLast(({ header }) => header.firstSeq <= seq)
    const at = Number(seq - (made?.header.firstSeq ?? 0n))
    const command = made?.commands[at]
    const recorded = made?.record.commands[at]
    if (command === undefined || recorded === undefined) throw new Error(`no command of seq ${seq} was made`)
    return { command, recorded }
  }

  private randomOrder(): Order {
    const { random } = this
    const rejected = random.below(5) === 0
    const some = (count: number): undefined[] => Array.from({ length: rejected ? 0 : random.below(count) })
    return {
      client: random.pick(['', 'desk-1', 'desk-2', 'bürö-3']),
      type: random.pick(['put', 'delete', 'transfer']),
      status: rejected ? 1 : 0,
      obligations: some(3).map(() => ({ topic: random.pick(['trade', 'note']), data: random.bytes(random.below(40)) })),
      intents: some(2).map(() => ({ kind: 'withdraw', data: random.bytes(random.below(40)) })),
      writes: some(4).map(() => [
        random.pick<TreeName>(['state', 'state', 'risk']),
        Uint8Array.of(0x6b, random.below(30)),
        random.below(4) === 0 ? null : random.bytes(random.below(30)),
      ]),
    }
  }

  private command(order: Order, seq: bigint, timestamp: bigint): RecordedCommand {
    const { random } = this
    const client = order.client ?? ''
    const request =
      order.request ?? (client === '' ? 0n : (this.highest.get(client) ?? 0n) + 1n + BigInt(random.below(3)))
    this.highest.set(client, request)
    const content = order.payloadHash ? {} : { payload: random.bytes(random.below(60)), salt: random.bytes(32) }
    const received = { receivedAt: timestamp - BigInt(random.below(900)), reply: random.bytes(random.below(20)) }
    const rest = { type: 'put', status: 0, obligations: [], intents: [], writes: [] } as const
    return { ...rest, ...received, ...content, ...order, seq, client, request }
  }

  /** Appends a command and its events and intents to the ranges. */
  private append(recorded: RecordedCommand, identity: Uint8Array): Command {
    const { hasher } = this.engine
    const { obligations, intents, writes: _, ...executed } = recorded
    const { seq } = executed
    for (const each of obligations) {
      this.ranges.obligations.append(obligationLeaf(this.ranges.obligations.size, { seq, ...each }, hasher))
    }
    for (const each of intents)
      this.ranges.intents.append(intentLeaf(this.ranges.intents.size, { seq, ...each }, hasher))
    const sizes = { obligationSize: this.ranges.obligations.size, intentSize: this.ranges.intents.size }
    const command = { ...executed, ...sizes }
    this.ranges.commands.append(commandLeaf(identity, command, hasher))
    return command
  }

  /** Copies of both trees with what the block wrote. */
  private applied(commands: readonly RecordedCommand[], hash: Uint8Array, nextSeq: bigint): MadeBlock['trees'] {
    const { hasher } = this.engine
    const before = this.blocks.at(-1)?.trees
    const trees = {
      state: before?.state.copy() ?? new MemoryStateTree(hasher),
      risk: before?.risk.copy() ?? new MemoryStateTree(hasher),
    }
    for (const [tree, key, value] of commands.flatMap(({ writes }) => writes ?? [])) trees[tree].update([[key, value]])
    const inForce = commands.findLast(({ type, status }) => type === 'cairn/machine' && status === 0)?.payload
    const machine = inForce && { inForce: new TextDecoder().decode(inForce), ofGenesis: this.identity.genesis.machine }
    trees.state.update(ownWrites({ commandsHash: hash, nextSeq, commands, ...(machine && { machine }) }))
    return trees
  }
}
