/**
 * The signer in a process of its own: it does what every signer does, never signs two blocks at a height whatever happens to it, and whoever
 * asks it believes nothing that it says.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type HotKey, hotSigner } from '../../src/keys/hot-signer.ts'
import { linesOf } from '../../src/keys/json-lines.ts'
import {
  type ProcessSigner,
  type ProcessSignerOptions,
  processSigner,
  streamSigner,
} from '../../src/keys/process-signer.ts'
import { type ServeSignerOptions, serveSigner } from '../../src/keys/serve-signer.ts'
import { SignerMarks } from '../../src/keys/signer-mark.ts'
import type { Disk } from '../../src/ports/disk.ts'
import type { Signer } from '../../src/ports/signer.ts'
import { json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { blockHash, type Header, isValidSeal, nobleEngine, type Seal, toHex } from '../../src/verify/index.ts'
import { signerConformance } from '../ports/signer-conformance.ts'
import { EIO } from '../simulation/at-effect.ts'
import { World } from '../simulation/world.ts'
import { bundled } from '../support/bundled.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'
import { refused } from './refused.ts'

const engine = nobleEngine
const random = new Random()
const program = fileURLToPath(await bundled(new URL('signer-program.ts', import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'cairn-signer-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = new Set<ProcessSigner>()
afterEach(async () => {
  await Promise.all([...open].map((signer) => signer.close()))
  open.clear()
})

let started = 0
function start(
  hotKeys: readonly HotKey[],
  options: Partial<ProcessSignerOptions> = {},
  how = '',
  marks = `${started}`,
) {
  const file = join(folder, `keys-${started++}.json`)
  const text = hotKeys.map(({ privateKey, delegation }) => ({
    privateKey: toHex(privateKey),
    delegation: codecs.delegation.encode(delegation, json),
  }))
  writeFileSync(file, JSON.stringify(text))
  const command = [process.execPath, program, join(folder, `marks-${marks}`), file, how] as const
  return processSigner(command, { engine, ...options }).then((signer) => {
    open.add(signer)
    return signer
  })
}

/** Both sides in this process, over two pipes. */
async function joined(
  signer: Signer,
  { disk }: { readonly disk: Disk },
  options: Partial<ProcessSignerOptions & Pick<ServeSignerOptions, 'chains'>> = {},
): Promise<ProcessSigner & { readonly served: Promise<void>; readonly requests: PassThrough }> {
  const [requests, answers] = [new PassThrough(), new PassThrough()]
  const { chains, ...rest } = options
  const served = serveSigner({
    signer,
    directory: 'marks',
    input: requests,
    output: answers,
    engine,
    disk,
    ...(chains !== undefined && { chains }),
  })
  served.catch(() => undefined).finally(() => answers.end())
  const end = async (): Promise<void> => {
    requests.end()
    await served.catch(() => undefined)
  }
  const made = await streamSigner({ input: answers, output: requests, end }, { engine, ...rest })
  return Object.assign(made, { served, requests })
}

signerConformance('in this process', (hotKeys) => Promise.resolve(hotSigner(hotKeys, engine)))
signerConformance('over two pipes', (hotKeys) => joined(hotSigner(hotKeys, engine), new World()))
signerConformance('in a process of its own', (hotKeys) => start(hotKeys))

const maker = new ChainMaker(random)
for (let i = 0; i < 4; i++) maker.block([{}])
const header = (height: number): Header => maker.madeAt(height).header
const other = (height: number): Header => ({ ...header(height), batchRoot: random.bytes(32) })
const isGood = (header: Header, seal: Seal): boolean => {
  const block = { blockHash: blockHash(maker.identity, header, engine.hasher), timestamp: header.timestamp }
  return isValidSeal(maker.identity, block, seal, engine)
}

