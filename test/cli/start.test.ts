/** `npm start` in an empty folder: a chain that is served, three commands that do what is said of them, and an end that keeps it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { makeFolder, run } from '../support/cli.ts'

requireBuild()
const folder = makeFolder()
const processes = new Set<ChildProcessWithoutNullStreams>()
afterAll(() => {
  for (const child of processes) child.kill('SIGKILL')
})

/** Started, until it has said what to do next. */
async function start(...args: string[]): Promise<{ child: ChildProcessWithoutNullStreams; said: string }> {
  const child = spawn(process.execPath, [resolve('dist/cli/start.js'), ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '' },
  })
  processes.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  while (!said.includes('Ctrl-C ends the server')) {
    if (child.exitCode !== null) throw new Error(`it ended: ${said}`)
    await sleep(20)
  }
  return { child, said }
}

async function stop(child: ChildProcessWithoutNullStreams, signal: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
  child.kill(signal)
  if (child.exitCode === null) await once(child, 'exit')
  processes.delete(child)
  return child.exitCode
}

/** The three commands, as they are printed. */
function commandsIn(said: string): readonly string[] {
  const commands = said.split('\n').filter((line) => /^ {2}(?:curl|node) /.test(line))
  expect(commands).toHaveLength(3)
  return commands.map((each) => each.replace('dist/cli/main.js', resolve('dist/cli/main.js')))
}

const sh = (command: string) => run(['sh', '-c', command], { cwd: folder.path })

describe('npm start', () => {
  it('makes a chain, serves it, and names three commands that work as they are printed', async () => {
    const { child, said } = await start('--port', '0')
    const [append = '', prove = '', verify = ''] = commandsIn(said)
    const receipt = JSON.parse((await sh(append)).stdout) as { seq: string; status: number }
    expect(receipt).toMatchObject({ seq: '0', status: 0 })
    expect(await sh(prove)).toMatchObject({ code: 0, stderr: '' })
    const checked = await sh(verify)
    expect(checked.code).toBe(0)
    expect(checked.stdout).toContain('Holds: ')
    expect(checked.stdout).toContain('“greeting”')
    const proof = readFileSync(`${folder.path}/proof.json`, 'utf8')
    writeFileSync(`${folder.path}/proof.json`, proof.replace('68656c6c6f', '6a656c6c6f'))
    expect((await sh(verify)).code).toBe(3)
    expect(await stop(child, 'SIGINT')).toBe(0)
  })

  it('opens the same chain again, and goes on', async () => {
    const { child, said } = await start('--port', '0')
    expect(said).toContain('1 block')
    const [append = ''] = commandsIn(said)
    expect(JSON.parse((await sh(append)).stdout)).toMatchObject({ seq: '1', reply: '{"replaced":true}' })
    const other = run([process.execPath, resolve('dist/cli/start.js'), '--port', '0'], { cwd: folder.path })
    expect(await other).toMatchObject({ code: 1, stderr: expect.stringContaining('is held by') as string })
    expect(await stop(child, 'SIGTERM')).toBe(0)
  })

  it('makes a chain with the machine that is named, where it is said, and shows commands for it', async () => {
    const args = ['--port', '0', '--data', 'accounts', '--machine', 'ledger']
    const { child, said } = await start(...args)
    expect(said).toContain('with the machine ledger@1')
    const [append = '', prove = '', verify = ''] = commandsIn(said)
    expect(JSON.parse((await sh(append)).stdout)).toMatchObject({ seq: '0', status: 0 })
    expect((await sh(prove)).code).toBe(0)
    expect((await sh(verify)).stdout).toContain('“account/EUR/alice”')
    await stop(child, 'SIGTERM')
    const again = await start('--port', '0', '--data', 'accounts')
    expect(again.said).toContain('1 block, with the machine ledger@1')
    await stop(again.child, 'SIGTERM')
    const other = [process.execPath, resolve('dist/cli/start.js'), '--data', 'accounts', '--machine', 'kv']
    expect(await run(other, { cwd: folder.path })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('runs the machine ledger@1') as string,
    })
  })

  it('says how it is used', async () => {
    const { code, stdout } = await run([process.execPath, resolve('dist/cli/start.js'), '--help'], { cwd: folder.path })
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: npm start -- [options] [dir]')
    expect(stdout).toContain('env: CAIRN_PORT')
  })

  it('takes its port from the environment, and the rest from the config file', async () => {
    const { path } = makeFolder()
    writeFileSync(`${path}/cairn.config.json`, '{"data":"elsewhere","host":"0.0.0.0","port":1}')
    const child = spawn(process.execPath, [resolve('dist/cli/start.js')], {
      cwd: path,
      env: { PATH: process.env.PATH ?? '', CAIRN_PORT: '0' },
    })
    processes.add(child)
    const [said] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    // Nothing is opened to the network, whatever is set for servers.
    expect(said).toMatch(/http:\/\/127\.0\.0\.1:\d+/)
    expect(said).toContain('data      elsewhere')
    expect(await stop(child, 'SIGTERM')).toBe(0)
  })

  it('says what to do where the port is taken', async () => {
    const { child, said } = await start('--port', '0')
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? ''
    const elsewhere = makeFolder()
    const taken = await run([process.execPath, resolve('dist/cli/start.js'), '--port', port], { cwd: elsewhere.path })
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('choose another port with --port or CAIRN_PORT') as string,
    })
    await stop(child, 'SIGTERM')
  })
})
