/**
 * The other side of `processSigner`: a process that holds the hot keys and answers over its standard input and output.
 *
 * Promise: the mark is on the disk before a signature is given out. It answers one request after the other, ends with its input, and no
 * hostile line makes it sign anything twice or say anything of a key.
 */
import type { Readable, Writable } from 'node:stream'
import type { Disk } from '../ports/disk.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import type { Signer } from '../ports/signer.ts'
import { blockHash } from '../verify/block.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import { windowAt } from '../verify/seal.ts'
import type { Seal } from '../verify/types.ts'
import { linesOf, writeLine } from './json-lines.ts'
import { SignerMarks } from './signer-mark.ts'
import { decodeRequest, encodeAnswer, type SignerAnswer, type SignerRequest } from './signer-protocol.ts'

export interface ServeSignerOptions {
  /** What signs: `hotSigner`, or one that asks a KMS or an HSM. */
  readonly signer: Signer
  /** Where its marks are: on the signer's own disk, never restored from a backup. */
  readonly directory: string
  readonly input: Readable
  readonly output: Writable
  readonly engine: Engine
  /** The chains that it signs for; any where they are left out. */
  readonly chains?: readonly Uint8Array[]
  /** The outside, for simulations. */
  readonly disk?: Disk
}

type SealRequest = Extract<SignerRequest, { readonly ask: 'seal' }>

/** Comes back when the input has ended and the last answer is written. */
export async function serveSigner(options: ServeSignerOptions): Promise<void> {
  const disk = options.disk ?? nodeDisk
  // Two of them with one mark would each believe that it is alone.
  await disk.makeDirectory(options.directory)
  const unlock = await disk.lock(`${options.directory}/lock`)
  try {
    const marks = new SignerMarks(disk, options.directory)
    for await (const line of linesOf(options.input)) {
      const request = attempt(() => decodeRequest(line))
      // Who does not keep to the protocol has no number to be answered under.
      if (request instanceof CairnError)
        throw new CairnError('signer_protocol', `A request is refused: ${request.message}`)
      await writeLine(options.output, encodeAnswer(await answerTo(request, marks, options)))
    }
  } finally {
    await unlock()
  }
}

async function answerTo(
  request: SignerRequest,
  marks: SignerMarks,
  options: ServeSignerOptions,
): Promise<Omit<SignerAnswer, 'format'>> {
  const { id } = request
  if (request.ask === 'delegations') return { id, delegations: options.signer.delegations }
  try {
    return { id, seal: await seal(request, marks, options) }
  } catch (error) {
    if (error instanceof CairnError) return { id, error: { code: error.code, message: error.message.slice(0, 500) } }
    // Whatever it says is for the log of a signer's maker, not for another process.
    return { id, error: { code: 'signer_failed', message: 'The signer failed: see what its process says.' } }
  }
}

async function seal(
  { chainId, genesis, header }: SealRequest,
  marks: SignerMarks,
  { signer, engine, chains }: ServeSignerOptions,
): Promise<Seal> {
  const identity = identify(genesis, engine.hasher)
  const isServed = chains === undefined || chains.some((each) => equal(each, chainId))
  if (!equal(identity.chainId, chainId) || !isServed) {
    const message = `The signer does not sign for the chain ${toHex(chainId)}.`
    throw new CairnError('signer_other_chain', message, { chainId: toHex(chainId) })
  }
  if (!signer.delegations.some((delegation) => windowAt(header.timestamp, delegation) === 'open')) {
    const message =
      'No delegation of the signer is for this time: let the cold key sign a new one, and give it to the signer.'
    throw new CairnError('delegation_needed', message, { timestamp: header.timestamp })
  }
  await marks.allow(chainId, header.height, blockHash(identity, header, engine.hasher))
  return signer.seal(identity, header)
}
