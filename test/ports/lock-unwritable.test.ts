/** What the system refuses to whoever takes a lock: told as what to do about it. */
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/ports/node-disk.ts'
import { explained } from '../../src/ports/system-error.ts'
import { CairnError } from '../../src/verify/error.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

function throwing(error: unknown): () => Promise<never> {
  return async () => {
    throw await error
  }
}

describe('a lock that cannot be written', () => {
  const failing = (error: unknown): Promise<never> => explained('/data/lock', throwing(error))
  const system = (code: string): Error => Object.assign(new Error(`${code}: as Node says it`), { code })
  /** As `level` tells of it. */
  const levels = (words: string): Error => {
    const cause = Object.assign(new Error(`IO error: /data/lock/LOCK: ${words}`), { code: 'LEVEL_IO_ERROR' })
    return Object.assign(new Error('Database failed to open', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' })
  }

  it.each([
    ['disk_full', system('ENOSPC')],
    ['disk_full', new Error('for another reason', { cause: system('EDQUOT') })],
    ['disk_full', Object.assign(new Error('Unknown system error -122'), { errno: -122 })],
    ['disk_full', levels('No space left on device')],
    ['disk_full', levels('Disk quota exceeded')],
    ['disk_full', system('EFBIG')],
    ['disk_full', levels('File too large')],
    ['too_many_files', system('EMFILE')],
    ['too_many_files', system('ENFILE')],
    ['too_many_files', levels('Too many open files')],
    ['data_unwritable', system('EACCES')],
    ['data_unwritable', system('EROFS')],
    ['data_unwritable', levels('Permission denied')],
    ['data_unwritable', levels('Read-only file system')],
  ])('says %s: %s', async (code, cause) => {
    const error: unknown = await failing(cause).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(CairnError)
    const message = expect.stringMatching(/\/data\/lock.*(try again|another place)\.$/)
    expect(error).toMatchObject({ code, message, details: { path: '/data/lock', cause } })
  })

  it.each([system('EIO'), levels('Input/output error'), new CairnError('chain_locked', 'held'), 'no error'])(
    'goes on otherwise: %s',
    async (error) => {
      await expect(failing(error)).rejects.toBe(error)
    },
  )

  // Files of the system that are always full, or may never be written, not even by its administrator.
  const [full, fixed] = ['/dev/full', '/sys/kernel/uevent_seqnum']
  const cases = ['MANIFEST-000001', 'holder.json.tmp'].flatMap((name) => [
    ['disk_full', name, full] as const,
    ['data_unwritable', name, fixed] as const,
  ])
  it.skipIf(![full, fixed].every((path) => existsSync(path)))('says so of what the system refused', async () => {
    for (const [code, name, target] of cases) {
      const directory = mkdtempSync(join(folder, 'each-'))
      symlinkSync(target, join(directory, name))
      await expect(nodeDisk.lock(directory)).rejects.toMatchObject({ code })
      expect(readdirSync(directory)).not.toContain('alive.sock')
      rmSync(join(directory, name), { force: true })
      await (await nodeDisk.lock(directory))()
    }
  })
})
