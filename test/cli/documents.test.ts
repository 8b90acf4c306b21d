/** `cairn verify` on every worked example: the verdicts by name, in the table and as JSON, with what is known from elsewhere. */
import { describe, expect, it, test } from 'vitest'
import { styleOf } from '../../src/cli/terminal.ts'
import { asText, verifyText } from '../../src/cli/verify.ts'
import { decodeHead, decodeRevocations, type Trust } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { makeFolder, PROGRAMS, run, VERIFY } from '../support/cli.ts'
import { Random, seed } from '../support/seed.ts'
import { readVectors } from '../vectors/read.ts'

requireBuild()

interface Case {
  readonly name: string
  readonly ok: boolean
  readonly text: string
  readonly chainId: string
  readonly revocations: string | undefined
  readonly head: string | undefined
  readonly verdicts: Readonly<Record<string, string>> | undefined
}

const CASES = ['proofs', 'texts', 'evidence'].flatMap((file): readonly Case[] => {
  // biome-ignore lint/suspicious/noExplicitAny: the examples are data of a foreign shape
  const { chainId, cases } = readVectors<any>(file)
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return cases.map(({ name, ok, text, proof, evidence, revocations, head, verdicts }: any) => ({
    name: `${file}: ${name}`,
    ok,
    text: text ?? JSON.stringify(proof ?? evidence),
    chainId,
    revocations: revocations && JSON.stringify(revocations),
    head: head && JSON.stringify(head),
    verdicts,
  }))
})

const folder = makeFolder()
const PLAIN = styleOf({ isTTY: false }, {})
const MARKS = { ok: '✓', fail: '✗', unchecked: '–' } as const

/** The rows of the table: mark and check. */
function rowsOf(text: string): string[] {
  return [...text.matchAll(/^ {2}([✓✗–]) (\S+)/gm)].map(([, mark, check]) => `${mark} ${check}`)
}

function rowsFor(verdicts: readonly { check: string; verdict: keyof typeof MARKS }[]): string[] {
  return verdicts.map(({ check, verdict }) => `${MARKS[verdict]} ${check}`)
}

function inProcess({ text, chainId, revocations, head }: Case) {
  const trust: Trust = {
    chainId,
    ...(revocations && { revocations: decodeRevocations(revocations) }),
    ...(head && { head: decodeHead(head) }),
  }
  const report = verifyText(text, trust)
  return { ...report, table: asText(report, PLAIN, 100) }
}

test.each(CASES.map((each) => [each.name, each] as const))('%s', (_, each) => {
  const { verification, table } = inProcess(each)
  const byName = Object.fromEntries(verification.verdicts.map(({ check, verdict }) => [check, verdict]))
  expect(verification.ok).toBe(each.ok)
  expect(byName).toEqual(each.verdicts ?? byName)
  expect(rowsOf(table)).toEqual(rowsFor(verification.verdicts))
  expect(table).toContain(each.ok ? '\nHolds: ' : '\nDoes not hold: ')
})

// Some of them: a process each would take a minute for all.
console.log(`CAIRN_SEED=${seed}`)
const random = new Random()
const TRUSTING = CASES.filter(({ revocations, head }) => revocations ?? head)
const SAMPLE = [CASES, CASES, CASES, CASES, TRUSTING, TRUSTING, TRUSTING, TRUSTING].map((some) => random.pick(some))

describe.each(PROGRAMS)('$program', { concurrent: true }, ({ program, command }) => {
  it.each(SAMPLE.map((each, i) => [each.name, each, i] as const))('as a process, %s', async (_, each, i) => {
    const { verification, table } = inProcess(each)
    const name = (what: string): string => `${program.length}-${i}-${what}.json`
    const args = [...command, folder.write(name('document'), each.text), '--chain-id', each.chainId]
    if (each.revocations) args.push('--revocations', folder.write(name('revocations'), each.revocations))
    if (each.head) args.push('--head', folder.write(name('head'), each.head))
    expect(await run(args)).toEqual({ code: each.ok ? 0 : 3, stdout: table, stderr: '' })

    const json = await run([...args, '--json'])
    expect(json).toMatchObject({ code: each.ok ? 0 : 3, stderr: '' })
    expect(json.stdout).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: each.ok, verdicts: verification.verdicts })
  })
})

