/** The journal is a commit log: it passes what every commit log has to pass. */
import { Journal } from '../../src/journal/journal.ts'
import { World } from '../simulation/world.ts'
import { commitLogConformance } from './commit-log-conformance.ts'

const EIO = Object.assign(new Error('EIO'), { code: 'EIO' })
const chainId = new Uint8Array(32)

commitLogConformance('journal', async () => {
  const world = new World()
  const { disk, rng } = world
  const open = (): Promise<Journal> => Journal.open({ disk, directory: '/journal', chainId, rng, fileBytes: 65_536 })
  return { log: await open(), again: open, failNext: () => world.failNext('datasync', EIO, /\.wal$/) }
}, ['all is there'])
