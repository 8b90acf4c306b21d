/**
 * A crash has more than one outcome: from one moment the machine goes on in one of them, and the others are tried on copies of it. Each is cut off
 * another way, its starts are killed again and again, and the one that is left alone has to have all that was told by then.
 */
import { Chain, type ChainOptions } from '../../../src/index.ts'
import { toHex, utf8 } from '../../../src/verify/bytes.ts'
import { CairnError } from '../../../src/verify/index.ts'
import type { Random } from '../../support/seed.ts'
import type { World } from '../world.ts'
import { demand } from './broken.ts'
import type { Callers } from './callers.ts'
import { checkReads, checkStore, replayed } from './checks.ts'
import { heldBy } from './held.ts'
import type { Operator, Signed } from './operator.ts'
import type { Reached } from './reached.ts'
import { codeOf, DIRECTORY, engine, GENESIS, keys } from './setting.ts'

export interface OtherParts {
  readonly callers: Callers
  readonly operator: Operator
  readonly choices: Random
  readonly reached: Reached
  readonly options: (world: World, signed: Signed) => ChainOptions
  readonly note: (line: string) => void
}

/** How many other outcomes of one crash are tried. */
const OUTCOMES = [0, 1, 2, 5]
/** How often the starts after one of them are killed at most. */
const KILLS = [0, 1, 2, 4]
/** How far into a start it is killed at most, in effects: a short one has that many. */
const LENGTHS = [14, 6, 30]

/** To be called with a machine on which nobody runs any more, before that one is cut off itself. */
export async function otherwise(ended: World, parts: OtherParts): Promise<void> {
  if (ended.fileAt(GENESIS) === undefined) return
  const outcomes = parts.choices.pick(OUTCOMES)
  for (let i = 0; i < outcomes; i++) await outcome(ended.branch(parts.choices), parts)
}

async function outcome(image: World, parts: OtherParts): Promise<void> {
  const { choices, reached, note, operator, callers } = parts
  const signed = new Map<bigint, string>()
  const options = (world: World): ChainOptions =>
    parts.options(world, (height, hash) => {
      const [text, before] = [toHex(hash), signed.get(height)]
      const isSame = (before ?? text) === text && !operator.hasSignedOther(height, text)
      demand(isSame, 'two-hashes', () => `in another outcome ${text} was signed at ${height}, where another hash was`)
      signed.set(height, text)
    })
  let world = cutOff(image, parts)
  reached.count('otherOutcomes')
  for (let kills = choices.pick(KILLS); kills > 0; kills--) {
    const effect = 1 + choices.below(choices.pick(LENGTHS))
    if (choices.below(2) === 0) world.crashAt = effect
    else world.crashAfter = effect
    const killed = world
    const ending = await Promise.race([started(world, options(world), callers), world.died])
    if (ending === undefined) reached.count('killedInStart')
    // A start that was over before is left as it stands, as a process is that is killed when it has started.
    else if (ending instanceof Chain) reached.count('killed')
    world = choices.below(3) > 0 ? cutOff(killed, parts) : free(killed.restart(choices))
  }
  const chain = await started(world, options(world), callers)
  if (chain instanceof CairnError) {
    note(`another outcome: ${chain.code}`)
    return
  }
  await checked(world, chain, options(world), parts)
}

function cutOff(world: World, { choices }: OtherParts): World {
  return free(world.crash(choices))
}

function free(world: World): World {
  world.diskBytesFree = Number.POSITIVE_INFINITY
  return world
}

/** The chain; or why it needs its operator, who is not there. */
async function started(world: World, options: ChainOptions, { told }: Callers): Promise<Chain | CairnError> {
  const chain = await world.clock.until(Chain.open(DIRECTORY, options)).catch((error: unknown) => error)
  if (chain instanceof Chain) return chain
  if (chain instanceof CairnError && chain.code === 'unsealed_block_needs_delegation') return chain
  // Where nothing was told by then the cut may have taken the chain itself.
  if (world.fileAt(GENESIS) === undefined && told.size === 0 && chain instanceof CairnError) return chain
  demand(false, 'start', `another outcome of a crash does not start: ${codeOf(chain)}: ${String(chain)}`)
}

async function checked(world: World, chain: Chain, options: ChainOptions, parts: OtherParts): Promise<void> {
  const { callers, operator, choices } = parts
  const { readOnly, head } = chain
  demand(readOnly === undefined, 'start', () => `another outcome opens for reading only: ${String(readOnly)}`)
  const lost = callers.toldAbove(head?.height ?? -1n)
  demand(lost === undefined, 'lost', () => `in another outcome block ${lost} is gone, which had been acknowledged`)
  callers.checkSeen(head?.height ?? -1n, head && toHex(head.hash))
  await world.clock.until(callers.askAgain(chain, choices))
  if (choices.below(4) === 3) {
    const payload = utf8('{"key":"otherwise","value":"made"}')
    const made = await world.clock.until(chain.submit({ type: 'put', payload })).catch(orDelegation)
    demand(made === undefined || made.status === 0, 'progress', 'in another outcome a command is rejected')
  }
  const isWhole = choices.below(12) === 11
  if (isWhole) {
    const blocks = await world.clock.until(replayed(chain, keys, operator, engine))
    callers.checkTold(blocks)
    checkReads(chain, blocks, [chain.head?.height ?? -1n])
  }
  await world.clock.until(chain.close())
  const { guard } = await heldBy(world)
  const told = callers.toldAbove(guard)
  demand(
    told === undefined,
    'guard',
    () => `another outcome was closed at ${told} or above, and its guard has ${guard}`,
  )
  if (isWhole) await checkStore(world, options)
}

function orDelegation(error: unknown): undefined {
  if (!(error instanceof CairnError) || error.code !== 'delegation_needed') throw error
}
