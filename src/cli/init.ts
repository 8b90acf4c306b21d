/**
 * `cairn init`: a new chain with the machine kv, of the cold key that is named, or with development keys.
 *
 * Promise: the keys are there before the chain is. An init that was cut short is repaired by running it again, with the same keys; and keys
 * that sealed blocks already never begin a second chain of the same id.
 */
import { basename } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { loadEngine } from '../hash/index.ts'
import { DEV_KEYS_FILE, type DevKeys, makeDevKeys, takeUpDevKeys, writeDevKeys } from '../keys/dev-keys.ts'
import { Guard } from '../keys/guard.ts'
import { makeChain } from '../pipeline/create-chain.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { systemRng } from '../ports/rng.ts'
import { jsonText } from '../server/json-text.ts'
import { NAME_MAX } from '../verify/bounds.ts'
import { isWellFormed, utf8Length } from '../verify/bytes.ts'
import { CairnError, type Engine, type Identity, identify, toHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { addressFrom } from './addresses.ts'
import { firstAppend } from './first-append.ts'
import { initWithColdKey } from './init-cold-key.ts'
import { type Asked, showAsked, WINDOW_HELP, type WindowOptions, withWindowOptions } from './keys/cold-request.ts'
import type { ChainKeysPlace } from './keys/keys-of.ts'
import { type MachineOfNew, type MachineOptions, machineOfNew } from './machines.ts'
import { demandNew, keysInUse } from './new-place.ts'
import { onPlace } from './on-chain.ts'
import { PASSPHRASE_HELP, withPassphraseOptions } from './passphrase.ts'
import { type Place, shownPath } from './place.ts'
import { setting } from './settings/option.ts'
import { styleOf, widthOf, wrapped } from './terminal.ts'
import { isThere } from './write-file.ts'

interface Options extends WindowOptions, MachineOptions {
  readonly name?: string
  readonly coldKey?: Uint8Array
  readonly json?: true
}

export function asInit(command: Command): Command {
  withPassphraseOptions(withWindowOptions(command))
    .description('Make a chain in a new or empty directory, of your cold key or with development keys.')
    .addOption(setting('machine'))
    .option('--cold-key <0x…>', 'the address of the cold key, for ever; development keys if left out', addressFrom)
    .option(
      '--name <name>',
      'the name of the chain, for ever; dev- and the name of the directory if left out',
      nameFrom,
    )
    .option('--json', 'print what was made as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, {}, async (place, _, { name, coldKey, json, ...options }: Options) => {
    const machine = await machineOfNew(options)
    if (coldKey !== undefined) {
      const named = { name: name ?? nameOf(place, ''), coldKey }
      const { chain, asked } = await initWithColdKey(place, named, machine, options)
      process.stdout.write(json ? asJson(place, chain.identity, [asked]) : shownNew(chain, asked))
      return
    }
    const identity = await init(place, machine, name)
    process.stderr.write(warning(place))
    process.stdout.write(json ? asJson(place, identity, []) : summary(place, identity))
  })
}

const HELP = `
The data lies in <dir>, the keys and the rollback guard beside it, in <dir>.keys. Keep <dir>.keys out of the backups of <dir>.
Without --cold-key the keys are development keys: not for production.
The machine is kv, unless --machine says which (docs/cli.md); it is written in the genesis, for ever.

With --cold-key the cold key stays where it is. A hot key is made, encrypted in <dir>.keys, and what the cold key has to sign
to delegate to it is written beside it. The chain takes commands when that is signed and imported (docs/keys.md).
${PASSPHRASE_HELP}
${WINDOW_HELP}

As JSON: {"chainId","genesis","data","keys","guard","asked"}, the last being what the cold key is asked to sign.

Exit codes: 0 the chain is made; 1 it is not; 2 wrong usage

Examples:
  $ cairn init demo
  $ cairn init demo --json
  $ cairn init accounts --machine ledger
  $ cairn init shop --machine ./my-machine.js
  $ cairn init /srv/ledger --cold-key 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --name ledger
  $ cairn init /srv/ledger --name "dev-ledger of Ann"`

function nameFrom(text: string): string {
  const size = utf8Length(text)
  if (size > 0 && size <= NAME_MAX && isWellFormed(text)) return text
  throw new InvalidArgumentError(`It has 1 to ${NAME_MAX} bytes of text.`)
}

