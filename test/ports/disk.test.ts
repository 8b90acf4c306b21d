/** Every disk does what the port says: files in a folder, and the double in memory. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { World } from '../simulation/world.ts'
import { diskConformance } from './disk-conformance.ts'
import { lockConformance } from './lock-conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-disk-'))
afterAll(() => rmSync(folder, { recursive: true }))

const freshFolder = (): string => mkdtempSync(join(folder, 'each-'))

const onFiles = async () => {
  await Promise.resolve()
  return { disk: nodeDisk, directory: freshFolder() }
}

const simulated = async () => {
  const { disk } = new World()
  await disk.makeDirectory('/data')
  return { disk, directory: '/data' }
}

for (const conformance of [diskConformance, lockConformance]) {
  conformance('files', onFiles)
  conformance('simulated', simulated)
}

describe('files', () => {
  it('can be read by nobody else', async () => {
    const directory = join(freshFolder(), 'a/b')
    await nodeDisk.makeDirectory(directory)
    const file = await nodeDisk.open(join(directory, 'file'), 'create')
    await file.close()
    expect(statSync(join(directory, 'file')).mode & 0o777).toBe(0o600)
    expect([directory, join(directory, '..')].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700])
  })
})