describe('its mark', () => {
  it('outlives the process', async () => {
    const marks = 'kept'
    const first = await start([maker.hot], {}, '', marks)
    await first.seal(maker.identity, header(2))
    await first.close()
    const second = await start([maker.hot], {}, '', marks)
    for (const wrong of [other(2), header(1), other(1)]) {
      await expect(second.seal(maker.identity, wrong)).rejects.toMatchObject({ code: 'seal_refused' })
    }
    expect(isGood(header(2), await second.seal(maker.identity, header(2)))).toBe(true)
    await second.seal(maker.identity, header(3))
  })

  it('belongs to one process at a time', async () => {
    const marks = 'shared'
    await start([maker.hot], {}, '', marks)
    expect((await refused(() => start([maker.hot], {}, '', marks))).code).toBe('signer_unavailable')
  })

  it('is on the disk before the signature is given out, wherever a power cut comes', async () => {
    let cuts = 0
    for (let at = 1; ; at++) {
      const world = new World()
      world.crashAfter = at
      const given: bigint[] = []
      const signed: bigint[] = []
      const hot = hotSigner([maker.hot], engine)
      const watched: Signer = {
        delegations: hot.delegations,
        seal: (identity, header) => {
          signed.push(header.height)
          return hot.seal(identity, header)
        },
      }
      const life = (async () => {
        const signer = await joined(watched, world)
        for (const height of [0, 1, 2]) {
          await signer.seal(maker.identity, header(height))
          given.push(BigInt(height))
        }
      })()
      await Promise.race([life, world.died])
      life.catch(() => undefined)
      const next = await joined(hotSigner([maker.hot], engine), world.crash(random))
      // What was signed, given out or not, is the one of its height for ever; what was asked for last is sealed as it was.
      const again = await Promise.allSettled(signed.map((height) => next.seal(maker.identity, other(Number(height)))))
      expect(again.filter(({ status }) => status === 'fulfilled')).toEqual([])
      await next.seal(maker.identity, header(Math.min(given.length, 2)))
      cuts += signed.length
      if (given.length === 3) break
    }
    expect(cuts).toBeGreaterThan(10)
  })

  it('lets one of two hashes through at a height, and is whole, whatever is asked for at once', async () => {
    const world = new World()
    await world.disk.makeDirectory('marks')
    const hashes = Array.from({ length: 3 }, () => random.bytes(32))
    const asked = (marks: SignerMarks, height: bigint): Promise<PromiseSettledResult<void>[]> =>
      Promise.allSettled(hashes.map((hash) => marks.allow(maker.chainId, height, hash)))
    const marks = new SignerMarks(world.disk, 'marks')
    for (const height of [7n, 8n, 9n]) {
      const answers = await asked(marks, height)
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
      expect(answers[2]).toMatchObject({ reason: { code: 'seal_refused' } })
    }
    // As a seal that was given up is still under way when the next block's is asked for.
    const [first] = hashes as [Uint8Array]
    await Promise.all([10n, 11n].map((height) => marks.allow(maker.chainId, height, first)))
    const again = new SignerMarks(world.restart().disk, 'marks')
    await again.allow(maker.chainId, 11n, first)
    await expect(again.allow(maker.chainId, 10n, first)).rejects.toMatchObject({ code: 'seal_refused' })
  })

  it('that is seen though a sync of it failed is on the disk before that block is signed', async () => {
    for (let round = 0; round < 20; round++) {
      let world = new World({ seed: round })
      const first = await joined(hotSigner([maker.hot], engine), world)
      // With a mark of this life, and with none.
      if (round % 2 === 0) await first.seal(maker.identity, header(1))
      world.failNext('syncDirectory', EIO, /marks$/)
      await expect(first.seal(maker.identity, header(2))).rejects.toMatchObject({ code: 'signer_failed' })
      // Nor in this life, which reads what it could not write.
      await expect(first.seal(maker.identity, header(2))).rejects.toMatchObject({ code: 'signer_failed' })
      world = world.restart(random)
      const second = await joined(hotSigner([maker.hot], engine), world)
      expect(isGood(header(2), await second.seal(maker.identity, header(2)))).toBe(true)
      const third = await joined(hotSigner([maker.hot], engine), world.crash(random))
      await expect(third.seal(maker.identity, other(2))).rejects.toMatchObject({ code: 'seal_refused' })
    }
  })

  it('that is damaged or cannot be written signs nothing', async () => {
    const world = new World()
    const signer = await joined(hotSigner([maker.hot], engine), world)
    await signer.seal(maker.identity, header(0))
    await signer.close()
    const name = (await world.disk.list('marks')).find((each) => each.startsWith('signed-'))
    expect(name).toBe(`signed-${toHex(maker.chainId).slice(2)}.json`)
    const file = await world.disk.open(`marks/${name}`, 'write')
    await file.write(3, Uint8Array.of(0x41))
    await file.close()
    const again = await joined(hotSigner([maker.hot], engine), world)
    await expect(again.seal(maker.identity, header(0))).rejects.toMatchObject({ code: 'signer_mark_invalid' })

    const broken = new World()
    const stuck = Object.create(broken.disk) as { -readonly [K in keyof Disk]: Disk[K] }
    stuck.rename = () => Promise.reject(new Error('the disk broke'))
    const hot = hotSigner([maker.hot], engine)
    const failing = await joined(hot, { disk: stuck })
    await expect(failing.seal(maker.identity, header(0))).rejects.toMatchObject({ code: 'signer_failed' })
    stuck.rename = broken.disk.rename.bind(broken.disk)
    await expect(failing.seal(maker.identity, header(1))).rejects.toMatchObject({ code: 'signer_failed' })
  })
})

