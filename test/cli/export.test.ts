/** `cairn export`: a file or stream that verifies, made beside a running producer or from a copy that may only be read. */
import { chmodSync, cpSync, createReadStream, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readExport } from '../../src/index.ts'
import { type ChainVerification, toHex, verifyChain } from '../../src/verify/index.ts'
import { run } from '../support/cli.ts'
import { Producing } from '../support/producing.ts'
import { CAIRN, chainFolder, put, Running } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, newChain, idOf } = folder

/** The export in a file, verified as a chain. */
async function verified(path: string, chainId: string): Promise<ChainVerification> {
  const { head, frames } = await readExport(createReadStream(path))
  const records = async function* (): AsyncGenerator {
    for await (const frame of frames) yield* frame.records
  }
  return verifyChain(records(), { chainId, genesis: head.genesis })
}

async function chainOf(blocks: number): Promise<string> {
  const name = await newChain()
  for (let i = 0; i < blocks; i++) await cairn('append', name, 'put', `k${i}`, `v${i}`)
  return name
}

describe('an export', () => {
  it('to a file verifies, and is never written over another', async () => {
    const name = await chainOf(3)
    const ended = await cairn('export', name, '-o', 'whole.cairn')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const { ok, blocks, head } = await verified(at('whole.cairn'), await idOf(name))
    expect({ ok, blocks }).toEqual({ ok: true, blocks: 3n })
    const hash = toHex(head?.blockHash ?? new Uint8Array(0))
    const size = statSync(at('whole.cairn')).size
    expect(ended.stdout).toBe(`Blocks 0 to 2 in ${size} bytes; the hash of block 2 is ${hash}\n`)

    const before = readFileSync(at('whole.cairn'))
    expect(await cairn('export', name, '--from', '1', '-o', 'whole.cairn')).toMatchObject({
      code: 1,
      stderr: 'There is a file whole.cairn already, and it stays as it is: choose another name.\n',
    })
    expect(readFileSync(at('whole.cairn'))).toEqual(before)
    expect(readdirSync(folder.path).filter((each) => each.endsWith('.tmp'))).toEqual([])
  })

  it('that has no room says of which file, and leaves nothing of it', async () => {
    const name = await chainOf(1)
    await cairn('append', name, 'put', 'long', 'v'.repeat(100_000))
    const script = ['sh', '-c', 'ulimit -f 64 && exec "$@"', 'sh', ...CAIRN]
    const { code, stderr } = await run([...script, 'export', name, '-o', 'large.cairn'], { cwd: folder.path })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The system refused: large.cairn.tmp: no file of this process may be so large (ulimit -f).\n',
    })
    expect(readdirSync(folder.path).filter((each) => each.startsWith('large.cairn'))).toEqual([])
  })

  it('to a pipe is the same, and says what it holds where it is asked', async () => {
    const name = await chainOf(2)
    await cairn('export', name, '-o', 'piped.cairn')
    const script = '"$@" | cat > through.cairn'
    const ended = await run(['sh', '-c', script, 'sh', ...CAIRN, 'export', name, '--json'], { cwd: folder.path })
    expect(ended).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(at('through.cairn'))).toEqual(readFileSync(at('piped.cairn')))
    expect(JSON.parse(ended.stderr)).toEqual({
      file: null,
      chainId: await idOf(name),
      from: '0',
      to: '1',
      blocks: '2',
      hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
      bytes: statSync(at('through.cairn')).size,
    })
    const left = await run(['sh', '-c', '"$@" | head -c 20', 'sh', ...CAIRN, 'export', name], { cwd: folder.path })
    expect(left).toMatchObject({ code: 0, stderr: '' })
  })

  it('of a range has that range, and its head says what stands before it', async () => {
    const name = await chainOf(4)
    const ended = await cairn('export', name, '--from', '1', '--to', '2', '-o', 'range.cairn', '--json')
    expect(JSON.parse(ended.stdout)).toMatchObject({ file: 'range.cairn', from: '1', to: '2', blocks: '2' })
    const { head, frames } = await readExport(createReadStream(at('range.cairn')))
    expect(head).toMatchObject({ from: 1n, to: 2n, authority: [{ k: 'delegation', index: 0n }] })
    const heights: unknown[] = []
    for await (const { records } of frames) {
      for (const record of records as { k: string; header?: { height: number | bigint } }[]) {
        if (record.k === 'block') heights.push(Number(record.header?.height))
      }
    }
    expect(heights).toEqual([1, 2])
  })

  it('of a copy that may only be read changes nothing there', async () => {
    const name = await chainOf(2)
    cpSync(at(name, 'journal'), at('copy', 'journal'), { recursive: true })
    cpSync(at(name, 'genesis.json'), at('copy', 'genesis.json'))
    for (const path of ['copy/journal', 'copy']) chmodSync(at(path), 0o555)
    try {
      const before = readdirSync(at('copy'), { recursive: true })
      expect(await cairn('export', 'copy', '-o', 'copy.cairn')).toMatchObject({ code: 0, stderr: '' })
      expect(readdirSync(at('copy'), { recursive: true })).toEqual(before)
    } finally {
      for (const path of ['copy', 'copy/journal']) chmodSync(at(path), 0o755)
    }
    expect(await verified(at('copy.cairn'), await idOf(name))).toMatchObject({ ok: true, blocks: 2n })
  })

  it('is bytes, and is not written to a terminal', async () => {
    const name = await chainOf(1)
    const command = [...CAIRN, 'export', name].map((part) => `'${part}'`).join(' ')
    const ended = await run(['script', '-qec', command, '/dev/null'], { cwd: folder.path, env: { TERM: 'xterm' } })
    expect(ended.stdout).toContain(
      'error: an export is bytes, not text for a terminal: name a file with -o, or pipe it',
    )
    expect(ended.code).toBe(2)
  })

  it('is asked for in order, else it is wrong usage, as of cairn log', async () => {
    const ended = await cairn('export', await chainOf(2), '--from', '2', '--to', '1', '-o', 'none.cairn')
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('error: --from is above --to\n')
    expect(existsSync(at('none.cairn'))).toBe(false)
  })

  it('leaves nothing behind where it fails or is interrupted', async () => {
    const name = await chainOf(1)
    const wal = at(name, 'journal', '0000000000000000.wal')
    expect(await cairn('export', name, '-o', 'missing/x.cairn')).toMatchObject({ code: 1, stdout: '' })
    cpSync(at(name), at('broken'), { recursive: true })
    const bytes = readFileSync(wal)
    bytes[700] = (bytes[700] as number) ^ 1
    folder.write('broken/journal/0000000000000000.wal', bytes)
    const refused = await cairn('export', 'broken', '-o', 'broken.cairn', '--json')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: { code: 'journal_corrupt', details: { file: '0000000000000000.wal', offset: 512 } },
    })
    expect([existsSync(at('broken.cairn')), existsSync(at('broken.cairn.tmp'))]).toEqual([false, false])
    folder.write('taken.cairn.tmp', 'half')
    expect((await cairn('export', name, '-o', 'taken.cairn')).stderr).toMatch(
      /^There is a file taken\.cairn\.tmp already/,
    )
    expect(readFileSync(at('taken.cairn.tmp'), 'utf8')).toBe('half')
  })
})

