/** The command line as a user meets it: what is built, in a process of its own, with files in a folder of its own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll } from 'vitest'

/** The two ways to run it, which behave alike. */
export const PROGRAMS = [
  { program: 'cairn verify', command: [process.execPath, resolve('dist/cli/main.js'), 'verify'] },
  { program: 'cairn-verify.mjs', command: [process.execPath, resolve('dist/cairn-verify.mjs')] },
] as const

export const [{ command: VERIFY }] = PROGRAMS

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** What it reads from standard input: a text, or pieces of which there may be no end. */
  readonly input?: string | Iterable<Uint8Array>
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Nothing of the environment of the tests reaches the process but the path: they may run with colours, or without. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [program = '', ...args] = command
  const env = { PATH: process.env.PATH ?? '', ...options.env }
  const child = spawn(program, args, { env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const input = typeof options.input === 'string' ? [Buffer.from(options.input)] : (options.input ?? [])
  // It may end before it has read everything.
  pipeline(input, child.stdin).catch(() => undefined)
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, ...output }))
  })
}

/** A folder for the files of a test file, removed after its tests. */
export function makeFolder(): { readonly path: string; write(name: string, content: string | Uint8Array): string } {
  const path = mkdtempSync(join(tmpdir(), 'cairn-cli-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  return {
    path,
    write(name, content) {
      writeFileSync(join(path, name), content)
      return join(path, name)
    },
  }
}
