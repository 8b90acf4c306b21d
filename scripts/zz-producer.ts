import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadEngine } from '../src/hash/index.ts'
import { Chain, hotSigner, kv } from '../src/index.ts'
import { chainKeys } from '../test/support/chain-keys.ts'
import { Random } from '../test/support/seed.ts'

const N = Number(process.argv[2] ?? 100000),
  SECS = Number(process.argv[3] ?? 15),
  FLIGHT = Number(process.argv[4] ?? 1000)
const engine = await loadEngine()
const keys = chainKeys('kv@1', new Random(7), engine)
const folder = mkdtempSync(join(tmpdir(), 'zzp-'))
const signer = hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], engine)
const chain = await Chain.create(join(folder, 'data'), keys.genesis, {
  machine: kv,
  signer,
  guard: join(folder, 'guard'),
  engine,
})
const r = new Random(3)
const enc = new TextEncoder()
const value = 'x'.repeat(92)
const payload = (i: number, n: number) =>
  enc.encode(`{"key":"account/${String(i).padStart(10, '0')}","value":"${value}${String(n % 1e8).padStart(8, '0')}"}`)
let req = 0n
let t0 = performance.now()
for (let i = 0; i < N; ) {
  const waits = []
  for (let j = 0; j < 4 && i < N; j++) {
    const batch = []
    for (let k = 0; k < 2000 && i < N; k++, i++)
      batch.push({ client: 'load', request: ++req, type: 'put', payload: payload(i, 0) })
    waits.push(chain.submitMany(batch))
  }
  await Promise.all(waits)
}
console.log(
  'loaded',
  N,
  'in',
  ((performance.now() - t0) / 1000).toFixed(1),
  's',
  Math.round(N / ((performance.now() - t0) / 1000)),
  '/s',
)
await chain.flush()
let done = 0
const lat: number[] = []
const end = performance.now() + SECS * 1000
const windows: number[] = []
const start = performance.now()
async function client(c: number) {
  let n = 0n
  while (performance.now() < end) {
    const t = performance.now()
    await chain.submit({ client: `c${c % 10}`, request: ++reqs[c % 10]!, type: 'put', payload: payload(r.below(N), done) })
    lat.push(performance.now() - t)
    done++
    const w = Math.floor((performance.now() - start) / 5000)
    windows[w] = (windows[w] ?? 0) + 1
  }
}
const reqs = Array.from({ length: 10 }, () => 0n)
const h0 = chain.head!.height
const cpu0 = process.cpuUsage()
const elu0 = performance.eventLoopUtilization()
await Promise.all(Array.from({ length: FLIGHT }, (_, c) => client(process.env.ONE ? c : c)))
const secs = (performance.now() - start) / 1000
const cpu = process.cpuUsage(cpu0)
console.log(
  'cpu us/command',
  ((cpu.user + cpu.system) / done).toFixed(1),
  'user',
  (cpu.user / done).toFixed(1),
  'elu',
  performance.eventLoopUtilization(elu0).utilization.toFixed(2),
)
lat.sort((a, b) => a - b)
console.log(
  `${Math.round(done / secs)}/s  p50 ${lat[lat.length >> 1]!.toFixed(1)} p99 ${lat[Math.floor(lat.length * 0.99)]!.toFixed(1)} max ${lat.at(-1)!.toFixed(1)} ms; per block ${(done / Number(chain.head!.height - h0)).toFixed(0)}; windows ${windows.map((w) => Math.round(w / 5))}; rss ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
)
t0 = performance.now()
await chain.close()
if (!process.env.SHORT) {
  console.log('close', Math.round(performance.now() - t0), 'ms')
  t0 = performance.now()
  const again = await Chain.open(join(folder, 'data'), { machine: kv, signer, guard: join(folder, 'guard'), engine })
  console.log('open', Math.round(performance.now() - t0), 'ms')
  await again.close()
  rmSync(join(folder, 'data/store'), { recursive: true })
  t0 = performance.now()
  const rebuilt = await Chain.open(join(folder, 'data'), {
    machine: kv,
    signer,
    guard: join(folder, 'guard'),
    engine,
    report: (x) => {
      if (x.kind !== 'replaying') console.log(x)
    },
  })
  const s = (performance.now() - t0) / 1000
  console.log('rebuild', s.toFixed(1), 's', Math.round((N + done) / s), 'commands/s')
  await rebuilt.close()
}
rmSync(folder, { recursive: true })
