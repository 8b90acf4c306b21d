/** Opens the chain that a command is about, with the keys that lie beside it, and closes it in good order whatever comes of the command. */
import { Chain } from '../chain.ts'
import { loadEngine } from '../hash/index.ts'
import { DEV_KEYS_FILE, devSigner, readDevKeys } from '../keys/dev-keys.ts'
import { kv } from '../machine/index.ts'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { CairnError, identify } from '../verify/index.ts'
import { placeOf, shownPath } from './place.ts'
import { tellOn } from './reports.ts'

/** `append`: it must take commands. `read`: it may be open for reading only, where there are no keys or it is an older copy. */
export async function withChain(
  directory: string,
  purpose: 'append' | 'read',
  use: (chain: Chain) => Promise<void>,
): Promise<void> {
  const { data, keys: keysDirectory, guard } = placeOf(directory)
  const genesis = await readGenesis(nodeDisk, data)
  const keys = await readDevKeys(nodeDisk, keysDirectory)
  if (keys === undefined && purpose === 'append') throw noKeys(keysDirectory)
  const engine = await loadEngine()
  const signer = keys && devSigner(keys, identify(genesis, engine.hasher), engine)
  const told = tellOn(process.stderr)
  const chain = await Chain.open(data, {
    machine: kv,
    guard,
    engine,
    report: (report) => {
      // Whoever wants to append gets it as the error.
      if (report.kind !== 'read-only' || purpose === 'read') told.report(report)
    },
    ...(signer && { signer }),
  }).finally(told.clear)
  try {
    if (purpose === 'append' && chain.readOnly !== undefined) throw chain.readOnly
    await use(chain)
  } finally {
    await chain.close()
  }
}

function noKeys(directory: string): CairnError {
  const file = shownPath(`${directory}/${DEV_KEYS_FILE}`)
  return new CairnError(
    'no_keys',
    `There is no ${file}, and without keys no block can be sealed: bring back the keys that were made with the chain. Reading needs none.`,
    { file },
  )
}