describe('the process', () => {
  it('ends in order when it is closed, with what was asked last', async () => {
    const world = new World()
    const signer = await joined(hotSigner([maker.hot], engine), world)
    const asked = signer.seal(maker.identity, header(1))
    await signer.close()
    await signer.served
    await expect(asked).rejects.toMatchObject({ code: 'signer_unavailable' })
    await signer.close()
    // Its lock is given back, and its mark is there.
    const next = await joined(hotSigner([maker.hot], engine), world)
    await expect(next.seal(maker.identity, header(0))).rejects.toMatchObject({ code: 'seal_refused' })
  })

  it('signs for the chains that it is told, and for ids that are theirs', async () => {
    const hot = hotSigner([maker.hot], engine)
    const signer = await joined(hot, new World(), { chains: [maker.chainId] })
    const foreign = new ChainMaker(random)
    const { header: block } = foreign.block([{}])
    await expect(signer.seal(foreign.identity, block)).rejects.toMatchObject({ code: 'signer_other_chain' })
    const forged = { ...foreign.identity, chainId: maker.chainId }
    await expect(signer.seal(forged, block)).rejects.toMatchObject({ code: 'signer_other_chain' })
    await signer.seal(maker.identity, header(0))
  })

  it('ends where a line is none of the protocol, and says nothing of what went wrong inside', async () => {
    for (const line of [
      '{}',
      'hello',
      `"${'x'.repeat(70_000)}"`,
      '{"format":"cairn.signer/v2","id":"0","ask":"delegations"}',
    ]) {
      const signer = await joined(hotSigner([maker.hot], engine), new World())
      signer.requests.write(`${line}\n`)
      const error = await refused(() => signer.served)
      expect(['signer_protocol', 'over_limit']).toContain(error.code)
      await expect(signer.seal(maker.identity, header(0))).rejects.toMatchObject({ code: 'signer_unavailable' })
    }
    const secretive: Signer = {
      delegations: [maker.hot.delegation],
      seal: () => Promise.reject(new Error('the key is 0xsecret')),
    }
    const error = await refused(async () => (await joined(secretive, new World())).seal(maker.identity, header(0)))
    expect([error.code, error.message]).toEqual(['signer_failed', expect.not.stringContaining('secret')])
  })

  it.each([
    ['that ends at once', 'brief', {}],
    ['that says something else', 'chatty', {}],
    ['that does not answer', 'deaf', { startTimeout: 300 }],
  ])('%s is signer_unavailable', async (_, how, options) => {
    const error = await refused(() => start([maker.hot], options, how))
    expect(error.code).toBe('signer_unavailable')
    expect(error.message).toContain('restart')
  })

  it('that cannot be started is signer_unavailable', async () => {
    const error = await refused(() => processSigner([join(folder, 'nothing-here')], { engine }))
    expect(error.code).toBe('signer_unavailable')
    expect(error.message).toMatch(/cannot be started \(spawn .*nothing-here ENOENT\)/)
  })

  it('that began another process, which hangs and holds its pipes, is given up', { timeout: 20_000 }, async () => {
    const wrapped = ['sh', '-c', 'sleep 15; true'] as const
    const begun = performance.now()
    const error = await refused(() => processSigner(wrapped, { engine, startTimeout: 100 }))
    expect(error.code).toBe('signer_unavailable')
    expect(performance.now() - begun).toBeLessThan(12_000)
  })

  it('that is killed fails what is asked and what will be', async () => {
    const world = new World()
    let seals = 0
    const slow: Signer = {
      delegations: [maker.hot.delegation],
      seal() {
        seals++
        return new Promise<never>(() => {})
      },
    }
    const signer = await joined(slow, world, { timeout: 100 })
    const asked = [signer.seal(maker.identity, header(0)), signer.seal(maker.identity, header(1))]
    for (const result of await Promise.allSettled(asked)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'signer_unavailable' } })
    }
    await expect(signer.seal(maker.identity, header(0))).rejects.toMatchObject({ code: 'signer_unavailable' })
    expect(seals).toBe(1)
  })

  it('ends in order where the other side went away', async () => {
    const signer = await joined(hotSigner([maker.hot], engine), new World())
    signer.requests.destroy()
    await signer.served
    await expect(signer.seal(maker.identity, header(0))).rejects.toMatchObject({ code: 'signer_unavailable' })
  })
})

