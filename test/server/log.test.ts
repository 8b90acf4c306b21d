/** The log of a server, and the signals that whoever keeps logs sends: the chain goes on, whatever becomes of them. */
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { logOn } from '../../src/cli/log-output.ts'
import { platformFetch } from '../../src/http/fetch.ts'
import { LOG_BYTES_MAX } from '../../src/limits.ts'
import { chainFolder } from '../cli/chain-folder.ts'
import { end, errorsIn, freePort, serve, serveWithFullLog } from './server-process.ts'

const folder = chainFolder()

async function append(port: number): Promise<number> {
  const body = JSON.stringify({ type: 'put', payload: { key: 'k', value: 'v' } })
  const headers = { 'content-type': 'application/json' }
  const { status } = await platformFetch(`http://127.0.0.1:${port}/v1/commands`, { method: 'POST', headers, body })
  return status
}

describe('the log of a server', () => {
  it('on a full disk holds up nothing: commands are taken, and it is stopped in good order', async () => {
    const name = await folder.newChain()
    const port = await freePort()
    const { child } = await serveWithFullLog(folder.path, name, port)
    expect(await append(port)).toBe(200)
    expect(await end(child, 'SIGTERM')).toBe(0)
    expect((await folder.cairn('inspect', name)).stdout).toContain('A start would find it clean')
  })

  it('says how many lines were lost as soon as one can be written', async () => {
    let isFull = true
    const written: string[] = []
    const log = logOn({
      writableLength: 0,
      write(text, done) {
        if (!isFull) written.push(text)
        done(isFull ? new Error('ENOSPC') : null)
      },
    })
    log.write('one\n')
    log.write('two\n')
    isFull = false
    log.write('three\n')
    log.write('four\n')
    expect(written).toHaveLength(2)
    expect(written[0]).toMatch(/^\{"level":40,.*"code":"log_lost","lost":2,.*\}\nthree\n$/)
    expect(written[1]).toBe('four\n')
  })

  it('that nobody reads any more is bounded', () => {
    const unread = new PassThrough()
    const log = logOn(unread)
    const line = `${'x'.repeat(1023)}\n`
    for (let i = 0; i < 4096; i++) log.write(line)
    expect(unread.writableLength + unread.readableLength).toBeLessThan(LOG_BYTES_MAX + 64 * 1024)
  })
})

describe('a signal', () => {
  it('of a terminal that closes, which comes twice, stops the server in good order', async () => {
    const name = await folder.newChain()
    const port = await freePort()
    const { child, stderr } = await serve(folder.path, name, port)
    expect(await append(port)).toBe(200)
    child.kill('SIGHUP')
    expect(await end(child, 'SIGHUP')).toBe(0)
    expect(stderr()).toContain('draining')
    expect((await folder.cairn('inspect', name)).stdout).toContain('A start would find it clean')
  })

  it('for a new log file opens no debugger, and changes nothing', async () => {
    const name = await folder.newChain()
    const port = await freePort()
    const { child, stderr } = await serve(folder.path, name, port)
    child.kill('SIGUSR1')
    await sleep(200)
    expect(await append(port)).toBe(200)
    expect(await end(child, 'SIGTERM')).toBe(0)
    expect(stderr()).not.toContain('Debugger')
    expect(errorsIn(stderr())).toEqual([])
  })
})
