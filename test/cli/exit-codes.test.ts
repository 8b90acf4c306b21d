/** How `cairn verify` ends: 0, 3, 2 or 1, in every way that each can come about, and what it then says where. */
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { makeFolder, PROGRAMS, run } from '../support/cli.ts'
import { readVectors } from '../vectors/read.ts'

requireBuild()

interface Vectors {
  readonly chainId: string
  readonly cases: readonly { name: string; ok: boolean; proof?: object; evidence?: object }[]
}

const folder = makeFolder()
const proofs = readVectors<Vectors>('proofs')
const evidence = readVectors<Vectors>('evidence')
const ID = proofs.chainId
const named = ({ cases }: Vectors, name: string) => cases.find((each) => each.name === name)

const good = folder.write('good.json', JSON.stringify(named(proofs, 'valid')?.proof))
const bad = folder.write('bad.json', JSON.stringify(named(proofs, 'payload changed')?.proof))
const forked = folder.write('forked.json', JSON.stringify(named(evidence, 'two blocks at one height')?.evidence))
const agreeing = folder.write('agreeing.json', JSON.stringify(named(evidence, 'the same block twice')?.evidence))
const none = folder.write('none.json', '[]')
const half = folder.write('half.json', readFileSync(good).subarray(0, 5000))
const other = folder.write('other.json', '{"format":"cairn.snapshot/v1"}')
const page = folder.write('page.html', '<!doctype html><title>404</title>')
const noHead = folder.write('no-head.json', '{"height":"1","blockHash":"0x00"}')
const noRevocations = folder.write('no-revocations.json', '[{"index":"0","fromHeight":"01"}]')
const nothing = folder.write('nothing', '')
const folderName = join(folder.path, 'folder')
mkdirSync(folderName)
const loop = join(folder.path, 'loop')
symlinkSync(loop, loop)
const locked = folder.write('locked.json', readFileSync(good))
chmodSync(locked, 0)
const large = folder.write('large.json', `${readFileSync(good, 'utf8')}${' '.repeat(17 << 20)}`)

const trust = ['--chain-id', ID]

