/** The keys directory of a chain, for the commands that are about it. */
import { loadEngine } from '../../hash/index.ts'
import { DEV_KEYS_FILE, readDevKeys } from '../../keys/dev-keys.ts'
import { KeysDirectory } from '../../keys/keys-directory.ts'
import { readGenesis } from '../../pipeline/genesis-file.ts'
import type { JournalEnd, JournalPlace } from '../../pipeline/journal-end.ts'
import { nodeDisk } from '../../ports/node-disk.ts'
import { CairnError, type Engine, type Identity, identify } from '../../verify/index.ts'
import { type Place, shownPath } from '../place.ts'

export interface ChainKeysPlace {
  readonly place: Place
  readonly identity: Identity
  readonly engine: Engine
  readonly keys: KeysDirectory
  readonly journal: JournalPlace
}

/** Works while another process has the chain open. Development keys are refused: there the cold key lies in a file. */
export async function keysOf(place: Place): Promise<ChainKeysPlace> {
  const engine = await loadEngine()
  const identity = identify(await readGenesis(nodeDisk, place.data), engine.hasher)
  if ((await readDevKeys(nodeDisk, place.keys)) !== undefined) throw developmentKeys(place)
  const keys = new KeysDirectory(place.keys, identity, { engine })
  const journal = { disk: nodeDisk, directory: place.data, identity, engine }
  return { place, identity, engine, keys, journal }
}

function developmentKeys({ keys }: Place): CairnError {
  const file = shownPath(`${keys}/${DEV_KEYS_FILE}`)
  return new CairnError(
    'development_keys',
    `The chain was made with development keys (${file}), and keeps them for ever: there is nothing to ask a cold key for. For production make another chain: cairn init --cold-key.`,
    { file },
  )
}

/** The time of the oldest block that a key may have to seal: the head, which it seals when it takes over. */
export function oldestToSeal({ head, unsealed }: JournalEnd, { genesis }: Identity): bigint {
  return head?.header.timestamp ?? unsealed?.timestamp ?? genesis.createdAt
}

/** An index names one delegation, for ever: also where the keys directory was lost and the chain still knows. */
export async function nextIndex({ keys }: ChainKeysPlace, { head }: JournalEnd): Promise<bigint> {
  const here = await keys.nextIndex()
  const inChain = head === undefined ? 0n : head.seal.delegation.index + 1n
  return here < inChain ? inChain : here
}
