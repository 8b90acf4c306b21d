/** Chains made by the built command line, each in a directory of its own, and processes that go on. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { requireBuild } from '../support/built.ts'
import { type Ended, makeFolder, type RunOptions, run } from '../support/cli.ts'

export const CAIRN = [process.execPath, resolve('dist/cli/main.js')]

export const put = (key: string, value: string): string => `${JSON.stringify({ key, value })}\n`

/** A folder in which the commands run, removed after the tests. */
export function chainFolder() {
  requireBuild()
  const folder = makeFolder()
  const cairnWith = (options: RunOptions, ...args: string[]): Promise<Ended> =>
    run([...CAIRN, ...args], { cwd: folder.path, ...options })
  const cairn = (...args: string[]): Promise<Ended> => cairnWith({}, ...args)
  const at = (...parts: string[]): string => join(folder.path, ...parts)
  let made = 0
  return {
    ...folder,
    at,
    cairn,
    cairnWith,
    /** Makes a chain; the answer is the name of its directory. */
    async newChain(): Promise<string> {
      const name = `chain-${made++}`
      const { code, stderr } = await cairn('init', name)
      if (code !== 0) throw new Error(stderr)
      return name
    },
    /** With its keys, which stay closed to others: from Node 24 on a folder is copied without its mode. */
    copyChain(name: string, copy: string): void {
      for (const end of ['', '.keys'])
        cpSync(at(name + end), at(copy + end), { recursive: true, filter: (path) => !path.endsWith('/lock') })
      chmodSync(at(`${copy}.keys`), 0o700)
    },
    idOf: async (name: string): Promise<string> => (await cairn('id', name)).stdout.trim(),
  }
}

/** A process that goes on; what it prints is gathered. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams
  stdout = ''
  stderr = ''

  constructor(cwd: string, ...args: string[]) {
    const [program = '', ...before] = CAIRN
    this.child = spawn(program, [...before, ...args], { cwd, env: { PATH: process.env.PATH ?? '' } })
    this.child.stdin.on('error', () => undefined)
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  get receipts(): readonly string[] {
    return this.stdout.split('\n').slice(0, -1)
  }

  async printed(count: number): Promise<void> {
    while (this.receipts.length < count) {
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.stderr}`)
      await sleep(2)
    }
  }

  async ended(): Promise<number | null> {
    if (!this.child.stdout.closed) await once(this.child, 'close')
    return this.child.exitCode
  }
}
