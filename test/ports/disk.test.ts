/** Every disk does what the port says: files in a folder, and the double in memory. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { World } from '../simulation/world.ts'
import { bundled } from './bundled.ts'
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

describe('a lock among processes', () => {
  let script: string
  const children: ChildProcess[] = []
  beforeAll(async () => {
    script = fileURLToPath(await bundled('lock-holder'))
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  /** A process that tried to take the lock, and what it said. */
  async function holderOf(directory: string): Promise<{ readonly child: ChildProcess; readonly said: string }> {
    const child = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
    children.push(child)
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    return { child, said: said.toString().trim() }
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  it('is refused to another one, and told who holds it', async () => {
    const directory = freshFolder()
    const { child, said } = await holderOf(directory)
    expect(said).toBe('held')
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({
      code: 'chain_locked',
      message: expect.stringContaining(`process ${child.pid} on ${hostname()} since 20`),
      details: { holder: { pid: child.pid, host: hostname() } },
    })
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await kill(child)
  })

  it('is free when its holder was killed, and names the next one', async () => {
    const directory = freshFolder()
    const { child } = await holderOf(directory)
    await kill(child)
    const unlock = await nodeDisk.lock(directory)
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    const details = { holder: { pid: process.pid } }
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked', details })
    await unlock()
    expect(await holderOf(directory)).toMatchObject({ said: 'held' })
  })

  it('holds after a refusal in the same process, by any path', async () => {
    const directory = freshFolder()
    const link = join(freshFolder(), 'link')
    symlinkSync(directory, link)
    const unlock = await nodeDisk.lock(directory)
    for (const path of [directory, link, `${directory}/.`]) {
      await expect(nodeDisk.lock(path)).rejects.toMatchObject({ code: 'chain_locked' })
      expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    }
    await unlock()
  })

  it('is refused without a name, where its holder has not written one', async () => {
    const directory = freshFolder()
    const unlock = await nodeDisk.lock(directory)
    rmSync(join(directory, 'holder.json'))
    const details = { holder: undefined }
    await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code: 'chain_locked', details })
    await unlock()
  })

  it.each([
    ['', 'CURRENT'],
    ['MANIFEST-000777\n', 'CURRENT'],
    ['not json', 'holder.json'],
    ['', 'holder.json'],
  ])('is given where a cut left %j in %s', async (left, name) => {
    const directory = freshFolder()
    await (await nodeDisk.lock(directory))()
    writeFileSync(join(directory, name), left)
    const unlock = await nodeDisk.lock(directory)
    expect(await holderOf(directory)).toMatchObject({ said: 'chain_locked' })
    await unlock()
  })

  it('fails where its directory cannot be made', async () => {
    const directory = freshFolder()
    writeFileSync(join(directory, 'file'), '')
    await expect(nodeDisk.lock(join(directory, 'file'))).rejects.toThrow()
    mkdirSync(join(directory, 'lock/holder.json'), { recursive: true })
    await expect(nodeDisk.lock(join(directory, 'lock'))).rejects.toThrow()
    rmSync(join(directory, 'lock/holder.json'), { recursive: true })
    await (await nodeDisk.lock(join(directory, 'lock')))()
  })
})
