/** How the programs that are killed, and their judge, open the chain: with files so small that they roll all the time. */
import { type ChainOptions, hotSigner, kv } from '../../src/index.ts'
import { nobleEngine } from '../../src/verify/index.ts'
import { chainKeys } from '../support/chain-keys.ts'

export const keys = chainKeys('kv@1')

export function crashOptions(directory: string): ChainOptions {
  return {
    machine: kv,
    // A new one each time, as in a process of its own: it knows nothing of what another one signed.
    signer: hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], nobleEngine),
    guard: `${directory}.keys/guard`,
    journalFileBytes: 1 << 18,
    cacheBytes: 1 << 20,
  }
}

/** The same with the smallest files that there are: a short run fills one. */
export function shortOptions(directory: string): ChainOptions {
  return { ...crashOptions(directory), journalFileBytes: 1 << 16 }
}
