/** What all runs of the simulator have in common, and what one draws for itself: how its chain is opened. */
import { type ChainOptions, kv } from '../../../src/index.ts'
import type { Report } from '../../../src/pipeline/report.ts'
import { CairnError } from '../../../src/verify/index.ts'
import { chainKeys } from '../../support/chain-keys.ts'
import { Random } from '../../support/seed.ts'
import { toyEngine } from '../../support/toy-engine.ts'
import type { World } from '../world.ts'
import type { Operator, Signed } from './operator.ts'

/** Signatures are a hash: what is tried here follows from a signature that holds or does not, not from how it is made. */
export const engine = toyEngine
export const keys = chainKeys('kv@1', new Random(11), engine)
export const DIRECTORY = '/data'
export const GENESIS = '/data/genesis.json'
export const GUARD = '/data.keys/guard'
/** The wall clock of a new world: that of its genesis. */
export const START = 1_763_600_000_000
/** A chain that failed says so with these, until it is closed. */
export const ENDED: ReadonlySet<string> = new Set(['outcome_unknown', 'chain_failed'])

export class Setting {
  readonly unsyncedBytes: number
  /** Whether versions are pruned: then nobody can ask for all that was. */
  readonly prunes: boolean
  private readonly options: Pick<ChainOptions, 'checkpointEvery' | 'journalFileBytes' | 'twice'>

  constructor(choices: Random) {
    this.options = {
      checkpointEvery: choices.pick([2, 1, 5, 16]),
      journalFileBytes: choices.pick([1 << 16, 1 << 17]),
      twice: choices.below(8) === 7,
    }
    this.unsyncedBytes = choices.pick([16 << 10, 64 << 10, 1 << 20])
    this.prunes = choices.below(6) === 5
  }

  optionsIn(world: World, operator: Operator, report: (report: Report) => void, ofCopy?: Signed): ChainOptions {
    return {
      ...this.options,
      machine: kv,
      signer: operator.signerIn(world, ofCopy),
      revocations: [...operator.published],
      guard: GUARD,
      engine,
      cacheBytes: 1 << 20,
      ports: { disk: world.disk, clock: world.clock, rng: world.rng, home: world.store() },
      report,
    }
  }
}

export function codeOf(error: unknown): string {
  return error instanceof CairnError ? error.code : String((error as { code?: unknown }).code ?? error)
}
