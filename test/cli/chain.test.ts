/** A chain from init to a verified proof, as a user types it: what is built, in processes of its own, on real files. */
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { chainFolder } from './chain-folder.ts'

const folder = chainFolder()
const { at, cairn, cairnWith, newChain } = folder

describe('a chain', () => {
  it('is made, appended to, read, proved, and the proof is verified', async () => {
    const init = await cairn('init', 'demo')
    expect(init.code).toBe(0)
    expect(init.stdout).toContain('The chain “dev-demo” with the machine kv@1 is made, with development keys.\n')
    expect(init.stdout).toContain('  cairn append demo put greeting hello\n')
    expect(init.stderr).toMatch(
      /^DEVELOPMENT KEYS: NOT FOR PRODUCTION\.\nWhoever has demo\.keys\/dev-keys\.json can do/,
    )
    const id = (await cairn('id', 'demo')).stdout
    expect(id).toMatch(/^0x[0-9a-f]{64}\n$/)
    expect(init.stdout).toContain(`  chain id  ${id}`)

    expect(await cairn('append', 'demo', 'put', 'greeting', 'hello')).toEqual({
      code: 0,
      stdout: 'height 0  seq 0  accepted  {"replaced":false}\n',
      stderr: '',
    })
    expect((await cairn('append', 'demo', '{"key":"greeting","value":"good day"}')).stdout).toContain(
      '{"replaced":true}',
    )
    expect((await cairn('append', 'demo', 'delete', 'nothing')).stdout).toContain('{"deleted":false}')
    expect((await cairn('append', 'demo', 'put', 'temperature', '--', '-5')).stdout).toContain('accepted')
    const json = await cairn('append', 'demo', '{"stream":"s","entry":{"hex":"0xff00"}}', '--type', 'append', '--json')
    expect(JSON.parse(json.stdout)).toEqual({
      height: '4',
      blockHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
      timestamp: expect.stringMatching(/^\d+$/) as string,
      seq: '4',
      client: '',
      request: '0',
      status: 0,
      reply: '{"index":"0"}',
    })

    expect(await cairn('get', 'demo', 'greeting')).toEqual({ code: 0, stdout: 'good day', stderr: '' })
    expect(await cairn('get', 'demo', 'greeting', '--height', '0')).toMatchObject({ code: 0, stdout: 'hello' })
    expect(await cairn('get', 'demo', '0x6772656574696e67', '--hex')).toMatchObject({ code: 0, stdout: 'good day' })

    const args = ['--command', '0', '--command', '4', '--state', 'greeting', '--absent', 'nothing']
    const proved = await cairn('prove', 'demo', ...args, '--out', 'a proof.json')
    expect(proved).toMatchObject({ code: 0, stdout: '' })
    const told = `Check it with:\n  cairn verify 'a proof.json' --chain-id ${id}`
    expect(proved.stderr).toBe(told)
    const verified = await cairn('verify', 'a proof.json', '--chain-id', id.trim())
    expect(verified.code).toBe(0)
    expect(verified.stdout.match(/✓ claims\[\d\]/g)).toHaveLength(4)
    expect(verified.stdout).toContain('“good day” in the state tree')

    const past = await cairn('prove', 'demo', '--state', 'greeting', '--height', '0', '--since', '1')
    const checked = await cairnWith({ input: past.stdout }, 'verify', '-', '--chain-id', id.trim())
    expect(checked.code).toBe(0)
    expect(checked.stdout).toContain('At block 0: The key “greeting” has the value “hello”')
  })

  it('has its keys and its guard beside it, for nobody else to read', async () => {
    const name = await newChain()
    expect(statSync(at(`${name}.keys`)).mode & 0o777).toBe(0o700)
    expect(readdirSync(at(`${name}.keys`))).toEqual(['dev-keys.json', 'guard'])
    for (const file of ['dev-keys.json', 'guard']) expect(statSync(at(`${name}.keys`, file)).mode & 0o777).toBe(0o600)
  })

  it('never prints a private key', async () => {
    const ended = await cairn('init', 'quiet')
    const { coldKey, hotKey } = JSON.parse(readFileSync(at('quiet.keys/dev-keys.json'), 'utf8')) as Record<
      string,
      string
    >
    const others = await Promise.all([cairn('id', 'quiet'), cairn('append', 'quiet', 'put', 'a', 'b', '--json')])
    const all = [ended, ...others].map(({ stdout, stderr }) => stdout + stderr).join('')
    for (const key of [coldKey, hotKey]) expect(all).not.toContain(key?.slice(2))
  })

  it('has the name that it is given', async () => {
    expect((await cairn('init', 'named', '--name', 'Ann’s')).stdout).toContain('The chain “Ann’s” with')
    expect((await cairn('init', 'ä'.repeat(60))).stdout).toContain(`The chain “dev-${'ä'.repeat(30)}” with`)
  })

  it('is the same by another path', async () => {
    const name = await newChain()
    symlinkSync(at(name), at('link'))
    expect(await cairn('append', `${name}/`, 'put', 'a', 'b')).toMatchObject({ code: 0, stderr: '' })
    expect(await cairn('get', 'link', 'a')).toMatchObject({ code: 0, stdout: 'b', stderr: '' })
    expect(await cairnWith({ cwd: at(name) }, 'append', '.', 'put', 'a', 'c')).toMatchObject({ code: 0, stderr: '' })
  })

  it('writes a proof as a whole or not at all', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'a', 'b')
    mkdirSync(at('taken'))
    const before = readdirSync(folder.path)
    // What was asked for is named, not what it is written under meanwhile.
    expect(await cairn('prove', name, '--out', 'taken')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The system refused: taken: it is a directory.\n',
    })
    expect(await cairn('prove', name, '--out', 'missing/proof.json')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The system refused: missing/proof.json: there is no such file or directory.\n',
    })
    expect(await cairn('prove', name, '--state', 'nothing', '--out', 'none.json')).toMatchObject({ code: 1 })
    expect(readdirSync(folder.path)).toEqual(before)
  })
})

