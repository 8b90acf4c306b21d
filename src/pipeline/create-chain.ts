/**
 * Makes a chain: its guard and its genesis, where nothing was. Opening it is another step (`open-chain.ts`).
 *
 * A crash here leaves nothing that could be opened, or the whole of it: the genesis comes last.
 */
import { loadEngine } from '../hash/index.ts'
import { Guard } from '../keys/guard.ts'
import type { Disk } from '../ports/disk.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { refusedAtStart } from '../ports/system-error.ts'
import { native } from '../verify/codec.ts'
import { genesis as genesisCodec } from '../verify/codecs.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import type { Genesis } from '../verify/types.ts'
import { demandDelegated } from './authority.ts'
import { type ChainPlace, journalIn, realPlace } from './chain-place.ts'
import { hasGenesis, writeGenesis } from './genesis-file.ts'
import { type ChainOptions, type CheckedOptions, checkOptions } from './options.ts'

/** Makes a chain of a genesis; nothing is there before, and everything is after. */
export async function createChain(directory: string, genesis: Genesis, options: ChainOptions): Promise<void> {
  const checked = checkOptions(directory, options)
  const disk = options.ports?.disk ?? nodeDisk
  const engine = options.engine ?? (await loadEngine())
  const place = await realPlace(disk, directory, checked.guard)
  // Two that are made at once in one directory would each take the other's guard and genesis.
  const unlock = await disk.lock(`${place.directory}/lock`)
  try {
    await makeChain(disk, place, genesis, checked, engine)
  } catch (error) {
    throw refusedAtStart(place.directory, error)
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
