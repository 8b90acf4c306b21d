/** The command line against a real EVM: anchors, receipts, the light client, and what a crash leaves behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex, TypedDataDefinition } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cairnAnchorsAbi, cairnVaultAbi } from '../../contracts-abi/index.ts'
import { typedDataOf } from '../../src/keys/typed-data.ts'
import { decodeGenesis, encodeRevocations, fromHex, identify, nobleEngine } from '../../src/verify/index.ts'
import { chainFolder, Running } from '../cli/chain-folder.ts'
import { Anvil, RICH_KEY } from '../support/evm/anvil.ts'
import { PAYER_OPTIONS, writePayer } from './payer.ts'

const { at, cairn, newChain, copyChain, idOf, path: cwd } = chainFolder()
const anvil = await Anvil.start()
afterAll(() => anvil.stop())

const sending = ['--rpc', anvil.url, ...PAYER_OPTIONS]
const paid = [...sending, '--confirmations', '1', '--yes']

beforeAll(() => writePayer(at))

async function ok(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cairn(...args)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

async function deployed(...args: string[]): Promise<Hex> {
  const { contract } = JSON.parse(await ok('evm', 'deploy', ...args, ...paid, '--json')) as { contract: Hex }
  return contract
}

async function chainWith(count: number): Promise<string> {
  const name = await newChain()
  for (let i = 0; i < count; i++) await ok('append', name, 'put', `k${i}`, `v${i}`)
  return name
}

/** No block is made meanwhile, and what is sent waits. */
async function stalled<T>(run: () => Promise<T>): Promise<T> {
  await anvil.chain.setAutomine(false)
  try {
    return await run()
  } finally {
    await anvil.chain.setAutomine(true)
    await anvil.chain.mine({ blocks: 1 })
  }
}

/** A command that runs out of patience, with its transaction on its way. */
async function cutShort(...args: string[]): Promise<void> {
  const { code, stderr } = await stalled(() => cairn(...args, '--timeout', '1'))
  expect([code, stderr.includes('Repeat the command')]).toEqual([1, true])
}

