/** `cairn serve` in a process of its own, ended with the tests that began it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { CAIRN } from '../cli/chain-folder.ts'

const running = new Set<ChildProcessWithoutNullStreams>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Below those that the system gives to whoever wants any, and no other test process begins at the same. */
const FIRST_PORT = 20_000
const PORTS = 12_000
let next = (process.pid * 17) % PORTS

/**
 * One that is free now, and that nobody is given while it is: a server that comes back has to come back to the same.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + next
    next = (next + 1) % PORTS
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

interface Serving {
  child: ChildProcessWithoutNullStreams
  stderr: () => string
}

export function serve(cwd: string, name: string, port: number, ...more: string[]): Promise<Serving> {
  return begun(cwd, [...CAIRN, 'serve', name, '--port', `${port}`, ...more])
}

/** With so few descriptors as the system gives it. */
export function serveWithin(descriptors: number, cwd: string, name: string, port: number): Promise<Serving> {
  const command = [...CAIRN, 'serve', name, '--port', `${port}`, '--log', 'warn']
  return begun(cwd, ['sh', '-c', 'ulimit -n "$0" && exec "$@"', `${descriptors}`, ...command])
}

/** Its log is on a disk that is full, and stays so. */
export function serveWithFullLog(cwd: string, name: string, port: number): Promise<Serving> {
  return begun(cwd, ['sh', '-c', 'exec "$@" 2>/dev/full', 'sh', ...CAIRN, 'serve', name, '--port', `${port}`])
}

async function begun(cwd: string, [program = '', ...args]: readonly string[]): Promise<Serving> {
  const child = spawn(program, args, { cwd, env: { PATH: process.env.PATH ?? '' } })
  running.add(child)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  while (!stdout.includes('Serving')) {
    if (child.exitCode !== null) throw new Error(stderr)
    await sleep(10)
  }
  return { child, stderr: () => stderr }
}

export async function end(
  child: ChildProcessWithoutNullStreams,
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGHUP',
): Promise<number | null> {
  child.kill(signal)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  running.delete(child)
  return child.exitCode
}

/** What it logged at the level of errors. */
export function errorsIn(log: string): readonly string[] {
  return log.split('\n').filter((line) => line !== '' && (JSON.parse(line) as { level: number }).level >= 50)
}
