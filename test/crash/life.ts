/** A life of the program under load (program.ts), for so many milliseconds if nobody ends it. */
import { spawn } from 'node:child_process'
import { receiptsIn } from './judge.ts'

export interface Life {
  /** When the chain is open, or the program ended. */
  readonly opened: Promise<unknown>
  readonly ended: Promise<Ended>
  readonly kill: () => void
}

export interface Ended {
  readonly signal: NodeJS.Signals | null
  readonly told: readonly string[]
  readonly errors: string
}

export function beginLife(program: string, directory: string, life: number, milliseconds = 60_000): Life {
  const child = spawn(process.execPath, [program, directory, String(life), String(milliseconds)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_, signal) => {
      resolve({ signal, told: receiptsIn(output), errors })
    })
  })
  const opened = new Promise((resolve) => {
    child.stdout.once('data', resolve)
  })
  return { opened: Promise.race([opened, ended]), ended, kill: () => void child.kill('SIGKILL') }
}
