/** `cairn verify` of a whole chain, as an auditor types it: on a directory that is closed, damaged, copied, in use, and never touched. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CAIRN, chainFolder, put, Running } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, newChain, idOf } = folder

interface Told {
  readonly ok: boolean
  readonly blocks: string
  readonly commands: string
  readonly head?: { readonly height: string; readonly blockHash: string }
  readonly unsealed?: string
  readonly fault?: Readonly<Record<string, unknown>>
  readonly verdicts: readonly { readonly check: string; readonly verdict: string }[]
}

async function made(): Promise<{ name: string; id: string }> {
  const name = await newChain()
  for (const value of ['one', 'two', 'three']) await cairn('append', name, 'put', 'k', value)
  return { name, id: await idOf(name) }
}

let original: ReturnType<typeof made> | undefined
let copies = 0

/** A chain of three blocks, that is made once: a copy of it, with its keys. */
async function filled(): Promise<{ name: string; id: string }> {
  original ??= made()
  const { name, id } = await original
  const copy = `${name}-${copies++}`
  folder.copyChain(name, copy)
  return { name: copy, id }
}

async function told(name: string, id: string, ...args: string[]): Promise<Told & { code: number | null }> {
  const { code, stdout } = await cairn('verify', name, '--chain-id', id, '--json', ...args)
  return { code, ...(JSON.parse(stdout) as Told) }
}

/** Every file below, with when it was changed and how large it is. */
function everything(directory: string): readonly string[] {
  return readdirSync(at(directory), { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const { mtimeMs, ctimeMs, size, mode } = statSync(at(directory, name))
      return `${name} ${mtimeMs} ${ctimeMs} ${size} ${mode}`
    })
}

