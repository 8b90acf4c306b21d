/** `npm run example NAME [ARGUMENT…]`: a program of examples/, with the package as it was built here. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { bundledScript } from './lib/script.mjs'

const [, , name = '', ...rest] = process.argv
const program = join('examples', name, 'main.ts')
if (name === '' || !existsSync(program)) {
  const names = readdirSync('examples').filter((each) => existsSync(join('examples', each, 'main.ts')))
  console.error(`Which one? npm run example ${names.join('|')}`)
  process.exitCode = 2
} else if (ensureInstalled('house') && (await ensureBuilt())) {
  // Without the paths of tsconfig.json: it runs with what was built, as it would anywhere.
  const { folder, file } = await bundledScript(program, name, { tsconfigRaw: {} })
  const child = spawn(process.execPath, ['--enable-source-maps', file, ...rest], { stdio: 'inherit' })
  // Ctrl-C reaches the program too; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [status] = await once(child, 'exit')
  rmSync(folder, { recursive: true, force: true })
  process.exitCode = status ?? 1
}
