/**
 * What is done with a chain in one life, as the tape says: bursts of commands, pauses, rotations, prunings, followers, proofs; until it is closed, or
 * fails. What a caller may be refused with is judged here.
 */
import type { Chain, ProofRequest } from '../../../src/index.ts'
import { GUARD_INTERVAL } from '../../../src/limits.ts'
import type { OpenChain } from '../../../src/pipeline/open-chain.ts'
import { toHex, utf8 } from '../../../src/verify/bytes.ts'
import { blockHash, CairnError, type Verdict, verifyProof } from '../../../src/verify/index.ts'
import type { Random } from '../../support/seed.ts'
import type { World } from '../world.ts'
import { Broken, demand } from './broken.ts'
import { type Asked, type Callers, directly, KEYS, type Sending } from './callers.ts'
import { checkGuard } from './checks.ts'
import type { Operator } from './operator.ts'
import type { Reached } from './reached.ts'
import { throughServer } from './served.ts'
import { ENDED, engine, keys, type Setting } from './setting.ts'

export interface SessionParts {
  readonly world: World
  readonly chain: Chain
  readonly callers: Callers
  readonly operator: Operator
  readonly setting: Setting
  readonly choices: Random
  readonly reached: Reached
  /** Whether anything went wrong in this life that may have its consequences. */
  readonly isTroubled: () => boolean
  /** What a task found that nobody awaits. */
  readonly broken: (error: unknown) => void
}

/** With these a chain that goes on refuses what was asked, where something went wrong. */
const PASSING: ReadonlySet<string> = new Set(['disk_full', 'signer_failed', 'unsealed_block_needs_delegation'])

/** Of so many of the newest blocks proofs are asked for. */
const PROVED_OF = 8

/** A client that was cut off does not know. */
const LOST: ReadonlySet<string> = new Set(['server_unreachable', 'not_sent'])

export class Session {
  private readonly parts: SessionParts
  private readonly sending: Sending
  private needsKey = false
  /** Of the newest burst: what was not executed, or is not known to be. */
  private refused: readonly Asked[] = []

  constructor(parts: SessionParts) {
    const { world, chain, choices, reached } = parts
    this.parts = parts
    parts.callers.newest = () => chain.head?.height ?? -1n
    this.sending = choices.below(48) === 47 ? throughServer(world, chain, choices, reached) : directly(chain)
  }

  /** What a start owes to callers and keys. */
  async begin(): Promise<void> {
    const { world, chain, callers, operator } = this.parts
    await world.clock.until(callers.checkRefused(chain))
    await this.attempt(() => operator.finish(chain))
    await this.renewIfNeeded()
  }

  /** One step of the plan; whether it was the last. */
  async step(): Promise<boolean> {
    const { world, chain, callers, operator, choices } = this.parts
    const step = choices.below(24)
    if (step < 13) await this.burst(callers.make(1 + choices.below(choices.pick([8, 24]))))
    else if (step < 16) await this.burst(callers.again(1 + choices.below(6)))
    else if (step < 18) await this.pause(choices.pick([10, 1200, 3000, 60_000]))
    else if (step === 18) await this.flush()
    else if (step === 19) await this.attempt(() => operator.rotate(world, chain))
    else if (step === 20) await this.prune()
    else if (step === 21) this.follow()
    else if (step === 22) await this.prove()
    else return true
    this.demandGoesOn()
    await this.renewIfNeeded()
    // Where the chain goes on, what it refused is mostly sent again as soon as there is room, or a key.
    const { refused } = this
    this.refused = []
    if (refused.length > 0 && choices.below(4) > 0) await this.burst(refused)
    this.demandGoesOn()
    return false
  }

  private async pause(milliseconds: number): Promise<void> {
    const { world, callers, isTroubled } = this.parts
    await world.clock.advance(milliseconds)
    if (milliseconds > GUARD_INTERVAL && !isTroubled()) await checkGuard(world, callers, 'idle')
  }

