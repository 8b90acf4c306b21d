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
import type { Signer } from '../ports/signer.ts'
import { refusedAtStart } from '../ports/system-error.ts'
import { blockHash } from '../verify/block.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { type Identity, identify } from '../verify/identity.ts'
import { clientKey } from '../verify/own-writes.ts'
import type { Header } from '../verify/types.ts'
import { Intake } from './1-submit.ts'
import { Queue } from './2-batch.ts'
import type { Unrecorded } from './4-commit.ts'
import { Applier } from './6-apply.ts'
import { readRequest } from './asked.ts'
import { Assembler } from './assemble.ts'
import { attemptAsync } from './attempt-async.ts'
import { demandDelegated, demandRevoked } from './authority.ts'
import { heightOf, type Standing } from './block.ts'
import { BlockTime } from './block-time.ts'
import { type ChainPlace, journalIn, realPlace } from './chain-place.ts'
import type { ChainStore } from './chain-store.ts'
import { Clients } from './clients.ts'
import { Expiry } from './expiry.ts'
import { chainClosed } from './failure.ts'
import { readGenesis } from './genesis-file.ts'
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
import { Repeater } from './repeated.ts'
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

/** What a chain is put together on: where it lies, what it was opened with, the outside. */
interface Ground {
  readonly directory: string
  readonly checked: CheckedOptions
  readonly ports: ChainPorts
  readonly engine: Engine
  readonly identity: Identity
  readonly meter: Meter
  readonly unlock: () => Promise<void>
}

export async function openChain(directory: string, options: ChainOptions): Promise<OpenChain> {
  const given = checkOptions(directory, options)
  const disk = options.ports?.disk ?? nodeDisk
  const engine = options.engine ?? (await loadEngine())
  // Now, and once: an application may change its working directory.
  const place = await realPlace(disk, directory, given.guard)
  const ports = portsOf(place.directory, disk, options)
  const identity = identify(await readGenesis(disk, place.directory), engine.hasher)
  demandDelegated(given.signer?.delegations ?? [], identity, engine)
  const revocations = demandRevoked(given.revocations, identity, engine)
  const checked = { ...given, revocations, guard: place.guard }
  const unlock = await lockAll(disk, place, checked.signer !== undefined)
  try {
    const meter = new Meter(ports.clock)
    return await assembleChain({ directory: place.directory, checked, ports, engine, identity, meter, unlock })
  } catch (error) {
    // Why it cannot be opened is what somebody has to know, whatever else goes wrong now.
    await attemptAsync(unlock)
    throw refusedAtStart(place.directory, error)
  }
}

function portsOf(directory: string, disk: Disk, { ports = {} }: ChainOptions): ChainPorts {
  return {
    disk,
    clock: ports.clock ?? systemClock,
    rng: ports.rng ?? systemRng(),
    home: ports.home ?? levelHome(disk, directory, 'store', { writeBufferSize: WRITE_BUFFER }),
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
    throw error instanceof CairnError && error.code === 'chain_locked' ? openElsewhere(guard, error) : error
  }
}

/** The data are free, and the guard is not. */
function openElsewhere(guard: string, { details }: CairnError): CairnError {
  const { pid } = (details.holder ?? {}) as { readonly pid?: number }
  const holder = pid === undefined ? '' : `, by process ${pid}`
  const message = `Another copy of this chain is open under the guard ${guard}${holder}: two that make blocks would fork the chain. Find where that one lies, and use one of the two alone.`
  return new CairnError('chain_locked', message, { guard, ...details })
}

async function assembleChain(ground: Ground): Promise<OpenChain> {
  const { directory, checked, ports, identity, meter } = ground
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
    return await assembleOn({ ...ground, ports: { ...ports, home } }, journal)
  } catch (error) {
    // Left open, the store would be found locked by who tries again.
    await attemptAsync(() => home.letGo())
    await attemptAsync(() => journal.close())
    throw error
  }
}

