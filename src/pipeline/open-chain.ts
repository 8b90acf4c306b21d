/** Puts a chain together: the lock, the journal, what a start finds, and the stages on top of it. */
import { loadEngine } from '../hash/index.ts'
import { Journal } from '../journal/journal.ts'
import { Guard } from '../keys/guard.ts'
import { WRITE_BUFFER } from '../limits.ts'
import { systemClock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import { levelHome } from '../ports/level-home.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { systemRng } from '../ports/rng.ts'
import { diskFailed } from '../ports/system-error.ts'
import { blockHash } from '../verify/block.ts'
import { native } from '../verify/codec.ts'
import { genesis as genesisCodec } from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { type Identity, identify } from '../verify/identity.ts'
import { clientKey } from '../verify/own-writes.ts'
import type { Genesis, Header } from '../verify/types.ts'
import { Intake } from './1-submit.ts'
import { Queue } from './2-batch.ts'
import type { Unrecorded } from './4-commit.ts'
import { Applier } from './6-apply.ts'
import { readRequest } from './asked.ts'
import { Assembler } from './assemble.ts'
import { attemptAsync } from './attempt-async.ts'
import { demandDelegated, demandRevoked } from './authority.ts'
import { BlockTime } from './block-time.ts'
import { type ChainPlace, journalIn, realPlace } from './chain-place.ts'
import type { ChainStore } from './chain-store.ts'
import { Clients } from './clients.ts'
import { Expiry } from './expiry.ts'
import { chainClosed } from './failure.ts'
import { hasGenesis, readGenesis, writeGenesis } from './genesis-file.ts'
import { GuardKeeper } from './guard-keeper.ts'
import { HeldHome } from './held-home.ts'
import { History } from './history.ts'
import { readerOf } from './log-reader.ts'
import { Meter } from './meter.ts'
import { condemnStore } from './open-store.ts'
import { type ChainOptions, type ChainPorts, type CheckedOptions, checkOptions } from './options.ts'
import { Producer } from './producer.ts'
import { type ProofHead, type ProofRequest, prove } from './prove.ts'
import { Recent } from './recent.ts'
import { type Recovered, recover } from './recover.ts'
import { answerRepeated } from './repeated.ts'
import type { Waiting } from './waiting.ts'
import { type Lifetime, whileOpen } from './while-open.ts'

/** A chain that is open, in its parts. */
export interface OpenChain {
  readonly identity: Identity
  readonly checked: CheckedOptions
  readonly store: ChainStore
  readonly journal: Journal
  readonly history: History
  readonly queue: Queue
  readonly intake: Intake
  readonly applier: Applier
  readonly meter: Meter
  readonly recent: Recent
  readonly hashOf: (header: Header) => Uint8Array
  readonly guard: GuardKeeper
  /** Absent where the chain is open for reading only; then `readOnly` says why. */
  readonly producer?: Producer
  readonly readOnly?: CairnError
  readonly recovered: Recovered
  readonly prove: (request: ProofRequest) => Promise<string>
  readonly unlock: () => Promise<void>
  /** Receipts outlive the chain, and ask it for proofs. */
  readonly lifetime: Lifetime
}

function portsOf(directory: string, { ports = {} }: ChainOptions): ChainPorts {
  const disk = ports.disk ?? nodeDisk
  return {
    disk,
    clock: ports.clock ?? systemClock,
    rng: ports.rng ?? systemRng(),
    home: ports.home ?? levelHome(disk, directory, 'store', { writeBufferSize: WRITE_BUFFER }),
  }
}

/** Makes a chain of a genesis; nothing is there before, and everything is after. */
export async function createChain(directory: string, genesis: Genesis, options: ChainOptions): Promise<void> {
  const checked = checkOptions(directory, options)
  const { disk } = portsOf(directory, options)
  const engine = options.engine ?? (await loadEngine())
  const place = await realPlace(disk, directory, checked.guard)
  // Two that are made at once in one directory would each take the other's guard and genesis.
  const unlock = await disk.lock(`${place.directory}/lock`)
  try {
    await makeChain(disk, place, genesis, checked, engine)
  } catch (error) {
    throw diskFailed(place.directory, error)
  } finally {
    await unlock()
  }
}

/** The same for whoever holds the lock of the directory. */
export async function makeChain(
  disk: Disk,
  { directory, guard }: ChainPlace,
  given: Genesis,
  { machines, signer }: Pick<CheckedOptions, 'machines' | 'signer'>,
  engine: Engine,
): Promise<void> {
  // As it will be read: a number for a bigint would make another id now than at the opening.
  const genesis = genesisCodec.decode(given, native)
  const identity = identify(genesis, engine.hasher)
  machines.inForce(genesis.machine)
  demandDelegated(signer?.delegations ?? [], identity, engine)
  const journal = journalIn(directory)
  const hasBlocks = (await disk.list(journal)).some((name) => name.endsWith('.wal'))
  if (hasBlocks || (await hasGenesis(disk, directory))) {
    const what = hasBlocks ? 'a journal with blocks' : 'a chain'
    const message = `There is ${what} in ${directory} already: open it, or choose another directory.`
    throw new CairnError('chain_exists', message, { directory })
  }
  const guardFile = new Guard(disk, guard, identity.chainId)
  const marked = await guardFile.read()
  if (marked?.head) {
    throw new CairnError(
      'chain_exists',
      `The guard ${guard} knows this chain up to block ${marked.head.height}: made a second time, it would have other blocks at those heights. Bring its directory back, or make a chain of another genesis.`,
      { guard, height: marked.head.height },
    )
  }
  await disk.makeDirectory(journal)
  // Before the first frame, and before the chain is there: a crash in between leaves nothing that could be opened.
  await guardFile.write(null)
  await writeGenesis(disk, directory, genesis)
}

export async function openChain(directory: string, options: ChainOptions): Promise<OpenChain> {
  const checked = checkOptions(directory, options)
  const { disk } = portsOf(directory, options)
  const engine = options.engine ?? (await loadEngine())
  // Now, and once: an application may change its working directory.
  const place = await realPlace(disk, directory, checked.guard)
  const ports = portsOf(place.directory, options)
  const identity = identify(await readGenesis(disk, place.directory), engine.hasher)
  demandDelegated(checked.signer?.delegations ?? [], identity, engine)
  const revocations = demandRevoked(checked.revocations, identity, engine)
  const unlock = await lockAll(disk, place, checked.signer !== undefined)
  try {
    return await assembleChain(
      place.directory,
      { ...checked, revocations, guard: place.guard },
      ports,
      engine,
      identity,
      unlock,
    )
  } catch (error) {
    // Why it cannot be opened is what somebody has to know, whatever else goes wrong now.
    await attemptAsync(unlock)
    throw diskFailed(place.directory, error)
  }
}

/**
 * The data directory, in a directory that a rebuild never takes away; and the guard of a chain that may make blocks, for a copy of the data
 * would have a lock of its own.
 */
async function lockAll(disk: Disk, { directory, guard }: ChainPlace, mayWrite: boolean): Promise<() => Promise<void>> {
  const unlockData = await disk.lock(`${directory}/lock`)
  if (!mayWrite) return unlockData
  try {
    const unlockGuard = await disk.lock(`${guard}.lock`)
    return async () => {
      try {
        await unlockGuard()
      } finally {
        await unlockData()
      }
    }
  } catch (error) {
    await unlockData()
    throw error
  }
}

async function assembleChain(
  directory: string,
  checked: CheckedOptions,
  ports: ChainPorts,
  engine: Engine,
  identity: Identity,
  unlock: () => Promise<void>,
): Promise<OpenChain> {
  const meter = new Meter(ports.clock)
  const journal = await Journal.open({
    disk: ports.disk,
    directory: journalIn(directory),
    chainId: identity.chainId,
    rng: ports.rng,
    fileBytes: checked.journalFileBytes,
    syncing: meter.sync,
  })
  const home = new HeldHome(ports.home)
  try {
    return await assembleOn(journal, meter, directory, checked, { ...ports, home }, engine, identity, unlock)
  } catch (error) {
    // Left open, the store would be found locked by who tries again.
    await attemptAsync(() => home.letGo())
    await attemptAsync(() => journal.close())
    throw error
  }
}

async function assembleOn(
  journal: Journal,
  meter: Meter,
  directory: string,
  checked: CheckedOptions,
  { disk, clock, rng, home }: ChainPorts,
  engine: Engine,
  identity: Identity,
  unlock: () => Promise<void>,
): Promise<OpenChain> {
  const { signer, revocations, machines, report, twice, cacheBytes, checkpointEvery } = checked
  const { chainId } = identity
  const guardFile = new Guard(disk, checked.guard, chainId)
  // Its pages are written over a quarter of the way to the next one: in one go they would hold up a block.
  const over = Math.ceil(checkpointEvery / 4)
  const trees = { cacheBytes, checkpoints: { every: checkpointEvery, over } }
  const outside = { disk, clock, directory, journal, home, guard: guardFile }
  const recovered = await recover({ ...outside, identity, engine, signer, revocations, trees, report })
  const { store, standing, unrecorded, authority } = recovered
  const queue = new Queue()
  const recent = new Recent()
  const clients = new Clients()
  const highest = (client: string): bigint =>
    clients.glimpse(client, (each) => store.trees.state.get(clientKey(each), producer?.readable.trees?.state))
  const intake = new Intake(queue, clock, rng, machines, highest)
  let producer: Producer | undefined
  let condemning: Promise<unknown> = Promise.resolve()
  const lifetime = { isClosed: false }
  const fail = (cause: unknown): void => producer?.fail(cause)
  const applier = new Applier(store, meter, fail)
  const history = new History(readerOf(journal), store, identity, engine.hasher, () => applier.newest)
  const guard = new GuardKeeper(guardFile, clock, fail)
  const head = (): ProofHead => headOf(applier, recovered, producer?.resealed)
  const proveNow = async (request: ProofRequest): Promise<string> => {
    if (lifetime.isClosed) throw chainClosed()
    const asked = readRequest(request)
    await applier.through(producer === undefined ? store.height : (producer.readable.header?.height ?? -1n))
    const prover = { identity, store, history, revocations: () => authority.revocations }
    return whileOpen(lifetime, () => prove(prover, asked, head))
  }
  const proveSeq = (seq: bigint): Promise<string> => proveNow({ command: seq })
  // One after the other: each may read a block, and the next one is mostly of the same.
  let repeating: Promise<void> = Promise.resolve()
  const repeat = (waiting: Waiting): void => {
    repeating = repeating.then(() => answerAgain(waiting))
  }
  const answerAgain = async (waiting: Waiting): Promise<void> => {
    try {
      await applier.through(producer?.readable.header?.height ?? -1n)
      waiting.answer.resolve(await answerRepeated(waiting, store, history, journal.found.first, proveSeq))
    } catch (error) {
      waiting.answer.reject(
        error instanceof CairnError ? error : new CairnError('chain_failed', String(error), { cause: error }),
      )
    } finally {
      intake.answered(waiting)
    }
  }
  const readOnly = recovered.readOnly ?? (signer === undefined ? noSigner() : undefined)
  const base = {
    identity,
    checked,
    store,
    journal,
    history,
    queue,
    intake,
    applier,
    meter,
    recent,
    hashOf: (header: Header) => blockHash(identity, header, engine.hasher),
    guard,
    recovered,
    prove: proveNow,
    lifetime,
    unlock: async (): Promise<void> => {
      // Who opens it next has to know.
      await condemning
      await unlock()
    },
  }
  if (readOnly !== undefined || signer === undefined) return { ...base, readOnly: readOnly ?? noSigner() }
  const workshop = {
    assembler: new Assembler(identity, store, engine.hasher),
    store,
    machines,
    clients,
    recordMax: journal.capacity - SEALS_BESIDE,
    twice,
  }
  // Fails here, where it can be told, and not at the first block.
  machines.inForce(standing.machine)
  const newestTime = (): bigint => (producer?.readable ?? standing).header?.timestamp ?? identity.genesis.createdAt
  producer = new Producer(
    {
      workshop,
      log: journal,
      signer,
      engine,
      clock,
      time: new BlockTime(clock),
      queue,
      intake,
      applier,
      guard,
      authority,
      expiry: new Expiry(signer, authority, clock, report, newestTime),
      meter,
      recent,
      isClosed: journal.found.state === 'clean',
      prove: proveSeq,
      repeat,
      onFault: (fault) => {
        report({ kind: 'machine-fault', ...fault })
      },
      onFailure: (cause) => {
        if (cause instanceof CairnError && cause.code === 'store_damaged') {
          condemning = attemptAsync(() => condemnStore(disk, directory))
        }
        report({ kind: 'failed', cause })
      },
    },
    standing,
    recovered.head?.seal,
    unrecorded,
  )
  return { ...base, producer }
}

/** Room in a frame for the seals that ride beside a block. */
const SEALS_BESIDE = 4096

/** The newest applied block, under the seal that it was given last. */
function headOf({ newest }: Applier, { head }: Recovered, resealed: Unrecorded | undefined): ProofHead {
  const found = newest ?? (head && { header: head.record.header, roots: head.record.roots, seal: head.seal })
  if (found !== undefined) {
    const isResealed = found.header.height === resealed?.header.height
    return isResealed ? { ...found, seal: resealed.seal } : found
  }
  throw new CairnError('nothing_to_prove', 'The chain has no block that is sealed yet: there is nothing to prove.')
}

function noSigner(): CairnError {
  return new CairnError('no_signer', 'The chain was opened without a signer: it is open for reading only.')
}
