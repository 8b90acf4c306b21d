/** What reaches the terminal: colours where they are wanted, lines that fit, and nothing that a stranger could steer it with. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { styleOf, widthOf, wrapped } from '../../src/cli/terminal.ts'
import { asText, type Report, verifyText } from '../../src/cli/verify.ts'
import { encodeProof, toHex } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { makeFolder, run, VERIFY } from '../support/cli.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random, seed } from '../support/seed.ts'

requireBuild()
console.log(`CAIRN_SEED=${seed}`)

const PROOF = 'examples/first-proof/proof.json'
const ID = readFileSync('examples/first-proof/chain-id.txt', 'utf8').trim()
const COLOUR = '\u001b['
const folder = makeFolder()

const verify = (env: Record<string, string> = {}) => run([...VERIFY, PROOF, '--chain-id', ID], { env })

/** In a terminal of so many columns: `script` makes a real one. */
async function inTerminal(columns: number, env: Record<string, string> = {}, file = PROOF, id = ID): Promise<string> {
  const command = [...VERIFY, file, '--chain-id', id].map((part) => `'${part}'`).join(' ')
  const ended = await run(['script', '-qec', `stty cols ${columns}; ${command}`, '/dev/null'], {
    env: { TERM: 'xterm-256color', ...env },
  })
  return ended.stdout.replaceAll('\r\n', '\n')
}

const noTerminal = !String(spawnSync('script', ['--version']).stdout).includes('util-linux')
if (noTerminal) console.log('the terminal test is skipped: there is no `script` of util-linux to make a terminal with')

describe('colours', () => {
  it('are not in a file or pipe', async () => expect((await verify()).stdout).not.toContain(COLOUR))
  it('are there where they are forced', async () => {
    expect((await verify({ FORCE_COLOR: '1' })).stdout).toContain(`${COLOUR}32m✓`)
  })
  it('are not there where somebody wants none, whatever else is said', async () => {
    const { code, stdout } = await verify()
    // That one of the two is ignored some versions of Node say themselves, on standard error.
    expect(await verify({ NO_COLOR: '1', FORCE_COLOR: '1' })).toMatchObject({ code, stdout })
  })
  it('change nothing of the text', async () => {
    const coloured = await verify({ FORCE_COLOR: '1' })
    expect(stripVTControlCharacters(coloured.stdout)).toBe((await verify()).stdout)
  })
  it('follow the conventions', () => {
    const has = (isTTY: boolean, environment: Record<string, string>) =>
      styleOf({ isTTY }, environment).good('x') !== 'x'
    expect(has(true, {})).toBe(true)
    expect(has(true, { NO_COLOR: '' })).toBe(true)
    expect(has(true, { NO_COLOR: '1' })).toBe(false)
    expect(has(true, { TERM: 'dumb' })).toBe(false)
    expect(has(true, { FORCE_COLOR: '0' })).toBe(false)
    expect(has(false, {})).toBe(false)
    expect(has(false, { FORCE_COLOR: '3' })).toBe(true)
  })
})

describe.skipIf(noTerminal)('in a real terminal', () => {
  it('there are colours', async () => expect(await inTerminal(100)).toContain(`${COLOUR}32m✓`))
  it('there are none for NO_COLOR and for a dumb one', async () => {
    expect(await inTerminal(100, { NO_COLOR: '1' })).toBe((await verify()).stdout)
    expect(await inTerminal(100, { TERM: 'dumb' })).toBe((await verify()).stdout)
  })
  it.each([40, 60, 80, 120])('of %d columns every line fits', async (columns) => {
    const lines = stripVTControlCharacters(await inTerminal(columns)).split('\n')
    expect(lines.filter((line) => line.length > columns)).toEqual([])
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(columns * 0.8)
  })
  it('of 300 columns lines are no longer than one reads', async () => {
    const lines = stripVTControlCharacters(await inTerminal(300)).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
  })
  it('that says it has no columns lines are those of a file', async () => {
    expect(await inTerminal(0, { NO_COLOR: '1' })).toBe((await verify()).stdout)
  })
})

describe('lines', () => {
  it('are as wide as the terminal, or as is pleasant', () => {
    expect([{ columns: 80 }, { columns: 300 }, { columns: 0 }, {}].map((stream) => widthOf(stream as never))).toEqual([
      80, 120, 100, 100,
    ])
  })
  it('break at spaces, and inside of a word where it is longer than a line', () => {
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrapped('a 0123456789abcdef b', 8)).toEqual(['a', '01234567', '89abcdef', 'b'])
    expect(wrapped('', 8)).toEqual([''])
  })
  it('count letters of two columns as two', () => {
    expect(wrapped('東京取引所 🚀🚀 x', 6)).toEqual(['東京取', '引所', '🚀🚀 x'])
  })
})

/** What could steer a terminal, break a line, turn the direction of writing, hide, or pass for the program's own words. */
const HOSTILE = [
  '\u001b[2J\u001b[1;1H',
  '\u001b]0;title\u0007',
  '\u009b31m',
  '\r\n  ✓ claims[0]  ',
  '\n\nHolds: 9 checks ok.',
  `${'x'.repeat(30)} Holds: 9 checks ok.`,
  '\u2028\u2029\u0085',
  '\u202e\u2066\u200f',
  '\u200b\ufeff\u00ad\u{e0041}',
  '\u00a0\u3000\u2003',
  '”. It holds. “',
  '\b\b\b\b\u007f\u0000',
]

