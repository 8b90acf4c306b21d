/**
 * One run of the whole simulator: a chain on a simulated machine, lived through as many lives as the tape says, each with its faults and mostly with a
 * crash at its end; then the faults stop, and everything has to be as its callers were told. All that is decided is drawn from the tape.
 */
import { Chain, type ChainOptions } from '../../../src/index.ts'
import type { Report } from '../../../src/pipeline/report.ts'
import { TILE_WIDTH } from '../../../src/ranges/tile.ts'
import { CairnError, verifyProof } from '../../../src/verify/index.ts'
import type { Random } from '../../support/seed.ts'
import type { Tape } from '../tape.ts'
import { World } from '../world.ts'
import { audited } from './auditor.ts'
import { Broken, demand } from './broken.ts'
import { Callers } from './callers.ts'
import { checkGuard, checkProgress, checkReads, checkSigned, checkStore, replayed } from './checks.ts'
import { Backup, copied, damaged, rotten } from './copies.ts'
import { Faults } from './faults.ts'
import { Operator, type Signed } from './operator.ts'
import { otherwise } from './otherwise.ts'
import type { Reached } from './reached.ts'
import { Session } from './session.ts'
import { codeOf, DIRECTORY, ENDED, engine, GENESIS, keys, Setting, START } from './setting.ts'
import { loseTwice } from './twice-lost.ts'

/** One run in so many begins with a long chain. */
const LONG_RUNS = 16
/** How many blocks behind the border of a tile it is cut off at most. */
const BEHIND_BORDER = 6
/** And of the batches of its store one of so many newest is lost: that of a block before the border, mostly. */
const LOST_OF = 32

/** What ends a life, as the one who runs the process sees it. */
type Ending = 'closed' | 'failed' | 'not-started' | 'died' | 'broken'

export interface RunSettings {
  readonly steps: number
  /** Whether a crash has the one outcome only in which the run goes on: many more seeds in the same time, and less of each. */
  readonly hasOneOutcome?: boolean
}

export class Simulation {
  private readonly tape: Tape
  private readonly choices: Random
  private readonly reached: Reached
  private readonly note: (line: string) => void
  private readonly setting: Setting
  private readonly callers: Callers
  private readonly operator: Operator
  private readonly hasOneOutcome: boolean
  private left: number
  private backup: Backup | undefined
  /** What somebody found whom nobody awaits. */
  private found: Error | undefined

  constructor(
    tape: Tape,
    { steps, hasOneOutcome = false }: RunSettings,
    reached: Reached,
    note: (line: string) => void,
  ) {
    this.tape = tape
    this.choices = tape.track('plan')
    this.reached = reached
    this.note = note
    this.left = steps
    this.hasOneOutcome = hasOneOutcome
    this.setting = new Setting(this.choices)
    this.callers = new Callers(tape.track('commands'), reached, note)
    this.operator = new Operator(keys, engine, tape.track('keys'), reached, START)
  }

  async run(): Promise<void> {
    const random = this.tape.track('timing')
    let world = new World({ seed: random.below(2 ** 31), random, wall: START, counts: this.reached.machine })
    if (this.tape.track('length').below(LONG_RUNS) === LONG_RUNS - 1) world = await this.grow(world)
    while (this.left > 0) world = await this.life(world)
    await this.end(world)
  }

  /**
   * A life of many small blocks in peace, cut off at its end, and mostly the next one too: what is lost then may lie behind the border of a tile of the
   * ranges, where no start looks. Copies of it are cut off twice.
   */
  private async grow(world: World): Promise<World> {
    const length = this.tape.track('length')
    this.reached.count('longRuns')
    const grown = await this.growTo(world, BigInt(TILE_WIDTH + length.below(BEHIND_BORDER)))
    const options = (copy: World): ChainOptions => this.copyOptions(copy, () => undefined)
    this.reached.count('lostTwice', await loseTwice(grown, { choices: this.tape.track('losses'), options }))
    let next = this.cutOff(grown)
    for (let more = length.below(3); more > 0; more--) next = this.cutOff(await this.growTo(next, 0n))
    return next
  }

  private cutOff(world: World): World {
    const length = this.tape.track('length')
    // One alone, mostly: where many are lost, one of them is always seen.
    if (length.below(4) > 0) world.store().losesAlone = length.below(LOST_OF)
    return world.crash(this.tape.track('cuts'))
  }

