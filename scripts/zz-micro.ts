import { kv } from '../src/index.ts'
import { admit } from '../src/machine/admission.ts'
import { executeBatch } from '../src/machine/batch.ts'
import { MachineSet } from '../src/machine/machine-set.ts'
import { loadEngine } from '../src/hash/index.ts'
import { identityHash } from '../src/verify/entries.ts'
import { entriesOf } from '../src/verify/chain-ranges.ts'
import { readJson } from '../src/verify/json.ts'
import { encodeBlockRecord } from '../src/journal/record-write.ts'
const engine = await loadEngine()
const { hasher } = engine
const enc = new TextEncoder()
const N = 1000
const payloads = Array.from({ length: N }, (_, i) => enc.encode(`{"key":"account/${String(i).padStart(10, '0')}","value":"${'x'.repeat(100)}"}`))
const salt = new Uint8Array(32).fill(7)
function bench(name: string, f: () => void) {
  for (let i = 0; i < 30; i++) f()
  const ts: number[] = []
  for (let k = 0; k < 15; k++) { const t = process.cpuUsage(); f(); f(); f(); const u = process.cpuUsage(t); ts.push((u.user + u.system) / (3 * N)) }
  ts.sort((a, b) => a - b)
  console.log(name.padEnd(40), ts[2]!.toFixed(2), 'us', ts[7]!.toFixed(2))
}
const machines = new MachineSet([kv])
const admitted = () => payloads.map((payload, i) => admit(kv, { client: 'c', request: BigInt(i + 1), type: 'put', payload, receivedAt: 5n }))
bench('JSON.parse', () => { for (const p of payloads) JSON.parse(new TextDecoder().decode(p)) })
bench('readJson', () => { for (const p of payloads) readJson(p) })
bench('kv.validate', () => { for (const p of payloads) kv.validate('put', p) })
bench('admit', () => { admitted() })
const value = new Uint8Array(100)
bench('admit+executeBatch', () => { executeBatch(kv, () => value, admitted(), { height: 1n, timestamp: 1n, firstSeq: 0n, machines }) })
const { outcomes } = executeBatch(kv, () => value, admitted(), { height: 1n, timestamp: 1n, firstSeq: 0n, machines })
const commands = outcomes.map((o, i) => ({ seq: BigInt(i), client: 'c', request: BigInt(i + 1), type: 'put', payload: payloads[i]!, salt, receivedAt: 5n, ...o }))
bench('identityHash', () => { for (const c of commands) identityHash(c, hasher) })
const ids = commands.map((c) => identityHash(c, hasher))
bench('entriesOf', () => { entriesOf({ obligations: 0n, intents: 0n }, commands, ids, hasher) })
const z = new Uint8Array(32), sr = { size: 1n, root: z }
const record = { k: 'block', v: 1, header: { height: 1n, epoch: 1n, parentHash: z, commandsHash: z, batchRoot: z, commandCount: 1n, firstSeq: 0n, timestamp: 1n }, roots: { state: z, risk: z, commands: sr, obligations: sr, intents: sr, history: z }, commands, notes: [], authority: [] } as const
bench('encodeBlockRecord', () => { encodeBlockRecord(record) })
bench('spread of outcomes', () => { outcomes.map((o, i) => ({ seq: BigInt(i), client: 'c', request: 1n, type: 'put', payload: payloads[i]!, salt, receivedAt: 5n, ...o })) })
