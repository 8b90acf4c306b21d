/** Starting other programs: the tools in node_modules by name, with all they print kept together. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * The command that runs a tool of an installed package, the same on every system because it does not go through a shell.
 * @param {string} name of the package
 * @param {string} command one of the commands that the package has
 * @param {string[]} args
 * @returns {string[]}
 */
export function tool(name, command, ...args) {
  const folder = join('node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return [process.execPath, join(folder, typeof bin === 'string' ? bin : bin[command]), ...args]
}

/**
 * Runs a command to its end without input. What it printed comes back whole, in order and without colours.
 * @param {string[]} command
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run([program = '', ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.on('error', (error) => resolve({ ok: false, output: `${program} could not be started: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: stripVTControlCharacters(output) }))
  })
}
