/** `cairn-verify.mjs`, as an auditor takes it along: one file, alone in a folder, on a machine that has nothing but Node. */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { makeFolder, run, VERIFY } from '../support/cli.ts'
import { readVectors } from '../vectors/read.ts'

requireBuild()

const folder = makeFolder()
const alone = join(folder.path, 'cairn-verify.mjs')
copyFileSync('dist/cairn-verify.mjs', alone)

interface Cases {
  readonly chainId: string
  readonly cases: readonly { readonly name: string; readonly proof?: object; readonly evidence?: object }[]
}

/** Node and nothing else: no path, no home, and the folder of the file as the current one. */
const verifyAlone = (args: readonly string[], input = '') =>
  run([process.execPath, 'cairn-verify.mjs', ...args], { cwd: folder.path, env: { PATH: '' }, input })

describe('the one file, alone in a folder,', () => {
  test.each(
    (['proofs', 'evidence'] as const).flatMap((file) => {
      const { chainId, cases } = readVectors<Cases>(file)
      const picked = cases.filter((_, i) => i % (file === 'proofs' ? 25 : 8) === 0)
      return picked.map(({ name, proof, evidence }) => [name, JSON.stringify(proof ?? evidence), chainId] as const)
    }),
  )('says of “%s” what the package says', async (_, text, chainId) => {
    for (const args of [[], ['--json']]) {
      const said = await verifyAlone(['-', '--chain-id', chainId, ...args], text)
      expect(said.stdout).not.toBe('')
      expect(said).toEqual(await run([...VERIFY, '-', '--chain-id', chainId, ...args], { input: text }))
    }
  })

  it('reads its files from the current folder', async () => {
    const examples = 'examples/first-proof'
    for (const name of readdirSync(examples)) copyFileSync(join(examples, name), join(folder.path, name))
    const trust = ['--chain-id', readFileSync(join(examples, 'chain-id.txt'), 'utf8').trim()]
    const ended = await verifyAlone([
      'proof.json',
      ...trust,
      '--revocations',
      'revocations.json',
      '--head',
      'head.json',
    ])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toContain('Holds: 12 checks ok.')
  })

  it('says how it is used, by its own name', async () => {
    const { code, stdout } = await verifyAlone(['--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: cairn-verify /)
    expect(stdout).toContain('$ node cairn-verify.mjs receipt.json --chain-id')
  })

  it('can be read: it is not minified, and names the files that it was made of', () => {
    const lines = readFileSync(alone, 'utf8').split('\n')
    expect(lines).toContain('// src/verify/proof.ts')
    expect(lines.filter((line) => line.length > 200).length).toBeLessThan(10)
  })

  it('imports nothing but what Node has', () => {
    const imported = [...readFileSync(alone, 'utf8').matchAll(/^import .* from ["'](.+)["'];?$/gm)].map(
      ([, name]) => name,
    )
    expect(imported.length).toBeGreaterThan(0)
    expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([])
  })
})
