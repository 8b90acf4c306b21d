/**
 * `cairn evidence`: of two proofs that contradict each other, the document that proves it to anyone: that holders of the keys of one chain
 * sealed two different blocks at one height.
 *
 * Promise: what is handed out was checked as `cairn verify` checks it, and holds.
 */
import type { Command } from 'commander'
import { jsonText } from '../server/json-text.ts'
import { DOCUMENT_MAX } from '../verify/bounds.ts'
import { attempt } from '../verify/error.ts'
import { CairnError, decodeProof, encodeEvidence, fromHex, type Proof, toHex } from '../verify/index.ts'
import { asAction } from './action.ts'
import { fileFrom, STANDARD_OUTPUT } from './arguments.ts'
import { type Contradiction, compareProofs } from './compare-proofs.ts'
import { EXIT } from './exit.ts'
import { shellWord } from './place.ts'
import { called, readBounded, STANDARD_INPUT } from './read.ts'
import { addRemoteOptions, isInPlaceOf } from './remote/options.ts'
import { askServer, type RemoteOptions } from './remote/with-server.ts'
import { setting } from './settings/option.ts'
import { styleOf, widthOf, wrapped } from './terminal.ts'
import { asText } from './verify.ts'
import { demandAbsent, writeWhole } from './write-file.ts'

interface Options {
  readonly chainId: string
  readonly out?: string
  readonly json?: true
}

export function asEvidence(command: Command): Command {
  command
    .description('Make evidence of equivocation from two proofs that contradict each other.')
    .usage('[options] <proof-a> <proof-b>')
    .argument('<proof-a>', `a proof of the chain; ${STANDARD_INPUT} is standard input`)
    .argument('[proof-b]', 'another one; left out with --url, where the server is asked for one')
    .addOption(setting('chainId').makeOptionMandatory())
    .option('-o, --out <file>', 'write it there, as a whole, never over another; else to standard output', fileFrom)
    .option('--json', 'print what came of it as JSON')
    .addHelpText('after', HELP)
  return addRemoteOptions(command, ['pin', 'revocations']).action(
    asAction(async (a: string, b: string | undefined, options: Options & RemoteOptions) => {
      const { chainId, out = STANDARD_OUTPUT } = options
      const isOfServer = isInPlaceOf(command, b, 'other proof')
      if (b === undefined && !isOfServer) return command.error("error: missing required argument 'proof-b'")
      if (a === STANDARD_INPUT && b === STANDARD_INPUT)
        return command.error('error: only one of the proofs can be standard input')
      if (out !== STANDARD_OUTPUT) await demandAbsent(out)
      const one = await readProof(a)
      const other =
        typeof one === 'string' || b !== undefined
          ? await readProof(b ?? a)
          : await shownProof(command, options, one.block.height)
      if (typeof one === 'string') none(one, options)
      else if (typeof other === 'string') none(other, options)
      else await handOut(compareProofs(one, other, fromHex(chainId) as Uint8Array), options)
    }),
  )
}

const HELP = `
Two proofs contradict each other where they say different things of one height: of their own blocks, of the parents of these, or of
ancestors that a block claim of theirs names (cairn prove --since). Each seal has to be valid, leaving revocations aside: a
revocation may explain evidence, it does not undo it. Where no height is spoken of by both, nothing can be said: ask for a
proof of the higher block that names the lower height.

As JSON: {"ok","height","a","b","verdicts","evidence"}; a and b are the two hashes, "evidence" is missing with --out; without
a contradiction {"ok":false,"reason"}.

Exit codes:
  0  they contradict each other, and the evidence holds
  3  they do not, or a seal does not count, or a proof is malformed or of another chain
  2  wrong usage
  1  a file cannot be read or written

Examples:
  $ cairn evidence mine.json theirs.json --chain-id 0x5e1f… -o evidence.json
  $ cairn verify evidence.json --chain-id 0x5e1f…
  $ cairn evidence mine.json --url https://ledger.example.org --chain-id 0x5e1f… -o evidence.json`

/** The proof, or why it is none: like any malformed document it proves nothing. */
async function readProof(name: string): Promise<Proof | string> {
  return proofIn(await readBounded(name, DOCUMENT_MAX), called(name))
}

/** What the server shows now, with what it says of this height where it has come so far. Whether it counts is for the comparison to say. */
async function shownProof(command: Command, options: RemoteOptions, height: bigint): Promise<Proof | string> {
  const http = await askServer(command, options)
  const text = await http.text(`/v1/proof?since=${height}`).catch((error: unknown) => {
    if (error instanceof CairnError && error.code === 'unknown_height') return http.text('/v1/proof')
    throw error
  })
  return proofIn(text, 'what the server answers')
}

function proofIn(text: string | Uint8Array, name: string): Proof | string {
  const proof = attempt(() => decodeProof(text))
  return proof instanceof CairnError ? `${name} is no proof: ${proof.message}` : proof
}

function none(reason: string, { json }: Options): void {
  process.exitCode = EXIT.failed
  process.stdout.write(json ? jsonText({ ok: false, reason }) : said(`No evidence: ${reason}.`))
}

async function handOut(found: Contradiction | string, options: Options): Promise<void> {
  if (typeof found === 'string') {
    none(found, options)
    return
  }
  const { out = STANDARD_OUTPUT, json, chainId } = options
  const { evidence, verification, height, a, b } = found
  const text = encodeEvidence(evidence)
  const isWritten = verification.ok && out !== STANDARD_OUTPUT
  if (isWritten) await writeWhole(out, `${text}\n`)
  if (!verification.ok) process.exitCode = EXIT.failed
  if (json) {
    const { ok, verdicts } = verification
    const document = isWritten ? {} : { evidence: JSON.parse(text) as unknown }
    process.stdout.write(jsonText({ ok, height, a, b, verdicts, ...document }))
    return
  }
  const stream = verification.ok && out === STANDARD_OUTPUT ? process.stderr : process.stdout
  if (stream === process.stderr) process.stdout.write(`${text}\n`)
  const title = verification.ok
    ? `Evidence of equivocation: whoever held the keys of this chain sealed two histories that differ at height ${height}.`
    : `They contradict each other at height ${height}, but it is no evidence: something of it does not hold, and nothing was written.`
  const hashes = `\n  a says  ${toHex(a)}\n  b says  ${toHex(b)}\n\n`
  stream.write(said(title) + hashes + asText({ document: evidence, verification }, styleOf(stream), widthOf(stream)))
  if (verification.ok) stream.write(`\nCheck it with:\n  cairn verify ${shellWord(out)} --chain-id ${chainId}\n`)
}

function said(text: string): string {
  return `${wrapped(text, widthOf(process.stdout)).join('\n')}\n`
}