describe('beside the process that makes blocks', () => {
  it('an export holds what was acknowledged a second ago', async () => {
    const name = await newChain()
    const appending = new Running(folder.path, 'append', name)
    appending.child.stdin.write(put('a', '1'))
    await appending.printed(1)
    let ended = await cairn('export', name, '-o', 'beside.cairn')
    // Its seal comes after it.
    while (ended.code !== 0) {
      expect(ended.stderr).toMatch(/^There is nothing to export: the journal has no seal of a block yet/)
      ended = await cairn('export', name, '-o', 'beside.cairn')
    }
    expect(await verified(at('beside.cairn'), await idOf(name))).toMatchObject({ ok: true, blocks: 1n })
    appending.child.stdin.end()
    expect(await appending.ended()).toBe(0)
  })

  it('every export under load, over many files, verifies', { timeout: 180_000 }, async () => {
    const made: ChainVerification[] = []
    let [id, receipts] = ['', 0]
    // In one life of the producer, or as many as a busy machine needs for some exports of several files.
    for (let [life, files] = [0, 0]; made.length < 2 || files <= 3; life++) {
      const producing = new Producing(at('busy'), life, 4000)
      await producing.open()
      id = await idOf('busy')
      for (let i = 0; producing.child.exitCode === null; i++) {
        const { code, stderr } = await cairn('export', 'busy', '-o', `busy-${life}-${i}.cairn`)
        if (code === 0) made.push(await verified(at(`busy-${life}-${i}.cairn`), id))
        else if (!stderr.startsWith('There is nothing to export')) throw new Error(stderr)
      }
      await producing.ended()
      receipts += producing.receipts.length
      files = readdirSync(at('busy', 'journal')).length
    }
    expect(made.filter(({ ok }) => !ok)).toEqual([])
    await cairn('export', 'busy', '-o', 'busy.cairn')
    const last = await verified(at('busy.cairn'), id)
    expect(last.commands).toBe(BigInt(receipts))
    rmSync(at('busy'), { recursive: true })
  })
})