describe('what is known from elsewhere', () => {
  const named = (name: string): Case => CASES.find((each) => each.name === `proofs: ${name}`) as Case
  const valid = named('valid')
  const revoked = named('revoked, revocation only known elsewhere')
  const foreign = named('foreign revocation known elsewhere')
  const verify = (text: string, ...args: string[]) =>
    run([...VERIFY, '-', '--chain-id', valid.chainId, ...args], { input: text })

  it('the document comes from standard input, and the list from a file', async () => {
    const ended = await verify(revoked.text, '--revocations', folder.write('revoked.json', revoked.revocations ?? ''))
    expect(ended.code).toBe(3)
    expect(ended.stdout).toMatch(/✗ revocation +Fails: delegation \d+ is revoked from height \d+ on\.\n/)
  })

  it('the list comes from standard input, and the document from a file', async () => {
    const document = folder.write('document.json', revoked.text)
    const args = [...VERIFY, document, '--chain-id', revoked.chainId, '--revocations', '-']
    expect(await run(args, { input: revoked.revocations ?? '' })).toMatchObject({ code: 3 })
    expect(await run(args, { input: '[' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^standard input: \$\[0\]: expected [^\n]+\n$/) as string,
    })
  })

  it('without a list it is said twice that revocation was not checked, and how it would be', async () => {
    const { code, stdout } = await verify(revoked.text)
    expect(code).toBe(0)
    expect(stdout).toContain('Not checked: no list of revocations from another source was given.\n')
    expect(stdout).toContain('Revocation was NOT checked: a stolen key would pass. Give --revocations')
  })

  it('an empty list is a list', async () => {
    const { stdout } = await verify(valid.text, '--revocations', folder.write('empty.json', '[]'))
    expect(stdout).toMatch(/✓ revocation +The cold key did not take that right back\.\n/)
    expect(stdout).not.toContain('NOT checked')
  })

  it('a revocation that the cold key did not sign is refused, not left out', async () => {
    const ended = await verify(foreign.text, '--revocations', folder.write('foreign.json', foreign.revocations ?? ''))
    expect(ended.code).toBe(3)
    expect(ended.stdout).toMatch(/✗ revocation +Fails: the cold key did not sign the revocation of index \d+\.\n/)
  })

  it('a claim that fails is shown as what was not proved', async () => {
    const { stdout } = await verify(named('payload changed').text)
    expect(stdout).toMatch(/✗ claims\[0\] +Fails: the path does not lead .+\n +Not proved: Command \d+ of client /)
  })

  it('a nested claim is said to be of its block', async () => {
    const { stdout } = await verify(named('old fact of a revoked key under a new seal').text)
    expect(stdout).toMatch(/✓ claims\[\d+\]\.claims\[0\] +At block \d+: /)
  })
})

describe('as JSON', () => {
  const valid = CASES.find(({ name }) => name === 'proofs: valid') as Case
  const json = (text: string, env = {}) =>
    run([...VERIFY, '-', '--chain-id', valid.chainId, '--json'], { input: text, env })

  it('the format of the document is named, or null where it could not be read', async () => {
    expect(JSON.parse((await json(valid.text)).stdout)).toMatchObject({ ok: true, format: 'cairn.proof/v1' })
    const evidence = CASES.find(({ name }) => name === 'evidence: two blocks at one height') as Case
    expect(JSON.parse((await json(evidence.text)).stdout)).toMatchObject({ format: 'cairn.evidence/v1' })
    expect(JSON.parse((await json('{}')).stdout)).toEqual({
      ok: false,
      format: null,
      verdicts: [{ check: 'format', verdict: 'fail', reason: '$.format: the member is missing' }],
    })
  })

  it('a reason stands where something is not ok, and there only', async () => {
    const { verdicts } = JSON.parse((await json(valid.text)).stdout)
    for (const each of verdicts) expect('reason' in each).toBe(each.verdict !== 'ok')
  })

  it('there are no colours in it, whatever is forced', async () => {
    expect(await json(valid.text, { FORCE_COLOR: '1' })).toEqual(await json(valid.text))
  })
})
