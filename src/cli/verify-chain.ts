/**
 * `cairn verify` of a whole chain: its directory is read and nothing in it is touched, also while a producer is at work. It says what holds, what was not
 * checked, and where the first fault lies.
 */
import { open, stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { type ChainAudit, verifyChain } from '../audit/audit.ts'
import { beginsAsExport } from '../audit/export-source.ts'
import type { AuditCheck, AuditLevel } from '../audit/faults.ts'
import type { AuditOptions } from '../audit/options.ts'
import type { Spot } from '../audit/source.ts'
import { DOCUMENT_MAX } from '../verify/bounds.ts'
import { decodeHead, decodeProof, decodeRevocations, toHex, verifyProof } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'
import { asAction } from './action.ts'
import { EXIT } from './exit.ts'
import { interruptible } from './interrupt.ts'
import { type MachineOptions, machinesOf } from './machines.ts'
import { readBounded, STANDARD_INPUT } from './read.ts'
import { readingOn } from './reading-progress.ts'
import { demandProved, exportOf } from './remote/export.ts'
import { addRemoteOptions, isInPlaceOf } from './remote/options.ts'
import { openServer, type RemoteOptions, type Server } from './remote/with-server.ts'
import { setting } from './settings/option.ts'
import { tableOf } from './table.ts'
import { type Style, styleOf, widthOf, wrapped } from './terminal.ts'
import { type ChainPart, once, readAs, type VerifyOptions } from './verify.ts'

interface ChainOptions extends VerifyOptions, MachineOptions {
  readonly level?: AuditLevel
  readonly fromProof?: string
  readonly scratch?: string
  readonly resume?: string
  readonly cores?: number
}

const OF_CHAINS = ['level', 'machine', 'fromProof', 'scratch', 'resume', 'cores'] as const

export const chainPart: ChainPart = {
  addTo(command: Command): void {
    command
      .addOption(setting('level'))
      .addOption(setting('machine'))
      .option('--from-proof <file>', 'of a chain: start behind the block of a proof that holds', once)
      .option('--resume <file>', 'of a chain: note there how far it is, and go on from what is noted', once)
      .option('--scratch <dir>', 'of a chain: where the trees are kept meanwhile; with --resume they stay', once)
      .addOption(setting('cores'))
      .addHelpText('after', HELP)
    addRemoteOptions(command)
  },
  isRemote: (command: Command, file: string | undefined): boolean => isInPlaceOf(command, file, 'file'),
  verifyRemote: asAction(verifyOnServer),
  async isChain(path: string): Promise<boolean> {
    if (path === STANDARD_INPUT) return beginsAsExport(await beginningOfInput())
    // What cannot be looked at is told by whoever reads it.
    return stat(path).then(
      async (found) => found.isDirectory() || (found.isFile() && beginsAsExport(await beginningOf(path))),
      () => false,
    )
  },
  wrongForDocument(command: Command): string | undefined {
    // What is set for good is for chains when there is one.
    const given = OF_CHAINS.find((name) => command.getOptionValueSource(name) === 'cli')
    return given && `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is for whole chains`
  },
  verify: asAction(verifyWhole),
}

const HELP = `
Of a chain, --head is a block that it has to contain. Levels, each with all of the one before it:
  seals   order, hashes, at most once, and that a seal covers every block
  roots   also every range and state root, made again from what was recorded
  replay  also executes every command again (external machines bring their outcomes); other machines need --machine

  $ cairn verify demo --chain-id "$(cairn id demo)" --revocations known.json
  $ cairn verify shop --chain-id 0x5e1f… --level replay --machine ./my-machine.js
  $ cairn export demo | cairn verify - --chain-id 0x5e1f…
  $ cairn verify --url https://ledger.example.org --chain-id 0x5e1f… --head seen.json
  $ cairn verify copy-of-demo --chain-id 0x5e1f… --level seals --resume audit.state`

async function beginningOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOK_BYTES), 0, LOOK_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** What comes first through standard input, which whoever reads it finds there all the same. */
async function beginningOfInput(): Promise<Uint8Array> {
  const { stdin } = process
  await new Promise<void>((resolve) => {
    stdin
      .once('readable', resolve)
      .once('end', resolve)
      .once('error', () => resolve())
  })
  const first = stdin.read() as Buffer | null
  if (first === null) return new Uint8Array(0)
  stdin.unshift(first)
  return first
}

