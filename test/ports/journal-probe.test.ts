import { Journal } from '../../src/journal/journal.ts'
import { hotSigner } from '../../src/keys/hot-signer.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { World } from '../simulation/world.ts'
import { commitLogConformance } from './commit-log-conformance.ts'
import { signerConformance } from './signer-conformance.ts'

commitLogConformance('journal', async () => {
  const world = new World()
  const open = () =>
    Journal.open({
      disk: world.disk,
      directory: '/journal',
      chainId: new Uint8Array(32),
      rng: world.rng,
      fileBytes: 65536,
    })
  return {
    log: await open(),
    again: open,
    failNext: () =>
      world.failNext('datasync', Object.assign(new Error('EIO'), { code: 'EIO' }), /0\.cairn|journal\/\d+/),
  }
}, ['all is there'])
signerConformance('hot', (hotKeys) => Promise.resolve(hotSigner(hotKeys, nobleEngine)))
