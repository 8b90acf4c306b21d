/** `npm start`: on a machine that has only Node and npm, from a fresh clone to something that runs. */
import { spawnSync } from 'node:child_process'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'

const ready = ensureInstalled('house') && (await ensureBuilt())
const { status } = ready ? spawnSync(process.execPath, ['dist/cli/start.js'], { stdio: 'inherit' }) : { status: 1 }
process.exitCode = status ?? 1
