/**
 * What whoever uses the disk port relies on while nothing breaks, as tests that any disk has to pass: files, and the double in memory
 * that loses in a power cut what was not synced. What a cut does is tested with the double.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'
import { Random, seed } from '../support/seed.ts'

/** `directory` is one that is there, with nothing in it. */
export function diskConformance(
  name: string,
  make: () => Promise<{ readonly disk: Disk; readonly directory: string }>,
): void {
  const opened: DiskFile[] = []
  const fresh = async () => {
    const { disk, directory } = await make()
    const open = async (file: string, how: 'read' | 'write' | 'create'): Promise<DiskFile> => {
      const found = await disk.open(`${directory}/${file}`, how)
      opened.push(found)
      return found
    }
    const create = async (file: string, contents: Uint8Array = Uint8Array.of()): Promise<DiskFile> => {
      const made = await open(file, 'create')
      await made.write(0, contents)
      return made
    }
    const contents = async (file: string): Promise<Uint8Array> => (await open(file, 'read')).read(0, 1 << 20)
    return { disk, directory, open, create, contents, at: (file: string): string => `${directory}/${file}` }
  }

  afterEach(async () => {
    for (const file of opened.splice(0)) await file.close()
  })

  describe(`${name}: files (CAIRN_SEED=${seed})`, () => {
    it('hold what was written, where it was written', async () => {
      const { create, contents } = await fresh()
      const file = await create('file', bytes('0123456789'))
      await file.write(3, bytes('xyz'))
      expect(await file.read(0, 10)).toEqual(bytes('012xyz6789'))
      expect(await file.read(2, 4)).toEqual(bytes('2xyz'))
      await file.datasync()
      expect(await contents('file')).toEqual(bytes('012xyz6789'))
    })

    it('give fewer bytes only where they end', async () => {
      const { create } = await fresh()
      const file = await create('file', new Random().bytes(3000))
      expect(await file.read(2990, 100)).toHaveLength(10)
      expect(await file.read(2990, 10)).toHaveLength(10)
      expect(await file.read(3000, 1)).toEqual(Uint8Array.of())
      expect(await file.read(9000, 10)).toEqual(Uint8Array.of())
      expect(await file.read(5, 0)).toEqual(Uint8Array.of())
    })

    it('grow with zeros up to what is written beyond their end', async () => {
      const { create } = await fresh()
      const file = await create('file', Uint8Array.of(1))
      expect(await file.size()).toBe(1)
      await file.write(2000, Uint8Array.of(2))
      expect(await file.size()).toBe(2001)
      expect(await file.read(0, 3000)).toEqual(Uint8Array.of(1, ...new Uint8Array(1999), 2))
      await file.write(5000, Uint8Array.of())
      expect(await file.size()).toBe(2001)
    })

    it('are cut and made longer with zeros', async () => {
      const { create } = await fresh()
      const file = await create('file', new Uint8Array(1500).fill(7))
      await file.truncate(700)
      expect(await file.size()).toBe(700)
      await file.truncate(1100)
      expect(await file.read(0, 2000)).toEqual(Uint8Array.of(...new Uint8Array(700).fill(7), ...new Uint8Array(400)))
    })

    it('take what is larger than any one call of a system writes for sure', async () => {
      const { create } = await fresh()
      const large = new Uint8Array(9 << 20)
      for (let at = 0; at < large.length; at += 4096) large[at] = at >> 12
      const file = await create('file', large)
      expect(Buffer.compare(await file.read(0, large.length + 1), large)).toBe(0)
    })

    it('are as an array of bytes under any writes and cuts', async () => {
      const random = new Random()
      const { create } = await fresh()
      const file = await create('file')
      let model = new Uint8Array(0)
      for (let step = 0; step < 300; step++) {
        const at = random.below(5000)
        if (random.below(5) === 0) {
          await file.truncate(at)
          model = resized(model, at)
        } else {
          const written = random.bytes(1 + random.below(1500))
          await file.write(at, written)
          model = resized(model, Math.max(model.length, at + written.length))
          model.set(written, at)
        }
        if (random.below(10) === 0) await file.datasync()
        const from = random.below(6000)
        const expected = model.slice(from, from + 800)
        expect(Buffer.compare(await file.read(from, 800), expected), `step ${step}`).toBe(0)
        expect(await file.size()).toBe(model.length)
      }
    })

    it('give bytes that are the caller’s own, and plain', async () => {
      const { create } = await fresh()
      const written = bytes('written')
      const file = await create('file', written)
      written.fill(0)
      const read = await file.read(0, 7)
      expect(Object.getPrototypeOf(read)).toBe(Uint8Array.prototype)
      read.fill(0)
      expect(await file.read(0, 7)).toEqual(bytes('written'))
    })

    it('are read into the room that is given, or into another, and never beyond what was asked for', async () => {
      const { create } = await fresh()
      const file = await create('file', bytes('0123456789'))
      for (const [at, length, expected] of [
        [2, 4, '2345'],
        [7, 8, '789'],
        [20, 3, ''],
      ] as const) {
        for (const room of [new Uint8Array(8), new Uint8Array(new SharedArrayBuffer(8))]) {
          room.fill(7)
          expect(Array.from(await file.read(at, length, room))).toEqual(Array.from(bytes(expected)))
          expect(Array.from(room.subarray(length))).toEqual(Array.from({ length: 8 - length }, () => 7))
        }
      }
    })

    it('may be used several times at once', async () => {
      const { create } = await fresh()
      const file = await create('file')
      await Promise.all([0, 1, 2, 3].map((i) => file.write(i * 100, new Uint8Array(100).fill(i + 1))))
      const parts = await Promise.all([3, 1, 0, 2].map((i) => file.read(i * 100, 100)))
      expect(parts.map((part) => new Set(part))).toEqual([4, 2, 1, 3].map((i) => new Set([i])))
    })

    it('are read and written as the same file through two of them', async () => {
      const { create, open } = await fresh()
      const file = await create('file', bytes('one'))
      const other = await open('file', 'write')
      await other.write(0, bytes('two'))
      expect(await file.read(0, 3)).toEqual(bytes('two'))
    })

    it('are not changed through one that was opened to read', async () => {
      const { create, open, contents } = await fresh()
      await create('file', bytes('contents'))
      const file = await open('file', 'read')
      await expect(file.write(0, bytes('late'))).rejects.toMatchObject({ code: 'EBADF' })
      await expect(file.truncate(0)).rejects.toThrow()
      expect(await contents('file')).toEqual(bytes('contents'))
    })

    it('may be closed twice, and are of no use then', async () => {
      const { disk, at, create } = await fresh()
      const file = await create('file', bytes('closed'))
      await file.close()
      await expect(file.close()).resolves.toBeUndefined()
      // Another file, which gets the number of the one that was closed.
      const other = await disk.open(at('other'), 'create')
      opened.push(other)
      await other.write(0, bytes('other'))
      await expect(file.write(0, bytes('late'))).rejects.toThrow()
      await expect(file.read(0, 1)).rejects.toThrow()
      await expect(file.size()).rejects.toThrow()
      await expect(file.truncate(0)).rejects.toThrow()
      await expect(file.datasync()).rejects.toThrow()
      expect(await other.read(0, 10)).toEqual(bytes('other'))
    })
  })

  describe(`${name}: names`, () => {
    it('are created once', async () => {
      const { create, open, contents } = await fresh()
      await create('file', bytes('first'))
      await expect(open('file', 'create')).rejects.toMatchObject({ code: 'EEXIST' })
      expect(await contents('file')).toEqual(bytes('first'))
    })

    it('have to be there, to be read or written', async () => {
      const { open, disk, at } = await fresh()
      await expect(open('file', 'read')).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(open('file', 'write')).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(open('nowhere/file', 'create')).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(disk.unlink(at('file'))).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(disk.rename(at('file'), at('other'))).rejects.toMatchObject({ code: 'ENOENT' })
      await expect(disk.syncDirectory(at('nowhere'))).rejects.toMatchObject({ code: 'ENOENT' })
      expect(await disk.list(at('.'))).toEqual([])
    })

    it('are listed in their order, with those of directories and without those in them', async () => {
      const { disk, at, directory, create } = await fresh()
      for (const each of ['b', 'a', 'Z', '10', '9', 'a.tmp']) await create(each)
      await disk.makeDirectory(at('c'))
      await create('c/inside')
      expect(await disk.list(directory)).toEqual(['10', '9', 'Z', 'a', 'a.tmp', 'b', 'c'])
      expect(await disk.list(at('c'))).toEqual(['inside'])
    })

    it('are none where there is no directory', async () => {
      const { disk, at } = await fresh()
      expect(await disk.list(at('nowhere'))).toEqual([])
    })

    it('are moved in the place of others', async () => {
      const { disk, at, directory, create, contents } = await fresh()
      await create('old', bytes('old'))
      const file = await create('new.tmp', bytes('new'))
      await disk.rename(at('new.tmp'), at('old'))
      expect(await disk.list(directory)).toEqual(['old'])
      expect(await contents('old')).toEqual(bytes('new'))
      // What was opened before is that file still.
      await file.write(0, bytes('NEW'))
      expect(await contents('old')).toEqual(bytes('NEW'))
    })

    it('are moved to themselves', async () => {
      const { disk, at, create, contents } = await fresh()
      await create('file', bytes('same'))
      await disk.rename(at('file'), at('file'))
      expect(await contents('file')).toEqual(bytes('same'))
    })

    it('are taken away from under those who read', async () => {
      const { disk, at, directory, create } = await fresh()
      const file = await create('file', bytes('still'))
      await disk.unlink(at('file'))
      expect(await disk.list(directory)).toEqual([])
      expect(await file.read(0, 5)).toEqual(bytes('still'))
      await create('file', bytes('another'))
      expect(await file.read(0, 5)).toEqual(bytes('still'))
    })

    it('of directories are made with those above them, and again', async () => {
      const { disk, at, create, contents } = await fresh()
      await disk.makeDirectory(at('a/b/c'))
      await create('a/b/c/file', bytes('deep'))
      await disk.makeDirectory(at('a/b/c'))
      await disk.makeDirectory(at('a'))
      expect(await contents('a/b/c/file')).toEqual(bytes('deep'))
      expect(await disk.list(at('a'))).toEqual(['b'])
    })

    it('of directories are not made in the place of a file', async () => {
      const { disk, at, create } = await fresh()
      await create('file')
      await expect(disk.makeDirectory(at('file'))).rejects.toThrow()
    })

    it('of directories are taken away with all in them', async () => {
      const { disk, at, directory, create } = await fresh()
      await disk.makeDirectory(at('gone/below'))
      await create('gone/file')
      await create('gone/below/file')
      await create('gone.not')
      await disk.removeDirectory(at('gone'))
      await disk.removeDirectory(at('gone'))
      await disk.syncDirectory(directory)
      expect(await disk.list(directory)).toEqual(['gone.not'])
      expect(await disk.list(at('gone'))).toEqual([])
    })
  })
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function resized(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const other = new Uint8Array(size)
  other.set(bytes.subarray(0, size))
  return other
}