  private async growTo(world: World, blocks: bigint): Promise<World> {
    const { callers, operator, setting, choices, reached } = this
    this.settle(world)
    const chain = await world.clock.until(this.open(world))
    const broken = (error: unknown): void => this.find(error)
    const parts = { world, chain, callers, operator, setting, choices, reached, isTroubled: () => false, broken }
    const session = new Session(parts)
    await session.begin()
    while ((chain.head?.height ?? -1n) < blocks) {
      await session.burst([callers.one()])
      await session.renewIfNeeded()
    }
    world.die()
    return world
  }

  private settle(world: World): void {
    world.store().unsyncedBytes = this.setting.unsyncedBytes
  }

  /** One life and its end; the world that the next one begins in. */
  private async life(world: World): Promise<World> {
    const { choices, reached } = this
    this.settle(world)
    const faults = new Faults(world, this.tape.track('faults'), reached)
    let session: Session | undefined
    world.onEffect = (name) => {
      this.note(`${world.effects} ${name}`)
      this.operator.see(world)
      faults.pass(world.effects)
      if (session !== undefined && choices.below(16) === 15) session.look()
    }
    const living = this.live(world, faults, (opened) => (session = opened))
    const ending = await Promise.race([living, world.died.then((): Ending => 'died')])
    this.note(`ended ${ending} at ${world.effects}`)
    if (this.found !== undefined) throw this.found
    if (ending === 'died') reached.count(session === undefined ? 'killedInStart' : 'killed')
    if (ending === 'failed') reached.count('failedChains')
    if (ending === 'not-started') reached.count('failedStarts')
    if (ending === 'closed') reached.count('cleanStops')
    const cuts = this.tape.track('cuts')
    await this.otherwise(world)
    const isCut = choices.below(3) > 0
    if (isCut && ending !== 'died') reached.count('powerCuts')
    const next = isCut ? world.crash(cuts) : world.restart(cuts)
    // What a close wrote outlives the power, too.
    if (ending === 'closed') await checkGuard(next, this.callers, 'closed')
    next.diskBytesFree = Number.POSITIVE_INFINITY
    if (choices.below(40) === 39) {
      next.store().refuse()
      reached.count('storeRefused')
    }
    await this.look(next)
    await this.between(next)
    return next
  }

  /** Who may read the data reads it, now and then. */
  private async look(world: World): Promise<void> {
    const choices = this.tape.track('auditor')
    if (choices.below(6) < 5 || world.fileAt(GENESIS) === undefined) return
    const { callers, operator, reached } = this
    await audited(world.branch(choices), { callers, operator, reached })
  }

  /** What else might have become of it, if it was not closed. */
  private async otherwise(world: World): Promise<void> {
    const { callers, operator, reached, note } = this
    if (this.hasOneOutcome) return
    // Nothing of it goes on while others are looked at.
    world.die()
    const options = (copy: World, signed: Signed): ChainOptions => this.copyOptions(copy, signed)
    await otherwise(world, { callers, operator, choices: this.tape.track('otherwise'), reached, options, note })
  }

  private copyOptions(copy: World, signed: Signed): ChainOptions {
    return this.setting.optionsIn(copy, this.operator, () => undefined, signed)
  }

  /** What becomes of copies of the machine while nobody runs on it. */
  private async between(world: World): Promise<void> {
    const choices = this.tape.track('copies')
    const { callers, operator, reached, note } = this
    const options = (copy: World): ChainOptions => this.copyOptions(copy, () => undefined)
    const parts = { callers, operator, choices, reached, options, note }
    if (world.fileAt(GENESIS) === undefined) return
    const kind = choices.below(24)
    if (kind === 1) await rotten(world, parts)
    else if (kind === 2) await copied(world, parts)
    else if (kind === 3) await this.backup?.restored(world, parts)
    else if (kind === 4 || kind === 5) this.backup = new Backup(world, choices)
    else if (kind > 5 && kind < 11) await damaged(world, parts)
  }

