/** The package as it is packed, in an empty project: what it gives loads, has types, is bundled and runs; and nothing is in it that should not be. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { filesUnder } from '../../scripts/lib/fingerprint.mjs'
import { tool } from '../../scripts/lib/run.mjs'
import { requireBuild } from '../support/built.ts'
import { run } from '../support/cli.ts'
import { ENTRIES, ENVIRONMENT, MANIFEST, makeProject, type Project } from './project.ts'
import { visit } from './web-app.ts'

/** Of the tarball, in bytes: a bound that is met by an accident, such as fonts or maps, before it is published. */
const SIZE_MAX = 1_200_000

requireBuild()
let project: Project
// An install into an empty folder takes as long as the disk needs for 10,000 files.
beforeAll(async () => {
  project = await makeProject()
}, 300_000)
afterAll(() => project?.remove(), 120_000)

const example = (name: string): string => readFileSync(join('examples/first-proof', name), 'utf8')

/** The same proof, of another block. */
const changed = (proof: string): string => proof.replace(/"height": ?"/, (found) => `${found}1`)

const licenceOf = (name: string): string => readFileSync(join('node_modules', name, 'LICENSE'), 'utf8').trim()

describe('what is packed', () => {
  it('is what is built, the contracts, and four files about it', () => {
    const paths = project.packed.files.map(({ path }) => path)
    const others = paths.filter((path) => !/^(?:dist|contracts-abi)\//.test(path))
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
    const known = /\.(?:js|d\.ts|mjs|json|md|sol)$|^dist\/web\/[\w/-]+\.(?:html|css|svg|js)(?:\.br)?$|^LICENSE$/
    expect(paths.filter((path) => !known.test(path))).toEqual([])
    const wrong = /(?:^|\/)(?:test|scripts|start)\b|\.test\.|keystore\.json|\.keys\b|\.env|tsbuildinfo|node_modules/
    expect(paths.filter((path) => wrong.test(path))).toEqual([])
    const needed = ['dist/cairn-verify.mjs', 'dist/audit/audit-thread.js', 'dist/cli/audit-thread.js']
    expect(paths).toEqual(expect.arrayContaining(needed))
  })

  it('is small', () => expect(project.packed.size).toBeLessThan(SIZE_MAX))

  it('shows, in each bundle, the licence of every package whose code it has', () => {
    const auditors = readFileSync(project.at('node_modules', 'cairn-log', 'dist', 'cairn-verify.mjs'), 'utf8')
    const inside = [...auditors.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name)
    expect(new Set(inside)).toEqual(new Set(['@noble/hashes', '@noble/secp256k1', 'commander']))
    const assets = project.packed.files.filter(({ path }) => /^dist\/web\/assets\/.*\.js$/.test(path))
    expect(assets).toHaveLength(2)
    const pages = assets.map(({ path }) => readFileSync(project.at('node_modules', 'cairn-log', path), 'utf8'))
    for (const text of [auditors, ...pages]) expect(text).toContain(licenceOf('@noble/hashes'))
    for (const text of [auditors, ...pages]) expect(text).toContain(licenceOf('@noble/secp256k1'))
    expect(auditors).toContain(licenceOf('commander'))
  })

  it('says nothing of where it was built', () => {
    const files = filesUnder(project.at('node_modules', 'cairn-log'))
    expect(files.length).toBe(project.packed.files.length)
    expect(files.filter((path) => readFileSync(path, 'utf8').includes(process.cwd()))).toEqual([])
  })
})

it('has no type that only TypeScript from 5.7 on knows', () => {
  const files = filesUnder(project.at('node_modules', 'cairn-log')).filter((path) => path.endsWith('.d.ts'))
  expect(files.filter((path) => readFileSync(path, 'utf8').includes('Uint8Array<'))).toEqual([])
})

describe('in Node', () => {
  it('every entry loads', async () => {
    const code = `const all = ${JSON.stringify(ENTRIES)}
      for (const each of all) console.log(each, Object.keys(await import(each)).length > 0)
      const { default: schema } = await import('cairn-log/config.schema.json', { with: { type: 'json' } })
      console.log(schema.title)`
    const { stdout, stderr } = await project.node('--no-warnings', project.write('load.mjs', code))
    expect({ stdout, stderr }).toEqual({
      stdout: [...ENTRIES.map((each) => `${each} true`), 'cairn.config.json', ''].join('\n'),
      stderr: '',
    })
  })

  it('the command says its version, and verifies', async () => {
    expect((await project.cairn('--version')).stdout).toBe(`${MANIFEST.version}\n`)
    project.write('proof.json', example('proof.json'))
    const args = ['verify', 'proof.json', '--chain-id', example('chain-id.txt').trim()]
    const verified = await run(['npx', '--no-install', 'cairn', ...args], { cwd: project.path, env: ENVIRONMENT })
    expect(verified).toMatchObject({ code: 0, stderr: '' })
    expect(verified.stdout).toContain('Holds')
    project.write('proof.json', changed(example('proof.json')))
    expect(await project.cairn(...args)).toMatchObject({ code: 3 })
  })
})

it.each([
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
])(
  'types are found as by %s, are right in all that they lead to, and are not of anything',
  async (resolution, module) => {
    const imports = ENTRIES.map((each, i) => `import * as e${i} from '${each}'`)
    const shown = Object.entries(SHOWN).map(([name, code]) => project.write(name, code))
    const right = `${imports.join('\n')}
    import { verifyProof, type Verification } from 'cairn-log/verify'
    import { Chain, kv, type ChainOptions } from 'cairn-log'
    export const found: Verification = verifyProof('', { chainId: '0x' })
    export const open = (options: Omit<ChainOptions, 'machine'>): Promise<Chain> => Chain.open('data', { ...options, machine: kv })
    export const all = [${imports.map((_, i) => `e${i}`).join(', ')}]
    ${NAMED}`
    const wrong = `import { verifyProof } from 'cairn-log/verify'
    import { CairnClient } from 'cairn-log/client'
    export const wrong: string = verifyProof('', { chainId: 1 })
    new CairnClient({ url: 7 })`
    const files = [project.write('right.ts', right), project.write('wrong.ts', wrong), ...shown]
    const roots = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node', '--lib', 'es2023,dom']
    const settings = ['--noEmit', '--ignoreConfig', '--target', 'es2022', '--skipLibCheck', 'false', '--declaration']
    const strictly = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
    const how = ['--module', module, '--moduleResolution', resolution]
    const { stdout } = await project.node(
      resolve('node_modules/typescript/bin/tsc'),
      ...settings,
      ...strictly,
      ...roots,
      ...how,
      ...files,
    )
    const errors = stdout.split('\n').filter((line) => line.includes('error TS'))
    expect(errors.filter((line) => !line.startsWith('wrong.ts'))).toEqual([])
    expect(errors).toHaveLength(3)
  },
)

describe('bundled', () => {
  let served: ChildProcess
  let url = ''
  let chainId = ''
  beforeAll(async () => {
    await project.cairn('init', 'shop')
    await project.cairn('append', 'shop', 'put', 'greeting', 'hello')
    chainId = (await project.cairn('id', 'shop')).stdout.trim()
    const command = [project.at('node_modules', '.bin', 'cairn'), 'serve', 'shop', '--port', '0', '--log', 'silent']
    served = spawn(process.execPath, command, { cwd: project.path, stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: served.stdout as NodeJS.ReadableStream })) {
      url = /http:\S+/.exec(line)?.[0] ?? ''
      break
    }
    project.write('index.html', '<!doctype html><title>Shop</title><script type="module" src="/main.js"></script>')
    project.write('main.js', MAIN)
  })
  afterAll(async () => {
    if (served.exitCode !== null) return
    served.kill('SIGTERM')
    await once(served, 'exit')
  })

  it('for Node by esbuild, an audit does without threads, says so, and finds the same', async () => {
    await project.cairn('init', 'long')
    project.write('append.mjs', APPEND)
    expect(await project.node('append.mjs')).toMatchObject({ code: 0, stderr: '' })
    const id = (await project.cairn('id', 'long')).stdout.trim()
    project.write('audit.mjs', AUDIT)
    const external = [MANIFEST.dependencies, MANIFEST.optionalDependencies].flatMap((each) => Object.keys(each))
    const outfile = project.at('bundle', 'audit.mjs')
    const target = { platform: 'node', format: 'esm', target: 'node20' } as const
    await build({ entryPoints: [project.at('audit.mjs')], outfile, bundle: true, external, ...target })
    const [whole, alone] = [await project.node('audit.mjs', id), await project.node(outfile, id)]
    expect([whole.stderr, alone.stderr]).toEqual(['', ''])
    const { withoutThreads, ...found } = JSON.parse(alone.stdout) as { readonly withoutThreads?: string }
    expect(withoutThreads).toContain('audit-thread.js')
    expect(found).toEqual(JSON.parse(whole.stdout))
    expect(found).toMatchObject({ ok: true, level: 'replay', commands: '60' })
  })

  const bundlers: Readonly<Record<string, (folder: string) => Promise<void>>> = {
    async esbuild(folder) {
      const options = { bundle: true, platform: 'browser', format: 'esm', target: 'es2022', minify: true } as const
      await build({ entryPoints: [project.at('main.js')], outfile: join(folder, 'main.js'), ...options })
      await build({ entryPoints: [project.at('index.html')], outdir: folder, loader: { '.html': 'copy' } })
    },
    async vite(folder) {
      const command = tool('vite', 'vite', 'build', '--outDir', folder, '--logLevel', 'warn').map((part, i) =>
        i === 1 ? resolve(part) : part,
      )
      expect(await run(command, { cwd: project.path })).toMatchObject({ code: 0, stderr: '' })
    },
  }

  it.skipIf(findChromium() === undefined).each(Object.keys(bundlers))(
    'for browsers by %s, it runs in Chromium',
    async (name) => {
      const folder = project.at('web', name)
      mkdirSync(folder, { recursive: true })
      await bundlers[name]?.(folder)
      const beside = {
        'whole.json': example('proof.json'),
        'changed.json': changed(example('proof.json')),
        'chain-id': example('chain-id.txt').trim(),
        'own-id': chainId,
      }
      const { answered, complaints, origins, origin } = await visit(folder, url, beside)
      expect(complaints).toEqual([])
      expect(answered).toEqual({
        engine: expect.stringMatching(/wasm-simd.*noble/) as string,
        whole: true,
        changed: false,
        status: 0,
        isKept: true,
      })
      expect([...origins]).toEqual([origin])
    },
  )
})

/** What the README and docs show is TypeScript for whoever types it in an editor, too. */
const SHOWN: Readonly<Record<string, string>> = Object.fromEntries(
  ['README.md', 'docs/audit.md', 'docs/evm.md', 'docs/server.md', 'docs/store.md'].flatMap((page) =>
    Array.from(readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```/gms), ([, code = ''], i) => [
      `${page.replace(/\W/g, '-')}-${i}.ts`,
      code,
    ]),
  ),
)

/** What a library that is built on this one gives on: the compiler has to find a name for each type, or refuses to write its declarations. */
const NAMED = `
    import type * as own from 'cairn-log'
    import type { CairnClient, ClientOptions } from 'cairn-log/client'
    import * as evm from 'cairn-log/evm'
    import type { BatchResult } from 'cairn-log/machine'
    import type { Claim, Proof } from 'cairn-log/verify'
    export const ofClient = (client: CairnClient) => [client.authority(), client.export()] as const
    export const ofFetch = ({ fetch }: ClientOptions) => fetch
    export const ofKeys = (keys: own.KeysDirectory) => [keys.list(), keys.pending('delegation', 0n)] as const
    export const ofChain = (chain: own.Chain) => chain.statistics().queue
    export const ofExport = ({ rest }: own.ExportWatcher) => rest
    export const ofBatch = ({ written }: BatchResult) => written
    export const ofClaim = (claim: Claim) => evm.claimCall(claim)
    export const ofProof = (proof: Proof) => [evm.groundValue(proof), evm.sealValue(proof.seal)] as const
    export const ofPending = ({ anchor }: evm.Pending) => anchor
    export const ofAnchor = (anchor: evm.Anchor) => anchor.evm
    export type Options = [own.KeysDirectoryOptions, own.KeystoreOptions, own.ProcessSignerOptions, own.ServeSignerOptions]`

/** More than one stretch of an audit: for less there are no threads. */
const APPEND = `import { execFileSync } from 'node:child_process'
const line = (i) => JSON.stringify({ key: 'k' + i, value: 'v'.repeat(50_000) })
const input = Array.from({ length: 60 }, (_, i) => line(i)).join('\\n')
execFileSync(process.execPath, ['node_modules/.bin/cairn', 'append', 'long'], { input })
`

const AUDIT = `import { kv, verifyChain } from 'cairn-log'
const audit = await verifyChain('long', { chainId: process.argv[2], level: 'replay', machine: kv, cores: 2 })
console.log(JSON.stringify(audit, (_, value) => typeof value === 'bigint' ? String(value) : value))
`

const MAIN = `import { CairnClient } from 'cairn-log/client'
import { describeEngine, loadEngine } from 'cairn-log/hash'
import { verifyProof } from 'cairn-log/verify'

const text = async (path) => (await fetch(path)).text()

async function answer() {
  const engine = await loadEngine()
  const [whole, changed, chainId, own] = await Promise.all(['/whole.json', '/changed.json', '/chain-id', '/own-id'].map(text))
  const holds = (text) => verifyProof(text, { chainId }, engine).ok
  const client = new CairnClient({ url: location.origin, chainId: own, client: 'browser-' + Date.now() })
  const { status } = await client.submit({ type: 'put', payload: { key: 'page', value: location.origin } })
  const value = await client.get('state', 'page')
  return {
    engine: describeEngine(engine),
    whole: holds(whole),
    changed: holds(changed),
    status,
    isKept: new TextDecoder().decode(value) === location.origin,
  }
}

globalThis.answered = answer()
`
