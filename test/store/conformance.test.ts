/** Every store does what the port says: LevelDB in a folder, and the double in memory that tests use in its place. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openLevelStore } from '../../src/ports/level-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { MemoryStore } from '../simulation/memory-store.ts'
import { storeConformance } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-store-'))
const locations = new Map<Store, string>()
afterAll(() => rmSync(folder, { recursive: true }))

async function openAt(location: string): Promise<Store> {
  const store = await openLevelStore(location)
  locations.set(store, location)
  return store
}

storeConformance(
  'LevelDB',
  () => openAt(join(folder, `${locations.size}`)),
  (closed) => openAt(locations.get(closed) as string),
)

storeConformance('memory', async () => {
  await Promise.resolve()
  return new MemoryStore()
})

it('LevelDB refuses to open a folder that is open already', async () => {
  const location = join(folder, 'locked')
  const store = await openLevelStore(location)
  const error: unknown = await openLevelStore(location).catch((error: unknown) => error)
  expect(codesOf(error)).toContain('LEVEL_LOCKED')
  await store.close()
  await (await openLevelStore(location)).close()
})

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  return [...('code' in error ? [String(error.code)] : []), ...codesOf(error.cause)]
}
