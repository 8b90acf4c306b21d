/**
 * What the levels `roots` and `replay` recompute in, opened where an audit begins or goes on: states in the scratch directory, here or on a thread, and for a
 * replay the values of the newest one.
 *
 * Promise: an audit goes on only with the trees that were noted; where they are others it is refused, and says what to delete.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WorkerEnded, type Workers } from '../ports/workers.ts'
import { equal, toHex } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { Execution } from './execute.ts'
import type { Memory, RecomputedStanding } from './memory.ts'
import type { CheckedAudit } from './options.ts'
import { Recomputed } from './recompute.ts'
import { ScratchPlaces } from './scratch-places.ts'
import { type KeptStates, type OpenedStates, type Roots, ScratchStates } from './scratch-states.ts'
import { ScratchValues } from './scratch-values.ts'
import { StatesAhead, StatesByLength } from './states-ahead.ts'
import type { StatesBegin } from './task.ts'

export interface Scratch {
  readonly states: KeptStates
  readonly recomputed: Recomputed
  close(): Promise<void>
}

/** At the beginning of a chain, or where an audit that noted this stood. */
export async function openScratch(
  identity: Identity,
  hasher: Hasher,
  options: CheckedAudit,
  noted: Memory | undefined,
  workers: (count: number) => Workers,
): Promise<Scratch> {
  const { level, scratch, resume, machines } = options
  const { machine: machineOfGenesis } = identity.genesis
  // Refused now, and not at the first block.
  machines?.inForce(machineOfGenesis)
  const name = `cairn-${toHex(identity.chainId).slice(2, 18)}-${level}`
  const isLasting = resume !== undefined
  const places = isLasting
    ? ScratchPlaces.beside(join(scratch ?? '', name))
    : await ScratchPlaces.in(scratch ?? tmpdir())
  const from = noted?.standing.parent === undefined ? 0n : noted.standing.parent.height + 1n
  const unchecked = noted?.recomputed?.stateUnchecked
  const begin: StatesBegin = {
    // Trees that ended before that block are of no more use: nothing is recomputed in these.
    place: { directory: places.trees, at: unchecked === undefined ? Number(from) - 1 : -1, isLasting },
    keeps: level === 'replay' && isLasting ? 'values' : 'hashes',
    machineOfGenesis,
    from,
    unchecked,
  }
  const values = machines && new ScratchValues(places.values)
  const openHere = (): Promise<OpenedStates> => ScratchStates.open(hasher, begin)
  const here = (): Promise<OpenedStates> => places.own(openHere)
  const ahead = (): Promise<OpenedStates> => places.own(() => openAhead(workers, begin, openHere))
  try {
    const states = await statesOf({ here, ahead }, options, places.trees, noted?.recomputed, values)
    const execution = machines && new Execution(machines, machineOfGenesis, (...asked) => values?.get(...asked))
    const recomputed = new Recomputed({ hasher, states, machineOfGenesis, execution, values })
    if (noted?.recomputed !== undefined) recomputed.restore(noted.recomputed)
    return { states, recomputed, close: () => closeAll(values, states, places) }
  } catch (error) {
    await closeAll(values, undefined, places)
    throw error
  }
}

async function closeAll(
  values: ScratchValues | undefined,
  states: KeptStates | undefined,
  places: ScratchPlaces,
): Promise<void> {
  try {
    await values?.close()
  } finally {
    try {
      await states?.close()
    } finally {
      await places.remove()
    }
  }
}

/** On the thread that joins, or where there are others on one of those; as they were noted, where they were. */
async function statesOf(
  { here, ahead }: Readonly<Record<'here' | 'ahead', () => Promise<OpenedStates>>>,
  { threads }: CheckedAudit,
  directory: string,
  noted: RecomputedStanding | undefined,
  values: ScratchValues | undefined,
): Promise<KeptStates> {
  if (noted !== undefined) return goOn(threads > 0 ? ahead : here, directory, noted, values)
  return threads > 0 ? new StatesByLength(here, ahead) : here()
}

/** On a thread; here where none can be had, as the frames are examined then. */
async function openAhead(
  workers: (count: number) => Workers,
  begin: StatesBegin,
  here: () => Promise<OpenedStates>,
): Promise<OpenedStates> {
  let opened: Workers
  try {
    opened = workers(1)
  } catch {
    return here()
  }
  try {
    return await StatesAhead.open(opened, begin)
  } catch (error) {
    if (error instanceof WorkerEnded) return here()
    throw error
  }
}

/** As they were when this was noted, and the values that they had. */
async function goOn(
  open: () => Promise<OpenedStates>,
  directory: string,
  noted: RecomputedStanding,
  values: ScratchValues | undefined,
): Promise<OpenedStates> {
  let states: OpenedStates | undefined
  try {
    states = await open()
    if (!areThose(states.roots, noted)) {
      throw new CairnError('store_damaged', 'they are other trees than the audit noted')
    }
    if (values !== undefined) await fill(values, states)
    return states
  } catch (error) {
    await states?.close()
    throw asRefusal(error, directory)
  }
}

async function fill(values: ScratchValues, states: OpenedStates): Promise<void> {
  for await (const some of states.entries()) {
    for (const [tree, key, value] of some) values.set(tree, key, value)
    await values.makeRoom()
  }
}

function areThose(trees: Roots, { roots, stateUnchecked }: RecomputedStanding): boolean {
  // Then nothing is in them, or will be; before the first block nothing is yet.
  if (stateUnchecked !== undefined || roots === undefined) return true
  return equal(trees.state, roots.state) && equal(trees.risk, roots.risk)
}

/** What is wrong with the trees; that their thread is gone, say, is not. */
function asRefusal(error: unknown, directory: string): unknown {
  if (!(error instanceof CairnError) || error.code !== 'store_damaged') return error
  const why = `the trees in ${directory} are not those of this audit (${error.message})`
  const message = `The audit cannot go on: ${why}. Delete both its file and them to begin anew.`
  return new CairnError('resume_refused', message, { directory, why })
}
