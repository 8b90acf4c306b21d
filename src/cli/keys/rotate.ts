/** `cairn keys rotate`: the next hot key, and the typed data of both halves of a rotation: the new delegation, and the revocation of the old one. */
import type { Command } from 'commander'
import { rotationOf } from '../../keys/rotation.ts'
import { endOfJournal } from '../../pipeline/journal-end.ts'
import { jsonText } from '../../server/json-text.ts'
import { CairnError } from '../../verify/index.ts'
import { u64From } from '../arguments.ts'
import { onPlace } from '../on-chain.ts'
import { PASSPHRASE_HELP, withPassphraseOptions } from '../passphrase.ts'
import {
  ask,
  delegationTo,
  revocationAsked,
  showAsked,
  underFreeIndex,
  WINDOW_HELP,
  type WindowOptions,
  withWindowOptions,
} from './cold-request.ts'
import { type ChainKeysPlace, keysOf, nextIndex, oldestToSeal } from './keys-of.ts'

interface Options extends WindowOptions {
  readonly retire?: bigint
  readonly json?: true
}

export function asRotate(command: Command): Command {
  withPassphraseOptions(withWindowOptions(command))
    .description('Make the next hot key, and ask the cold key to delegate to it and to take back the one before.')
    .option(
      '--retire <n>',
      'the delegation that is taken back; the one that sealed the newest block if left out',
      u64From,
    )
    .option('--json', 'print what is asked as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, {}, async (place, _, { retire, json, ...options }: Options) => {
    const chain = await keysOf(place)
    const end = await endOfJournal(chain.journal)
    const retired = retire ?? end.head?.seal.delegation.index ?? (await newestOf(chain))
    await demandNotAsked(chain, retired)
    const oldestUnsealed = oldestToSeal(end, chain.identity)
    const index = await nextIndex(chain, end)
    const head = end.head && { height: end.head.header.height, hash: end.head.hash }
    const { revocation, delegation } = await underFreeIndex(chain, index, async () => {
      const next = await delegationTo(chain, index, oldestUnsealed, options)
      const rotation = rotationOf(chain.identity, { next, retired, oldestUnsealed, ...(head && { head }) })
      return { ...rotation, delegation: await ask(chain, rotation.delegation.request) }
    })
    const asked = [delegation, await ask(chain, revocation.request)]
    process.stdout.write(json ? jsonText({ asked }) : showAsked(chain, asked))
  })
}

const HELP = `
Both are signed together, so that the cold key leaves its drawer once; the chain goes on meanwhile. When they are imported,
the running chain first seals its newest block with the next key, then the revocation is published in <dir>.keys/revocations.json.
${PASSPHRASE_HELP}
Take the passphrase that the chain runs with, and the next key takes effect without a restart.
${WINDOW_HELP}

Exit codes: 0 the typed data is written; 1 it is not; 2 wrong usage

Examples:
  $ cairn keys rotate demo
  $ cairn keys rotate demo --days 30 --passphrase-file ~/.demo-passphrase
  $ cairn keys rotate demo --retire 3 --json`

/** Before a key is made: one that is asked for in vain would lie there for ever. */
async function demandNotAsked({ keys }: ChainKeysPlace, retired: bigint): Promise<void> {
  if (!(await keys.list()).pendingRevocations.includes(retired)) return
  throw revocationAsked(keys.path, retired)
}

async function newestOf({ keys }: ChainKeysPlace): Promise<bigint> {
  const delegation = (await keys.delegations()).at(-1)
  if (delegation !== undefined) return delegation.index
  const message =
    'No delegation was imported yet, so there is none to retire: ask for the first one with cairn keys delegation.'
  throw new CairnError('rotation_invalid', message, { what: 'retire' })
}
