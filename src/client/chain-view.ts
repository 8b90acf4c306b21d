/**
 * What a client has seen of a chain: one head, that only goes forward. Everything that the server proves is asked as going on from it.
 *
 * Promise: what comes back was shown under a seal that counts, in a chain that contains all that was shown before; else it is an error that says
 * which lie it is.
 */
import { equal } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import {
  blockHash,
  decodeProof,
  type Engine,
  type Head,
  identify,
  LightClient,
  type Proof,
  type Revocation,
  verifyProof,
} from '../verify/index.ts'
import { asChainId } from '../verify/trust.ts'
import { behind, disproved, forked, heightIn, nothingStands } from './errors.ts'
import { groundOf } from './facts.ts'
import type { Http } from './http.ts'

/** Where the state of a light client is kept: a file, localStorage. Its text is believed: keep it where only its owner writes. */
export interface StateStore {
  load(): string | undefined | Promise<string | undefined>
  save(state: string): void | Promise<void>
}

export interface ViewOptions {
  readonly http: Http
  readonly chainId: string
  readonly engine: Engine
  readonly store?: StateStore
  readonly head?: Head
  readonly revocations?: readonly Revocation[]
}

export class ChainView {
  private readonly options: ViewOptions
  private light: LightClient | undefined
  private stepping: Promise<unknown> = Promise.resolve()

  constructor(options: ViewOptions) {
    this.options = options
  }

  get head(): Head | undefined {
    return this.light?.head
  }

  /** The proof of what the query asks for, accepted as a step from the head. One after the other: each goes on from the one before. */
  prove(query: URLSearchParams, signal?: AbortSignal): Promise<Proof> {
    const step = this.stepping.then(() => this.step(query, signal))
    this.stepping = step.catch(() => undefined)
    return step
  }

  /**
   * A proof as it was asked for, with nothing added to it, as its text and as it reads. That its block is of the chain that was seen is proved beside it.
   */
  async proveAsAsked(
    query: URLSearchParams,
    signal?: AbortSignal,
  ): Promise<{ readonly text: string; readonly proof: Proof }> {
    const { http, chainId, engine, revocations } = this.options
    const text = await http.text(`/v1/proof?${query}`, signal && { signal }).catch((error: unknown) => {
      throw asBehind(error, this.head)
    })
    const { ok, verdicts } = verifyProof(text, { chainId, ...(revocations && { revocations }) }, engine)
    if (!ok) throw disproved('its proof does not hold', verdicts)
    const proof = decodeProof(text)
    const { height } = proof.block
    const { hash } = groundOf(await this.prove(new URLSearchParams({ block: String(height) }), signal), height, engine)
    if (equal(hash, blockHash(identify(proof.genesis, engine.hasher), proof.block, engine.hasher)))
      return { text, proof }
    throw disproved(`block ${height} of its proof is not of the chain that it proves beside it`, [])
  }

  private async step(query: URLSearchParams, signal: AbortSignal | undefined): Promise<Proof> {
    const light = await this.opened(signal)
    const { head } = light
    // Not copied: of many commands it is long.
    const asked = [`${query}`, head && `since=${head.height}`].filter(Boolean).join('&')
    const text = await this.options.http.text(`/v1/proof?${asked}`, signal && { signal }).catch((error: unknown) => {
      throw asBehind(error, head)
    })
    const { kind, verification, evidence, proof, client } = light.step(text)
    this.light = client
    // Not newer heads alone: what was taken back in a proof that is refused would be believed again after a restart.
    if (client !== light) await this.options.store?.save(client.save())
    if (proof === undefined) throw disproved('it is no proof', verification.verdicts)
    switch (kind) {
      case 'newer':
      case 'same':
        return proof
      case 'fork':
        throw forked(evidence)
      case 'frozen':
        throw client.fork === undefined ? nothingStands() : forked(client.fork)
      case 'older':
        throw behind(proof.block.height, head?.height ?? -1n)
      case 'expired':
      case 'revoked':
        throw new CairnError(
          'seal_outdated',
          `The server proves it under a delegation that ${kind === 'expired' ? 'has run out' : 'the cold key took back'}: ask again when it has sealed a newer block.`,
          { kind },
        )
      case 'rejected':
        throw disproved('its proof does not hold', verification.verdicts)
    }
  }

  private async opened(signal: AbortSignal | undefined): Promise<LightClient> {
    if (this.light !== undefined) return this.light
    const { http, chainId, engine, store, head, revocations } = this.options
    const saved = await store?.load()
    let light: LightClient
    if (saved === undefined) {
      const genesis = await http.text('/v1/genesis', signal && { signal })
      light = LightClient.pin({ chainId, genesis, ...(head && { head }) }, engine)
    } else {
      light = LightClient.load(saved, engine)
      if (!equal(light.chainId, asChainId(chainId)))
        throw new CairnError('wrong_chain', 'What was kept is of another chain than the trusted id: keep it elsewhere.')
    }
    this.light = revocations === undefined ? light : light.learn(revocations)
    return this.light
  }
}

/** A server that does not know the height that it showed before, or no block at all. */
function asBehind(error: unknown, head: Head | undefined): unknown {
  if (!(error instanceof CairnError) || head === undefined) return error
  if (error.code === 'nothing_to_prove') return behind(-1n, head.height)
  if (error.code !== 'unknown_height') return error
  const newest = heightIn(error.details.newest)
  return newest !== undefined && newest < head.height ? behind(newest, head.height) : error
}
