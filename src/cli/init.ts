/**
 * `cairn init`: a new chain with the machine kv and development keys.
 *
 * Promise: the keys are there before the chain is. An init that was cut short is repaired by running it again, with the same keys; and keys
 * that sealed blocks already never begin a second chain of the same id.
 */
import { basename } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { loadEngine } from '../hash/index.ts'
import { DEV_KEYS_FILE, type DevKeys, makeDevKeys, readDevKeys, writeDevKeys } from '../keys/dev-keys.ts'
import { Guard } from '../keys/guard.ts'
import { kv } from '../machine/index.ts'
import { MachineSet } from '../machine/machine-set.ts'
import { hasGenesis } from '../pipeline/genesis-file.ts'
import { makeChain } from '../pipeline/open-chain.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { systemRng } from '../ports/rng.ts'
import { NAME_MAX } from '../verify/bounds.ts'
import { isWellFormed, utf8Length } from '../verify/bytes.ts'
import { CairnError, type Engine, type Identity, identify, toHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { asAction } from './action.ts'
import { type Place, placeOf, shellWord, shownPath } from './place.ts'
import { styleOf, widthOf, wrapped } from './terminal.ts'

interface Options {
  readonly name?: string
}

export function asInit(command: Command): Command {
  return command
    .description('Make a chain with the key-value machine, and development keys for it.')
    .argument('<dir>', 'the directory of the chain; it is made, or empty')
    .option(
      '--name <name>',
      'the name of the chain, for ever; dev- and the name of the directory if left out',
      nameFrom,
    )
    .addHelpText('after', HELP)
    .action(
      asAction(async (directory: string, { name }: Options) => {
        const place = placeOf(directory)
        const identity = await init(place, name)
        process.stderr.write(warning(place))
        process.stdout.write(summary(place, identity))
      }),
    )
}

const HELP = `
The data lies in <dir>, the keys and the rollback guard beside it, in <dir>.keys. Keep <dir>.keys out of the backups of <dir>.
The keys are development keys: not for production.

Examples:
  $ cairn init demo
  $ cairn init /srv/ledger --name "dev-ledger of Ann"`

function nameFrom(text: string): string {
  const size = utf8Length(text)
  if (size > 0 && size <= NAME_MAX && isWellFormed(text)) return text
  throw new InvalidArgumentError(`It has 1 to ${NAME_MAX} bytes of text.`)
}

async function init(place: Place, name: string | undefined): Promise<Identity> {
  await demandNew(place)
  // One at a time: two would each make keys, and one chain would lose its own.
  const unlock = await nodeDisk.lock(`${place.data}/lock`)
  try {
    await demandNew(place)
    const engine = await loadEngine()
    const { genesis } = await keysFor(place, name, engine)
    const given = { machines: new MachineSet([kv]), signer: undefined }
    await makeChain(nodeDisk, { directory: place.data, guard: place.guard }, genesis, given, engine)
    return identify(genesis, engine.hasher)
  } finally {
    await unlock()
  }
}

/** What an init that was cut short may have left. */
const LEFT_OVER: ReadonlySet<string> = new Set(['lock', 'journal', 'genesis.json.tmp'])

async function demandNew({ data }: Place): Promise<void> {
  const directory = shownPath(data)
  if (await hasGenesis(nodeDisk, data)) {
    throw new CairnError(
      'chain_exists',
      `There is a chain in ${directory} already: use it, or choose another directory.`,
      {
        directory,
      },
    )
  }
  const names = await nodeDisk.list(data)
  const blocks = await nodeDisk.list(`${data}/journal`).catch(() => [])
  const other = names.find((each) => !LEFT_OVER.has(each)) ?? blocks[0]
  if (other === undefined) return
  throw new CairnError(
    'not_empty',
    `${directory} is not empty, ${quoted(other)} lies there: choose a directory of its own.`,
    {
      directory,
      name: other,
    },
  )
}

/** Fresh keys, or those that an init made that did not come to its end. */
async function keysFor(place: Place, name: string | undefined, engine: Engine): Promise<DevKeys> {
  const found = await readDevKeys(nodeDisk, place.keys)
  if (found !== undefined) return demandUnused(place, found, name, engine)
  if ((await nodeDisk.list(place.keys)).includes('guard'))
    throw keysInUse(place, 'there is a rollback guard of a chain')
  const createdAt = BigInt(systemClock.now())
  const chain = { name: name ?? nameOf(place), machine: kv.name, createdAt }
  const keys = makeDevKeys(chain, systemRng(), engine)
  await writeDevKeys(nodeDisk, place.keys, keys)
  return keys
}

async function demandUnused(place: Place, keys: DevKeys, name: string | undefined, engine: Engine): Promise<DevKeys> {
  const { chainId } = identify(keys.genesis, engine.hasher)
  const marked = await new Guard(nodeDisk, place.guard, chainId).read()
  if (marked?.head) throw keysInUse(place, `they sealed blocks of the chain ${toHex(chainId)}`)
  if (name === undefined || name === keys.genesis.name) return keys
  const message = `An earlier init made keys for the name ${quoted(keys.genesis.name)}: leave --name out, or remove ${shownPath(place.keys)}.`
  throw new CairnError('name_differs', message, { name: keys.genesis.name })
}

function keysInUse({ data, keys }: Place, why: string): CairnError {
  return new CairnError(
    'keys_in_use',
    `The keys in ${shownPath(keys)} are in use: ${why}. Bring back its data to ${shownPath(data)}, or choose another directory.`,
    { keys, why },
  )
}

/** Marked as what it is, where verifiers see it. */
function nameOf({ data }: Place): string {
  let name = 'dev-'
  for (const letter of basename(data) || 'chain') {
    if (utf8Length(name + letter) > NAME_MAX) break
    name += letter
  }
  return name
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
  const directory = shownPath(place.data)
  return [
    `The chain ${quoted(genesis.name)} with the machine ${genesis.machine} is made, with development keys.`,
    '',
    `  chain id  ${toHex(chainId)}`,
    `  data      ${directory}`,
    `  keys      ${shownPath(`${place.keys}/${DEV_KEYS_FILE}`)}`,
    `  guard     ${shownPath(place.guard)}`,
    '',
    'Now append to it:',
    `  cairn append ${shellWord(directory)} put greeting hello`,
    '',
  ].join('\n')
}
