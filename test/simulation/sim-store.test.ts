/** The simulated store does what every store does (test/store); what a crash does to it is tested with its world. */
import type { Store } from '../../src/ports/store.ts'
import { storeConformance } from '../store/conformance.ts'
import { World } from './world.ts'

const homes = new Map<Store, World>()

async function openIn(world: World): Promise<Store> {
  const store = await world.store().open()
  homes.set(store, world)
  return store
}

storeConformance(
  'simulated',
  () => openIn(new World()),
  (closed) => openIn(homes.get(closed) as World),
)
