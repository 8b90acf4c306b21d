/** Where a new chain may be made: in a directory of its own, with keys of its own. */
import { hasGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { CairnError } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { type Place, shownPath } from './place.ts'

/** What an init that was cut short may have left. */
const LEFT_OVER: ReadonlySet<string> = new Set(['lock', 'journal', 'genesis.json.tmp'])

export async function demandNew({ data }: Place): Promise<void> {
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

export function keysInUse({ data, keys }: Place, why: string): CairnError {
  return new CairnError(
    'keys_in_use',
    `The keys in ${shownPath(keys)} are in use: ${why}. Bring back its data to ${shownPath(data)}, or choose another directory.`,
    { keys, why },
  )
}
