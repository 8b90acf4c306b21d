/**
 * `cairn verify`: a proof or evidence, told by its format, is checked against the chain that the caller trusts. It reads its
 * files and nothing else, and says plainly what was not checked.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { type Anchor, saysAnchor } from '../verify/anchor.ts'
import { DOCUMENT_MAX } from '../verify/bounds.ts'
import { attempt } from '../verify/error.ts'
import {
  CairnError,
  decodeDocument,
  decodeHead,
  decodeRevocations,
  type Evidence,
  judgeEvidence,
  judgeProof,
  type Proof,
  type Trust,
  type Verification,
} from '../verify/index.ts'
import { meaningOf, OF_ANCHORS, quoted } from '../verify/meaning.ts'
import { refusedForm, verification } from '../verify/verdict.ts'
import { EXIT } from './exit.ts'
import { called, readBounded, STANDARD_INPUT } from './read.ts'
import { setting } from './settings/option.ts'
import { tableOf } from './table.ts'
import { type Style, styleOf, widthOf, wrapped } from './terminal.ts'
import { timeOf } from './times.ts'
import { type AnchorPart, anchorAdvice, anchorTitle, anchorVerdicts } from './verify-anchor.ts'

/** What documents and chains have in common. */
export interface VerifyOptions {
  readonly chainId: string
  readonly revocations?: string
  readonly head?: string
  readonly anchor?: string
  readonly rpc?: string
  readonly json?: true
}

type GivenOptions = Partial<Pick<VerifyOptions, 'chainId'>> & Omit<VerifyOptions, 'chainId'>

/** Whole chains, for the command that has them: what it takes beside, and what it does with a path that is one. */
export interface ChainPart {
  addTo(command: Command): void
  isChain(path: string): Promise<boolean>
  /** Whether the chain of a server is meant, and no file. */
  isRemote(command: Command, file: string | undefined): boolean
  verifyRemote(command: Command, options: GivenOptions): Promise<void>
  /** Wrong usage of a document, where an option is for chains only. */
  wrongForDocument(command: Command): string | undefined
  verify(path: string, options: VerifyOptions): Promise<void>
}

/** What was verified, and what came of it. */
export interface Report {
  /** Absent where the document could not be decoded. */
  readonly document: Proof | Evidence | undefined
  /** The document itself, or what was given beside a proof. */
  readonly anchor?: Anchor
  /** Where its transaction stands, in a sentence, where that was asked and is believed. */
  readonly anchoredIn?: string
  readonly verification: Verification
}

/** Makes `command` the verify command: the one of `cairn`, or the whole program. */
export function asVerify(command: Command, name: string, chains?: ChainPart, anchors?: AnchorPart): Command {
  const [what, argument] =
    chains === undefined
      ? ['a proof, evidence or an anchor of a Cairn chain', 'the document']
      : [
          'a whole Cairn chain, or a proof, evidence or an anchor of one',
          'the directory of a chain, an export, or the document',
        ]
  command
    .description(`Check ${what}, offline.`)
    .usage('[options] <file>')
    .argument('[file]', `${argument}; ${STANDARD_INPUT} is standard input`)
    .addOption(setting('chainId'))
    .addOption(setting('revocations'))
    .addOption(setting('head'))
    .option('--anchor <file>', 'an anchor of a head of the chain, checked beside a proof', once)
    .option('--json', 'print the verdicts as JSON')
  anchors?.addTo(command)
  chains?.addTo(command)
  return command.addHelpText('after', helpText(name)).action(async (file: string | undefined, given: GivenOptions) => {
    const demandNoAnchor = (): void => {
      if (given.anchor !== undefined || given.rpc !== undefined)
        command.error('error: --anchor and --rpc are for documents, and this is a whole chain')
    }
    if (chains?.isRemote(command, file) === true) {
      demandNoAnchor()
      await asUsage(command, chains.verifyRemote(command, given))
      return
    }
    if (file === undefined) return command.error("error: missing required argument 'file'")
    const { chainId } = given
    if (chainId === undefined) return command.error("error: required option '--chain-id <0x…>' not specified")
    if (command.getOptionValueSource('chainId') === 'config') process.stderr.write(`${TRUSTED_BY_FILE}\n`)
    const options = { ...given, chainId }
    const fromInput = [file, ...Object.values<unknown>({ ...options })].filter((name) => name === STANDARD_INPUT)
    if (fromInput.length > 1) command.error('error: only one of the files can be standard input')
    if (chains !== undefined && (await chains.isChain(file))) {
      demandNoAnchor()
      await asUsage(command, chains.verify(file, options))
      return
    }
    const wrong = chains?.wrongForDocument(command)
    if (wrong !== undefined) {
      command.error(`error: ${wrong}, and ${called(file)} is neither the directory of one nor an export`)
    }
    const report = await verifyFile(file, options, anchors)
    const stray = strayBeside(report, options)
    if (stray !== undefined) command.error(`error: ${stray}`)
    if (report.document?.format === 'cairn.evidence/v1' && (options.revocations || options.head)) {
      process.stderr.write(`${NO_PART_IN_EVIDENCE}\n`)
    }
    if (report.document !== undefined && options.rpc !== undefined && options.anchor === undefined) {
      process.stderr.write(`${NO_ANCHOR}\n`)
    }
    process.stdout.write(
      options.json ? asJson(report) : asText(report, styleOf(process.stdout), widthOf(process.stdout)),
    )
    process.exitCode = report.verification.ok ? EXIT.ok : EXIT.failed
  })
}

