/** The real server in a process of its own, under load from the real client: killed, stopped and started again. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { CairnClient, type ClientReceipt } from '../../src/client/index.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { platformFetch } from '../../src/http/fetch.ts'
import { toHex } from '../../src/verify/bytes.ts'
import { CAIRN, chainFolder } from '../cli/chain-folder.ts'
import { Random, seed } from '../support/seed.ts'
import { end, errorsIn, freePort, serve } from './server-process.ts'

const engine = await loadEngine()
const random = new Random()
const folder = chainFolder()
const textOf = ({ height, blockHash, seq, request, status, reply }: ClientReceipt): string =>
  `${height} ${toHex(blockHash)} ${seq} ${request} ${status} ${toHex(reply)}`

describe(`a server in a process of its own (CAIRN_SEED=${seed})`, () => {
  it('killed and started again under load: every receipt that was given is the same afterwards, and nothing is there twice', async () => {
    const name = await folder.newChain()
    const [port, chainId] = [await freePort(), await folder.idOf(name)]
    const url = `http://127.0.0.1:${port}`
    const client = new CairnClient({ url, chainId, client: 'load', engine, retries: 40, timeout: 5000 })
    const receipts: ClientReceipt[] = []
    const over = new AbortController()
    const load = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const some = Array.from({ length: 1 + random.below(40) }, (_, i) =>
          client.submit({ type: 'append', payload: { stream: 's', entry: `${receipts.length + i}` } }),
        )
        receipts.push(...(await Promise.all(some)))
      }
    }
    const loading = load()
    for (let life = 0; life < 4; life++) {
      const { child } = await serve(folder.path, name, port, '--log', 'error')
      await sleep(300 + random.below(700))
      await end(child, 'SIGKILL')
    }
    const { child } = await serve(folder.path, name, port, '--log', 'error')
    over.abort()
    await loading
    expect(receipts.length).toBeGreaterThan(0)
    // One command a number, in the order in which they were submitted, and nothing beside them.
    expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_, i) => BigInt(i)))
    const { commands } = (await (await fetch(`${url}/v1/chain`)).json()) as { commands: string }
    expect(commands).toBe(`${receipts.length}`)
    for (const receipt of receipts.filter(() => random.below(10) === 0)) {
      const again = (await (await fetch(`${url}/v1/commands?client=load&request=${receipt.request}`)).json()) as Record<
        string,
        string
      >
      const read = `${again.height} ${again.blockHash} ${again.seq} ${again.request} ${again.status}`
      expect(textOf(receipt).startsWith(read)).toBe(true)
    }
    expect(await end(child, 'SIGTERM')).toBe(0)
  })

  it('told to stop it answers what it took, and takes nothing more', async () => {
    const name = await folder.newChain()
    const port = await freePort()
    const { child, stderr } = await serve(folder.path, name, port)
    const body = JSON.stringify({
      commands: Array.from({ length: 500 }, (_, i) => ({ type: 'put', payload: { key: 'k', value: `${i}` } })),
    })
    const headers = { 'content-type': 'application/json' }
    const asked = Array.from({ length: 8 }, () =>
      platformFetch(`http://127.0.0.1:${port}/v1/commands`, { method: 'POST', headers, body }),
    )
    await sleep(30)
    const ended = end(child, 'SIGTERM')
    const answers = await Promise.allSettled(asked)
    const statuses = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : 'not taken'))
    expect(statuses.filter((each) => ![200, 503, 'not taken'].includes(each))).toEqual([])
    expect(await ended).toBe(0)
    expect(stderr()).toContain('draining')
    expect(errorsIn(stderr())).toEqual([])
    // The next start finds a clean stop: what was answered is there.
    const { stdout } = await folder.cairn('get', name, 'k')
    expect(stdout).toBe(statuses.includes(200) ? '499' : '')
  })

  it('on another address than loopback it wants tokens, and each token reaches as far as it says', async () => {
    const name = await folder.newChain()
    const port = await freePort()
    const [program = '', ...before] = CAIRN
    const refused = spawn(program, [...before, 'serve', name, '--host', '0.0.0.0', '--port', `${port}`], {
      cwd: folder.path,
    })
    const [code] = (await once(refused, 'exit')) as [number]
    expect(code).toBe(1)
    const token = async (...args: string[]): Promise<string> =>
      (await folder.cairn('token', 'new', name, ...args)).stdout.trim()
    const reader = await token('--name', 'reader')
    const desk = await token('--name', 'desk', '--scope', 'append,read', '--client', 'desk-7')
    expect((await folder.cairn('token', 'list', name)).stdout).toMatch(
      /“reader”.*read.*any client.*\n“desk”.*append, read.*“desk-7”/,
    )
    const { child } = await serve(folder.path, name, port, '--host', '0.0.0.0', '--log', 'silent')
    const ask = (path: string, bearer?: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...init,
        headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
      })
    const append = (bearer: string | undefined, client?: string): Promise<Response> => {
      const body = { ...(client && { client, request: '1' }), type: 'put', payload: { key: 'a', value: 'b' } }
      return ask('/v1/commands', bearer, { method: 'POST', body: JSON.stringify(body) })
    }
    expect([(await ask('/v1/chain')).status, (await ask('/v1/chain', 'cairn_wrong')).status]).toEqual([401, 401])
    expect([(await ask('/v1/chain', reader)).status, (await append(reader, 'desk-7')).status]).toEqual([200, 403])
    expect([(await append(desk, 'other')).status, (await append(desk)).status]).toEqual([403, 403])
    expect((await append(desk, 'desk-7')).status).toBe(200)
    expect((await ask('/health')).status).toBe(200)
    expect((await ask('/v1/blocks/0', reader)).headers.get('cache-control')).toContain('private')
    await end(child, 'SIGTERM')
    expect((await folder.cairn('token', 'remove', name, '--name', 'desk')).stdout).toBe('1 removed.\n')
  })

  it('logs a line of JSON each, what the chain itself has to tell too, by its level and code', async () => {
    const name = await folder.newChain()
    await folder.cairn('append', name, 'put', 'a', '1')
    await rm(join(folder.path, name, 'store'), { recursive: true })
    await rm(join(folder.path, `${name}.keys`, 'guard'))
    const { child, stderr } = await serve(folder.path, name, await freePort())
    await end(child, 'SIGTERM')
    const lines = stderr()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ level: 30, msg: expect.stringContaining('The store is made again') }),
        expect.objectContaining({ level: 40, code: 'chain_rolled_back', msg: expect.stringContaining('no guard') }),
      ]),
    )
  })
})
