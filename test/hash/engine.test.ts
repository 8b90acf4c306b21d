/** Which engine is chosen: the fast one where it works, noble's part by part where not, and never a broken one. */
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadEngine as loadBrowserEngine } from '../../src/hash/browser.ts'
import { chooseEngine, describeEngine } from '../../src/hash/choose.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { wasmHasher } from '../../src/hash/keccak.ts'
import { checkHasher, checkSecp256k1 } from '../../src/hash/self-check.ts'
import { type Hasher, nobleEngine, type Secp256k1 } from '../../src/verify/engine.ts'

const { hasher, secp256k1 } = nobleEngine

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('loadEngine', () => {
  it('hashes in WebAssembly, and describes itself', async () => {
    const engine = await loadEngine()
    expect(engine.hasher.name).toBe('wasm-simd')
    expect(describeEngine(engine)).toMatch(/^keccak-256: wasm-simd; secp256k1: (native|noble \(no faster one: .+\))$/)
    expect(loadEngine()).toBe(loadEngine())
  })

  it('signs and verifies with noble in a browser, without regret', async () => {
    expect(describeEngine(await loadBrowserEngine())).toBe('keccak-256: wasm-simd; secp256k1: noble')
  })

  it('describes the default engine too', () => {
    expect(describeEngine(nobleEngine)).toBe('keccak-256: noble; secp256k1: noble')
  })
})

describe('falls back', () => {
  it('part by part, with the first line of the reason', async () => {
    const engine = await chooseEngine({
      hasher: wasmHasher,
      secp256k1: () => Promise.reject(new Error('Cannot find the addon\nRequire stack: …')),
    })
    expect(engine.secp256k1).toBe(secp256k1)
    expect(describeEngine(engine)).toBe(
      'keccak-256: wasm-simd; secp256k1: noble (no faster one: Cannot find the addon)',
    )
  })

  it('where there is no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const engine = await chooseEngine({ hasher: wasmHasher })
    expect(engine.hasher).toBe(hasher)
    expect(engine.fallbacks.hasher).toBeTypeOf('string')
  })

  it('where a policy forbids WebAssembly', async () => {
    const refusal = new Error('violates the Content Security Policy')
    vi.stubGlobal('WebAssembly', { instantiate: () => Promise.reject(refusal) })
    const engine = await chooseEngine({ hasher: wasmHasher })
    expect(engine.hasher).toBe(hasher)
    expect(engine.fallbacks.hasher).toBe(refusal.message)
  })

  it('from a part that answers wrongly', async () => {
    const broken: Hasher = { ...hasher, name: 'broken', hash: (message) => hasher.hash(message).reverse() }
    const engine = await chooseEngine({ hasher: async () => broken })
    expect(describeEngine(engine)).toBe(
      'keccak-256: noble (no faster one: its self-check failed: the hash of nothing); secp256k1: noble',
    )
  })
})

describe('the self-check', () => {
  it('lets noble pass', () => {
    checkHasher(hasher)
    checkSecp256k1(secp256k1)
  })

  const brokenHashers: Record<string, Partial<Hasher>> = {
    'the last of an odd number': {
      hashMany: (messages, size) => hasher.hashMany(messages, size).fill(0, (messages.length / size - 1) * 32),
    },
    'whole blocks': { hash: (message) => hasher.hash(message.length === 136 ? message.subarray(1) : message) },
  }
  it.each(Object.entries(brokenHashers))('finds %s', (_, wrong) => {
    expect(() => checkHasher({ ...hasher, ...wrong })).toThrow('self-check')
  })

  const brokenSecp256k1s: Record<string, Partial<Secp256k1>> = {
    'accepts everything': { verify: () => true },
    'accepts nothing': { verify: () => false },
    'recovers nothing': { recover: () => undefined },
    'recovers always the same': { recover: () => secp256k1.publicKey(new Uint8Array(32).fill(7)) },
    'signs without v': { sign: (digest, key) => secp256k1.sign(digest, key).subarray(0, 64) },
    'gives another key': { publicKey: () => new Uint8Array(64) },
  }
  it.each(Object.entries(brokenSecp256k1s))('finds one that %s', (_, wrong) => {
    expect(() => checkSecp256k1({ ...secp256k1, ...wrong })).toThrow('self-check')
  })
})

describe('bundled', () => {
  const bundle = async (file: string, platform: 'browser' | 'node'): Promise<string> => {
    const entryPoints = [`src/hash/${file}`]
    const result = await build({
      entryPoints,
      platform,
      bundle: true,
      format: 'iife',
      globalName: 'hash',
      write: false,
      logLevel: 'silent',
    })
    return (result.outputFiles[0] as { text: string }).text
  }

  it('for a browser, it names no native package', async () => {
    expect(await bundle('browser.ts', 'browser')).not.toContain('secp256k1/bindings')
  })

  it('chooses the same in a worker as in the main thread', async () => {
    const report = `hash.loadEngine().then((engine) => {
      require('node:worker_threads').parentPort.postMessage(hash.describeEngine(engine))
    })`
    const worker = new Worker((await bundle('index.ts', 'node')) + report, { eval: true })
    const description = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    expect(description).toBe(describeEngine(await loadEngine()))
  })
})
