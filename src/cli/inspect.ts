/**
 * `cairn inspect`: the files of a journal, or an export, frame by frame, as they are. For somebody who looks at a broken one: it shows what
 * is there whatever is wrong with it, needs no other file, locks nothing and writes nothing.
 */
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { PIECE_HEAD_BYTES } from '../journal/export-format.ts'
import { claimsToBeJournal, fileName } from '../journal/file-name.ts'
import { decodeHeader } from '../journal/header.ts'
import { type Inspected, inspectJournalFile, recordsAt } from '../journal/inspect.ts'
import { type InspectedExportEnd, type InspectedPiece, inspectExport, isExport } from '../journal/inspect-export.ts'
import { look } from '../journal/open.ts'
import { SECTOR } from '../limits.ts'
import { journalIn } from '../pipeline/chain-place.ts'
import { hasGenesis } from '../pipeline/genesis-file.ts'
import type { DiskFile } from '../ports/disk.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import { json, native } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { chainRecord } from '../verify/records.ts'
import { asAction } from './action.ts'
import { EXIT } from './exit.ts'
import { asText, fileTitle, journalLine } from './inspect-text.ts'
import { isUnread, print } from './output.ts'
import { shownPath } from './place.ts'
import { styleOf } from './terminal.ts'

interface Options {
  readonly frame?: number
  readonly json?: true
}

export function asInspect(command: Command): Command {
  return command
    .description('Show the files of a journal, or an export, frame by frame, whatever is wrong with them.')
    .argument('<path>', 'a .wal file, an export, a journal directory, or the directory of a chain')
    .option('--frame <offset>', 'the records of the frame at this byte of a file, in full, as JSON', (text) =>
      offsetFrom(command, text),
    )
    .option('--json', 'print JSON, a line for each header, frame and end')
    .addHelpText('after', HELP)
    .action(
      asAction(async (path: string, options: Options) => {
        const isDirectory = (await stat(path)).isDirectory()
        if (options.frame !== undefined) {
          if (isDirectory) command.error('error: --frame needs a file: name the .wal file, or the export')
          await withFile(path, (file) => printFrame(file, options.frame as number))
        } else if (isDirectory) await inspectDirectory(await journalOf(path), options)
        else await inspectFile(path, true, options)
      }),
    )
}

const HELP = `
It needs nothing but what it is given: one .wal file that was copied from somewhere will do. Of a file it shows the header,
each frame with its offset, its length and that of its payload, whether the CRCs are right (that of the head is bound to the
salt of its file and to its offset), the sectors that are zero and how many should be, its records; and how the end is judged:

  clean    closed, and nothing behind it        torn     a power cut, or a frame that is being written now
  open     in use, or ended without a close     corrupt  something that was written is damaged, or does not follow
  empty    nothing was written to it

A torn end is cut at the next start, if nothing of it was acknowledged; the start itself decides that, with the guard.
Of a directory it shows all files, and what a start would find. Nothing is changed, also beside a running process.

Exit codes: 0 it is shown, and nothing in it is corrupt; 3 something is, or an export is cut short; 1 it cannot be read;
2 wrong usage

Examples:
  $ cairn inspect demo
  $ cairn inspect 0000000000000000.wal
  $ cairn inspect 0000000000000000.wal --frame 1536
  $ cairn inspect demo.cairn --json`

function offsetFrom(command: Command, text: string): number {
  const offset = Number(text)
  if (/^[0-9]{1,15}$/.test(text)) return offset
  return command.error('error: --frame is the offset of a frame, in decimal digits')
}

/** The journal below a chain's directory, or the directory itself. Of one that is neither nothing can be said, least of all that a chain is empty. */
async function journalOf(directory: string): Promise<string> {
  const below = journalIn(directory)
  const names = await nodeDisk.list(directory)
  if (names.includes(basename(below))) return below
  const isJournal = names.some(claimsToBeJournal) || basename(resolve(directory)) === basename(below)
  if (isJournal || (await hasGenesis(nodeDisk, directory))) return directory
  const shown = shownPath(directory)
  throw new CairnError(
    'no_chain',
    `There is no journal in ${shown}: name the directory of a chain, a journal, a .wal file or an export.`,
    { directory: shown },
  )
}

