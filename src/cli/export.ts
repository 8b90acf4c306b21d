/** `cairn export`: a range of blocks as one file or stream, beside whoever has the chain open. */
import type { Command } from 'commander'
import type { ExportEnd } from '../journal/export-format.ts'
import { fileName } from '../journal/file-name.ts'
import { exportChain } from '../pipeline/export-chain.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import { CairnError, identify, nobleEngine, toHex } from '../verify/index.ts'
import { demandOrder, fileFrom, STANDARD_OUTPUT, u64From } from './arguments.ts'
import { interruptible } from './interrupt.ts'
import { onChain } from './on-chain.ts'
import { isUnread, print } from './output.ts'
import { type Progress, progressOn } from './progress.ts'
import { checkedExport } from './remote/export.ts'
import { openServer, type Server } from './remote/with-server.ts'
import { demandAbsent, writeNew } from './write-file.ts'

interface Options {
  readonly from?: bigint
  readonly to?: bigint
  readonly out?: string
  readonly json?: true
}

/** A line of progress is written no more often than this, in milliseconds. */
const PROGRESS_EVERY = 100

export function asExport(command: Command): Command {
  command
    .description('Write a range of blocks with their seals as one file, or as a stream.')
    .option('--from <height>', 'the first block (default: 0)', u64From)
    .option('--to <height>', 'the last block (default: the newest whose seal is in the journal)', u64From)
    .option(
      '-o, --out <file>',
      'write it there, as a whole or not at all, never over another; else to standard output',
      fileFrom,
    )
    .option('--json', 'print what it holds as JSON: on standard output, or with the stream there on standard error')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    {},
    {
      here: async ({ data }, _, options) => {
        demandOrder(command, options)
        demandFile(command, options)
        await interruptible((interrupted) => write(here(data, options), options, interrupted))
      },
      there: async (_, options) => {
        demandOrder(command, options)
        demandFile(command, options)
        await interruptible(async (interrupted) => {
          const server = await openServer(command, options, { signal: interrupted })
          await write(there(server, options, interrupted), options, interrupted)
        })
      },
    },
  )
}

function demandFile(command: Command, { out = STANDARD_OUTPUT }: Options): void {
  if (out !== STANDARD_OUTPUT || !process.stdout.isTTY) return
  command.error('error: an export is bytes, not text for a terminal: name a file with -o, or pipe it')
}

const HELP = `
It locks nothing and writes nothing in <dir>: it may run beside the process that makes blocks, and on a copy that may only
be read. What may not be in the journal yet is the seal of the newest block, for up to a second: then the export ends at the
block before. The file begins with the genesis, so that it can be verified by itself; what it holds are the records of the
journal, and payloads with them: whoever gets it can read them. Its form is cairn.export/v1, FORMAT.md §11.

Of a server it is checked as it comes: order, seals, and that its last block is in the chain that the server proves. A file is
there only where that holds; of a stream the exit code says it (3 where it does not).

As JSON: {"file","chainId","from","to","blocks","hash","bytes"}, hash being that of the last block.

Exit codes: 0 it is written; 1 there are no such blocks, the journal is damaged, or it cannot be written; 2 wrong usage

Examples:
  $ cairn export demo -o demo.cairn
  $ cairn export demo --from 1000 --to 1999 -o demo-1000.cairn --json
  $ cairn export demo | ssh auditor 'cat > demo.cairn'
  $ cairn export --url https://ledger.example.org --chain-id 0x5e1f… -o ledger.cairn`

interface Source {
  readonly pieces: AsyncGenerator<Uint8Array, ExportEnd>
  readonly chainId: () => Promise<Uint8Array>
  /** Takes the line of the progress away. */
  readonly clear: () => void
}

function here(directory: string, options: Options): Source {
  const progress = throttled()
  const pieces = exportChain(directory, rangeOf(options), {
    progress: (height, last) => progress.show(`Exporting: block ${height} of ${last}`),
    rest: ({ file, offset }) => process.stderr.write(`${restAt(fileName(file), offset)}\n`),
  })
  const chainId = async (): Promise<Uint8Array> =>
    identify(await readGenesis(nodeDisk, directory), nobleEngine.hasher).chainId
  return { pieces, chainId, clear: progress.clear }
}

function there(server: Server, options: Options, interrupted: AbortSignal): Source {
  const progress = throttled()
  const pieces = checkedExport(server, rangeOf(options), {
    signal: interrupted,
    onProgress: (blocks) => progress.show(`Exporting: ${blocks} blocks`),
  })
  return { pieces, chainId: () => Promise.resolve(server.identity.chainId), clear: progress.clear }
}

function rangeOf({ from, to }: Options): { readonly from?: bigint; readonly to?: bigint } {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}

function throttled(): Progress {
  const progress = progressOn(process.stderr)
  let shownAt = 0
  return {
    clear: progress.clear,
    show: (text) => {
      const now = Date.now()
      if (now - shownAt < PROGRESS_EVERY) return
      shownAt = now
      progress.show(text)
    },
  }
}

async function write({ pieces, chainId, clear }: Source, options: Options, interrupted: AbortSignal): Promise<void> {
  const { from: first = 0n, out = STANDARD_OUTPUT } = options
  const counted = new Counted(pieces, interrupted)
  try {
    if (out === STANDARD_OUTPUT) for await (const piece of counted.pieces()) await print(piece)
    else {
      await demandAbsent(out)
      await writeNew(out, counted.pieces())
    }
  } finally {
    clear()
  }
  // Whoever read the stream left before its end.
  if (counted.end === undefined) return
  const { blocks, hash } = counted.end
  const last = first + blocks - 1n
  if (options.json) {
    const file = out === STANDARD_OUTPUT ? null : out
    const stream = out === STANDARD_OUTPUT ? process.stderr : process.stdout
    stream.write(
      jsonText({ file, chainId: await chainId(), from: first, to: last, blocks, hash, bytes: counted.bytes }),
    )
  } else if (out !== STANDARD_OUTPUT) {
    const what = blocks === 1n ? `Block ${first}` : `Blocks ${first} to ${last}`
    process.stdout.write(`${what} in ${counted.bytes} bytes; the hash of block ${last} is ${toHex(hash)}\n`)
  }
}

function restAt(name: string, offset: number): string {
  return `Note: in ${name} at byte ${offset} the journal goes on with what is no whole frame: it is being written, or was torn or damaged (cairn inspect shows it). The export ends before it.`
}

/** What was written, and the end of it once it came. */
class Counted {
  private readonly source: AsyncGenerator<Uint8Array, ExportEnd>
  private readonly interrupted: AbortSignal
  bytes = 0
  end: ExportEnd | undefined

  constructor(source: AsyncGenerator<Uint8Array, ExportEnd>, interrupted: AbortSignal) {
    this.source = source
    this.interrupted = interrupted
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const next = await this.source.next().catch((error: unknown) => {
          throw this.interrupted.aborted ? interruption() : error
        })
        if (this.interrupted.aborted) throw interruption()
        if (next.done) {
          this.end = next.value
          return
        }
        this.bytes += next.value.length
        yield next.value
        if (isUnread()) return
      }
    } finally {
      await this.source.return({ blocks: 0n, hash: new Uint8Array(0) })
    }
  }
}

function interruption(): CairnError {
  return new CairnError('interrupted', 'Interrupted: the export is not whole.')
}
