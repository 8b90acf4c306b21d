/** `npm run example NAME [ARGUMENT…]`: a program of examples/, with the package as it was built here. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'

const [, , name = '', ...rest] = process.argv
const program = join('examples', name, 'main.ts')
if (name === '' || !existsSync(program)) {
  const names = readdirSync('examples').filter((each) => existsSync(join('examples', each, 'main.ts')))
  console.error(`Which one? npm run example ${names.join('|')}`)
  process.exitCode = 2
} else if (ensureInstalled('house') && (await ensureBuilt())) {
  const { build } = await import('esbuild')
  // Inside the package, where `cairn-log` is the package itself.
  mkdirSync('.cache', { recursive: true })
  const folder = mkdtempSync(join('.cache', `${name}-`))
  const outfile = join(folder, 'main.mjs')
  await build({
    entryPoints: [program],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    // Without the paths of tsconfig.json: it runs with what was built, as it would anywhere.
    tsconfigRaw: {},
  })
  const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...rest], { stdio: 'inherit' })
  // Ctrl-C reaches the program too; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [status] = await once(child, 'exit')
  rmSync(folder, { recursive: true, force: true })
  process.exitCode = status ?? 1
}