describe.each(PROGRAMS)('$program', { concurrent: true }, ({ program, command }) => {
  // A directory is a chain to it.
  const isWhole = program === 'cairn verify'
  const verify = (...args: string[]) => run([...command, ...args])

  test.each([
    ['a proof that holds', [good, ...trust]],
    ['a proof that holds, everything checked', [good, ...trust, '--revocations', none]],
    ['evidence that holds', [forked, ...trust]],
    ['somebody who asks for help', ['--help']],
  ])('0 for %s', async (_, args) => {
    expect(await verify(...args)).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['a proof of which something fails', [bad, ...trust], '✗ claims[0]'],
    ['a proof of another chain', [good, '--chain-id', `0x${'0'.repeat(64)}`], '✗ genesis'],
    ['evidence that proves nothing', [agreeing, ...trust], '✗ contradiction'],
    ['half a proof', [half, ...trust], '✗ format'],
    ['a document of another format', [other, ...trust], '✗ format'],
    ['what is no JSON', [page, ...trust], '✗ format'],
    ['an empty file', [nothing, ...trust], '✗ format'],
    ['a file of 17 MiB', [large, ...trust], '✗ format'],
  ])('3 for %s', async (_, args, said) => {
    const ended = await verify(...args)
    expect(ended).toMatchObject({ code: 3, stderr: '' })
    expect(ended.stdout).toContain(said)
    expect(ended.stdout).toContain('Does not hold')
  })

  test.each([
    ['no file', trust, "missing required argument 'file'"],
    ['two files', [good, bad, ...trust], 'too many arguments'],
    ['no chain id', [good], "'--chain-id <0x…>' not specified"],
    ['an empty chain id', [good, '--chain-id', ''], '64 lower-case hex digits'],
    ['a chain id in upper case', [good, '--chain-id', ID.toUpperCase()], '64 lower-case hex digits'],
    ['a chain id that is too short', [good, '--chain-id', ID.slice(0, -2)], '64 lower-case hex digits'],
    ['an option that there is not', [good, ...trust, '--jsn'], 'Did you mean --json?'],
    ['an option without its value', [good, ...trust, '--head'], 'argument missing'],
    ['an empty file name, as of a variable that is not set', [good, ...trust, '--revocations', ''], 'It is empty'],
    ['two lists of revocations', [good, ...trust, '--revocations', none, '--revocations', none], 'once only'],
    ['two chain ids', [good, ...trust, ...trust], 'once only'],
    ['an anchor beside evidence', [forked, ...trust, '--anchor', 'missing.json'], 'checked beside a proof'],
    ['standard input as two files', ['-', ...trust, '--head', '-'], 'only one of the files can be standard input'],
  ])('2 for %s', async (_, args, said) => {
    const ended = await verify(...args)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^error: /)
    expect(ended.stderr).toContain(said)
    expect(ended.stderr).toContain('(--help shows how it is used)')
  })

  test.each([
    ['a file that is not there', ['missing.json', ...trust], 'missing.json cannot be read: there is no such file'],
    [
      'a folder',
      [folderName, ...trust],
      isWhole ? `There is no chain in ${folderName}` : `${folderName} cannot be read: it is a directory`,
    ],
    ['a file below a file', [join(good, 'x'), ...trust], 'cannot be read: ENOTDIR'],
    ['a link to itself', [loop, ...trust], 'cannot be read: ELOOP'],
    [
      'revocations that are not there',
      [good, ...trust, '--revocations', 'x'],
      'x cannot be read: there is no such file',
    ],
    ['a head that is not there', [good, ...trust, '--head', 'x'], 'x cannot be read: there is no such file'],
    [
      'revocations of which one is malformed',
      [good, ...trust, '--revocations', noRevocations],
      `${noRevocations}: $[0].fromHeight: expected a decimal string`,
    ],
    [
      'a head where revocations are meant',
      [good, ...trust, '--revocations', noHead],
      `${noHead}: $: expected an array`,
    ],
    [
      'a malformed head',
      [good, ...trust, '--head', noHead],
      `${noHead}: $.blockHash: expected at least 32 bytes, got 1`,
    ],
    [
      'revocations of 17 MiB',
      [good, ...trust, '--revocations', large],
      `${large} is larger than the 16777216 bytes that it may have`,
    ],
    ['a malformed document and a malformed head', [half, ...trust, '--head', noHead], `${noHead}: $.blockHash`],
  ])('1 for %s', async (_, args, said) => {
    const ended = await verify(...args)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(said)
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('1 for a file that one may not read, unless one may read everything', async () => {
    const mayAll = process.getuid?.() === 0
    expect(await verify(locked, ...trust)).toMatchObject({
      code: mayAll ? 0 : 1,
      stderr: mayAll ? '' : `${locked} cannot be read: you may not read it\n`,
    })
  })

  it('1 for an output that cannot be written', async () => {
    const ended = await run(['sh', '-c', 'exec "$@" >/dev/full', 'sh', ...command, good, ...trust])
    expect(ended).toMatchObject({ code: 1 })
    expect(ended.stderr).toMatch(/^The output cannot be written: ENOSPC[^\n]*\n$/)
  })
})

describe('cairn', () => {
  const cairn = (...args: string[]) => run([process.execPath, 'dist/cli/main.js', ...args])

  it('2 for no command, with help', async () => {
    const ended = await cairn()
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('verify [options] <file>')
  })
  it('2 for a command that there is not', async () => {
    expect(await cairn('verfy')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean verify?') as string,
    })
  })
  it.each([['--help'], ['help'], ['verify', '--help'], ['help', 'verify']])('0 for %s %s', async (...args) => {
    const ended = await cairn(...args.filter(Boolean))
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^Usage: cairn/)
  })
})

test('evidence holds whatever was revoked, and who brings a list is told so', async () => {
  const { code, stdout, stderr } = await run([...PROGRAMS[0].command, forked, '--chain-id', ID, '--revocations', none])
  expect(stderr).toMatch(/--revocations and --head play no part here/)
  expect(stdout).toContain('Holds')
  expect(code).toBe(0)
})

test('a proof has no transaction, and who names an RPC without an anchor is told that it was not asked', async () => {
  const [{ command }] = PROGRAMS
  const { code, stdout, stderr } = await run([...command, good, ...trust, '--rpc', 'http://127.0.0.1:1'])
  expect(stderr).toMatch(/--rpc plays no part here, and nobody was asked/)
  expect(stdout).toContain('Holds')
  expect(code).toBe(0)
})

test('cairn --version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(await run([...PROGRAMS[0].command.slice(0, 2), '--version'])).toMatchObject({
    code: 0,
    stdout: `${version}\n`,
  })
})
