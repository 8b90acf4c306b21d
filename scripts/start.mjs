/** `npm start` and `npm run demo`: on a machine that has only Node and npm, from a fresh clone to something that runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'

if (ensureInstalled('house') && (await ensureBuilt())) {
  const args = process.argv.slice(2)
  const program = args[0] === 'demo' ? 'dist/cli/main.js' : 'dist/cli/start.js'
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  // Ctrl-C reaches the server too, and it drains; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // Whoever ends npm means the server: npm tells the shell between, which dies of it and tells nobody.
  const parent = process.ppid
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref()
  const [status] = await once(child, 'exit')
  process.exitCode = status ?? 1
} else process.exitCode = 1
