/** The RPC that an operator names for the explorer: one origin in the policy of its page, whatever was given, and nothing anywhere without it. */
import { describe, expect, it } from 'vitest'
import { evmRpcOf } from '../../src/server/evm-rpc.ts'
import { CairnError } from '../../src/verify/error.ts'
import { requireBuild } from '../support/built.ts'
import { served } from './served.ts'

requireBuild()

/** To the letter: what may be asked stands at one place. */
const policy = (connect: string, script = "'self'"): string =>
  `default-src 'none'; script-src ${script}; style-src 'self'; img-src 'self'; connect-src ${connect}; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types cairn-worker`

async function policies(get: (path: string) => Promise<Response>): Promise<Readonly<Record<string, string | null>>> {
  const page = await get('/')
  const [worker = ''] = /\/assets\/worker-\w+\.js/.exec(await page.text()) ?? []
  const of = async (path: string): Promise<string | null> => (await get(path)).headers.get('content-security-policy')
  return { page: await of('/'), worker: await of(worker) }
}

describe('the policy of the explorer', () => {
  it('without an RPC names its own origin alone, and /v1/chain no other', async () => {
    const { get } = await served()
    expect(await policies(get)).toEqual({
      page: policy("'self'"),
      worker: policy("'self'", "'self' 'wasm-unsafe-eval'"),
    })
    expect(await (await get('/v1/chain')).json()).not.toHaveProperty('evmRpc')
  })

  it('with one names its origin too, for the page and not for the worker; the address is in /v1/chain', async () => {
    const { get } = await served({ evmRpc: evmRpcOf('https://rpc.example.org/v3/key?of=all') })
    expect(await policies(get)).toEqual({
      page: policy("'self' https://rpc.example.org"),
      worker: policy("'self'", "'self' 'wasm-unsafe-eval'"),
    })
    expect(await (await get('/v1/chain')).json()).toMatchObject({ evmRpc: 'https://rpc.example.org/v3/key?of=all' })
  })

  it('is never an older one: where it changed the page is sent again', async () => {
    const none = await served()
    const some = await served({ evmRpc: evmRpcOf('https://rpc.example.org') })
    const other = await served({ evmRpc: evmRpcOf('https://other.example.org') })
    const etags = await Promise.all(
      [none, some, other].map(async ({ get }) => (await get('/')).headers.get('etag') ?? ''),
    )
    expect(new Set(etags).size).toBe(3)
    expect((await some.get('/', { 'if-none-match': etags[0] ?? '' })).status).toBe(200)
    expect((await some.get('/', { 'if-none-match': etags[1] ?? '' })).status).toBe(304)
  })
})

describe('an address', () => {
  it.each([
    ['http://127.0.0.1:8545', 'http://127.0.0.1:8545/', 'http://127.0.0.1:8545'],
    ['http://localhost:8545/', 'http://localhost:8545/', 'http://localhost:8545'],
    ['HTTPS://RPC.Example.org:443/v3/Key', 'https://rpc.example.org/v3/Key', 'https://rpc.example.org'],
    ['https://münze.example/?a=b;c', 'https://xn--mnze-0ra.example/?a=b;c', 'https://xn--mnze-0ra.example'],
    [
      "https://rpc.example.org/;script-src 'unsafe-inline'",
      "https://rpc.example.org/;script-src%20'unsafe-inline'",
      'https://rpc.example.org',
    ],
    [
      'https://rpc.example.org/\r\nset-cookie: a=b',
      'https://rpc.example.org/set-cookie:%20a=b',
      'https://rpc.example.org',
    ],
  ])('%s is taken', (text, url, origin) => {
    expect(evmRpcOf(text)).toEqual({ url, origin })
  })

  it.each([
    ['nothing', ''],
    ['no address', 'geheim'],
    ['another protocol', 'ws://geheim.example'],
    ['a script', 'javascript:geheim'],
    ['data', 'data:,geheim'],
    ['credentials', 'https://user:geheim@rpc.example.org'],
    ['a name', 'https://geheim@rpc.example.org'],
    ['a password', 'https://:geheim@rpc.example.org'],
    ['a host with a directive in it', 'https://geheim;script-src'],
    ['any host', 'https://*'],
    ['any host below', 'https://*.geheim.example'],
    ['a word of a policy for a host', "https://'geheim'"],
    ['two', 'https://geheim,example.org'],
    ['a dot at the end', 'https://geheim.example.'],
    ['an IPv6 address', 'http://[::1]:8545/geheim'],
    ['a fragment', 'https://rpc.example.org/#geheim'],
    ['too much', `https://rpc.example.org/${'geheim'.repeat(400)}`],
  ])('of %s is refused, and not repeated', (_, text) => {
    const refused = (() => {
      try {
        return evmRpcOf(text)
      } catch (error) {
        return error
      }
    })()
    expect(refused).toBeInstanceOf(CairnError)
    expect(refused).toMatchObject({ code: 'rpc_invalid' })
    expect(JSON.stringify([(refused as CairnError).message, (refused as CairnError).details])).not.toContain('geheim')
  })
})
