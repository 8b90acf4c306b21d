/** `cairn evidence`: of two copies of a chain that were both written to, anyone can be shown so; and of what agrees, that it does. */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { chainFolder } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, cairnWith, idOf } = folder
let id = ''

async function put(name: string, ...values: string[]): Promise<void> {
  for (const value of values) {
    const { code, stderr } = await cairn('append', name, 'put', 'a', value)
    if (code !== 0) throw new Error(stderr)
  }
}

const prove = (name: string, file: string, ...more: string[]) => cairn('prove', name, '--out', file, ...more)
const evidence = (a: string, b: string, ...more: string[]) => cairn('evidence', a, b, '--chain-id', id, ...more)

/** Blocks 0 to 2 in both; then `chain` has two more, and `fork`, with the same keys, three others. */
beforeAll(async () => {
  await cairn('init', 'chain')
  id = await idOf('chain')
  await put('chain', '0', '1', '2')
  await prove('chain', 'before.json')
  cpSync(at('chain'), at('fork'), { recursive: true, filter: (path) => !path.endsWith('/lock') })
  mkdirSync(at('fork.keys'))
  for (const name of ['dev-keys.json', 'guard']) cpSync(at('chain.keys', name), at('fork.keys', name))
  await put('chain', '3')
  await prove('chain', 'chain-3.json')
  await put('chain', '4')
  await put('fork', 'x')
  await prove('fork', 'fork-3.json')
  await put('fork', 'y')
  await prove('fork', 'fork-4.json')
  await put('fork', 'z')
  await prove('fork', 'fork-5.json')
  await prove('fork', 'fork-5-since-3.json', '--since', '3')
  await prove('chain', 'chain-4.json')
  await prove('chain', 'chain-4-since-2.json', '--since', '2')
  await cairn('init', 'other')
  await put('other', '0')
  await prove('other', 'other.json')
}, 60_000)

describe('two proofs of parted copies', () => {
  it.each([
    ['of one height', 'chain-4.json', 'fork-4.json', '4'],
    ['where one is the parent of the other', 'chain-4.json', 'fork-3.json', '3'],
    ['where the parents differ', 'chain-4.json', 'fork-5.json', '4'],
    ['where the second names an ancestor', 'chain-3.json', 'fork-5-since-3.json', '3'],
    ['where the first names one', 'fork-5-since-3.json', 'chain-3.json', '3'],
  ])('%s are evidence that verifies', async (_, a, b, height) => {
    const file = `evidence-${a}-${b}`
    const made = await evidence(a, b, '--out', file)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout.replaceAll('\n', ' ')).toContain(
      'whoever held the keys of this chain sealed two histories that differ at height',
    )
    const verified = await cairn('verify', file, '--chain-id', id)
    expect(verified).toMatchObject({ code: 0, stderr: '' })
    expect(verified.stdout).toContain('✓ contradiction')
    const { stdout } = await evidence(a, b, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      height,
      evidence: JSON.parse(readFileSync(at(file), 'utf8')) as object,
    })
  })

  it('name the hashes that differ', async () => {
    const { stdout } = await evidence('chain-4.json', 'fork-4.json', '--json')
    const hashOf = async (name: string, height: number) => {
      const lines = (await cairn('log', name, '--json')).stdout.trim().split('\n')
      return (JSON.parse(lines[height] ?? '') as { hash: string }).hash
    }
    expect(JSON.parse(stdout)).toMatchObject({ height: '4', a: await hashOf('chain', 4), b: await hashOf('fork', 4) })
  })

  it('give the document alone on standard output', async () => {
    const { code, stdout, stderr } = await evidence('chain-4.json', 'fork-4.json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ format: 'cairn.evidence/v1' })
    expect(stderr).toContain('✓ contradiction')
    expect(await cairnWith({ input: stdout }, 'verify', '-', '--chain-id', id)).toMatchObject({ code: 0 })
  })

  it('are never written over another file', async () => {
    const before = readFileSync(at('before.json'), 'utf8')
    const ended = await evidence('chain-4.json', 'fork-4.json', '-o', 'before.json')
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/^There is a file before\.json already/)
    expect(readFileSync(at('before.json'), 'utf8')).toBe(before)
  })
})

describe('no evidence', () => {
  const none = async (a: string, b: string, said: string | RegExp): Promise<void> => {
    const ended = await evidence(a, b, '--out', 'none.json')
    expect(ended).toMatchObject({ code: 3, stderr: '' })
    expect(ended.stdout.replaceAll('\n', ' ')).toMatch(said)
    expect(existsSync(at('none.json'))).toBe(false)
    const json = await evidence(a, b, '--json')
    expect(json.code).toBe(3)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false })
  }

  it('in the same block twice', () =>
    none(
      'chain-4.json',
      'chain-4.json',
      /^No evidence: they say the same of every height of which both speak \(3, 4\)\. $/,
    ))
  it('in a proof from before the copies parted', () =>
    none('before.json', 'chain-4-since-2.json', /of which both speak \(2\)\./))
  it('where no height is spoken of by both, and it says what to ask for', () =>
    none(
      'fork-3.json',
      'fork-5.json',
      /no height of which both speak\. Ask for a proof of block 5, or a later one, that names block 3 \(cairn prove --since 3\)/,
    ))
  it('in a proof of another chain', () =>
    none('chain-4.json', 'other.json', /^No evidence: the second proof is of another chain\. $/))
  it('in what is no proof', async () => {
    folder.write('text.json', 'a text')
    await none('text.json', 'chain-4.json', /^No evidence: text\.json is no proof: \$: expected/)
  })

  it('in a proof that nobody sealed, though it contradicts the other', async () => {
    const proof = JSON.parse(readFileSync(at('fork-4.json'), 'utf8')) as { seal: { signature: string } }
    const { signature } = proof.seal
    proof.seal.signature = `${signature.slice(0, 20)}${signature[20] === '0' ? '1' : '0'}${signature.slice(21)}`
    folder.write('unsealed.json', JSON.stringify(proof))
    await none(
      'chain-4.json',
      'unsealed.json',
      /^They contradict each other at height 4, but it is no evidence: .*✗ b\.seal/,
    )
  })
})

it('1 for a proof that cannot be read', async () => {
  expect(await evidence('chain-4.json', 'missing.json')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'missing.json cannot be read: there is no such file\n',
  })
})