describe('cairn verify of a directory', () => {
  it('says what holds and what was not checked, and touches nothing', async () => {
    const { name, id } = await filled()
    const before = everything(name)
    for (const level of ['seals', 'roots', 'replay']) {
      const { code, stdout, stderr } = await cairn('verify', name, '--chain-id', id, '--level', level, '--cores', '2')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      // Its threads are there.
      expect(stdout).not.toContain('one core only')
      expect(stdout).toContain(`Holds at the level ${level}: 3 blocks, 3 commands, in `)
      expect(stdout).toContain('Newest block: 2  0x')
      expect(stdout).toContain('Revocation was NOT checked')
    }
    expect(everything(name)).toEqual(before)
    const verified = await told(name, id)
    expect(verified).toMatchObject({
      code: 0,
      ok: true,
      level: 'roots',
      blocks: '3',
      commands: '3',
      head: { height: '2' },
    })
  })

  it('exits with 3 and says where the first fault lies', async () => {
    const { name, id } = await filled()
    const path = at(name, 'journal', '0000000000000000.wal')
    const bytes = readFileSync(path)
    bytes[700] = (bytes[700] as number) ^ 1
    writeFileSync(path, bytes)
    const { code, stdout } = await cairn('verify', name, '--chain-id', id)
    expect(code).toBe(3)
    expect(stdout).toContain('Does not hold: the first fault is frames in journal/0000000000000000.wal at byte 512.')
    expect(stdout).toContain('height 0, the CRC of the payload is another.')
    expect((await told(name, id)).fault).toEqual({
      check: 'frames',
      reason: 'the CRC of the payload is another',
      height: '0',
      file: 'journal/0000000000000000.wal',
      offset: 512,
    })
    const other = `0x${'00'.repeat(32)}`
    expect(await told(name, other)).toMatchObject({ code: 3, fault: { check: 'genesis' } })
  })

  it('reads a chain while its producer is at work', async () => {
    const name = await newChain()
    const id = await idOf(name)
    const producer = new Running(folder.path, 'append', name)
    producer.child.stdin.write(put('a', 'b'))
    await producer.printed(1)
    let made = 1
    for (let round = 0; round < 4; round++) {
      producer.child.stdin.write(Array.from({ length: 20 }, (_, i) => put(`k${i}`, `v${round}`)).join(''))
      made += 20
      const verified = await told(name, id, '--level', round % 2 === 0 ? 'seals' : 'replay')
      expect(verified).toMatchObject({ code: 0, ok: true })
      expect(verified.fault).toBeUndefined()
      await producer.printed(made)
    }
    producer.child.stdin.end()
    expect(await producer.ended()).toBe(0)
    const closed = await told(name, id)
    expect(closed).toMatchObject({ ok: true, commands: String(made) })
    expect(closed.unsealed).toBeUndefined()
  })

  it('finds an older copy by the head that was accepted, and starts behind a proof', async () => {
    const { name, id } = await filled()
    cpSync(at(name), at('older'), { recursive: true, filter: (path) => !path.endsWith('/lock') })
    await cairn('append', name, 'put', 'k', 'four')
    const { head } = await told(name, id)
    writeFileSync(at('head.json'), JSON.stringify(head))
    expect(await told(name, id, '--head', 'head.json')).toMatchObject({ code: 0 })
    const rolledBack = await told('older', id, '--head', 'head.json')
    expect(rolledBack).toMatchObject({ code: 3, fault: { check: 'head', height: '2' } })
    await cairn('prove', name, '--out', 'proof.json')
    await cairn('append', name, 'put', 'k', 'five')
    const after = await told(name, id, '--from-proof', 'proof.json')
    expect(after).toMatchObject({ code: 0, level: 'seals', blocks: '1', head: { height: '4' } })
    expect(after.verdicts.find(({ check }) => check === 'requests')?.verdict).toBe('unchecked')
  })

  it('notes where it is, and goes on with what came since', async () => {
    const { name, id } = await filled()
    const args = ['--level', 'roots', '--resume', 'audit.state', '--scratch', 'trees']
    expect(await told(name, id, ...args)).toMatchObject({ code: 0, blocks: '3' })
    await cairn('append', name, 'put', 'k', 'four')
    expect(await told(name, id, ...args)).toMatchObject({ code: 0, blocks: '4', head: { height: '3' } })
    const other = await cairn('verify', name, '--chain-id', id, '--level', 'seals', '--resume', 'audit.state')
    expect(other.code).toBe(1)
    expect(other.stderr).toContain('it is of the level roots')
  })

  it('does not mind who stops listening', async () => {
    const { name, id } = await filled()
    const [program = '', ...before] = CAIRN
    const child = spawn(program, [...before, 'verify', name, '--chain-id', id], { cwd: folder.path })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('tells wrong usage', async () => {
    const { name, id } = await filled()
    const wrong = async (...args: string[]): Promise<unknown> => (await cairn('verify', ...args)).code
    const said = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await cairn('verify', ...args)
      return `${code} ${stderr}`
    }
    expect(await wrong(name)).toBe(2)
    expect(await wrong(name, '--chain-id', id, '--level', 'all')).toBe(2)
    expect(await wrong(name, '--chain-id', id, '--cores', '0')).toBe(2)
    await cairn('prove', name, '--out', 'some.json')
    expect(await wrong('some.json', '--chain-id', id, '--level', 'seals')).toBe(2)
    expect(await wrong('nothing', '--chain-id', id)).toBe(1)
    expect(await said('nothing', '--chain-id', id, '--level', 'seals')).toContain(
      '2 error: --level is for whole chains, and nothing is neither the directory of one nor an export',
    )
    expect(await said(name, '--chain-id', id, '--resume', 'state')).toMatch(/^2 error: The option resume is refused: /)
    const both = ['--from-proof', 'some.json', '--level', 'roots']
    expect(await said(name, '--chain-id', id, ...both)).toMatch(/^2 error: The option fromProof is refused: /)
    for (const second of ['--head', '--from-proof']) {
      expect(await said('-', '--chain-id', id, second, '-')).toContain('2 error: only one of the files')
    }
    expect(await said(name, '--chain-id', id, '--head', '-', '--revocations', '-')).toContain('2 error: only one')
    const empty = await cairn('verify', '.', '--chain-id', id)
    expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no chain in .') as string })
  })
})
