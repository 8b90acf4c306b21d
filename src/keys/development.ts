/** Keys for an application that is being written: made at the first start, read at all later ones. Never for production. */
import { loadEngine } from '../hash/index.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { systemRng } from '../ports/rng.ts'
import type { Signer } from '../ports/signer.ts'
import { identify } from '../verify/identity.ts'
import type { Genesis } from '../verify/types.ts'
import { devSigner, makeDevKeys, readDevKeys, writeDevKeys } from './dev-keys.ts'

/**
 * A genesis with a signer for it. **The cold key lies in the directory too, and nothing is encrypted**: whoever reads it can do everything. A chain
 * keeps its cold key for ever, so one that begins with these keys never becomes one for production.
 */
export async function developmentKeys(
  directory: string,
  { name, machine }: { readonly name: string; readonly machine: string },
): Promise<{ readonly genesis: Genesis; readonly signer: Signer }> {
  const engine = await loadEngine()
  let keys = await readDevKeys(nodeDisk, directory)
  if (keys === undefined) {
    keys = makeDevKeys({ name, machine, createdAt: BigInt(systemClock.now()) }, systemRng(), engine)
    await writeDevKeys(nodeDisk, directory, keys)
  }
  return { genesis: keys.genesis, signer: devSigner(keys, identify(keys.genesis, engine.hasher), engine) }
}
