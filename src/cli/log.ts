/**
 * `cairn log`: the blocks of a chain and what is in them, as people read them; and with --follow each that comes, beside the process that
 * makes them. It locks nothing and writes nothing in the directory.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { JournalCursor } from '../journal/read-only.ts'
import { journalIn } from '../pipeline/chain-place.ts'
import { decodeRecord } from '../pipeline/decode-record.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { type CairnError, type Identity, identify, nobleEngine } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'
import { demandOrder, u64From } from './arguments.ts'
import { interruptible } from './interrupt.ts'
import { asJsonLine, asLines } from './log-text.ts'
import { onChain } from './on-chain.ts'
import { isUnread, print } from './output.ts'
import { blocksOf } from './remote/blocks.ts'
import { openServer } from './remote/with-server.ts'
import { type SealedBlock, SealsAwaited } from './seals-awaited.ts'
import { styleOf, widthOf } from './terminal.ts'

interface Options {
  readonly from?: bigint
  readonly to?: bigint
  readonly follow?: true
  readonly json?: true
}

/** How long nothing is looked for after nothing was found, in milliseconds. */
const POLL_EVERY = 200

export function asLog(command: Command): Command {
  command
    .description('Print the blocks of a chain and their commands, the newest last.')
    .option('--from <height>', 'from this block on', u64From)
    .option('--to <height>', 'up to this block', u64From)
    .option('-f, --follow', 'go on with each block that becomes durable and sealed, until Ctrl-C')
    .option('--json', 'print JSON, a block a line')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    {},
    {
      here: ({ data }, _, options) => {
        demandOrder(command, options)
        return interruptible((signal) => log(data, options, signal))
      },
      there: (_, options) => {
        demandOrder(command, options)
        return interruptible(async (signal) => {
          const server = await openServer(command, options, { signal })
          const printed = new Printed(server.identity, options, signal)
          let isAway = false
          const onBreak = ({ message }: CairnError): void => {
            if (!isAway) process.stderr.write(`${escaped(`${message} It is asked again until it answers.`)}\n`)
            isAway = true
          }
          for await (const block of blocksOf(server.client, options, signal, onBreak)) {
            isAway = false
            await printed.block(block)
            if (printed.isDone) return
          }
          printed.end()
        })
      },
    },
  )
}

const HELP = `
It locks nothing and writes nothing: it may run beside the process that makes blocks, and on a copy. A block is shown with
--follow once its seal is in the journal: with the next block, or a second later. Without it the newest block is shown in any
case, and whether it is sealed. Each command has its seq, its client and request (- for the anonymous one), its type, what
came of it, and of its payload what has room.

As JSON a block is {"hash","header","roots","commands","notes","authority","seal"}, the members as FORMAT.md names them (§3
to §5 and §10), bytes as hex, u64 as decimal text; "seal" is null where the block has none of its own.

With --url each block and its commands are proved before they are printed, and --follow goes on over breaks of the connection.
What no proof shows of a block alone is not there: "writes", and "notes"; cairn export --url has both.

Exit codes: 0 all is printed, or somebody ended it; 1 the journal cannot be read, or is damaged; 2 wrong usage

Examples:
  $ cairn log demo
  $ cairn log demo --from 40 --to 42
  $ cairn log demo --follow
  $ cairn log demo --json | jq -r '.commands[].type'
  $ cairn log --url http://127.0.0.1:4270 --chain-id 0x5e1f… --follow`

async function log(data: string, options: Options, interrupted: AbortSignal): Promise<void> {
  const identity = identify(await readGenesis(nodeDisk, data), nobleEngine.hasher)
  const home = { disk: nodeDisk, directory: journalIn(data), chainId: identity.chainId }
  const printed = new Printed(identity, options, interrupted)
  const awaited = new SealsAwaited()
  const cursor = new JournalCursor(home, options.from)
  for (;;) {
    for await (const { records } of cursor.more()) {
      for (const each of records) {
        for (const block of awaited.take(decodeRecord(each, awaited.next))) await printed.block(block)
      }
      if (printed.isDone) return
    }
    if (printed.isDone) return
    if (options.follow !== true) break
    await sleep(POLL_EVERY, undefined, { signal: interrupted }).catch(() => undefined)
  }
  for (const block of awaited.left()) await printed.block(block)
  printed.end()
}

/** What is printed, of the blocks that were asked for, as long as somebody wants them. */
class Printed {
  private readonly from: bigint
  private readonly to: bigint | undefined
  private readonly interrupted: AbortSignal
  private readonly textOf: (block: SealedBlock) => string
  private isPast = false
  private isEmpty = true

  constructor(identity: Identity, { from = 0n, to, json }: Options, interrupted: AbortSignal) {
    this.from = from
    this.to = to
    this.interrupted = interrupted
    const { stdout } = process
    this.textOf = json
      ? (block) => asJsonLine(block, identity)
      : (block) => asLines(block, identity, styleOf(stdout), widthOf(stdout))
  }

  get isDone(): boolean {
    return this.isPast || this.interrupted.aborted || isUnread()
  }

  async block(block: SealedBlock): Promise<void> {
    const { height } = block.record.header
    if (height >= this.from && !this.isDone) {
      this.isEmpty = false
      await print(this.textOf(block))
    }
    if (height === this.to) this.isPast = true
  }

  /** Nothing more comes. Whoever asks for what comes next finds nothing most of the time; whoever mistyped a height is told. */
  end(): void {
    if (this.isEmpty && this.from > 0n && !this.isDone) process.stderr.write(`There is no block ${this.from} yet.\n`)
  }
}