const LOOK_BYTES = 16

async function verifyWhole(path: string, options: ChainOptions): Promise<void> {
  const source = path === STANDARD_INPUT ? process.stdin : path
  const trusted = { chainId: options.chainId, ...(await trustedIn(options)) }
  const audit = await auditOf(options)
  await show(options, (watched) => verifyChain(source, { ...trusted, ...audit, ...watched }))
}

/** The export that a server sends, as it comes. What was seen of the chain before, it has to contain; and its end has to be in the chain that is proved. */
async function verifyOnServer(command: Command, options: RemoteOptions & Omit<ChainOptions, 'chainId'>): Promise<void> {
  const { head, ...trusted } = await trustedIn(options)
  const asked = await auditOf(options)
  const server = await openServer(command, options, head && { head })
  await show(options, async (watched) => {
    // What is not read of the export is given up.
    const over = new AbortController()
    const either = AbortSignal.any([watched.signal, over.signal])
    const { source, newest } = await exportOf(server, startOf(trusted.fromProof, server), either)
    const within = head ?? newest
    const given = { ...trusted, ...(within && { head: within }), chainId: server.chainId, engine: server.engine }
    const audit = await verifyChain(source, { ...given, ...asked, ...watched }).finally(() => over.abort())
    if (audit.ok && audit.head !== undefined) await demandProved(server, audit.head, watched.signal)
    return audit
  })
}

/** The block of a proof that holds; of another one the audit says what is wrong with it. */
function startOf(proof: Uint8Array | undefined, { chainId, engine }: Server): bigint {
  if (proof === undefined || !verifyProof(proof, { chainId }, engine).ok) return 0n
  return decodeProof(proof).block.height
}

type TrustedFiles = Pick<ChainOptions, 'revocations' | 'head' | 'fromProof'>

async function trustedIn({ revocations, head, fromProof }: TrustedFiles) {
  return {
    ...(revocations && { revocations: await readAs(revocations, decodeRevocations) }),
    ...(head && { head: await readAs(head, decodeHead) }),
    ...(fromProof && { fromProof: await readBounded(fromProof, DOCUMENT_MAX) }),
  }
}

async function auditOf({ level, machine, scratch, resume, cores }: Partial<ChainOptions>) {
  const machines = level === 'replay' ? await machinesOf(machine === undefined ? {} : { machine }) : undefined
  return {
    ...(level && { level }),
    ...(scratch !== undefined && { scratch }),
    ...(resume !== undefined && { resume }),
    ...(cores !== undefined && { cores }),
    ...(machines && { machine: machines }),
  }
}

type Watched = Required<Pick<AuditOptions, 'onProgress' | 'signal'>>

async function show(
  { json }: Pick<VerifyOptions, 'json'>,
  audits: (watched: Watched) => Promise<ChainAudit>,
): Promise<void> {
  const progress = readingOn(process.stderr)
  const start = performance.now()
  const audit = await interruptible((signal) => audits({ onProgress: progress.show, signal })).finally(progress.clear)
  const seconds = (performance.now() - start) / 1000
  const [style, width] = [styleOf(process.stdout), widthOf(process.stdout)]
  process.stdout.write(json ? asJson(audit, seconds) : asText(audit, seconds, style, width))
  process.exitCode = audit.ok ? EXIT.ok : EXIT.failed
}

