/**
 * `cairn guard`: what the rollback guard says; and that the operator accepts what may be lost, where a chain is behind its guard or has none.
 *
 * Promise: the guard is written only where the operator named the newest block of the chain by height and hash, and only if it still says
 * what it said before the chain was looked at.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { Chain, type ChainHead } from '../chain.ts'
import { loadEngine } from '../hash/index.ts'
import { Guard, type GuardMark } from '../keys/guard.ts'
import type { Machine } from '../machine/index.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import { CairnError, type Engine, fromHex, identify, nobleEngine, toHex } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'
import { u64From } from './arguments.ts'
import { firstAppend } from './first-append.ts'
import { type MachineOptions, machinesFor } from './machines.ts'
import { onPlace } from './on-chain.ts'
import { type Place, shownPath } from './place.ts'
import { onlyHere } from './remote/options.ts'
import { tellOn } from './reports.ts'
import { setting } from './settings/option.ts'
import { styleOf, widthOf, wrapped } from './terminal.ts'

interface AcceptOptions extends MachineOptions {
  readonly height: bigint
  readonly hash: string
  readonly json?: true
}

interface ShowOptions {
  readonly json?: true
}

/** What a guard says, or nothing where there is none. */
type Marked = Awaited<ReturnType<Guard['read']>>

export function asGuard(command: Command): Command {
  for (const [name, asCommand] of Object.entries({ show: asShow, accept: asAccept }))
    onlyHere(asCommand(command.command(name).exitOverride()), WHY)
  return command
    .description(
      'The rollback guard of a chain, which tells it from an older copy: show it, or accept what may be lost.',
    )
    .addHelpText('after', HELP)
}

const WHY = 'the guard lies beside the directory of the chain: do it on the machine where that is'

const HELP = `
Examples:
  $ cairn guard show demo
  $ cairn guard accept demo --height 41 --hash 0x5e1f…`

function asShow(command: Command): Command {
  command
    .description('Print the newest block that the rollback guard names.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', SHOW_HELP)
  return onPlace(command, {}, async (place, _, { json }: ShowOptions) => {
    const { chainId } = identify(await readGenesis(nodeDisk, place.data), nobleEngine.hasher)
    const marked = await new Guard(nodeDisk, place.guard, chainId).read()
    process.stdout.write(json ? jsonText({ guard: marked ?? null }) : `${shown(marked, place)}\n`)
  })
}

const SHOW_HELP = `
It reads the genesis and the guard alone, so it also works while another process has the chain open. The guard may lag
behind the chain by a second. As JSON it is {"guard":null} where there is none, {"guard":{"head":null}} where it was made
and names no block yet.

Exit codes: 0 it is printed, or that there is none; 1 it cannot be read, or is of another chain; 2 wrong usage

Examples:
  $ cairn guard show demo
  $ cairn guard show demo --json`

function shown(marked: Marked, { guard }: Place): string {
  if (marked === undefined) return `There is no guard: no ${escaped(shownPath(guard))}.`
  if (marked.head === null) return 'The guard names no block yet.'
  return `height ${marked.head.height}  hash ${toHex(marked.head.hash)}`
}

function asAccept(command: Command): Command {
  command
    .description('Accept that the newest block of a chain is its newest, though its guard names another, or is lost.')
    .addOption(setting('machine'))
    .requiredOption('--height <n>', 'the height of the newest block', heightFrom)
    .requiredOption('--hash <0x…>', 'the hash of the newest block', hashFrom)
    .option('--json', 'print what came of it as JSON')
    .addHelpText('after', ACCEPT_HELP)
  return onPlace(command, {}, async (place, _, { json, ...named }: AcceptOptions) => {
    const { isWritten, head, marked, machine } = await accept(place, named)
    if (json) process.stdout.write(jsonText({ written: isWritten, head }))
    else process.stdout.write(isWritten ? accepted(named, place, machine) : nothingToAccept(marked, head))
  })
}

const ACCEPT_HELP = `
A chain that is behind its guard, or has none, may be an older copy of itself: it opens for reading only. First look for the
missing blocks, at a follower or in an export, and bring back a guard that is lost. Only where that cannot be done, accept:

  Commands that were acknowledged above the newest block may be lost for good.
  If the real chain goes on elsewhere, two blocks will be sealed at one height, and whoever has both can prove it.

The newest block is named by its height and its hash. Compare both with what followers, proofs or exports say; where they
are others than those of the chain, nothing is written, and the error says which they are. Nothing is written either where
the chain is not behind its guard.

Exit codes: 0 it is accepted, or there is nothing to accept; 1 it is another block, or the chain cannot be read;
2 wrong usage

Examples:
  $ cairn guard accept demo --height 41 --hash 0x5e1f…
  $ cairn guard accept demo --height 41 --hash 0x5e1f… --json`

function heightFrom(text: string, before: bigint | undefined): bigint {
  demandOnce(before)
  return u64From(text)
}

function hashFrom(text: string, before: string | undefined): string {
  demandOnce(before)
  if (fromHex(text)?.length === 32) return text
  throw new InvalidArgumentError('It is 0x and 64 lower-case hex digits.')
}

