/** A pin: what was seen of a chain, in a file that is replaced as a whole and never by what has seen less. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { Pin } from '../../src/cli/remote/pin.ts'
import { LightClient } from '../../src/verify/index.ts'
import { clientOf, codeOf } from '../client/lies.ts'
import { put, served } from '../server/served.ts'
import { revoke } from '../support/chain-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-pin-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('keeps the newer of two that were written at the same time, and a fork that was found', async () => {
  const [server, fork] = [await served(), await served()]
  const pin = new Pin(join(folder, 'pin'))
  expect(await pin.read()).toBeUndefined()
  let isSwitched = false
  const kept: string[] = []
  const client = clientOf(server, {
    state: { load: () => undefined, save: (text) => void kept.push(text) },
    fetch: (url, init) => fetch(isSwitched ? url.replace(server.url, fork.url) : url, init),
  })
  for (const value of ['1', '2']) {
    await server.post(put('a', value))
    await client.sync()
  }
  for (const value of ['3', '4', '5']) await fork.post(put('a', value))
  isSwitched = true
  expect(await codeOf(client.sync())).toBe('chain_forked')
  const [older = '', newer = '', forked = ''] = kept
  await pin.save(older)
  await pin.save(newer)
  await pin.save(older)
  expect((await pin.read())?.head?.height).toBe(1n)
  await pin.save(forked)
  await pin.save(newer)
  expect((await pin.read())?.fork).toBeDefined()
  expect(readFileSync(join(folder, 'pin'), 'utf8')).toBe(`${forked}\n`)
  expect(statSync(join(folder, 'pin')).mode & 0o777).toBe(0o600)
})

it('keeps what was taken back beside a newer head that knows nothing of it, whichever was written first', async () => {
  const server = await served()
  const { identity, coldKey } = server.keys
  const kept: string[] = []
  const client = clientOf(server, { state: { load: () => undefined, save: (text) => void kept.push(text) } })
  for (const value of ['1', '2']) {
    await server.post(put('a', value))
    await client.sync()
  }
  const [older = '', newer = ''] = kept
  const stolen = revoke(identity, coldKey, 0n, { height: 0n, parent: new Uint8Array(32) })
  const informed = LightClient.load(older).learn([stolen]).save()
  for (const [i, order] of [
    [informed, newer],
    [newer, informed],
  ].entries()) {
    const pin = new Pin(join(folder, `pin-${i}`))
    for (const text of order) await pin.save(text)
    expect((await pin.read())?.isFrozen).toBe(true)
  }
})
