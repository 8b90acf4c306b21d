/** From end to end: what the real producer made is believed by the contracts on a real EVM, driven by viem, and its intent is paid. */
import { afterAll, describe, expect, it } from 'vitest'
import {
  cairnLightClientAbi,
  cairnLightClientBytecode,
  cairnVaultAbi,
  cairnVaultBytecode,
} from '../../contracts-abi/index.ts'
import { ContractClient, sinceOf, submission } from '../../src/evm/light-client.ts'
import { openRpc } from '../../src/evm/rpc.ts'
import {
  claimCall,
  descentValue,
  groundValue,
  hex,
  intentValue,
  pathValue,
  revocationValue,
} from '../../src/evm/values.ts'
import { withdrawalData } from '../../src/evm/vault.ts'
import { type Chain, external, type ProofRequest } from '../../src/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { type BlockClaim, decodeProof, type IntentClaim, nobleEngine, type Proof } from '../../src/verify/index.ts'
import { World } from '../simulation/world.ts'
import { chainKeys, revoke } from '../support/chain-keys.ts'
import { Anvil } from '../support/evm/anvil.ts'
import { genesisValue } from '../support/evm/judge.ts'
import { createIn } from '../support/sim-chain.ts'

const { hasher } = nobleEngine
const anvil = await Anvil.start()
afterAll(() => anvil.stop())

const DAY = 86_400n
const RECIPIENT = `0x${'5e'.repeat(20)}` as const

describe('a chain, its light client and a vault', async () => {
  const keys = chainKeys('external@1')
  const chain: Chain = await createIn(new World({ seed: 3 }), keys, { machine: external })
  afterAll(() => chain.close())
  const genesis = genesisValue(keys.genesis)
  const client = await anvil.deploy(cairnLightClientAbi, cairnLightClientBytecode, [genesis, []])
  const vault = await anvil.deploy(cairnVaultAbi, cairnVaultBytecode, [client, DAY])
  const contract = new ContractClient(openRpc(anvil.url), client)
  await anvil.chain.setBalance({ address: vault, value: 1000n })

  const prove = async (request: ProofRequest): Promise<Proof> => decodeProof(await chain.prove(request))
  const happen = (what: string, amount?: bigint) => {
    const zero = `0x${'00'.repeat(20)}` as const
    const data =
      amount === undefined
        ? undefined
        : withdrawalData({ evmChainId: 31337n, vault, asset: zero, to: RECIPIENT, amount })
    const intents = data === undefined ? [] : [{ kind: 'withdraw', data }]
    const outcome = {
      status: 0 as const,
      reply: utf8(`${what} done`),
      obligations: [{ topic: 'done', data: utf8(what) }],
      intents,
      writes: [['state', utf8(what), utf8('yes')]] as const,
    }
    return chain.submit({ type: what, payload: utf8(what), outcome })
  }
  const bring = async (): Promise<void> => {
    const standing = await contract.standing()
    const since = sinceOf(standing)
    const call = submission(client, await prove(since === undefined ? {} : { since }), standing, hasher)
    if (call === undefined) throw new Error('it is there already')
    await anvil.sendData(client, call.data)
  }

  it('believes commands, events, intents, values and absences, under the head and under what lies below it', async () => {
    for (let i = 0; i < 4; i++) await happen(`thing-${i}`, i === 1 ? 25n : undefined)
    await bring()
    expect(await contract.standing()).toMatchObject({ kind: 'standing', height: 3n })
    for (let i = 4; i < 9; i++) await happen(`thing-${i}`)
    await bring()
    const everything = {
      command: [0n, 5n],
      obligation: [2n, 7n],
      intent: 0n,
      state: [utf8('thing-3')],
      absent: [utf8('none')],
    }
    const { ok, verdicts } = await contract.judge(await prove(everything), hasher)
    expect(verdicts.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    expect([ok, verdicts.length]).toEqual([true, 8])
    const older = await contract.judge(await prove({ command: 0n, state: [utf8('thing-1')], height: 2n }), hasher)
    expect(older).toMatchObject({ ok: true })
    // What is true later was not true then.
    const early = await prove({ absent: [utf8('thing-7')], height: 2n })
    expect(await contract.judge(early, hasher)).toMatchObject({ ok: true })
    // One bit of a value, and the contract says no.
    const claims = (await prove({ state: [utf8('thing-3')] })).claims.map((claim) =>
      Object.assign({}, claim, { value: utf8('yez') }),
    )
    expect(await contract.judge({ ...(await prove({})), claims }, hasher)).toMatchObject({
      ok: false,
    })
  })

  const withdraw = async (proof: Proof): Promise<bigint> => {
    const claim = proof.claims.find(({ kind }) => kind === 'intent') as IntentClaim
    return anvil.send(vault, cairnVaultAbi, 'withdraw', [
      groundValue(proof),
      [],
      intentValue(claim),
      pathValue(claim.path),
    ])
  }

  it('pays the intent after the delay, once', async () => {
    const proof = await prove({ intent: 0n })
    await expect(withdraw(proof)).rejects.toThrow('NotFinal')
    await anvil.chain.increaseTime({ seconds: Number(DAY) })
    await anvil.chain.mine({ blocks: 1 })
    await withdraw(proof)
    expect(await anvil.chain.getBalance({ address: RECIPIENT })).toBe(25n)
    await expect(withdraw(proof)).rejects.toThrow('PaidAlready')
  })

  it('believes an older block by the history of the head, in a call that a contract makes', async () => {
    const proof = await prove({ command: 1n, height: 3n })
    const outer = proof.claims.find((claim) => claim.kind === 'block') as BlockClaim
    const [claim] = outer.claims ?? []
    const call = claim && claimCall(claim)
    if (call === undefined || outer.block === undefined || outer.roots === undefined)
      throw new Error('it carries a command')
    const ground = groundValue({ block: outer.block, roots: outer.roots })
    const args = [ground, [descentValue(proof, outer)], ...call.rest]
    expect(await anvil.read(client, cairnLightClientAbi, call.functionName, args)).toBeGreaterThan(0n)
    await expect(
      anvil.read(client, cairnLightClientAbi, call.functionName, [ground, [], ...call.rest.slice(0, 1), []]),
    ).rejects.toThrow('NotInRange')
  })

  it('after the handover of the keys it goes on from the head that it had, by the block that the revocation names', async () => {
    const { hash, height } = chain.head ?? { hash: new Uint8Array(32), height: 0n }
    await happen('one-more')
    const head = chain.head
    if (head === undefined) throw new Error('it has a head')
    const revocation = revoke(keys.identity, keys.coldKey, 0n, { height: head.height + 1n, parent: head.hash })
    await anvil.send(client, cairnLightClientAbi, 'revoke', [revocationValue(revocation)])
    const standing = await contract.standing()
    expect(standing).toMatchObject({ kind: 'stuck' })
    expect(standing.kind === 'stuck' && standing.bases[0]).toEqual({ hash: hex(hash), height })
    await bring()
    expect(await contract.standing()).toMatchObject({ kind: 'standing', height: head.height })
  })
})