describe('what comes back', () => {
  /** A process that answers what the test says. */
  async function lying(answer: (request: { id: string; ask: string }) => object): Promise<ProcessSigner> {
    const [requests, answers] = [new PassThrough(), new PassThrough()]
    void (async () => {
      for await (const line of linesOf(requests)) {
        const request = JSON.parse(new TextDecoder().decode(line)) as { id: string; ask: string }
        const delegations = [codecs.delegation.encode(maker.hot.delegation, json)]
        const said = request.ask === 'delegations' ? { delegations } : answer(request)
        answers.write(`${JSON.stringify({ format: 'cairn.signer/v1', id: request.id, ...said })}\n`)
      }
    })().catch(() => undefined)
    const end = (): Promise<void> => Promise.resolve()
    return streamSigner({ input: answers, output: requests, end }, { engine, timeout: 1000 })
  }
  const written = (seal: Seal): object => ({ seal: codecs.seal.encode(seal, json) })
  const right = maker.madeAt(1).seal
  const foreign = new ChainMaker(random)

  it.each<[string, object]>([
    ['the seal of another block', written(maker.madeAt(2).seal)],
    ['a seal with another signature', written({ ...right, signature: right.signature.map((byte) => byte ^ 1) })],
    ['one by another key', written(foreign.seal(maker.madeAt(1).hash))],
    [
      'one by a key that the cold key knows nothing of',
      written(foreign.seal(maker.madeAt(1).hash, { ...foreign.hot })),
    ],
    [
      'one of a delegation that is over',
      written(maker.seal(maker.madeAt(1).hash, maker.delegate({ validUntil: 1n, validFrom: 0n }))),
    ],
    ['no seal', { delegations: [] }],
    ['a seal and an error', { ...written(right), error: { code: 'x', message: '' } }],
    ['an answer to another question', { ...written(right), id: '77' }],
    ['an answer of another format', { ...written(right), format: 'cairn.signer/v2' }],
    ['a seal that is none', { seal: {} }],
  ])('%s is not believed, and nothing more is asked', async (_, answer) => {
    const signer = await lying(() => answer)
    await expect(signer.seal(maker.identity, header(1))).rejects.toMatchObject({ code: 'signer_unavailable' })
    await expect(signer.seal(maker.identity, header(2))).rejects.toMatchObject({ code: 'signer_unavailable' })
  })

  it('an error is passed on, with nothing that steers a terminal', async () => {
    const signer = await lying(() => ({ error: { code: 'hsm_busy', message: 'later\u001b[2J' } }))
    const error = await refused(() => signer.seal(maker.identity, header(1)))
    expect([error.code, error.message]).toEqual(['hsm_busy', 'later [2J'])
  })

  it('a delegation that it was given since is believed where the cold key signed it', async () => {
    const next = maker.delegate({ index: 1n })
    const signer = await lying(() => written(maker.seal(maker.madeAt(1).hash, next)))
    expect(signer.delegations).toEqual([maker.hot.delegation])
    expect(isGood(header(1), await signer.seal(maker.identity, header(1)))).toBe(true)
    expect(signer.delegations).toEqual([maker.hot.delegation, next.delegation])
  })
})
