/** Whatever fails, what a chain holds is let go of, and whoever waits is answered: else nobody could open it again, or stop its process. */
import { setImmediate as idle } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SEAL_IDLE } from '../../src/limits.ts'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import { wrapped } from '../simulation/broken-ports.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import * as sim from '../support/sim-chain.ts'

const keys = chainKeys()
const systemError = (code: string): Error => Object.assign(new Error(`${code}: it is refused`), { code })

/** A disk whose files are changed as they are opened. */
function withFiles(disk: Disk, change: (path: string, file: DiskFile) => Partial<DiskFile>): Disk {
  return wrapped(disk, {
    open: async (path, how) => {
      const file = await disk.open(path, how)
      return wrapped(file, change(path, file))
    },
  })
}

/** A disk that does not let go of locks of this name as it should: it lets go, and fails. */
function refusingToUnlock(disk: Disk, name: string, code: string): Disk {
  return wrapped(disk, {
    lock: async (directory) => {
      const unlock = await disk.lock(directory)
      if (!directory.endsWith(name)) return unlock
      return async () => {
        await unlock()
        throw systemError(code)
      }
    },
  })
}

describe('what is held is let go of', () => {
  it('an import that is asked for while seals cannot be written is answered, as everybody is', async () => {
    const world = new World()
    let onSync: (() => void) | undefined
    const disk = withFiles(world.disk, (path, file) => ({
      datasync: async () => {
        if (!path.endsWith('.wal') && !path.endsWith('filling.tmp')) return file.datasync()
        if (onSync === undefined) return file.datasync()
        onSync()
        await idle()
        throw systemError('EIO')
      },
    }))
    const chain = await sim.createIn(world, keys, { ports: { disk } })
    await sim.blocksOf(chain, 1)
    await chain.flush()
    let imported: Promise<string> | undefined
    onSync = () => {
      imported ??= chain.importAuthority().then(() => 'taken up', sim.codeOf)
    }
    // No block comes, so the seal gets a frame of its own.
    await world.clock.advance(SEAL_IDLE)
    expect(await world.clock.until(imported as Promise<string>)).toBe('chain_failed')
    await chain.close()
  })

  it('the data, where the guard cannot be let go of: the same process opens it again', async () => {
    const world = new World()
    const disk = refusingToUnlock(world.disk, 'guard.lock', 'EROFS')
    const chain = await sim.createIn(world, keys)
    await sim.blocksOf(chain, 1)
    await chain.close()
    const again = await sim.openIn(world, keys, { ports: { disk } })
    await expect(again.close()).rejects.toMatchObject({ code: 'EROFS' })
    const third = await sim.openIn(world, keys)
    expect(third.head?.height).toBe(0n)
    await third.close()
  })

  it('says why it could not be opened, whatever else fails then', async () => {
    const world = new World()
    await (await sim.createIn(world, keys)).close()
    await sim.changeFile(world, sim.GUARD, (bytes) => bytes.subarray(1))
    const disk = refusingToUnlock(world.disk, 'lock', 'EROFS')
    expect((await sim.errorOf(sim.openIn(world, keys, { ports: { disk } }))).code).toBe('guard_invalid')
    expect((await sim.errorOf(sim.openIn(world, keys))).code).toBe('guard_invalid')
  })

  it('every file, where the one that was made ahead cannot be read', async () => {
    const world = new World()
    const chain = await sim.createIn(world, keys)
    await sim.blocksOf(chain, 1)
    await chain.close()
    const open: string[] = []
    const disk = withFiles(world.disk, (path, file) => {
      open.push(path)
      return {
        read: (...asked) => (path.endsWith('ahead.tmp') ? Promise.reject(systemError('EIO')) : file.read(...asked)),
        close: async () => {
          open.splice(open.indexOf(path), 1)
          await file.close()
        },
      }
    })
    expect((await sim.errorOf(sim.openIn(world, keys, { ports: { disk } }))).code).toBe('journal_failed')
    expect(open).toEqual([])
  })
})