/** What is accepted is said once: of two blocks one would not be looked at. */
function demandOnce(before: unknown): void {
  if (before !== undefined) throw new InvalidArgumentError('It can be given once only.')
}

interface Named {
  readonly height: bigint
  readonly hash: string
}

interface Outcome {
  readonly isWritten: boolean
  readonly head: GuardMark | null
  /** What the guard said before. */
  readonly marked: Marked
  /** That of the chain. */
  readonly machine: string
}

async function accept(place: Place, named: Named & MachineOptions): Promise<Outcome> {
  const engine = await loadEngine()
  const genesis = await readGenesis(nodeDisk, place.data)
  const { chainId } = identify(genesis, engine.hasher)
  const { machine } = genesis
  const machines = await machinesFor(genesis, named)
  const guard = new Guard(nodeDisk, place.guard, chainId)
  const marked = await guard.read()
  const { newest, readOnly } = await look(place, machines, engine)
  const head = newest === undefined ? null : { height: newest.height, hash: newest.hash }
  if (readOnly === undefined || readOnly.code === 'no_signer') return { isWritten: false, head, marked, machine }
  // Then nobody asked the guard about all of the chain.
  if (readOnly.code !== 'chain_rolled_back') throw readOnly
  if (head === null) throw noBlock()
  demandNamed(head, named)
  await write(place, guard, marked, head)
  return { isWritten: true, head, marked, machine }
}

/** The chain as it can be read, and why it takes nothing. Without a signer nothing is sealed here, whatever the guard says. */
async function look(
  { data, guard }: Place,
  machine: readonly Machine[],
  engine: Engine,
): Promise<{ readonly newest: ChainHead | undefined; readonly readOnly: CairnError | undefined }> {
  const told = tellOn(process.stderr)
  const chain = await Chain.open(data, {
    machine,
    guard,
    engine,
    report: (report) => {
      // Why it is read only is what this command is about.
      if (report.kind !== 'read-only') told.report(report)
    },
  }).finally(told.clear)
  try {
    return { newest: chain.head, readOnly: chain.readOnly }
  } finally {
    await chain.close()
  }
}

function demandNamed(head: GuardMark, named: Named): void {
  const hash = toHex(head.hash)
  if (head.height === named.height && hash === named.hash) return
  throw new CairnError(
    'head_differs',
    `The newest block of the chain is ${head.height} (${hash}), not ${named.height} (${named.hash}). Compare it with what followers, proofs or exports say: where they know a later block or another one there, bring back the chain from them. Nothing was written.`,
    { height: head.height, hash },
  )
}

function noBlock(): CairnError {
  return new CairnError(
    'nothing_to_accept',
    'The chain has no block that is sealed: there is none that could be accepted as its newest. Bring back its data or its guard, or make another chain.',
  )
}

/**
 * Between the look and this lock another process may have had the chain. While it is behind its guard nobody can append to it, and where the
 * guard is no longer what was read, it is not written.
 */
async function write({ data }: Place, guard: Guard, marked: Marked, head: GuardMark): Promise<void> {
  const unlock = await nodeDisk.lock(`${data}/lock`)
  try {
    process.stderr.write(warning(marked?.head ?? undefined, head))
    await guard.write(head)
  } finally {
    await unlock()
  }
}

function warning(marked: GuardMark | undefined, head: GuardMark): string {
  const style = styleOf(process.stderr)
  const lines = [...givenUp(marked, head), EQUIVOCATION].flatMap((each) => wrapped(each, widthOf(process.stderr)))
  return `${style.bad(style.strong('THIS GIVES SOMETHING UP.'))}\n${lines.join('\n')}\n\n`
}

function givenUp(marked: GuardMark | undefined, { height }: GuardMark): readonly string[] {
  const lost = `Commands that were acknowledged above block ${height} may be lost for good, though receipts and proofs of them are in the world.`
  if (marked === undefined) {
    return [`There is no guard, so nobody can tell whether the chain went on above block ${height}.`, lost]
  }
  if (marked.height > height) {
    return [
      `The guard names block ${marked.height}; the chain ends at block ${height}, and the later blocks are not here.`,
      lost,
    ]
  }
  return [
    `The guard names another block at height ${marked.height}: there, or below, this chain parted from the one that was guarded.`,
    `${lost} So may those that the other chain had where the two differ.`,
  ]
}

const EQUIVOCATION =
  'If the real chain goes on elsewhere, two blocks will be sealed at one height: whoever has both can prove it, and nothing undoes it.'

function accepted({ height, hash }: Named, { data }: Place, machine: string): string {
  return [
    `Accepted: the guard names block ${height} (${hash}).`,
    '',
    ...firstAppend('The chain takes commands again, where its keys are', data, machine),
    '',
  ].join('\n')
}

function nothingToAccept(marked: Marked, head: GuardMark | null): string {
  const guard = marked?.head
    ? `the guard names block ${marked.head.height}, which the chain has`
    : 'the guard names no block'
  const newest =
    head === null ? 'The chain has no block yet' : `Its newest block is ${head.height} (${toHex(head.hash)})`
  return `Nothing to accept, and nothing was written: ${guard}. ${newest}.\n`
}
