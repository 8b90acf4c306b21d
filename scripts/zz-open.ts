import { Chain, kv, hotSigner } from '../src/index.ts'
import { loadEngine } from '../src/hash/index.ts'
import { chainKeys } from '../test/support/chain-keys.ts'
import { Random } from '../test/support/seed.ts'
import { nodeDisk } from '../src/ports/node-disk.ts'
import { existsSync } from 'node:fs'
const engine = await loadEngine()
const keys = chainKeys('kv@1', new Random(7), engine)
const signer = hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], engine)
const t0 = performance.now()
const log = (s: string) => console.log((performance.now() - t0).toFixed(0).padStart(6), s)
const disk = { ...nodeDisk, async open(p: string, h: any) { log('open ' + p + ' ' + h); return nodeDisk.open(p, h) }, async rename(a: string, b: string) { log('rename ' + b); return nodeDisk.rename(a, b) }, async unlink(a: string) { log('unlink ' + a); return nodeDisk.unlink(a) } }
const o = { machine: kv, signer, guard: '/tmp/zzo/guard', engine, ports: { disk } }
const chain = existsSync('/tmp/zzo/data/genesis.json') ? await Chain.open('/tmp/zzo/data', o) : await Chain.create('/tmp/zzo/data', keys.genesis, o)
log('opened')
if (process.argv[2]) for (let i = 0; i < Number(process.argv[2]); i += 2000) await chain.submitMany(Array.from({ length: 2000 }, (_, j) => ({ type: 'put', payload: Buffer.from(`{"key":"k${i + j}","value":"${'x'.repeat(100)}"}`) })))
log('appended')
await chain.close()
log('closed')
