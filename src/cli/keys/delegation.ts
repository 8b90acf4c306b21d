/** `cairn keys delegation`: a new hot key, and the typed data with which the cold key delegates to it. */
import type { Command } from 'commander'
import { endOfJournal } from '../../pipeline/journal-end.ts'
import { jsonText } from '../../server/json-text.ts'
import { u64From } from '../arguments.ts'
import { onPlace } from '../on-chain.ts'
import { PASSPHRASE_HELP, withPassphraseOptions } from '../passphrase.ts'
import {
  type Asked,
  ask,
  delegationTo,
  showAsked,
  underFreeIndex,
  WINDOW_HELP,
  type WindowOptions,
  withWindowOptions,
} from './cold-request.ts'
import { keysOf, nextIndex, oldestToSeal } from './keys-of.ts'

interface Options extends WindowOptions {
  readonly index?: bigint
  readonly json?: true
}

export function asDelegation(command: Command): Command {
  withPassphraseOptions(withWindowOptions(command))
    .description('Make a hot key, and ask the cold key to delegate to it.')
    .option('--index <n>', 'the number of the delegation, for ever; the next one if left out', u64From)
    .option('--json', 'print what is asked as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, {}, async (place, _, { index, json, ...options }: Options) => {
    const chain = await keysOf(place)
    if (index !== undefined) await chain.keys.demandUnnamed(index)
    const end = await endOfJournal(chain.journal)
    const oldest = oldestToSeal(end, chain.identity)
    const under = index ?? (await nextIndex(chain, end))
    const make = async (): Promise<Asked> =>
      ask(chain, { k: 'delegation', ...(await delegationTo(chain, under, oldest, options)) })
    const asked = await (index === undefined ? underFreeIndex(chain, under, make) : make())
    process.stdout.write(json ? jsonText({ asked: [asked] }) : showAsked(chain, [asked]))
  })
}

const HELP = `
The key is encrypted in <dir>.keys/hot-<n>.keystore.json.
${PASSPHRASE_HELP}
Take the passphrase that the chain runs with, and the new key takes effect without a restart.
The key before it stays good; cairn keys rotate takes it back at the same time.
${WINDOW_HELP}

Exit codes: 0 the typed data is written; 1 it is not; 2 wrong usage

Examples:
  $ cairn keys delegation demo
  $ cairn keys delegation demo --days 30 --passphrase-file ~/.demo-passphrase
  $ cairn keys delegation demo --delegate 0xAb58…aB1c --valid-until 2027-12-31`
