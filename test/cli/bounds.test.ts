/** Files without end, readers that go away: memory stays as it was, and nobody sees a stack. */
import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { makeFolder, PROGRAMS, run } from '../support/cli.ts'

requireBuild()

const folder = makeFolder()
const PROOF = 'examples/first-proof/proof.json'
const ID = readFileSync('examples/first-proof/chain-id.txt', 'utf8').trim()
const trust = ['--chain-id', ID]
const MIB = 1 << 20

/** A file of that size which takes no space. */
function sparse(name: string, size: number): string {
  const path = join(folder.path, name)
  const file = openSync(path, 'w')
  ftruncateSync(file, size)
  closeSync(file)
  return path
}

function* endless(): Iterable<Uint8Array> {
  const piece = Buffer.alloc(MIB, '[')
  for (;;) yield piece
}

/** Prints, at the end, how many KiB of memory the process had at most. */
const MEASURED = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))",
  )}`,
}

describe.each(PROGRAMS)('$program', ({ command }) => {
  /** How the process ended, what it said without the measurement, and the MiB that it had at most. */
  async function measure(args: readonly string[], input: Iterable<Uint8Array> = []) {
    const ended = await run([...command, ...args], { env: MEASURED, input })
    const [stderr = '', peak = ''] = ended.stderr.split('peak ')
    return { ...ended, stderr, peak: Number(peak) / 1024 }
  }

  // The bound itself is read, once in pieces and once whole, and as text; a file of a gigabyte costs no more than that.
  const ROOM = 48

  test.each([
    ['a document', (file: string) => [file, ...trust], 3],
    ['a list of revocations', (file: string) => [PROOF, ...trust, '--revocations', file], 1],
    ['a head', (file: string) => [PROOF, ...trust, '--head', file], 1],
  ])('%s of 17 MiB or of 1 GiB is refused, and takes no memory', async (_, args, code) => {
    const usual = await measure([PROOF, ...trust])
    expect(usual.code).toBe(0)
    for (const size of [17 * MIB, 1024 * MIB]) {
      const file = sparse('large', size)
      const ended = await measure(args(file))
      expect(ended).toMatchObject({ code })
      expect(ended.stdout + ended.stderr).toContain(`${file} is larger than the 16777216 bytes that it may have`)
      expect(ended.peak - usual.peak).toBeLessThan(ROOM)
    }
  })

  it('standard input without an end is refused, and takes no memory', async () => {
    const usual = await measure([PROOF, ...trust])
    const ended = await measure(['-', ...trust], endless())
    expect(ended).toMatchObject({ code: 3, stderr: '' })
    expect(ended.stdout).toContain('standard input is larger than the 16777216 bytes that it may have')
    expect(ended.peak - usual.peak).toBeLessThan(ROOM)
  })

  it('what never ends and is the head is refused too', async () => {
    const ended = await measure([PROOF, ...trust, '--head', '-'], endless())
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toBe('standard input is larger than the 16777216 bytes that it may have\n')
  })

  it('16 MiB of open brackets are refused for their depth', async () => {
    const ended = await measure([folder.write('deep.json', '['.repeat(16 * MIB)), ...trust])
    expect(ended).toMatchObject({ code: 3, stderr: '' })
    expect(ended.stdout).toContain('nesting is over its bound of 12')
  })

  it('a document of a thousand claims is shown claim by claim', async () => {
    const ended = await run([...command, folder.write('many.json', withManyClaims()), ...trust])
    expect(ended.code).toBe(0)
    expect(ended.stdout.match(/^ {2}✓ claims\[\d+\] /gm)).toHaveLength(1000)
  })

  it.each(['| head -1', '| true', '>&- 2>&-'])('`… %s` ends without a stack', async (rest) => {
    const many = folder.write('many.json', withManyClaims())
    const script = `("$@"; echo "code $?" >&3) 2>&1 ${rest}`
    const ended = await run(['sh', '-c', `exec 3>&2; ${script}`, 'sh', ...command, many, ...trust])
    expect(ended.stderr).toBe('code 0\n')
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1)
  })
})

/** The proof with a thousand claims of the kind that costs least: every range extends the empty one. */
function withManyClaims(): string {
  const root = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
  const proof = JSON.parse(readFileSync(PROOF, 'utf8')) as object
  const claim = { kind: 'consistency', range: 'commands', size: '0', root, path: [] }
  return JSON.stringify({ ...proof, claims: Array.from({ length: 1000 }, () => claim) })
}