  private demandGoesOn(): void {
    const { unavailable } = this.parts.chain
    if (unavailable !== undefined) throw unavailable
  }

  async burst(asked: readonly Asked[], sending: Sending = this.sending): Promise<void> {
    const { world, callers } = this.parts
    const answers = await world.clock.until(Promise.allSettled(asked.map((each) => callers.send(sending, each))))
    const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
    this.refused = asked.filter((_, i) => answers[i]?.status === 'rejected')
    for (const error of errors) this.judge(error)
    for (const error of errors) if (isEnd(error)) throw error
  }

  /** What is refused while the chain goes on, or as it ends. */
  private judge(given: unknown): void {
    const error = refusalIn(given)
    if (!(error instanceof CairnError)) throw error
    const { world, operator, setting, isTroubled } = this.parts
    const { code } = error
    if (isEnd(error) || (setting.prunes && code === 'pruned') || LOST.has(code)) return
    const isKeyless =
      code === 'unsealed_block_needs_delegation' && !operator.canSealAt(error.details.timestamp as bigint)
    if (code === 'delegation_needed' || isKeyless) {
      this.needsKey = true
      return
    }
    demand(PASSING.has(code) && isTroubled(), 'unexpected', `${code}: ${error.message}`)
    // Whoever is told of a full disk makes room.
    world.diskBytesFree = Number.POSITIVE_INFINITY
  }

  private attempt(act: () => Promise<void>): Promise<void> {
    return this.judged(this.parts.world.clock.until(act()))
  }

  private async judged(attempted: Promise<void>): Promise<void> {
    try {
      await attempted
    } catch (error) {
      this.judge(error)
      if (isEnd(error)) throw error
    }
  }

  async renewIfNeeded(): Promise<void> {
    if (this.needsKey) await this.renew()
  }

  async renew(): Promise<void> {
    const { world, chain, operator } = this.parts
    this.needsKey = false
    operator.renew(world)
    await this.attempt(() => chain.importAuthority([]))
  }

  /** While commands are on their way: when it comes back, all of them were answered, and what was executed is applied. */
  private flush(): Promise<void> {
    const { chain, reached } = this.parts
    const flushing = this.behindCommands('flush', async () => {
      await chain.flush()
      reached.count('flushes')
      const { height } = partsOf(chain).store
      const newest = chain.head?.height ?? -1n
      demand(height === newest, 'flush', () => `a flush came back, and ${height} of ${newest} was applied`)
    })
    return this.judged(flushing)
  }

  /** The end in good order: what is on its way is executed and answered, and nothing of it refused because the chain is being closed. */
  close(): Promise<void> {
    const { chain, reached } = this.parts
    return this.behindCommands('close', async () => {
      await chain.close()
      reached.count('closesUnderLoad')
    })
  }

  /** What comes back is behind all that was submitted before it. */
  private async behindCommands(what: 'flush' | 'close', act: () => Promise<void>): Promise<void> {
    const { world, chain, callers, choices, broken } = this.parts
    let waiting = 0
    // What is repeated has its answer from the log, beside the producer.
    const commands = [...callers.make(1 + choices.below(8)), ...callers.again(choices.below(4))]
    const answered = this.burst(commands, async (asked) => {
      waiting++
      try {
        return await directly(chain)(asked)
      } finally {
        waiting--
      }
    })
    const cameBack = async (): Promise<void> => {
      await act()
      await handedOver()
      demand(waiting === 0, what, () => `a ${what} came back, and ${waiting} commands before it had no answer`)
    }
    const acting = cameBack()
    acting.catch((error: unknown) => {
      if (error instanceof Broken) broken(error)
    })
    await answered
    await world.clock.until(acting)
  }