async function withFile<T>(path: string, use: (file: DiskFile) => Promise<T>): Promise<T> {
  const file = await nodeDisk.open(path, 'read')
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function inspectDirectory(directory: string, options: Options): Promise<void> {
  const names = await nodeDisk.list(directory)
  const files = names.filter(claimsToBeJournal)
  const newest = await newestOf(directory, files)
  for (const name of files) await inspectFile(join(directory, name), newest === undefined || name >= newest, options)
  const others = await Promise.all(
    names
      .filter((name) => !files.includes(name))
      .map(async (name) => ({ name, size: (await stat(join(directory, name))).size })),
  )
  const found = await foundBy(directory, files)
  await print(options.json ? jsonText({ kind: 'journal', directory, others, ...found }) : journalLine(others, found))
  if ('error' in found) process.exitCode = EXIT.failed
}

/** The last file that holds anything behind its header: the only one that a power cut may have torn. */
async function newestOf(directory: string, files: readonly string[]): Promise<string | undefined> {
  for (const name of files.toReversed()) {
    const holds = await withFile(join(directory, name), async (file) => {
      for await (const { kind } of inspectJournalFile(file, true))
        if (kind === 'frame' || kind === 'unknown') return true
      return false
    })
    if (holds) return name
  }
  return undefined
}

/** What a start would find; the chain is the one that the first whole header names. */
async function foundBy(directory: string, files: readonly string[]): Promise<object> {
  let chainId = new Uint8Array(32)
  for (const name of files.toReversed()) {
    const sector = await withFile(join(directory, name), (file) => file.read(0, SECTOR))
    chainId = decodeHeader(sector)?.chainId.slice() ?? chainId
  }
  try {
    const { state, height } = (await look({ disk: nodeDisk, directory, chainId })).found
    return { state, height }
  } catch (error) {
    if (error instanceof CairnError) return { error: { code: error.code, message: error.message } }
    throw error
  }
}

async function inspectFile(path: string, isNewest: boolean, options: Options): Promise<void> {
  await withFile(path, async (file) => {
    const isOfExport = await isExport(file)
    const style = styleOf(process.stdout)
    const name = basename(path)
    const title = { name, size: await file.size(), format: isOfExport ? 'cairn.export/v1' : 'cairn.journal/1' }
    if (!options.json) await print(fileTitle(title, style))
    for await (const part of isOfExport ? inspectExport(file) : inspectJournalFile(file, isNewest)) {
      if (isUnread()) return
      if (part.kind === 'end') noteEnd(part)
      await print(options.json ? jsonText({ file: name, ...part }) : asText(part, nameProblem(name, part), style))
    }
  })
}

/** A file is named after the height in its header. */
function nameProblem(name: string, part: Inspected | InspectedPiece | InspectedExportEnd): string | undefined {
  if (part.kind !== 'header' || part.problem !== undefined || name === fileName(part.first)) return undefined
  return `by its header its name is ${fileName(part.first)}`
}

function noteEnd({ state }: { readonly state: string }): void {
  if (state === 'corrupt' || state === 'cut short') process.exitCode = EXIT.failed
}

async function printFrame(file: DiskFile, offset: number): Promise<void> {
  const shown = await recordsAt(file, offset, (await isExport(file)) ? PIECE_HEAD_BYTES : undefined)
  if ('problem' in shown) {
    await print(jsonText({ offset, ...shown }))
    process.exitCode = EXIT.failed
    return
  }
  await print(jsonText({ offset, records: shown.records.map(inFull) }))
}

/** As FORMAT writes it in JSON; what is none of its records, as it was decoded. */
function inFull(record: unknown): unknown {
  const decoded = attempt(() => chainRecord.decode(record, native))
  return decoded instanceof CairnError ? { problem: decoded.message, record } : chainRecord.encode(decoded, json)
}
