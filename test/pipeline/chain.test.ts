/** A chain on real files, as an application uses it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Chain, hotSigner, kv } from '../../src/index.ts'
import { fromUtf8, utf8 } from '../../src/verify/bytes.ts'
import { nobleEngine, verifyProof } from '../../src/verify/index.ts'
import { chainKeys } from '../support/chain-keys.ts'

const keys = chainKeys()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-chain-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const options = () => ({
  machine: kv,
  signer: keys.signer,
  guard: join(folder, 'data.keys/guard'),
  journalFileBytes: 1 << 20,
  cacheBytes: 1 << 20,
})
const directory = () => join(folder, 'data')
const put = (key: string, value: string) => utf8(JSON.stringify({ key, value }))
const codeOf = (error: unknown) => (error as { code?: string }).code ?? String(error)
const text = (bytes: Uint8Array | undefined) => bytes && fromUtf8(bytes)

describe('a chain', () => {
  it('takes commands, answers with receipts, reads and proves them, now and after a restart', async () => {
    const chain = await Chain.create(directory(), keys.genesis, options())
    const first = await chain.submit({ client: 'a', request: 1n, type: 'put', payload: put('k', 'v1') })
    expect(first).toMatchObject({ seq: 0n, status: 0, client: 'a', request: 1n })
    expect(text(first.reply)).toBe('{"replaced":false}')
    expect(text(chain.get('state', utf8('k')))).toBe('v1')
    const many = await chain.submitMany(
      Array.from({ length: 50 }, (_, i) => ({
        client: 'b',
        request: BigInt(i + 1),
        type: 'put',
        payload: put('k', `w${i}`),
      })),
    )
    expect(many.map((each) => ('seq' in each ? each.seq : each.code))).toEqual(many.map((_, i) => BigInt(i + 1)))
    const verified = verifyProof(await first.proof(), { chainId: chain.id })
    expect(verified.ok).toBe(true)
    expect(text(chain.get('state', utf8('k')))).toBe('w49')
    expect(text(chain.get('state', utf8('k'), { height: 0n }))).toBe('v1')
    const past = await chain.prove({ state: [utf8('k')], height: 0n, since: 0n })
    expect(verifyProof(past, { chainId: chain.id }).ok).toBe(true)
    await chain.flush()
    await chain.close()

    const again = await Chain.open(directory(), options())
    expect(again.readOnly).toBeUndefined()
    expect(again.head?.height).toBe(1n)
    const repeated = await again.submit({ client: 'a', request: 1n, type: 'put', payload: put('k', 'v1') })
    expect({ ...repeated, proof: 0 }).toEqual({ ...first, proof: 0 })
    await expect(
      again.submit({ client: 'a', request: 1n, type: 'put', payload: put('k', 'v2') }),
    ).rejects.toMatchObject({
      code: 'request_conflict',
    })
    const blocks: [bigint, boolean][] = []
    for await (const { record, seal } of again.blocks()) blocks.push([record.header.height, seal !== undefined])
    expect(blocks).toEqual([
      [0n, true],
      [1n, true],
    ])
    await again.close()
  })

  it('tells whoever reads while it is closed that it is, and nothing of the files that it lets go of', async () => {
    const chain = await Chain.create(directory(), keys.genesis, {
      ...options(),
      signer: hotSigner([{ privateKey: keys.hotKey, delegation: keys.delegation }], nobleEngine),
    })
    for (let i = 0; i < 20; i++)
      await chain.submit({ client: 'a', request: BigInt(i + 1), type: 'put', payload: put('k', 'v') })
    await chain.flush()
    const blocks = chain.blocks()
    await blocks.next()
    await chain.submit({ client: 'a', request: 21n, type: 'put', payload: put('k', 'v') })
    const seqs = Array.from({ length: 200 }, (_, i) => BigInt((i * 7) % 20))
    const asked = [
      chain.prove({ command: seqs }),
      chain.prove({ command: seqs.slice(0, 9).map((seq) => seq % 9n), height: 9n, since: 2n }),
      ...seqs.flatMap((seq) => [chain.find('a', seq + 1n), chain.block(seq), chain.command(seq)]),
    ].map((each) => each.then(() => 'answered').catch(codeOf))
    await chain.close()
    const rest = async (): Promise<void> => {
      for await (const block of blocks) void block
    }
    const told = new Set(
      await Promise.all([
        ...asked,
        rest()
          .then(() => 'answered')
          .catch(codeOf),
      ]),
    )
    expect([...told].filter((each) => each !== 'answered')).toEqual(['chain_closed'])
  })
})