/** A chain of which every text is hostile, and a proof of all that. */
function hostileProof(text: string): { readonly proof: string; readonly chainId: string } {
  const name = (length: number): string => cut(text, length)
  const utf8 = new TextEncoder().encode(text)
  const maker = new ChainMaker(new Random(1), undefined, { name: name(64) })
  maker.block([
    {
      client: name(64),
      type: name(64),
      payload: utf8,
      salt: new Uint8Array(32),
      reply: utf8,
      obligations: [{ topic: name(64), data: utf8 }],
      intents: [{ kind: name(64), data: utf8 }],
      writes: [['state', utf8, utf8]],
    },
  ])
  maker.block([{}])
  const nested = [maker.commandClaim(0n, maker.madeAt(0)), maker.stateClaim('state', utf8, maker.madeAt(0))]
  const claims = [
    maker.commandClaim(0n),
    maker.obligationClaim(0n),
    maker.intentClaim(0n),
    maker.stateClaim('state', utf8),
    maker.stateClaim('risk', utf8),
    maker.blockClaim(0n, undefined, nested),
  ]
  return { proof: encodeProof(maker.proof(claims)), chainId: toHex(maker.chainId) }
}

/** At most so many bytes of UTF-8, whole letters. */
function cut(text: string, bytes: number): string {
  const letters = Array.from(text)
  while (new TextEncoder().encode(letters.join('')).length > bytes) letters.pop()
  return letters.join('')
}

const PLAIN = styleOf({ isTTY: false }, {})
const HARMLESS = reportOf(hostileProof('x'))

function reportOf({ proof, chainId }: ReturnType<typeof hostileProof>): Report {
  return verifyText(proof, { chainId })
}

/** Nothing in it is a control character, or a space of another kind, but the ends of lines. */
function expectPrintable(text: string): void {
  expect(text.match(/[^\P{C}\n]|[^\P{Z} ]/gu) ?? []).toEqual([])
}

/** Where the eye looks for what the program says, the left edge, stands what would stand there without the stranger. */
function expectHarmless(text: string, width: number): void {
  expectPrintable(text)
  expect(leftEdgeOf(text)).toEqual(leftEdgeOf(asText(HARMLESS, PLAIN, width)))
}

function leftEdgeOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith(' '.repeat(4)))
  return lines.map((line) => /^ {2}. \S+ |^Proof under block /.exec(line)?.[0] ?? line)
}

describe('the words of a stranger', () => {
  it.each(HOSTILE)('%j', async (text) => {
    const hostile = hostileProof(text)
    const { proof, chainId } = hostile
    const file = folder.write('hostile.json', proof)
    const { stdout, code } = await run([...VERIFY, file, '--chain-id', chainId], { env: { FORCE_COLOR: '1' } })
    expect(code).toBe(0)
    const ours = [1, 2, 22, 31, 32, 39].map((code) => `${COLOUR}${code}m`)
    const uncoloured = ours.reduce((text, each) => text.replaceAll(each, ''), stdout)
    expectHarmless(uncoloured, 100)
    const report = reportOf(hostile)
    for (let width = 40; width <= 120; width++) expectHarmless(asText(report, PLAIN, width), width)
  })

  it('of any kind, on terminals of any width', () => {
    const random = new Random()
    for (let i = 0; i < 60; i++) {
      const words = Array.from({ length: 12 }, () => (random.below(3) > 0 ? random.pick(HOSTILE) : letter(random)))
      const hostile = hostileProof(words.join(random.pick(['', ' '])))
      const width = 40 + random.below(80)
      expectHarmless(asText(reportOf(hostile), PLAIN, width), width)
    }
  })

  it('are not let out by a fault that names them', async () => {
    // A fault shows no more than 64 letters of a name.
    for (const text of [HOSTILE.slice(0, 4), HOSTILE.slice(6, 9)].map((some) => some.join(''))) {
      const member = `{${JSON.stringify(text)}:null}`
      const document = folder.write('member.json', readFileSync(PROOF, 'utf8').replace('{', `{${member.slice(1, -1)},`))
      const args = [...VERIFY, document, '--chain-id', ID]
      for (const ended of [
        await run(args),
        await run([...args, '--json']),
        await run([...VERIFY, PROOF, '--chain-id', ID, '--revocations', folder.write('list.json', `[${member}]`)]),
        await run([...VERIFY, PROOF, '--chain-id', ID, '--head', folder.write('head.json', member)]),
      ]) {
        expect(ended.code).toBeOneOf([1, 3])
        expectPrintable(ended.stdout)
        expectPrintable(ended.stderr)
      }
    }
  })

  it('are not let out by the name of a file', async () => {
    const { code, stderr } = await run([...VERIFY, 'no\u001b[2J\u202e\n.json', '--chain-id', ID])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'no\\u{1b}[2J\\u{202e}\\u{a}.json cannot be read: there is no such file\n',
    })
  })
})

function letter(random: Random): string {
  const unit = random.pick([
    random.below(0x80),
    random.below(0x800),
    random.below(0x10000),
    0x1f000 + random.below(0x1000),
  ])
  return unit >= 0xd800 && unit < 0xe000 ? '?' : String.fromCodePoint(unit)
}
