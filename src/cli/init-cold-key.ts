/**
 * A new chain whose cold key is elsewhere, and stays there: only its address comes here.
 *
 * Promise: the keystore is there before the chain is, and an init that was cut short is repaired by running it again, or, where the chain is there
 * already, with `cairn keys delegation`.
 */
import { basename, dirname } from 'node:path'
import { loadEngine } from '../hash/index.ts'
import { DEV_KEYS_FILE } from '../keys/dev-keys.ts'
import { isGuardOfNothing } from '../keys/guard.ts'
import { KeysDirectory } from '../keys/keys-directory.ts'
import { makeChain } from '../pipeline/create-chain.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { systemRng } from '../ports/rng.ts'
import { type Genesis, identify } from '../verify/index.ts'
import { type Asked, ask, delegationTo, type WindowOptions } from './keys/cold-request.ts'
import type { ChainKeysPlace } from './keys/keys-of.ts'
import type { MachineOfNew } from './machines.ts'
import { demandNew, keysInUse } from './new-place.ts'
import type { Place } from './place.ts'
import { isThere } from './write-file.ts'

export async function initWithColdKey(
  place: Place,
  named: Pick<Genesis, 'name' | 'coldKey'>,
  machine: MachineOfNew,
  options: WindowOptions,
): Promise<{ readonly chain: ChainKeysPlace; readonly asked: Asked }> {
  await demandNew(place)
  // One at a time: two would each make a chain.
  const unlock = await nodeDisk.lock(`${place.data}/lock`)
  try {
    await demandNew(place)
    await demandUnused(place)
    const engine = await loadEngine()
    const rng = systemRng()
    const createdAt = BigInt(systemClock.now())
    const genesis: Genesis = { ...named, machine: machine.name, createdAt, nonce: rng.bytes(32) }
    const identity = identify(genesis, engine.hasher)
    const keys = new KeysDirectory(place.keys, identity, { engine })
    const journal = { disk: nodeDisk, directory: place.data, identity, engine }
    const chain: ChainKeysPlace = { place, identity, engine, keys, journal }
    const delegation = await delegationTo(chain, await keys.nextIndex(), createdAt, options)
    const given = { machines: machine.machines, signer: undefined }
    await makeChain(nodeDisk, { directory: place.data, guard: place.guard }, genesis, given, engine)
    return { chain, asked: await ask(chain, { k: 'delegation', ...delegation }) }
  } finally {
    await unlock()
  }
}

/** What an init left which was cut short is nobody's yet: keystores, and a guard that names no block. Anything else is another chain's. */
async function demandUnused(place: Place): Promise<void> {
  const names = await nodeDisk.list(place.keys)
  const other = names.find((name) => name === DEV_KEYS_FILE || /^(?:pending-)?delegation-/.test(name))
  const [directory, name] = [dirname(place.guard), basename(place.guard)]
  const hasGuard = await isThere(place.guard)
  const isLeftOver = other === undefined && (await isGuardOfNothing(nodeDisk, directory, name))
  if (other !== undefined || (hasGuard && !isLeftOver))
    throw keysInUse(place, `there is ${other ?? 'guard'} of a chain`)
  if (!hasGuard) return
  await nodeDisk.unlink(place.guard)
  await nodeDisk.syncDirectory(directory)
}
