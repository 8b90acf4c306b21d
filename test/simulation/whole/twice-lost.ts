/**
 * A store that loses a batch, and of what the start applies again for it another one: the marks of the first life must not hide the second loss. Only behind
 * the border of a tile it is marks alone that tell, so this is done to long chains; and on copies that are compared at once, for the store of a
 * run that goes on is made anew a few times, and what it lacked is gone with it.
 */
import { Chain, type ChainOptions } from '../../../src/index.ts'
import type { Random } from '../../support/seed.ts'
import type { World } from '../world.ts'
import { demand } from './broken.ts'
import { checkStore } from './checks.ts'
import { codeOf, DIRECTORY } from './setting.ts'

/** How many copies of one chain. */
const COPIES = 3
/** Of the newest batches one of so many is lost first. */
const LOST_OF = 32

export interface LossParts {
  readonly choices: Random
  readonly options: (world: World) => ChainOptions
}

/** To be called with a machine on which nobody runs any more, before that one is cut off itself: how many copies came through. */
export async function loseTwice(ended: World, { choices, options }: LossParts): Promise<number> {
  let compared = 0
  for (let i = 0; i < COPIES; i++) {
    const first = 1 + choices.below(LOST_OF)
    const again = await startedWithout(first, ended.branch(choices), choices, options)
    // What the first start applied again ends with what the second one loses.
    const last = again && (await startedWithout(choices.below(first), again.world, choices, options))
    if (last === undefined) continue
    await last.world.clock.until(last.chain.close())
    await checkStore(last.world, options(last.world))
    compared++
  }
  return compared
}

/** What becomes of it where it is cut off and its store loses this batch alone, counted from the newest; nothing where its operator is needed. */
async function startedWithout(
  lost: number,
  before: World,
  choices: Random,
  options: LossParts['options'],
): Promise<{ readonly world: World; readonly chain: Chain } | undefined> {
  before.store().losesAlone = lost
  const world = before.crash(choices)
  const chain = await world.clock.until(Chain.open(DIRECTORY, options(world))).catch((error: unknown) => error)
  if (chain instanceof Chain) return { world, chain }
  const isKeyless = codeOf(chain) === 'unsealed_block_needs_delegation'
  demand(isKeyless, 'start', () => `a chain that lost a batch of its store does not start: ${String(chain)}`)
  return undefined
}