  /** While commands are on their way. */
  private async prune(): Promise<void> {
    const { world, chain, callers, choices, reached, setting, isTroubled } = this.parts
    const { store } = partsOf(chain)
    if (!setting.prunes || store.height < 4n) return
    reached.count('prunings')
    const { state, risk } = store.trees
    const oldest = Number(store.height) - 1 - choices.below(3)
    const pruning = Promise.allSettled([state.prune(oldest), risk.prune(oldest)])
    await this.burst(callers.make(1 + choices.below(8)))
    for (const outcome of await world.clock.until(pruning)) {
      const isWell = outcome.status === 'fulfilled' || isTroubled()
      demand(isWell, 'unexpected', () => `a pruning failed: ${String((outcome as PromiseRejectedResult).reason)}`)
    }
  }

  /** Somebody who is told of every block, until the chain ends. */
  private follow(): void {
    const { chain, callers, reached, broken } = this.parts
    const { height: from = 0n } = chain.head ?? {}
    const following = async (): Promise<void> => {
      let next = from
      for await (const { record } of chain.blocks({ from, live: true })) {
        const { height } = record.header
        reached.count('blocksFollowed')
        demand(height === next++, 'follow', () => `block ${height} was given to a follower who waited for ${next - 1n}`)
        callers.seeBlock(height, toHex(blockHash(keys.identity, record.header, engine.hasher)))
      }
    }
    following().catch((error: unknown) => {
      // A chain that ends ends its followers.
      if (error instanceof Broken || !(error instanceof CairnError)) broken(error)
    })
  }

  /** Of commands and keys, as of blocks of some time ago, and leading on from one that the verifier accepted. */
  private async prove(): Promise<void> {
    const { chain, choices, operator, reached } = this.parts
    const { header } = chain.head ?? {}
    if (header === undefined) return
    const command = BigInt(choices.below(Number(header.firstSeq + header.commandCount)))
    const key = [utf8(`k${choices.below(KEYS + 1)}`)]
    const earlier = header.height - BigInt(choices.below(Math.min(Number(header.height) + 1, PROVED_OF)))
    const asked: ProofRequest = choices.pick([
      { command },
      { key },
      { key, height: earlier },
      { command, key, since: earlier },
    ])
    await this.attempt(async () => {
      const { record } = await chain.block(earlier)
      const proof = await chain.prove(asked)
      reached.count('proofs')
      const accepted = { height: earlier, blockHash: blockHash(keys.identity, record.header, engine.hasher) }
      const head = asked.since === undefined ? undefined : accepted
      const revocations = [...operator.published]
      const { ok, verdicts } = verifyProof(proof, { chainId: chain.id, revocations, ...(head && { head }) }, engine)
      const isSure = ok && verdicts.every(({ check, verdict }) => verdict === 'ok' || (check === 'head' && !head))
      demand(isSure, 'proof', () => `a proof of ${Object.keys(asked).join(', ')} does not verify: ${said(verdicts)}`)
    })
  }

  /** What a reader sees in the middle of it all. */
  look(): void {
    const { chain, callers, broken } = this.parts
    try {
      callers.look(chain)
    } catch (error) {
      // A chain that is being closed is not read any more.
      if (!(error instanceof CairnError) || error.code !== 'chain_closed') broken(error)
    }
  }
}

function said(verdicts: readonly Verdict[]): string {
  return verdicts.flatMap(({ check, verdict }) => (verdict === 'ok' ? [] : [`${check} ${verdict}`])).join(', ')
}

/** Answers pass through a few promises before they are with who asked. */
async function handedOver(): Promise<void> {
  for (let passed = 0; passed < 8; passed++) await Promise.resolve()
}

function partsOf(chain: Chain): OpenChain {
  return (chain as unknown as { readonly parts: OpenChain }).parts
}

function isEnd(given: unknown): boolean {
  const error = refusalIn(given)
  return error instanceof CairnError && ENDED.has(error.code)
}

/** What the chain refused: where something beside it had happened, the client says of all of it that the outcome is not known. */
function refusalIn(error: unknown): unknown {
  const cause = error instanceof CairnError && error.code === 'outcome_unknown' ? error.details.cause : undefined
  const isRefusal = cause instanceof CairnError && (PASSING.has(cause.code) || cause.code === 'delegation_needed')
  return isRefusal ? cause : error
}
