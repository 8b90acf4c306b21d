/** `cairn repair`: brings back what is damaged or missing in the journal of a chain, from another copy of it that is verified first. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { exportFile } from '../audit/export-file.ts'
import { journalSource } from '../audit/journal-source.ts'
import { type RepairedFile, repairChain } from '../audit/repair.ts'
import { type AuditSource, overheard } from '../audit/source.ts'
import { exportOf } from '../client/export.ts'
import { Http } from '../client/http.ts'
import { loadEngine } from '../hash/index.ts'
import { platformFetch } from '../http/fetch.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { systemRng } from '../ports/rng.ts'
import { isFull } from '../ports/system-error.ts'
import { jsonText } from '../server/json-text.ts'
import { CairnError, type Engine } from '../verify/index.ts'
import { asAction } from './action.ts'
import { interruptible } from './interrupt.ts'
import { print } from './output.ts'
import { placeOf, shellWord, shownPath } from './place.ts'
import { type Progress, progressOn } from './progress.ts'
import { type Reached, reached, tokenFileOption } from './remote/reached.ts'

/** A server that sends nothing for so long, in milliseconds, is given up. */
const SILENCE_MAX = 30_000

interface Options {
  readonly from: string
  readonly tokenFile?: string
  readonly json?: true
}

export function asRepair(command: Command): Command {
  return command
    .description('Bring back what is damaged or missing in a journal, from another copy of the chain.')
    .argument('<dir>', 'the directory of the chain, which no process may have open')
    .requiredOption('--from <source>', 'an export, the directory of a copy, or the URL of a server of the chain')
    .addOption(tokenFileOption())
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', HELP)
    .action(asAction(repair))
}

const HELP = `
The source is verified first: every block of it under the seals of this chain, and every outcome under its roots. It is
refused where it is of another chain, where it parted from what is whole here, or where it does not reach as far as what is
damaged. What is whole stays as it is; a file that is damaged is kept aside as journal/damaged-….bin before the repaired one
takes its place. The store is made anew at the next start where it has to be. Where the end of a journal is missing, the
blocks that the source has are added to it. What a server sends, or a pipe, lies among the temporary files meanwhile (TMPDIR).

Exit codes: 0 it is repaired, or nothing was damaged; 1 the source is refused, or it cannot be written; 2 wrong usage

Examples:
  $ cairn repair demo --from backup-of-demo
  $ cairn repair demo --from demo.cairn
  $ cairn repair demo --from https://cairn.example.org --json
  $ cairn repair demo --from <(ssh other cairn export demo)`

async function repair(directory: string, options: Options): Promise<void> {
  await interruptible((signal) => repairFrom(directory, options, signal))
}

async function repairFrom(directory: string, { from, tokenFile, json }: Options, signal: AbortSignal): Promise<void> {
  const engine = await loadEngine()
  const { data } = placeOf(directory)
  const folder = await mkdtemp(join(tmpdir(), 'cairn-repair-'))
  const progress = progressOn(process.stderr)
  try {
    const source = shown(await sourceOf(from, tokenFile, folder, engine, progress, signal), progress, signal)
    const files = await repairChain({ directory: data, disk: nodeDisk, rng: systemRng(), engine, source })
    progress.clear()
    await print(json ? jsonText({ repaired: files }) : textOf(files, directory))
  } catch (error) {
    throw signal.aborted ? interruption(error) : error
  } finally {
    progress.clear()
    await rm(folder, { recursive: true })
  }
}

/** Milliseconds from one line to the next: faster nobody reads. */
const SHOWN_EVERY = 100

function interruption(cause: unknown): CairnError {
  return new CairnError('interrupted', 'Interrupted: what was not repaired yet is as it was.', { cause })
}

/** How far a copy is read, each time that it is. */
function shown(open: () => Promise<AuditSource>, { show }: Progress, signal: AbortSignal): () => Promise<AuditSource> {
  let what = 'Verifying the copy'
  return async () => {
    const told = what
    what = 'Reading the copy again'
    const source = await open()
    show(`${told} …`)
    let next = 0
    return overheard(source, () => {
      signal.throwIfAborted()
      const { size, bytesRead } = source
      if (!size || performance.now() < next) return
      next = performance.now() + SHOWN_EVERY
      show(`${told}: ${Math.min(100, Math.floor((100 * bytesRead) / size))} %`)
    })
  }
}

/** Opens the copy as often as it is asked for: what comes from a server, or out of a pipe, comes once, and is kept meanwhile. */
async function sourceOf(
  from: string,
  tokenFile: string | undefined,
  folder: string,
  { hasher }: Engine,
  { show }: Progress,
  signal: AbortSignal,
): Promise<() => Promise<AuditSource>> {
  const server = /^https?:\/\//i.test(from) ? await reached(from, tokenFile) : undefined
  const found = server === undefined ? await stat(from) : undefined
  if (found?.isDirectory()) return () => journalSource(from, hasher)
  if (found?.isFile()) return () => exportFile(from, hasher)
  const file = join(folder, 'export')
  // Not before it is asked for: by then there is a chain, and nobody else has it open.
  let fetched: Promise<void> | undefined
  return async () => {
    if (fetched === undefined) {
      show('Fetching the export …')
      fetched = keep(server === undefined ? createReadStream(from) : exportOn(server, signal), file, signal)
    }
    await fetched
    return exportFile(file, hasher)
  }
}

function exportOn(server: Reached, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return exportOf(new Http({ ...server, timeout: SILENCE_MAX, fetch: platformFetch }), {}, signal)
}

/** As it comes: that it is an export, and whose, is looked at once all of it is there. */
async function keep(pieces: AsyncIterable<Uint8Array>, file: string, signal: AbortSignal): Promise<void> {
  await pipeline(pieces, createWriteStream(file), { signal }).catch((error: unknown) => {
    throw isFull(error) ? noRoom(error) : error
  })
}

function noRoom(cause: unknown): CairnError {
  const message = `There is no room in ${tmpdir()} for what the source sends, or no file of this process may be so large (ulimit -f): make room, or name a place that has some by TMPDIR, and try again.`
  return new CairnError('disk_full', message, { path: tmpdir(), cause })
}

function textOf(files: readonly RepairedFile[], directory: string): string {
  if (files.length === 0) return 'Nothing is damaged.\n'
  const lines = files.map(({ file, from, to, blocks, kept }) => {
    const what = blocks === 0 ? 'no block was missing' : `blocks ${from} to ${to} are back`
    return `${file}: ${what}${kept === undefined ? '' : `; what was there is kept as journal/${kept}`}`
  })
  return `${lines.join('\n')}\nVerify it: cairn verify ${shellWord(shownPath(directory))} --chain-id "$(cairn id ${shellWord(shownPath(directory))})"\n`
}
