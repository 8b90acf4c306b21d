/** Where a LevelDB store is kept: a directory of its own. */
import type { Disk } from './disk.ts'
import { type LevelSettings, openLevelStore } from './level-store.ts'
import type { Store, StoreHome } from './store.ts'

export function levelHome(disk: Disk, directory: string, settings: LevelSettings): StoreHome {
  return {
    open: (): Promise<Store> => openLevelStore(directory, settings),
    destroy: (): Promise<void> => disk.removeDirectory(directory),
  }
}
