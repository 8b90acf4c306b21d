/** Opens the chain that a command is about, with the keys that lie beside it, and closes it in good order whatever comes of the command. */
import { Chain } from '../chain.ts'
import { loadEngine } from '../hash/index.ts'
import { DEV_KEYS_FILE, devSigner, readDevKeys } from '../keys/dev-keys.ts'
import { KeysDirectory } from '../keys/keys-directory.ts'
import { UnlockedKeys } from '../keys/unlocked-keys.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import type { Signer } from '../ports/signer.ts'
import { CairnError, type Engine, type Identity, identify, type Revocation } from '../verify/index.ts'
import { watchKeys } from './keys-watch.ts'
import { type MachineOptions, machinesFor } from './machines.ts'
import { type PassphraseOptions, readPassphrase } from './passphrase.ts'
import { type Place, shellWord, shownPath } from './place.ts'
import { type Say, sayOn, tellOn } from './reports.ts'

/**
 * `append`: it must take commands. `read`: it may be open for reading only, where there are no keys or it is an older copy. `serve`: it takes commands
 * where it can, and is read where it cannot.
 */
export type Purpose = 'append' | 'read' | 'serve'

export async function withChain(
  place: Place,
  purpose: Purpose,
  use: (chain: Chain) => Promise<void>,
  options: PassphraseOptions & MachineOptions,
  say: Say = sayOn(process.stderr),
): Promise<void> {
  const genesis = await readGenesis(nodeDisk, place.data)
  const machine = await machinesFor(genesis, options)
  const engine = await loadEngine()
  const identity = identify(genesis, engine.hasher)
  const { signer, unlocked, revocations } = await keysFor(place, identity, engine, purpose, options, say)
  const told = tellOn(process.stderr, say)
  try {
    const chain = await Chain.open(place.data, {
      machine,
      guard: place.guard,
      engine,
      revocations,
      report: (report) => {
        // Whoever wants to append gets it as the error.
        if (report.kind !== 'read-only' || purpose !== 'append') told.report(report)
      },
      ...(signer && { signer }),
    }).finally(told.clear)
    const watch = unlocked && watchKeys(unlocked, chain, say)
    try {
      if (purpose === 'append' && chain.readOnly !== undefined) throw chain.readOnly
      await watch?.looked
      await use(chain)
    } finally {
      await watch?.end()
      await chain.close()
    }
  } finally {
    unlocked?.forget()
  }
}

interface Found {
  readonly revocations: readonly Revocation[]
  readonly signer?: Signer
  readonly unlocked?: UnlockedKeys
}

/** To read a chain no passphrase is asked for. */
async function keysFor(
  place: Place,
  identity: Identity,
  engine: Engine,
  purpose: Purpose,
  options: PassphraseOptions,
  say: Say,
): Promise<Found> {
  const development = await readDevKeys(nodeDisk, place.keys)
  if (development !== undefined) return { revocations: [], signer: devSigner(development, identity, engine) }
  const directory = new KeysDirectory(place.keys, identity, { engine })
  const revocations = await directory.revocations()
  if (purpose === 'read') return { revocations }
  const { keystores, delegations } = await directory.list()
  const usable = keystores.filter((index) => delegations.includes(index))
  if (usable.length === 0 && purpose === 'serve') return { revocations }
  if (usable.length === 0) throw keystores.length === 0 ? noKeys(place) : notDelegated(place)
  const of = usable.length === 1 ? `the hot key ${usable[0]}` : `the hot keys ${usable.join(', ')}`
  const passphrase = await readPassphrase(options, { of, isNew: false })
  const unlocked = await UnlockedKeys.open(directory, passphrase, engine)
  for (const index of unlocked.locked) {
    say('warn', `The hot key ${index} seals nothing: it has another passphrase than this one.`)
  }
  return { revocations, signer: unlocked.signer, unlocked }
}

function noKeys({ data, keys }: Place): CairnError {
  const directory = shownPath(keys)
  return new CairnError(
    'no_keys',
    `There are no keys in ${directory} (no ${DEV_KEYS_FILE}, no keystore), and without one no block can be sealed: bring back those of the chain, or make a hot key and ask the cold key for it: cairn keys delegation ${shellWord(shownPath(data))}. Reading needs none.`,
    { directory },
  )
}

function notDelegated({ data, keys }: Place): CairnError {
  const chain = shellWord(shownPath(data))
  return new CairnError(
    'delegation_needed',
    `The cold key has not delegated to the hot key in ${shownPath(keys)} yet: have it sign what cairn keys list ${chain} shows as pending, then cairn keys import ${chain} 0x….`,
    { keys },
  )
}
