/** The examples do what they say, each started by its one command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CairnError, type Chain } from 'cairn-log'
import fastify from 'fastify'
import { afterAll, afterEach, expect, it } from 'vitest'
import { auditLog } from '../../examples/audit-log/audit-log.ts'
import { verifyChain } from '../../src/audit/audit.ts'
import { verifyProof } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'

requireBuild()
const folder = mkdtempSync(join(tmpdir(), 'cairn-examples-'))
const running: ChildProcess[] = []
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(...args: readonly string[]) {
  const env = { ...process.env, PORT: '0' }
  const child = spawn(process.execPath, ['scripts/example.mjs', ...args], { env })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  return { child, output: () => output }
}

async function run(name: string): Promise<string> {
  const { child, output } = start(name)
  const [code] = (await once(child, 'close')) as [number | null]
  expect(output()).not.toBe('')
  if (code !== 0) throw new Error(`it ended with ${code}: ${output()}`)
  return output()
}

it('withdrawals: each is paid once, whatever line goes dead', async () => {
  const said = await run('withdrawals')
  expect(said).toContain('limit_exceeded')
  expect(said).toContain('the proof does not hold: claims[0]')
  expect(said).toContain('run 2: Error: the line went dead')
  expect(said).toContain('9 withdrawals were ordered, 9 paid, each once: 900 EUR.')
})

it('seats: one seat, one guest, and a proof of it', async () => {
  const said = await run('seats')
  expect(said.match(/seat_taken/g)).toHaveLength(1)
  expect(said).toContain('Of four, 2 were accepted.')
  expect(said).toMatch(/a proof of \d+ bytes that holds/)
})

it('exchange: a journal that is shipped twice is in the chain once, and whole', async () => {
  const said = await run('exchange')
  expect(said).toContain('2000 orders are in the chain, each once')
  expect(said).toContain('40 heartbeats rode along.')
  expect(said).toContain('which holds.')
  expect(said).toContain('An auditor recomputes every root of 2000 commands: the chain is whole.')
})

interface Service {
  readonly child: ChildProcess
  readonly url: string
  readonly chainId: string
}

async function service(directory: string): Promise<Service> {
  const { child, output } = start('audit-log', directory)
  while (!output().includes('Try:')) {
    if (child.exitCode !== null) throw new Error(output())
    await sleep(20)
  }
  const [, chainId = ''] = /The chain is (0x[0-9a-f]{64})/.exec(output()) ?? []
  const [, url = ''] = /listens on (http:\S+?)\. Try/.exec(output()) ?? []
  return { child, url, chainId }
}

async function stop({ child }: Service): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

it('audit-log: what was asked and what came of it are proved, over a restart too', async () => {
  const directory = join(folder, 'audit-log')
  let at = await service(directory)
  const put = (name: string) =>
    fetch(`${at.url}/documents/${name}`, {
      method: 'PUT',
      headers: { 'x-user': 'ada', 'content-type': 'application/json' },
      body: '{"text":"secret"}',
    })
  const first = await put('plan')
  expect([first.status, first.headers.get('audit-seq')]).toEqual([204, '0'])
  expect((await fetch(`${at.url}/documents/none`, { method: 'DELETE' })).status).toBe(404)
  expect((await fetch(`${at.url}/documents/plan`)).headers.get('audit-seq')).toBeNull()
  const proofOf = async (seq: string) => fetch(`${at.url}/audit/${seq}/proof`)
  for (const none of ['99', 'x', '99999999999999999999']) expect((await proofOf(none)).status).toBe(404)
  const check = async (seq: string, said: readonly string[]): Promise<void> => {
    const proof = await (await proofOf(seq)).text()
    expect(verifyProof(proof, { chainId: at.chainId }).ok).toBe(true)
    const { claims } = JSON.parse(proof) as { claims: { command: { payload: string } }[] }
    const payload = Buffer.from(claims[0]?.command.payload.slice(2) ?? '', 'hex').toString()
    for (const part of said) expect(payload.replaceAll('\\', '')).toContain(part)
    expect(payload).not.toContain('secret')
  }
  await check('0', ['"event":"asked"', '"who":"ada"', '"name":"plan"'])
  await check('1', ['"event":"answered"', '"asked":"0"', '"status":204'])
  await check('3', ['"asked":"2"', '"status":404'])
  await stop(at)

  at = await service(directory)
  await check('0', ['"event":"asked"'])
  expect((await put('plan')).headers.get('audit-seq')).toBe('4')
  const copy = join(folder, 'copy')
  await stop(at)
  cpSync(join(directory, 'data'), copy, { recursive: true })
  expect(await verifyChain(copy, { chainId: at.chainId, level: 'roots', cores: 1 })).toMatchObject({
    ok: true,
    commands: 6n,
  })
})

it('audit-log: what cannot be recorded is not done, and what was done without a record of its end is not confirmed', async () => {
  let [written, handled] = [0, 0]
  const chain = {
    submit: () =>
      written-- > 0 ? Promise.resolve({ seq: 0n }) : Promise.reject(new CairnError('chain_failed', 'No.')),
  } as unknown as Chain
  const app = fastify()
  await app.register(auditLog, { chain, who: () => 'ada' })
  app.post('/', () => {
    handled++
    return 'done'
  })
  const refused = await app.inject({ method: 'POST', url: '/' })
  expect([refused.statusCode, handled]).toEqual([503, 0])
  expect(refused.json()).toMatchObject({ code: 'chain_failed' })
  written = 1
  const unconfirmed = await app.inject({ method: 'POST', url: '/' })
  expect([unconfirmed.statusCode, handled]).toEqual([500, 1])
  written = 2
  const confirmed = await app.inject({ method: 'POST', url: '/' })
  expect([confirmed.statusCode, confirmed.body, confirmed.headers['audit-seq']]).toEqual([200, 'done', '0'])
  await app.close()
})