/** What was given to be looked at and was not: nobody must take it for checked. Of what has no form nothing is looked at. */
function strayBeside({ document, anchor }: Report, options: VerifyOptions): string | undefined {
  if (options.anchor === undefined || (document === undefined && anchor === undefined)) return undefined
  return document?.format === 'cairn.proof/v1' ? undefined : 'an --anchor is checked beside a proof, and this is none'
}

/** Options that do not go together are told by whoever verifies. */
async function asUsage(command: Command, verified: Promise<void>): Promise<void> {
  await verified.catch((error: unknown) => {
    if (error instanceof CairnError && error.code === 'invalid_option') command.error(`error: ${error.message}`)
    throw error
  })
}

/** It may have come with what is to be checked. */
const TRUSTED_BY_FILE =
  'Note: the chain that is trusted is named by the config file (cairn config show). Where that is not yours, give --chain-id.'

const NO_PART_IN_EVIDENCE =
  'Note: --revocations and --head play no part here. Evidence holds whatever was revoked and whatever was accepted.'

const NO_ANCHOR =
  'Note: --rpc plays no part here, and nobody was asked: only an anchor has a transaction. Give one with --anchor.'

function helpText(name: string): string {
  return `
Exit codes:
  0  nothing failed; what was not checked is said
  3  something failed, or the document is malformed
  2  wrong usage
  1  a file cannot be read

Examples:
  $ ${name} receipt.json --chain-id 0x5e1f…
  $ ${name} receipt.json --chain-id 0x5e1f… --revocations known.json
  $ ${name} receipt.json --chain-id 0x5e1f… --anchor head.anchor.json
  $ curl -s https://example.org/proof | ${name} - --chain-id 0x5e1f… --json`
}

/** What is trusted is said once and plainly: of two lists one would not be looked at, and an empty name is a slip. */
export function once(value: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError('It can be given once only.')
  if (value === '') throw new InvalidArgumentError('It is empty.')
  return value
}

async function verifyFile(file: string, options: VerifyOptions, part?: AnchorPart): Promise<Report> {
  const { chainId, rpc } = options
  const text = await readBounded(file, DOCUMENT_MAX).catch(ifTooLarge)
  const revocations = options.revocations && (await readAs(options.revocations, decodeRevocations))
  const head = options.head && (await readAs(options.head, decodeHead))
  if (text instanceof CairnError) return { document: undefined, verification: refusedForm(text) }
  const asked = part && rpc !== undefined ? { part, rpc } : undefined
  if (saysAnchor(text)) {
    const { verdicts, ...found } = await anchorVerdicts(text, { chainId }, asked)
    return { document: undefined, ...found, verification: verification(verdicts) }
  }
  const report = verifyText(text, { chainId, ...(revocations && { revocations }), ...(head && { head }) })
  if (options.anchor === undefined || report.document?.format !== 'cairn.proof/v1') return report
  const given = await readBounded(options.anchor, DOCUMENT_MAX)
  const { verdicts, ...found } = await anchorVerdicts(given, { chainId, proof: report.document }, asked)
  const beside = verdicts.map((each) => Object.assign({}, each, { check: `anchor.${each.check}` }))
  return { ...report, ...found, verification: verification([...report.verification.verdicts, ...beside]) }
}