const nonce = () => anvil.chain.getTransactionCount({ address: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266' })

describe('cairn anchor', () => {
  it('takes no secret in an address, and sends no token where others read along or that others may read', async () => {
    const contract = await deployed('anchors')
    const from = (chain: string, ...more: string[]) =>
      cairn('anchor', '--chain', chain, '--contract', contract, ...sending, ...more, '--json')
    writeFileSync(at('token'), 'cairn_geheim\n', { mode: 0o600 })
    writeFileSync(at('open-token'), 'cairn_geheim\n', { mode: 0o644 })
    for (const [chain, file, code] of [
      ['http://user:geheim@127.0.0.1:1', 'token', 'invalid_option'],
      ['http://ledger.example.org', 'token', 'token_invalid'],
      ['http://127.0.0.1:1', 'open-token', 'secret_exposed'],
    ] as const) {
      const ended = await from(chain, '--token-file', file)
      expect(ended.code).toBe(1)
      expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code } })
      expect(ended.stderr).not.toContain('geheim')
    }
  })

  it('tells what it costs and sends nothing without --yes; with it every chain gets a receipt that verifies', async () => {
    const contract = await deployed('anchors')
    const [a, b] = [await chainWith(2), await chainWith(1)]
    const before = await nonce()
    const chains = ['--chain', a, '--chain', b, '--contract', contract, '-o', 'receipts']
    const told = await cairn('anchor', ...chains, ...sending)
    expect(told.code).toBe(0)
    expect(told.stderr).toMatch(
      /anchor 2 chains under 0x[0-9a-f]{64}\n {2}EVM chain 31337, paid by 0xf39f.*gas at most/s,
    )
    expect(told.stderr).toContain('Nothing was sent.')
    expect([await nonce(), existsSync(at('receipts'))]).toEqual([before, false])

    expect(await ok('anchor', ...chains, ...paid)).toContain('Anchored in block')
    expect(await nonce()).toBe(before + 1)
    expect(existsSync(at('cairn-evm', 'pending.json'))).toBe(false)
    const [id, other] = [await idOf(a), await idOf(b)]
    const receipt = join('receipts', `${id}-1.anchor.json`)
    const offline = await cairn('verify', receipt, '--chain-id', id)
    expect(offline).toMatchObject({ code: 0 })
    expect(offline.stdout).toContain('anchored (not checked against the EVM chain)')
    expect(offline.stdout).toContain('NOT asked')
    // Again, and nothing is newer: that would be paid for, and the receipt of a later time take the place of this one.
    expect(await ok('anchor', ...chains, ...paid)).toMatch(/^Anchored since .*nothing was sent/)
    expect(await nonce()).toBe(before + 1)
    for (let i = 0; i < 3; i++) await anvil.chain.mine({ blocks: 1 })
    const online = await ok('verify', receipt, '--chain-id', id, '--rpc', anvil.url, '--json')
    expect(JSON.parse(online)).toEqual({
      ok: true,
      format: 'cairn.anchor/v1',
      verdicts: ['format', 'chain', 'path', 'transaction'].map((check) => ({ check, verdict: 'ok' })),
    })
    const foreign = await cairn('verify', receipt, '--chain-id', other)
    expect(foreign.code).toBe(3)
    expect(foreign.stdout).toContain('✗ chain')
  })

  it('beside a proof: the anchored head is its block, or in its history; another block there fails', async () => {
    const contract = await deployed('anchors')
    const name = await chainWith(2)
    const id = await idOf(name)
    await ok('anchor', '--chain', name, '--contract', contract, '-o', 'beside', ...paid)
    const anchor = join('beside', `${id}-1.anchor.json`)
    const judged = async (...prove: string[]): Promise<Record<string, string>> => {
      await ok('prove', name, ...prove, '-o', 'beside.json')
      const { stdout } = await cairn('verify', 'beside.json', '--chain-id', id, '--anchor', anchor, '--json')
      const { verdicts } = JSON.parse(stdout) as { verdicts: { check: string; verdict: string }[] }
      return Object.fromEntries(
        verdicts.filter(({ check }) => check.startsWith('anchor')).map((v) => [v.check, v.verdict]),
      )
    }
    const holds = {
      'anchor.format': 'ok',
      'anchor.chain': 'ok',
      'anchor.path': 'ok',
      'anchor.transaction': 'unchecked',
    }
    expect(await judged('--command', '0')).toEqual({ ...holds, 'anchor.head': 'ok' })
    await ok('append', name, 'put', 'later', '1')
    await ok('append', name, 'put', 'later', '2')
    expect(await judged('--command', '0')).toEqual({ ...holds, 'anchor.head': 'unchecked' })
    expect(await judged('--since', '1')).toEqual({ ...holds, 'anchor.head': 'ok' })
    // A receipt for a block that the chain does not have.
    const forged = JSON.parse(readFileSync(at(anchor), 'utf8')) as { head: { blockHash: string } }
    forged.head.blockHash = `0x${'12'.repeat(32)}`
    writeFileSync(at(anchor), JSON.stringify(forged))
    expect(await judged('--since', '1')).toEqual({ ...holds, 'anchor.path': 'fail', 'anchor.head': 'fail' })
  })

  it('a receipt whose transaction is another one, or of another contract, fails against the EVM chain', async () => {
    const [contract, second] = [await deployed('anchors'), await deployed('anchors')]
    const name = await chainWith(1)
    const id = await idOf(name)
    await ok('anchor', '--chain', name, '--contract', contract, '-o', 'forged', ...paid)
    await anvil.chain.mine({ blocks: 5 })
    const file = at('forged', `${id}-0.anchor.json`)
    const receipt = JSON.parse(readFileSync(file, 'utf8')) as { evm: Record<string, string>; root: string }
    for (const change of [
      { ...receipt.evm, contract: second },
      { ...receipt.evm, transaction: `0x${'12'.repeat(32)}` },
      { ...receipt.evm, chainId: '1' },
    ]) {
      writeFileSync(file, JSON.stringify({ ...receipt, evm: change }))
      const { code, stdout } = await cairn('verify', file, '--chain-id', id, '--rpc', anvil.url)
      expect([code, stdout.includes('✗ transaction')]).toEqual([3, true])
    }
  })

  it('goes on after a crash with the transaction that was signed, and sends no other', async () => {
    const contract = await deployed('anchors')
    const name = await chainWith(1)
    const id = await idOf(name)
    const before = await nonce()
    // Nothing is mined: the process waits, and is killed with its transaction on its way.
    await anvil.chain.setAutomine(false)
    const args = ['anchor', '--chain', name, '--contract', contract, '-o', 'crashed', '--state', 'crash', ...paid]
    const running = new Running(cwd, ...args)
    while (!existsSync(at('crash', 'pending.json'))) await sleep(20)
    while ((await anvil.chain.getTransactionCount({ address: PAYER, blockTag: 'pending' })) === before) await sleep(20)
    running.child.kill('SIGKILL')
    await running.ended()
    const note = readFileSync(at('crash', 'pending.json'), 'utf8')
    // Again, while it still waits: the same note, and a time-out that says what to do.
    const waiting = await cairn(...args, '--timeout', '1')
    expect(waiting.code).toBe(1)
    expect(waiting.stderr).toContain('Repeat the command')
    expect(readFileSync(at('crash', 'pending.json'), 'utf8')).toBe(note)
    // The node lost it, too: it is sent again, the same bytes.
    await anvil.chain.dropTransaction({ hash: (JSON.parse(note) as { transaction: Hex }).transaction })
    await anvil.chain.setAutomine(true)
    // Meanwhile the chain went on: what was begun is finished, nothing newer is anchored.
    await ok('append', name, 'put', 'more', '1')
    expect(await ok(...args)).toContain('Anchored in block')
    expect(await nonce()).toBe(before + 1)
    expect(readdirSync(at('crashed'))).toEqual([`${id}-0.anchor.json`])
    await anvil.chain.mine({ blocks: 5 })
    await ok('verify', join('crashed', `${id}-0.anchor.json`), '--chain-id', id, '--rpc', anvil.url)
    const { root } = JSON.parse(readFileSync(at('crashed', `${id}-0.anchor.json`), 'utf8')) as { root: Hex }
    expect(await anvil.read(contract, cairnAnchorsAbi, 'anchoredAt', [root])).not.toBe(0n)
  }, 120_000)

  it('what was begun is not taken for something else: another chain, another contract', async () => {
    const contract = await deployed('anchors')
    const [a, b] = [await chainWith(1), await chainWith(1)]
    const anchor = (name: string) => ['anchor', '--chain', name, '--contract', contract, '-o', 'mixed', '--json']
    await cutShort(...anchor(a), ...paid)
    expect(await ok(...anchor(b), ...paid)).toContain(`${await idOf(b)}-0.anchor.json`)
    expect(readdirSync(at('mixed'))).toHaveLength(2)

    const client = await deployed('client', '--genesis', join(a, 'genesis.json'))
    await cutShort('evm', 'deploy', 'anchors', ...paid)
    const vault = await deployed('vault', '--client', client)
    expect(await anvil.read(vault, cairnVaultAbi, 'client')).toMatch(new RegExp(client, 'i'))
  }, 120_000)

  it('raises the fee of what waits, under the same nonce, and as far as is allowed', async () => {
    const contract = await deployed('anchors')
    const name = await chainWith(1)
    const args = ['anchor', '--chain', name, '--contract', contract, '-o', 'raised', ...paid]
    expect((await cairn(...args.filter((each) => each !== '--yes'), '--raise')).stderr).toContain('needs --yes')
    const before = await nonce()
    const noted = () =>
      (JSON.parse(readFileSync(at('cairn-evm', 'pending.json'), 'utf8')) as { transaction: Hex }).transaction
    await stalled(async () => {
      await cairn(...args, '--timeout', '1')
      const first = noted()
      const refused = await cairn(...args, '--raise', '--timeout', '1', '--max-fee-gwei', '0.1')
      expect(refused.stderr).toContain('of 0.1 that are allowed')
      expect(noted()).toBe(first)
      expect((await cairn(...args, '--raise', '--timeout', '1')).stderr).toContain('Not deep enough yet')
      expect(noted()).not.toBe(first)
    })
    const raised = noted()
    expect(await ok(...args)).toContain(`by ${raised}`)
    expect(await nonce()).toBe(before + 1)
  }, 120_000)

  it('takes another contract for no light client, and deploys no vault that could never pay', async () => {
    const name = await chainWith(1)
    const anchors = await deployed('anchors')
    writeFileSync(at('none.json'), '[]')
    await ok('prove', name, '--command', '0', '--out', 'of-none.json')
    for (const args of [
      ['deploy', 'vault', '--client', anchors, ...sending],
      ['submit', '--chain', name, '--client', anchors, ...sending],
      ['revoke', '--revocations', 'none.json', '--client', anchors, ...sending],
      ['verify', 'of-none.json', '--client', anchors, '--rpc', anvil.url],
    ]) {
      const { code, stderr } = await cairn('evm', ...args)
      expect([args[0], code, stderr]).toEqual([args[0], 1, expect.stringContaining('there is no light client')])
    }
  })

  it('takes what is set for the hot key of a chain for no passphrase of the account that pays', async () => {
    writeFileSync(at('of-the-hot-key'), 'another one\n', { mode: 0o600 })
    writeFileSync(at('hot.config.json'), '{"passphraseFile":"of-the-hot-key"}')
    const args = ['evm', 'deploy', 'anchors', ...paid, '--config', 'hot.config.json']
    const unsaid = args.filter((each) => each !== '--passphrase-file' && each !== 'passphrase')
    expect(JSON.parse(await ok(...args, '--json'))).toMatchObject({ sent: true })
    // There is no terminal to ask at.
    expect((await cairn(...unsaid)).stderr).toContain('A passphrase is needed and there is no terminal')
    expect((await cairn('evm', 'deploy', '--help')).stdout).not.toMatch(/hot key|CAIRN_PASSPHRASE_FILE/)
  })

  it('refuses what would be paid for nothing', async () => {
    const name = await chainWith(1)
    const code = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await cairn('anchor', ...paid, ...args, '--json')
      expect(code).toBe(1)
      return (
        JSON.parse(stderr.split('\n').find((line) => line.startsWith('{')) ?? '{}') as { error: { code: string } }
      ).error.code
    }
    const contract = await deployed('anchors')
    expect(await code('--chain', name, '--contract', `0x${'77'.repeat(20)}`)).toBe('no_contract')
    expect(await code('--chain', name, '--chain', name, '--contract', contract)).toBe('anchor_twice')
    expect(await code('--chain', name, '--contract', contract, '--max-fee-gwei', '0.000000001')).toBe('fee_too_high')
    expect(await code('--chain', name, '--contract', contract, '--evm-chain-id', '1')).toBe('wrong_evm_chain')
    writeFileSync(at('wrong'), 'not it\n', { mode: 0o600 })
    expect(await code('--chain', name, '--contract', contract, '--passphrase-file', 'wrong')).toBe('passphrase_wrong')
    mkdirSync(at('damaged'))
    writeFileSync(at('damaged', 'pending.json'), '{"format":"cairn.evm-pending/v1"')
    expect(await code('--chain', name, '--contract', contract, '--state', 'damaged')).toBe('pending_invalid')
    writeFileSync(at('rpc.url'), 'not an address')
    expect(await code('--chain', name, '--contract', contract, '--rpc', '@rpc.url')).toBe('rpc_invalid')
    const away = await cairn(
      'anchor',
      '--chain',
      name,
      '--contract',
      contract,
      ...paid,
      '--rpc',
      'http://127.0.0.1:9/secret-key',
    )
    expect(away.code).toBe(1)
    expect(away.stderr).toContain('The RPC gives no')
    expect(away.stderr).not.toContain('secret-key')
  })
})

