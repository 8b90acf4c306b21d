/** What whoever takes a lock of the disk port relies on within one process, as tests that any disk has to pass. */
import { describe, expect, it } from 'vitest'
import type { Disk } from '../../src/ports/disk.ts'
import { CairnError } from '../../src/verify/error.ts'

/** `directory` is one that is there, with nothing in it. */
export function lockConformance(
  name: string,
  make: () => Promise<{ readonly disk: Disk; readonly directory: string }>,
): void {
  const fresh = async () => {
    const { disk, directory } = await make()
    return { disk, at: (path: string): string => `${directory}/${path}` }
  }

  describe(`${name}: locks`, () => {
    it('have one holder, whom the refusal names', async () => {
      const { disk, at } = await fresh()
      const unlock = await disk.lock(at('lock'))
      const refused: unknown = await disk.lock(at('lock')).catch((error: unknown) => error)
      if (!(refused instanceof CairnError)) throw refused
      const { holder } = refused.details as { holder: { pid: number; host: string; since: string } }
      expect(refused.code).toBe('chain_locked')
      for (const each of Object.values(holder)) expect(refused.message).toContain(String(each))
      expect(Object.keys(holder)).toEqual(['pid', 'host', 'since'])
      await unlock()
    })

    it('are refused by another path to the same directory', async () => {
      const { disk, at } = await fresh()
      const unlock = await disk.lock(at('lock'))
      await expect(disk.lock(at('./other/../lock/'))).rejects.toMatchObject({ code: 'chain_locked' })
      await unlock()
    })

    it('of different directories have nothing to do with each other', async () => {
      const { disk, at } = await fresh()
      const both = [await disk.lock(at('a')), await disk.lock(at('b'))]
      for (const unlock of both) await unlock()
    })

    it('are given back once, and free then', async () => {
      const { disk, at } = await fresh()
      const first = await disk.lock(at('lock'))
      await first()
      const second = await disk.lock(at('lock'))
      await first()
      await expect(disk.lock(at('lock'))).rejects.toMatchObject({ code: 'chain_locked' })
      await second()
    })

    it('go to one of those who come at once', async () => {
      const { disk, at } = await fresh()
      const asked = await Promise.allSettled([1, 2, 3, 4].map(() => disk.lock(at('lock'))))
      const unlocks = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      expect(unlocks).toHaveLength(1)
      for (const unlock of unlocks) await unlock()
    })
  })
}