/** A document over its bound is malformed like any other; a file that cannot be read is another matter. */
function ifTooLarge(error: unknown): CairnError {
  if (error instanceof CairnError && error.code === 'over_limit') return error
  throw error
}

/** A file that the caller trusts; when it is malformed nothing can be said about the document. */
export async function readAs<T>(name: string, decode: (text: Uint8Array) => T): Promise<T> {
  const text = await readBounded(name, DOCUMENT_MAX)
  const value = attempt(() => decode(text))
  if (!(value instanceof CairnError)) return value
  throw new CairnError(value.code, `${called(name)}: ${value.message}`, { ...value.details, file: name })
}

export function verifyText(text: string | Uint8Array, trust: Trust): Report {
  const document = attempt(() => decodeDocument(text))
  if (document instanceof CairnError) return { document: undefined, verification: refusedForm(document) }
  const isProof = document.format === 'cairn.proof/v1'
  return { document, verification: isProof ? judgeProof(document, trust) : judgeEvidence(document, trust) }
}

function asJson({ document, anchor, verification }: Report): string {
  const format = document?.format ?? anchor?.format ?? null
  return `${JSON.stringify({ ok: verification.ok, format, verdicts: verification.verdicts })}\n`
}

/** The title has the name of a stranger in it, which may not begin a line as a row or the conclusion does. */
const TITLE_BREAK = `\n${' '.repeat(4)}`

export function asText(report: Report, style: Style, width: number): string {
  const { document, anchor, verification } = report
  const ofAnchor = document === undefined && anchor !== undefined
  const meaning = (check: string): string => (ofAnchor && OF_ANCHORS[check]) || meaningOf(check, document)
  const titles = [...(document ? [titleOf(document)] : []), ...(anchor ? [anchorTitle(anchor)] : [])]
  const parts = [
    titles
      .map((title) =>
        wrapped(title, width - 4)
          .map(style.faint)
          .join(TITLE_BREAK),
      )
      .join('\n'),
    tableOf(verification.verdicts, meaning, style, width),
    conclusion(report, style, width),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function titleOf(document: Proof | Evidence): string {
  const chain = `chain ${quoted(document.genesis.name)}`
  if (document.format === 'cairn.evidence/v1') {
    const { a, b } = document
    return `Evidence of equivocation on ${chain}: block ${a.block.height} against block ${b.block.height}`
  }
  const { height, timestamp } = document.block
  return `Proof under block ${height} of ${chain}, dated ${timeOf(timestamp)} by its operator`
}

function conclusion({ document, anchor, anchoredIn, verification }: Report, style: Style, width: number): string {
  const { ok, verdicts } = verification
  const count = (kind: string): number => verdicts.filter(({ verdict }) => verdict === kind).length
  const unchecked = count('unchecked')
  const result = ok
    ? `Holds: ${count('ok')} checks ok${unchecked > 0 ? `, ${unchecked} not checked` : ''}.`
    : `Does not hold: ${count('fail')} of ${verdicts.length} checks failed. Do not rely on it.`
  const colour = ok ? style.good : style.bad
  return [
    ...wrapped(result, width).map(colour),
    ...[
      ...advice(document, verification),
      ...(anchor
        ? anchorAdvice(verdicts, document === undefined ? 'transaction' : 'anchor.transaction', anchoredIn)
        : []),
    ].flatMap((line) => wrapped(line, width)),
  ].join('\n')
}

/** What the caller should know of what was not checked. */
function advice(document: Proof | Evidence | undefined, { ok, verdicts }: Verification): readonly string[] {
  const isUnchecked = (name: string): boolean =>
    verdicts.some(({ check, verdict }) => check === name && verdict === 'unchecked')
  const lines: string[] = []
  if (isUnchecked('revocation')) {
    lines.push(
      'Revocation was NOT checked: a stolen key would pass. Give --revocations with a list that is not the prover’s.',
    )
  }
  if (isUnchecked('head')) {
    lines.push(
      'The place in the chain was not checked: give --head with the head that you accepted last, if you have one.',
    )
  }
  if (ok && document?.format === 'cairn.evidence/v1') {
    lines.push('A revocation may explain evidence (a key was stolen); it does not undo it.')
  }
  return lines
}
