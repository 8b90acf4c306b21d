/**
 * A signer in a process of its own, that holds the hot keys and keeps its own mark: the chain's process never sees a key, and what was signed
 * is known without any lag. The process' side is `serveSigner`.
 *
 * Promise: a seal that comes back is checked before anybody uses it. An answer that does not come in time, or is not one, ends the process;
 * the block is sealed at the next start, over the same hash.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { type Clock, systemClock } from '../ports/clock.ts'
import type { Signer } from '../ports/signer.ts'
import { blockHash } from '../verify/block.ts'
import { json } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import type { Identity } from '../verify/identity.ts'
import { isDelegatedByColdKey, isSealedByDelegate, windowAt } from '../verify/seal.ts'
import type { Delegation, Header, Seal } from '../verify/types.ts'
import { SignerPipe, unavailable } from './signer-pipe.ts'

export interface ProcessSignerOptions {
  readonly engine: Engine
  /** Milliseconds for an answer. */
  readonly timeout?: number
  /** Milliseconds until it answers for the first time: it may have to ask for a passphrase. */
  readonly startTimeout?: number
  readonly clock?: Clock
}

export interface ProcessSigner extends Signer {
  /** Asks again what was delegated to it: after an import of a new delegation into the process. */
  refresh(): Promise<readonly Delegation[]>
  /** Ends the process, and comes back when it has ended; one that does not is killed after five seconds. */
  close(): Promise<void>
}

const TIMEOUT = 10_000
const START_TIMEOUT = 120_000
/** How long a process may take to end once its input has. */
const END_TIMEOUT = 5000

/** Starts a program with these arguments. Its standard error is ours; passphrases come to it by its terminal, a file or a descriptor. */
export async function processSigner(
  [program, ...args]: readonly [program: string, ...args: readonly string[]],
  options: ProcessSignerOptions,
): Promise<ProcessSigner> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  let notStarted: Error | undefined
  child.once('error', (error) => {
    notStarted = error
  })
  const ended = endOf(child)
  const end = async (): Promise<void> => {
    child.stdin.end()
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      // What it began itself (a script begins a signer, sudo does) may live on and hold the pipes; and sudo’s is not ours to kill.
      for (const pipe of [child.stdin, child.stdout]) pipe.destroy()
      child.unref()
    }, END_TIMEOUT)
    await ended
    clearTimeout(timer)
  }
  try {
    return await streamSigner({ input: child.stdout, output: child.stdin, end }, options)
  } catch (error) {
    // All that its pipes tell is that they broke: of a program that there is not, it said nothing either.
    throw notStarted === undefined ? error : unavailable(`it cannot be started (${notStarted.message})`)
  }
}

/** The same over streams that are there already: a socket, or two pipes. */
export async function streamSigner(
  ends: { readonly input: Readable; readonly output: Writable; readonly end: () => Promise<void> },
  { engine, timeout = TIMEOUT, startTimeout = START_TIMEOUT, clock = systemClock }: ProcessSignerOptions,
): Promise<ProcessSigner> {
  const pipe = new SignerPipe(ends.input, ends.output, clock)
  const signer = new RemoteSigner(pipe, engine, timeout, ends.end)
  try {
    await signer.refresh(startTimeout)
  } catch (error) {
    await signer.close()
    throw error
  }
  return signer
}

class RemoteSigner implements ProcessSigner {
  delegations: readonly Delegation[] = []
  private readonly pipe: SignerPipe
  private readonly engine: Engine
  private readonly timeout: number
  private readonly end: () => Promise<void>
  private ending: Promise<void> | undefined

  constructor(pipe: SignerPipe, engine: Engine, timeout: number, end: () => Promise<void>) {
    this.pipe = pipe
    this.engine = engine
    this.timeout = timeout
    this.end = end
  }

  async refresh(timeout: number = this.timeout): Promise<readonly Delegation[]> {
    const { delegations } = await this.pipe.ask({ ask: 'delegations' }, timeout)
    if (delegations === undefined) throw this.pipe.fail('it did not say what was delegated to it')
    this.delegations = delegations
    return delegations
  }

  async seal(identity: Identity, header: Header): Promise<Seal> {
    const { chainId, genesis } = identity
    const { seal } = await this.pipe.ask({ ask: 'seal', chainId, genesis, header }, this.timeout)
    if (seal === undefined) throw this.pipe.fail('it gave no seal')
    const { delegation } = seal
    const hash = blockHash(identity, header, this.engine.hasher)
    if (windowAt(header.timestamp, delegation) !== 'open' || !isSealedByDelegate(hash, seal, this.engine)) {
      throw this.pipe.fail('its seal is not one of this block')
    }
    if (!this.isKnown(delegation)) {
      // It was given a new one since it was asked: the cold key's word is as good now as it was at the start.
      if (!isDelegatedByColdKey(identity, delegation, this.engine)) {
        throw this.pipe.fail('it used a delegation that the cold key did not sign')
      }
      this.delegations = [...this.delegations, delegation]
    }
    return seal
  }

  close(): Promise<void> {
    this.pipe.close()
    this.ending ??= this.end()
    return this.ending
  }

  private isKnown(delegation: Delegation): boolean {
    const text = textOf(delegation)
    return this.delegations.some((each) => textOf(each) === text)
  }
}

function textOf(delegation: Delegation): string {
  return JSON.stringify(codecs.delegation.encode(delegation, json))
}

/** Nothing is thrown here: that it could not be started is seen by its streams, which end. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve()).once('close', () => resolve())
  })
}
