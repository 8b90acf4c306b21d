/**
 * Where a LevelDB store is kept: a directory of its own. What is destroyed goes away under another name first, so that no power cut brings a
 * part of it back among the files of the one that took its place.
 */
import type { Disk } from './disk.ts'
import { type LevelSettings, openLevelStore } from './level-store.ts'
import type { Store, StoreHome } from './store.ts'
import { explained } from './system-error.ts'

export function levelHome(disk: Disk, parent: string, name: string, settings: LevelSettings): StoreHome {
  const condemned = `${name}.condemned`
  return {
    // A full disk is no damage: told as what it is, it throws away no store.
    open: (): Promise<Store> => explained(`${parent}/${name}`, () => openLevelStore(`${parent}/${name}`, settings)),
    async destroy(): Promise<void> {
      await disk.removeDirectory(`${parent}/${condemned}`)
      if (!(await disk.list(parent)).includes(name)) return
      await disk.rename(`${parent}/${name}`, `${parent}/${condemned}`)
      await disk.syncDirectory(parent)
      await disk.removeDirectory(`${parent}/${condemned}`)
    },
  }
}