/** A chain with development keys. */
export async function init(place: Place, machine: MachineOfNew, name?: string): Promise<Identity> {
  await demandNew(place)
  // One at a time: two would each make keys, and one chain would lose its own.
  const unlock = await nodeDisk.lock(`${place.data}/lock`)
  try {
    await demandNew(place)
    const engine = await loadEngine()
    const { genesis } = await keysFor(place, { name, machine: machine.name }, engine)
    const given = { machines: machine.machines, signer: undefined }
    await makeChain(nodeDisk, { directory: place.data, guard: place.guard }, genesis, given, engine)
    return identify(genesis, engine.hasher)
  } finally {
    await unlock()
  }
}

interface Wanted {
  readonly name: string | undefined
  readonly machine: string
}

/** Fresh keys, or those that an init made that did not come to its end. */
async function keysFor(place: Place, wanted: Wanted, engine: Engine): Promise<DevKeys> {
  const found = await takeUpDevKeys(nodeDisk, place.keys)
  if (found !== undefined) return demandUnused(place, found, wanted, engine)
  if (await isThere(place.guard)) throw keysInUse(place, 'there is a rollback guard of a chain')
  const createdAt = BigInt(systemClock.now())
  const chain = { name: wanted.name ?? nameOf(place, 'dev-'), machine: wanted.machine, createdAt }
  const keys = makeDevKeys(chain, systemRng(), engine)
  await writeDevKeys(nodeDisk, place.keys, keys)
  return keys
}

async function demandUnused(place: Place, keys: DevKeys, { name, machine }: Wanted, engine: Engine): Promise<DevKeys> {
  const { chainId } = identify(keys.genesis, engine.hasher)
  const marked = await new Guard(nodeDisk, place.guard, chainId).read()
  if (marked?.head) throw keysInUse(place, `they sealed blocks of the chain ${toHex(chainId)}`)
  const { genesis } = keys
  if (name !== undefined && name !== genesis.name) {
    const message = `An earlier init made keys for the name ${quoted(genesis.name)}: leave --name out, or remove ${shownPath(place.keys)}.`
    throw new CairnError('name_differs', message, { name: genesis.name })
  }
  if (machine === genesis.machine) return keys
  const message = `An earlier init made keys for a chain with the machine ${genesis.machine}, not ${machine}: take that one, or remove ${shownPath(place.keys)}.`
  throw new CairnError('machine_differs', message, { machine: genesis.machine })
}

/** After its directory. One with development keys is marked as what it is, where verifiers see it. */
function nameOf({ data }: Place, mark: string): string {
  let name = mark
  for (const letter of basename(data) || 'chain') {
    if (utf8Length(name + letter) > NAME_MAX) break
    name += letter
  }
  return name
}

function asJson(place: Place, { chainId, genesis }: Identity, asked: readonly Asked[]): string {
  return jsonText({ chainId, genesis, ...place, asked })
}

function shownNew(chain: ChainKeysPlace, asked: Asked): string {
  const { place, identity } = chain
  return [
    `The chain ${quoted(identity.genesis.name)} with the machine ${identity.genesis.machine} is made.`,
    '',
    `  chain id  ${toHex(identity.chainId)}`,
    `  data      ${shownPath(place.data)}`,
    `  keys      ${shownPath(place.keys)}`,
    `  guard     ${shownPath(place.guard)}`,
    '',
    showAsked(chain, [asked]),
  ].join('\n')
}

function warning(place: Place): string {
  const style = styleOf(process.stderr)
  const file = shownPath(`${place.keys}/${DEV_KEYS_FILE}`)
  const text = [
    `Whoever has ${file} can do everything: seal blocks, delegate, revoke.`,
    'It holds the cold key too, and nothing in it is encrypted.',
    'For production the cold key never lies on the machine that makes blocks, and the hot key lies in an encrypted keystore.',
    'A chain keeps its cold key for ever: for production, make another chain.',
  ].join(' ')
  const title = style.bad(style.strong('DEVELOPMENT KEYS: NOT FOR PRODUCTION.'))
  return `${title}\n${wrapped(text, widthOf(process.stderr)).join('\n')}\n\n`
}

function summary(place: Place, { genesis, chainId }: Identity): string {
  return [
    `The chain ${quoted(genesis.name)} with the machine ${genesis.machine} is made, with development keys.`,
    '',
    `  chain id  ${toHex(chainId)}`,
    `  data      ${shownPath(place.data)}`,
    `  keys      ${shownPath(`${place.keys}/${DEV_KEYS_FILE}`)}`,
    `  guard     ${shownPath(place.guard)}`,
    '',
    ...firstAppend('Now append to it', place.data, genesis.machine),
    '',
  ].join('\n')
}
