/** What a client is told, and asked: what is misspelt, or of another kind, is refused by name before anything is sent. */
import { describe, expect, it } from 'vitest'
import { CairnClient } from '../../src/client/index.ts'
import type { Fetch } from '../../src/http/fetch.ts'
import { CairnError } from '../../src/verify/index.ts'

const nobody: Fetch = () => Promise.reject(new Error('something was asked'))
const right = {
  url: 'http://127.0.0.1:1',
  chainId: `0x${'5e'.repeat(32)}`,
  client: 'desk-7',
  retries: 0,
  fetch: nobody,
}

function refusal(options: object): unknown {
  try {
    return new CairnClient({ ...right, ...options })
  } catch (error) {
    return error instanceof CairnError ? [error.code, error.details.option ?? error.details.path] : error
  }
}

describe('a client', () => {
  it.each<[string, object]>([
    ['revocation', { revocation: [] }],
    ['$.revocations', { revocations: null }],
    ['$.revocations', { revocations: '' }],
    ['$.head', { head: null }],
    ['$.chainId', { chainId: '0x5e' }],
    ['url', { url: 7 }],
    ['url', { url: '127.0.0.1:4270' }],
    ['url', { url: '/cairn' }],
    ['url', { url: 'file:///chain' }],
    ['url', { url: 'http://127.0.0.1:1/?chain=1' }],
    ['url', { url: 'http://127.0.0.1:1/#' }],
    ['client', { client: '' }],
    ['client', { client: 7 }],
    ['token', { token: null }],
    ['verify', { verify: null }],
    ['verify', { verify: 'no' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: 2 ** 31 }],
    ['timeout', { timeout: '5000' }],
    ['retries', { retries: -1 }],
    ['retries', { retries: Number.NaN }],
    ['retries', { retries: '3' }],
    ['state', { state: { load: () => undefined } }],
    ['engine', { engine: {} }],
    ['fetch', { fetch: 'fetch' }],
  ])('names %s of %j', (name, options) => {
    expect(refusal(options)).toEqual([name.startsWith('$') ? 'malformed' : 'invalid_option', name])
  })

  it('takes no secret in its address, and does not say it', () => {
    const refused = () => new CairnClient({ ...right, url: 'http://desk:geheim@127.0.0.1:1' })
    expect(refused).toThrow(/url/)
    expect(refused).not.toThrow(/geheim/)
  })

  it.each<[string, (client: CairnClient) => unknown]>([
    ['the number of a command', (client) => client.submit({ type: 'put', payload: {}, reqest: 5n } as never)],
    [
      'the number of a command, as a number',
      (client) => client.submit({ type: 'put', payload: {}, request: 5 as never }),
    ],
    ['the height of a value', (client) => client.read('state', 'k', { heigth: 5n } as never)],
    ['the height of a value, as a number', (client) => client.read('state', 'k', { height: 5 as never })],
    ['the height of a block, as a number', (client) => client.block(5 as never)],
    ['the first block that is wanted', async (client) => client.blocks({ form: 5n } as never).next()],
    ['the first block that is wanted, as a number', async (client) => client.blocks({ from: 5 as never }).next()],
    ['the first block of an export', async (client) => client.export({ form: 5n } as never).next()],
    ['what a proof leads on from', (client) => client.proof({ since: 5 as never })],
    ['what is to be proved, where it is no list', (client) => client.prove({ command: 5n as never })],
  ])('asks nobody where it is misspelt: %s', async (_, ask) => {
    const asked = (async () => ask(new CairnClient(right)))()
    await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/^(?:invalid_option|unknown_height)$/) })
  })
})