describe('without its keys', () => {
  it('a chain can be read, and says why it takes nothing', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'a', 'b')
    cpSync(at(name), at('copy'), { recursive: true })
    expect(await cairn('append', 'copy', 'put', 'a', 'c')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^There are no keys in copy\.keys \(no dev-keys\.json, no keystore\), and without one no block/,
      ) as string,
    })
    const read = await cairn('get', 'copy', 'a')
    expect(read).toMatchObject({ code: 0, stdout: 'b' })
    expect(read.stderr).toMatch(/^Read only: The chain has blocks and no guard/)
  })

  it('an older copy takes nothing, though the keys are there', async () => {
    const name = await newChain()
    await cairn('append', name, 'put', 'a', 'old')
    cpSync(at(name), at('older'), { recursive: true })
    await cairn('append', name, 'put', 'a', 'new')
    cpSync(at(`${name}.keys`), at('older.keys'), { recursive: true })
    const ended = await cairn('append', 'older', 'put', 'a', 'c')
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/^This is an older copy of the chain/)
    expect(await cairn('get', 'older', 'a')).toMatchObject({ code: 0, stdout: 'old' })
  })

  it('the keys of another chain are refused', async () => {
    const [name, other] = [await newChain(), await newChain()]
    cpSync(at(`${other}.keys/dev-keys.json`), at(`${name}.keys/dev-keys.json`))
    const ended = await cairn('get', name, 'a')
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/^The development keys are those of another chain, "dev-chain-\d+"/)
    const broken = readFileSync(at(`${other}.keys/dev-keys.json`), 'utf8').replace('coldKey', 'coldkey')
    folder.write(`${name}.keys/dev-keys.json`, broken)
    expect((await cairn('get', name, 'a')).stderr).toMatch(/is not a file of development keys \(\$\.genesis\.coldKey: /)
  })
})
