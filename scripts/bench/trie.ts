/**
 * The peer of the state tree: Ethereum's Merkle Patricia trie of @ethereumjs/mpt on classic-level, with the same accounts and blocks. It
 * is given what helps it: one batch a block by its checkpoints, and a cache of nodes.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { type BatchDBOp, type DB, ValueEncoding } from '@ethereumjs/util'
import { ClassicLevel } from 'classic-level'
import { toHex } from '../../src/verify/bytes.ts'
import { Accounts, type AccountWrite, UPDATES } from './accounts.ts'

const OPENED_AT_ONCE = 5000
const CACHED_NODES = 200_000

/** Updates a second, for each second. */
export async function trieRates(keys: number, seconds: number): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  const level = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' })
  try {
    const trie = await createMPT({
      db: databaseOf(level),
      useKeyHashing: true,
      valueEncoding: ValueEncoding.Bytes,
      cacheSize: CACHED_NODES,
    })
    const accounts = new Accounts(keys)
    for (let first = 0; first < keys; first += OPENED_AT_ONCE) {
      await block(trie, accounts.opened(first, OPENED_AT_ONCE))
    }
    const rates: number[] = []
    while (rates.length < seconds) {
      let elapsed = 0
      let done = 0
      while (elapsed < 1000) {
        const writes = accounts.changed()
        const start = performance.now()
        await block(trie, writes)
        elapsed += performance.now() - start
        done += UPDATES
      }
      rates.push((1000 * done) / elapsed)
    }
    return rates
  } finally {
    await level.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function block(trie: MerklePatriciaTrie, writes: readonly AccountWrite[]): Promise<void> {
  trie.checkpoint()
  for (const [key, value] of writes) await trie.put(key, value)
  await trie.commit()
}

/** Its keys come as hex without a prefix. */
function databaseOf(level: ClassicLevel<string, Uint8Array>): DB<string, string | Uint8Array> {
  const name = (key: string | Uint8Array): string => (typeof key === 'string' ? key : toHex(key).slice(2))
  const database: DB<string, string | Uint8Array> = {
    get: (key) => level.get(name(key)),
    put: (key, value) => level.put(name(key), value as Uint8Array),
    del: (key) => level.del(name(key)),
    batch: (operations: BatchDBOp<string, string | Uint8Array>[]) =>
      level.batch(
        operations.map((each) =>
          each.type === 'put'
            ? { type: 'put', key: name(each.key), value: each.value as Uint8Array }
            : { type: 'del', key: name(each.key) },
        ),
      ),
    shallowCopy: () => database,
    open: () => level.open(),
  }
  return database
}