async function assembleOn(ground: Ground, journal: Journal): Promise<OpenChain> {
  const { directory, checked, ports, engine, identity, meter, unlock } = ground
  const { disk, clock, rng } = ports
  const guardFile = new Guard(disk, checked.guard, identity.chainId)
  const recovered = await recoverOn(ground, journal, guardFile)
  const { store, standing, authority } = recovered
  let producer: Producer | undefined
  let condemning: Promise<unknown> = Promise.resolve()
  const readable = (): Standing => producer?.readable ?? standing
  const fail = (cause: unknown): void => producer?.fail(cause)
  const clients = new Clients()
  const highest = (client: string): bigint =>
    clients.glimpse(client, (each) => store.trees.state.get(clientKey(each), readable().trees?.state))
  const queue = new Queue()
  const applier = new Applier(store, meter, fail)
  const history = new History(readerOf(journal), store, identity, engine.hasher, () => applier.newest)
  const lifetime = { isClosed: false }
  const head = (): ProofHead => headOf(applier, recovered, producer?.resealed)
  const proveNow = async (request: ProofRequest): Promise<string> => {
    if (lifetime.isClosed) throw chainClosed()
    const asked = readRequest(request)
    await applier.through(heightOf(readable()))
    const prover = { identity, store, history, revocations: () => authority.revocations }
    return whileOpen(lifetime, () => prove(prover, asked, head))
  }
  const base: Assembled = {
    identity,
    checked,
    store,
    journal,
    history,
    queue,
    intake: new Intake(queue, clock, rng, checked.machines, highest),
    applier,
    meter,
    recent: new Recent(),
    hashOf: (header: Header) => blockHash(identity, header, engine.hasher),
    guard: new GuardKeeper(guardFile, clock, fail),
    recovered,
    prove: proveNow,
    lifetime,
    unlock: async (): Promise<void> => {
      // Who opens it next has to know.
      await condemning
      await unlock()
    },
  }
  const { signer } = checked
  if (recovered.readOnly !== undefined || signer === undefined)
    return { ...base, readOnly: recovered.readOnly ?? noSigner() }
  const onFailure = (cause: unknown): void => {
    if (cause instanceof CairnError && cause.code === 'store_damaged') {
      condemning = attemptAsync(() => condemnStore(disk, directory))
    }
    checked.report({ kind: 'failed', cause })
  }
  producer = producerOn(ground, base, { signer, clients, readable, onFailure })
  return { ...base, producer }
}

function recoverOn(
  { directory, checked, ports, engine, identity }: Ground,
  journal: Journal,
  guard: Guard,
): Promise<Recovered> {
  const { signer, revocations, report, cacheBytes, checkpointEvery } = checked
  const { disk, clock, home } = ports
  // Its pages are written over a quarter of the way to the next one: in one go they would hold up a block.
  const over = Math.ceil(checkpointEvery / 4)
  const trees = { cacheBytes, checkpoints: { every: checkpointEvery, over } }
  const outside = { disk, clock, directory, journal, home, guard }
  return recover({ ...outside, identity, engine, signer, revocations, trees, report })
}

/** All of an open chain that it has whether it takes commands or not. */
type Assembled = Omit<OpenChain, 'producer' | 'readOnly'>

interface Producing {
  readonly signer: Signer
  readonly clients: Clients
  readonly readable: () => Standing
  readonly onFailure: (cause: unknown) => void
}

function producerOn(
  { checked, ports: { clock }, engine, identity }: Ground,
  base: Assembled,
  { signer, clients, readable, onFailure }: Producing,
): Producer {
  const { machines, report, twice } = checked
  const { store, journal, history, queue, intake, applier, meter, recent, guard, recovered, prove: proveNow } = base
  const { standing, authority, unrecorded } = recovered
  // Fails here, where it can be told, and not at the first block.
  machines.inForce(standing.machine)
  const proveSeq = (seq: bigint): Promise<string> => proveNow({ command: seq })
  const applied = (): Promise<void> => applier.through(heightOf(readable()))
  const repeater = new Repeater({ store, history, oldest: journal.found.first, intake, applied, prove: proveSeq })
  const newestTime = (): bigint => readable().header?.timestamp ?? identity.genesis.createdAt
  return new Producer(
    {
      workshop: {
        assembler: new Assembler(identity, store, engine.hasher),
        store,
        machines,
        clients,
        recordMax: journal.capacity - SEALS_BESIDE,
        twice,
      },
      log: journal,
      signer,
      engine,
      clock,
      time: new BlockTime(clock, report, newestTime()),
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
      repeat: (waiting) => repeater.repeat(waiting),
      onFault: (fault) => {
        report({ kind: 'machine-fault', ...fault })
      },
      onFailure,
    },
    standing,
    recovered.head?.seal,
    unrecorded,
  )
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
