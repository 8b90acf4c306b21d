/** The package as it is published, in a project of somebody else: packed, and installed into an empty folder with what it needs in production. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, run } from '../support/cli.ts'

export interface Packed {
  readonly filename: string
  /** Bytes of the tarball, and of what is in it. */
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

export interface Project {
  readonly path: string
  readonly packed: Packed
  at(...names: string[]): string
  write(name: string, text: string): string
  /** Runs Node in the project. */
  node(...args: string[]): Promise<Ended>
  cairn(...args: string[]): Promise<Ended>
  remove(): Promise<void>
}

/** npm finds its cache, and where packages come from, by the environment; nothing is asked of anybody for what the cache has. */
const INSTALL = ['install', '--prefer-offline', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund']

export async function makeProject(): Promise<Project> {
  const path = mkdtempSync(join(tmpdir(), 'cairn-package-'))
  const at = (...names: string[]): string => join(path, ...names)
  const write = (name: string, text: string): string => {
    writeFileSync(at(name), text)
    return at(name)
  }
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true })
  try {
    const [packed] = JSON.parse(await npm(process.cwd(), 'pack', '--json', '--pack-destination', path)) as [Packed]
    write('package.json', '{ "private": true, "type": "module" }\n')
    await npm(path, ...INSTALL, at(packed.filename))
    const node = (...args: string[]): Promise<Ended> => run([process.execPath, ...args], { cwd: path })
    const cairn = (...args: string[]): Promise<Ended> => node(at('node_modules', '.bin', 'cairn'), ...args)
    return { path, packed, at, write, node, cairn, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/**
 * The environment without what npm says of this package to the tests that it runs: elsewhere that is not so. npm keeps to itself what it
 * would warn of in the settings of this machine, so that what is printed is the package's.
 */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(process.env as Record<string, string>).filter(
      ([name]) => !/^npm_(?!config_(?:cache|registry)$)|^NODE_ENV$/i.test(name),
    ),
  ),
  npm_config_loglevel: 'error',
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['npm', ...args], { cwd, env: ENVIRONMENT })
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${stderr}`)
  return stdout
}

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** What the package says of itself. */
export const MANIFEST: Manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

/** What a program imports: `cairn-log`, `cairn-log/verify`, … */
export const ENTRIES: readonly string[] = Object.keys(MANIFEST.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', 'cairn-log'))