  private async live(world: World, faults: Faults, opened: (session: Session) => void): Promise<Ending> {
    const isTroubled = (): boolean => faults.hasHappened
    const chain = await this.start(world, isTroubled)
    if (chain === undefined) return 'not-started'
    const { callers, operator, setting, choices, reached } = this
    const broken = (error: unknown): void => {
      this.find(error)
      world.die()
    }
    const session = new Session({ world, chain, callers, operator, setting, choices, reached, isTroubled, broken })
    opened(session)
    try {
      await session.begin()
      while (this.left > 0) {
        this.left--
        if (await session.step()) break
      }
      await session.close()
      await checkGuard(world, callers, 'closed')
      return 'closed'
    } catch (error) {
      if (error instanceof Broken) throw error
      demand(
        faults.hasHappened,
        'failure-without-cause',
        () => `it failed, and nothing had gone wrong: ${wordsOf(error)}`,
      )
      const isOrderly = error instanceof CairnError && (ENDED.has(error.code) || error.code === 'guard_failed')
      demand(isOrderly || chain.unavailable !== undefined, 'unexpected', () => wordsOf(error))
    }
    // An application closes what failed, or is simply gone.
    if (choices.below(3) > 0) await world.clock.until(chain.close().catch(() => undefined))
    return 'failed'
  }

  /** The chain, or nothing where what went wrong in this life keeps it from starting. */
  private async start(world: World, isTroubled: () => boolean): Promise<Chain | undefined> {
    const chain = await world.clock.until(this.open(world)).catch((error: unknown) => error)
    if (chain instanceof Chain && chain.readOnly === undefined) return chain
    const why = chain instanceof Chain ? chain.readOnly : chain
    if (why instanceof Broken) throw why
    this.note(`no start: ${codeOf(why)}`)
    demand(isTroubled(), 'start', () => `it does not start, and nothing had gone wrong in this life: ${wordsOf(why)}`)
    if (!(chain instanceof Chain)) return undefined
    demand(codeOf(why) === 'disk_full', 'start', () => `it opened for reading only: ${wordsOf(why)}`)
    await world.clock.until(chain.close().catch(() => undefined))
    return undefined
  }

  /** The chain as it lies there, or a new one; with a delegation for what waits to be sealed. */
  private async open(world: World): Promise<Chain> {
    if (!(await world.disk.list(DIRECTORY)).includes('genesis.json')) {
      demand(this.callers.told.size === 0, 'lost', 'the chain is gone, and commands had been acknowledged')
      return Chain.create(DIRECTORY, keys.genesis, this.options(world))
    }
    try {
      return await Chain.open(DIRECTORY, this.options(world))
    } catch (error) {
      if (codeOf(error) !== 'unsealed_block_needs_delegation') throw error
      this.operator.renew(world)
      return Chain.open(DIRECTORY, this.options(world))
    }
  }

  private options(world: World): ChainOptions {
    return this.setting.optionsIn(world, this.operator, (report) => this.hear(report))
  }

  private find(error: unknown): void {
    this.found ??= error instanceof Error ? error : new Error(String(error))
  }

  private hear(report: Report): void {
    this.note(`report ${report.kind}`)
    if (report.kind === 'rebuilding') this.reached.count('rebuilt')
    if (report.kind === 'cut') this.reached.count('cut')
    if (report.kind === 'replaying') this.reached.count('replayed')
    if (report.kind === 'sealed-again') this.reached.count('sealedAgain')
  }

  /** The faults are over: the chain starts, has all that was told, goes on, verifies, and is what its journal says. */
  private async end(world: World): Promise<void> {
    const { callers, operator, setting, choices, reached } = this
    const chain = await world.clock.until(this.open(world))
    demand(
      chain.readOnly === undefined,
      'start',
      () => `at the end it is open for reading only: ${wordsOf(chain.readOnly)}`,
    )
    const broken = (error: unknown): void => this.find(error)
    const untroubled = { isTroubled: () => false, broken }
    const session = new Session({ world, chain, callers, operator, setting, choices, reached, ...untroubled })
    await session.begin()
    // Twice, for what is refused for want of a delegation is sent again with one.
    for (let round = 0; round < 2; round++) await session.burst(callers.unanswered)
    await session.renew()
    await world.clock.until(
      checkProgress(
        chain,
        (proof) => verifyProof(proof, { chainId: chain.id, revocations: [...operator.published] }, engine).ok,
      ),
    )
    await world.clock.until(chain.flush())
    const blocks = await world.clock.until(replayed(chain, keys, operator, engine))
    callers.check(blocks)
    const newest = chain.head?.height ?? 0n
    const earlier = setting.prunes ? [] : [BigInt(choices.below(Number(newest) + 1))]
    checkReads(chain, blocks, [newest, ...earlier])
    checkSigned(operator)
    await world.clock.until(chain.close())
    await checkStore(world, this.options(world))
    if (this.found !== undefined) throw this.found
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof CairnError)) return String(error)
  const { cause } = error.details
  return cause === undefined ? `${error.code}: ${error.message}` : `${error.code}: ${error.message} (${wordsOf(cause)})`
}