const PAYER = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'

describe('cairn evm', () => {
  it('deploys a light client, brings it heads, and asks it whether it believes a proof', async () => {
    const name = await chainWith(2)
    const client = await deployed('client', '--genesis', join(name, 'genesis.json'))
    const submit = ['evm', 'submit', '--chain', name, '--client', client]
    expect((await cairn(...submit, ...sending)).stderr).toContain('Nothing was sent.')
    expect(await ok(...submit, ...paid)).toContain('Block 1 is the head of the light client, by 0x')
    expect(await ok(...submit, ...paid)).toContain('is the head of the light client already')
    for (let i = 0; i < 3; i++) await ok('append', name, 'put', `more${i}`, '1')
    expect(await ok(...submit, ...paid)).toContain('Block 4 is the head')

    const ask = ['evm', 'verify', 'facts.json', '--client', client, '--rpc', anvil.url]
    await ok('prove', name, '--command', '0', '--state', 'k0', '--absent', 'none', '-o', 'facts.json')
    const { verdicts } = JSON.parse(await ok(...ask, '--json')) as { verdicts: object[] }
    expect(verdicts).toEqual(
      ['block', 'claims[0]', 'claims[1]', 'claims[2]'].map((check) => ({ check, verdict: 'ok' })),
    )
    // As of an older block, which was never submitted itself.
    await ok('prove', name, '--command', '0', '--state', 'k0', '--height', '2', '-o', 'facts.json')
    await ok(...ask)
    await ok('append', name, 'put', 'unknown', '1')
    await ok('prove', name, '--command', '0', '-o', 'facts.json')
    const refused = await cairn(...ask)
    expect(refused.code).toBe(3)
    expect(refused.stdout).toContain('NotAccepted')
    const other = await chainWith(1)
    await ok('prove', other, '-o', 'facts.json')
    expect((await cairn(...ask)).stderr).toContain('is of the chain')
  }, 120_000)

  it('freezes it by evidence, thaws it by the cold key’s word after everybody saw it coming, and takes a stolen key’s heads back', async () => {
    const name = await chainWith(2)
    const id = await idOf(name)
    const genesis = join(name, 'genesis.json')
    const client = await deployed('client', '--genesis', genesis)
    const toClient = ['--client', client, ...paid]
    await ok('evm', 'submit', '--chain', name, ...toClient)
    await ok('prove', name, '--command', '0', '-o', 'before.json')
    const believed = () => cairn('evm', 'verify', 'before.json', '--client', client, '--rpc', anvil.url)
    expect((await believed()).code).toBe(0)

    // A copy of data and keys makes another block at the same height.
    copyChain(name, `${name}-copy`)
    for (const each of [name, `${name}-copy`]) {
      await ok('append', each, 'put', 'who', each)
      await ok('prove', each, '-o', `${each}.json`)
    }
    await ok('evidence', `${name}.json`, `${name}-copy.json`, '--chain-id', id, '-o', 'evidence.json')
    const report = ['evm', 'report', 'evidence.json', ...toClient]
    const thaw = ['evm', 'thaw', '--genesis', genesis, ...toClient]
    // What the cold key would sign now would be of no use when there is something to thaw.
    for (const more of [[], ['--afresh']]) expect(await ok(...thaw, ...more)).toContain('there is nothing to thaw')
    // Whoever repeats it after a time-out does not report twice: that would take back a thaw.
    const before = await nonce()
    await cutShort(...report)
    const reported = await ok(...report)
    expect(reported).toMatch(/report equivocation at height 2: done by .*The light client is frozen now/)
    expect(await nonce()).toBe(before + 1)
    // Nor does anybody pay for what changes nothing.
    expect(await ok(...report)).toContain('was reported there before')
    expect(await nonce()).toBe(before + 1)
    const frozen = await believed()
    expect([frozen.code, frozen.stdout.includes('Frozen')]).toEqual([3, true])
    expect((await cairn('evm', 'submit', '--chain', name, ...toClient)).code).toBe(1)

    const { coldKey } = JSON.parse(readFileSync(at(`${name}.keys`, 'dev-keys.json'), 'utf8')) as { coldKey: Hex }
    const wallet = privateKeyToAccount(coldKey)
    const typed = JSON.parse((await ok(...thaw, '--json')).trim()) as TypedDataDefinition
    const signature = await wallet.signTypedData(typed)
    const stranger = await privateKeyToAccount(RICH_KEY).signTypedData(typed)
    expect((await cairn(...thaw, '--signature', stranger)).stderr).toContain('NotByColdKey')
    const [, when] = /announce.* It may be thawed from (\S+) on/.exec(await ok(...thaw, '--signature', signature)) ?? []
    expect(Date.parse(when ?? '') - Date.now()).toBeGreaterThan(13 * 24 * 3_600_000)
    const early = await cairn(...thaw)
    expect(early.stderr).toContain('ThawTooEarly')
    expect(early.stderr).toContain(`from ${when} on`)
    const told = report.filter((each) => each !== '--yes')
    expect((await cairn(...told)).stderr).toContain('a thaw is announced: this evidence takes it back')
    expect((await believed()).code).toBe(3)
    await anvil.chain.increaseTime({ seconds: 14 * 24 * 3600 + 1 })
    await anvil.chain.mine({ blocks: 1 })
    await ok(...thaw)
    expect((await believed()).code).toBe(0)

    const identity = identify(decodeGenesis(readFileSync(at(genesis))), nobleEngine.hasher)
    const unsigned = { index: 0n, fromHeight: 0n, parentHash: new Uint8Array(32) }
    const asked = typedDataOf(identity, { k: 'revocation', ...unsigned }) as unknown as TypedDataDefinition
    const signed = fromHex(await wallet.signTypedData(asked)) as Uint8Array
    writeFileSync(at('revocations.json'), encodeRevocations([{ ...unsigned, signature: signed }]))
    const revoke = ['evm', 'revoke', '--revocations', 'revocations.json', ...toClient]
    await ok(...revoke)
    expect(await ok(...revoke)).toContain('knows the revocation of delegation 0 already')
    // From now on the same evidence is explained.
    expect(JSON.parse(await ok(...report, '--json'))).toMatchObject({ sent: true, isFrozen: false, isExplained: true })
    expect(JSON.parse(await ok(...report, '--json'))).toMatchObject({ sent: false, isKnown: true, isExplained: true })
    const dropped = await believed()
    expect([dropped.code, dropped.stdout.includes('NotAccepted')]).toEqual([3, true])
    // Some thirty processes, one after the other.
  }, 180_000)

  it('watches a server and brings a head every so many blocks', async () => {
    const name = await chainWith(1)
    const client = await deployed('client', '--genesis', join(name, 'genesis.json'))
    const server = new Running(cwd, 'serve', name, '--port', '0', '--log', 'silent')
    await server.printed(1)
    const [url = ''] = /http:\/\/\S+/.exec(server.stdout) ?? []
    const watch = new Running(
      cwd,
      'evm',
      'watch',
      '--chain',
      url,
      '--client',
      client,
      '--every-blocks',
      '2',
      '--poll',
      '1',
      '--state',
      'watch',
      '--timeout',
      '2',
      ...paid,
    )
    try {
      await watch.printed(1)
      expect(watch.stdout).toContain('Block 0 is the head')
      const put = async (): Promise<unknown> =>
        fetch(`${url}/v1/commands`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ type: 'put', payload: { key: 'a', value: 'b' } }),
        })
      for (let i = 0; i < 2; i++) await put()
      await watch.printed(2)
      expect(watch.stdout).toContain('Block 2 is the head')
      // What waited for longer than it has patience is finished all the same, and the next one follows.
      await anvil.chain.setAutomine(false)
      for (let i = 0; i < 2; i++) await put()
      while (!watch.stderr.includes('Not deep enough yet')) await sleep(50)
      await anvil.chain.setAutomine(true)
      await anvil.chain.mine({ blocks: 1 })
      while (!watch.stderr.includes('Done in block')) await sleep(50)
      for (let i = 0; i < 2; i++) await put()
      await watch.printed(3)
      expect(watch.stdout).toContain('Block 6 is the head')
      watch.child.kill('SIGINT')
      expect(await watch.ended()).toBe(0)
    } finally {
      watch.child.kill('SIGKILL')
      server.child.kill('SIGTERM')
      await server.ended()
    }
  }, 120_000)
})