function asJson({ head, unsealed, ...audit }: ChainAudit, seconds: number): string {
  const shown = {
    format: 'cairn.chain-verification/v1',
    ...audit,
    ...(head && { head: { ...head, blockHash: toHex(head.blockHash) } }),
    ...(unsealed !== undefined && { unsealed }),
    seconds: Number(seconds.toFixed(3)),
  }
  const text = JSON.stringify(shown, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  return `${text}\n`
}

const MEANINGS: Readonly<Record<AuditCheck, string>> = {
  genesis: 'It is of the chain that you trust.',
  frames: 'Every file and frame is as it was written, from the first to the last.',
  format: 'Every record follows the format to the letter.',
  order: 'Blocks and commands follow one another without a gap.',
  hashes: 'Every block commits to its commands and roots.',
  requests: 'No command of a client was executed twice.',
  ranges: 'The ranges of commands, events, intents and blocks have the roots that the blocks name.',
  state: 'The state has the roots that the blocks name, made again from what was recorded.',
  outcomes: 'Executed again, every command has the outcome that was recorded.',
  authority: 'The cold key signed every delegation and revocation.',
  seals: 'A hot key to which the cold key delegated vouches for every block.',
  revocation: 'What was revoked vouches for nothing.',
  head: 'The block that you accepted before is in it.',
}

function asText(audit: ChainAudit, seconds: number, style: Style, width: number): string {
  const table = tableOf(audit.verdicts, (check) => MEANINGS[check as AuditCheck], style, width)
  const lines = conclusion(audit, seconds).flatMap((line) => wrapped(line, width))
  const [result = '', ...rest] = lines
  return `${table}\n\n${[(audit.ok ? style.good : style.bad)(result), ...rest].join('\n')}\n`
}

function conclusion(audit: ChainAudit, seconds: number): readonly string[] {
  const { ok, level, blocks, commands, head, fault, unsealed, torn, verdicts, withoutThreads } = audit
  const rate = Math.round(Number(commands) / Math.max(seconds, 0.001)).toLocaleString('en')
  const read = `${blocks.toLocaleString('en')} blocks, ${commands.toLocaleString('en')} commands, in ${seconds.toFixed(1)} s (${rate}/s)`
  const where = fault?.file === undefined ? '' : ` in ${placeOf(fault as Spot)}`
  const at = [fault?.height !== undefined && `height ${fault.height}`, fault?.seq !== undefined && `seq ${fault.seq}`]
  const isUnchecked = (name: AuditCheck): boolean =>
    verdicts.some(({ check, verdict }) => check === name && verdict === 'unchecked')
  return [
    ok ? `Holds at the level ${level}: ${read}.` : `Does not hold: the first fault is ${fault?.check}${where}.`,
    ...(fault ? [`  ${[...at.filter(Boolean), escaped(fault.reason)].join(', ')}.`, `Before it: ${read}.`] : []),
    ...(head ? [`Newest block${fault ? ' before it' : ''}: ${head.height}  ${toHex(head.blockHash)}`] : []),
    ...(torn
      ? [
          `A frame was begun and not finished at ${placeOf(torn)}. It is no part of the chain: it was never acknowledged, or is being written now.`,
        ]
      : []),
    ...(ok && unsealed !== undefined
      ? [
          `The blocks from height ${unsealed} on have no seal yet: a producer is at work, or stopped before it. Nobody vouches for them so far.`,
        ]
      : []),
    ...(ok && isUnchecked('revocation')
      ? [
          'Revocation was NOT checked: a stolen key would pass. Give --revocations with a list that is not the producer’s.',
        ]
      : []),
    ...(withoutThreads === undefined ? [] : [`It was read on one core only: ${escaped(withoutThreads)}.`]),
    ...(ok && isUnchecked('head')
      ? ['Whether it is an older copy was not checked: give --head with the newest block that you know of.']
      : []),
  ]
}

function placeOf({ file, offset }: Spot): string {
  return `${file} at byte ${offset}`
}
