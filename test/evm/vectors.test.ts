/** Every worked example of FORMAT, the bad ones included: the contracts say of it what the verifier in TypeScript says, check by check. */
import { describe, expect, it } from 'vitest'
import { groundValue, headerValue, hex, pathValue, rootsValue, sealValue } from '../../src/evm/values.ts'
import { loadEngine } from '../../src/hash/index.ts'
import { json } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { attempt } from '../../src/verify/error.ts'
import {
  CairnError,
  decodeEvidence,
  decodeGenesis,
  decodeHead,
  decodeProof,
  decodeRevocations,
  judgeEvidence,
  judgeProof,
} from '../../src/verify/index.ts'
import { readJson } from '../../src/verify/json.ts'
import { InProcess } from '../support/evm/in-process.ts'
import { deployHarness, genesisValue, Judge } from '../support/evm/judge.ts'
import { readVectors, type StateProofExample } from '../vectors/read.ts'

// biome-ignore lint/suspicious/noExplicitAny: the examples are data of a foreign shape
type Any = any

const engine = await loadEngine()
const evm = await InProcess.start()
const harness = await deployHarness(evm)
const chain = readVectors<Any>('chain')
const genesis = decodeGenesis(JSON.stringify(chain.genesis))
const judge = await Judge.of(evm, harness, genesis, engine)

describe('chain.json', () => {
  it('names the chain, hashes its blocks and roots, and recovers who signed', async () => {
    expect((await harness.call('chainIdOf', genesisValue(genesis))).result).toBe(chain.chainId)
    expect((await judge.client.call('chainId')).result).toBe(chain.chainId)
    const { coldKey, name } = genesis
    for (const each of chain.blocks) {
      const header = codecs.header.decode(readJson(JSON.stringify(each.header)), json)
      const roots = codecs.roots.decode(readJson(JSON.stringify(each.roots)), json)
      const seal = sealValue(codecs.seal.decode(readJson(JSON.stringify(each.seal)), json))
      expect((await harness.call('blockHash', chain.chainId, headerValue(header))).result).toBe(each.blockHash)
      expect((await harness.call('batchRoot', rootsValue(roots))).result).toBe(each.header.batchRoot)
      const { error } = await harness.call('demandCoherent', headerValue(header), rootsValue(roots), genesis.createdAt)
      expect(error).toBe(undefined)
      const sealer = await harness.call('recover', each.blockHash, seal.signature)
      expect(String(sealer.result).toLowerCase()).toBe(seal.delegation.delegate)
      const { result: digest } = await harness.call('delegationDigest', chain.chainId, name, seal.delegation)
      const delegator = await harness.call('recover', digest, seal.delegation.signature)
      expect(String(delegator.result).toLowerCase()).toBe(hex(coldKey))
      // Raw recovery alone: the same signature, told as wallets tell it otherwise, is none.
      const [rs, v] = [seal.signature.slice(0, 130), seal.signature.slice(130)]
      const other = await harness.call('recover', each.blockHash, `${rs}${v === '1b' ? '00' : '01'}`)
      expect(other.result).toBe(`0x${'00'.repeat(20)}`)
    }
    const { result: digest } = await harness.call('delegationDigest', chain.chainId, name, chain.delegation)
    expect(digest).toBe(chain.delegationHash)
    expect((await harness.call('revocationDigest', chain.chainId, name, chain.revocation)).result).toBe(
      chain.revocationHash,
    )
  })

  it('hashes every command, event and intent', async () => {
    for (const { commands, commandLeaves } of chain.blocks) {
      for (const [i, command] of commands.entries()) {
        const content = command.payloadHash ?? (await harness.call('payloadHash', command.salt, command.payload)).result
        const given = { ...command, commandType: command.type, payloadHash: content }
        expect((await harness.call('commandLeaf', given)).result).toBe(commandLeaves[i])
      }
    }
    for (const each of chain.obligations) {
      expect((await harness.call('obligationLeaf', each)).result).toBe(each.leaf)
    }
    for (const each of chain.intents) expect((await harness.call('intentLeaf', each)).result).toBe(each.leaf)
  })
})

describe('ranges.json', () => {
  const ranges = readVectors<Any>('ranges')

  it('every inclusion holds, and fails at the place beside it and with a hash more or less', async () => {
    for (const { index, size, path } of ranges.inclusion) {
      const [entry, root] = [ranges.entries[index], ranges.roots[size]]
      const asked = async (at: string, way: string[]) =>
        (await harness.call('isIncluded', at, entry, size, root, way)).result
      expect(await asked(index, path)).toBe(true)
      expect(await asked(String(Number(index) + 1), path)).toBe(false)
      expect(await asked(index, [...path, root])).toBe(false)
      // Nothing is shorter than an empty path.
      expect(path.length > 0 && (await asked(index, path.slice(0, -1)))).toBe(false)
    }
  }, 120_000)

  it('every consistency holds, and fails from another root and with a hash more or less', async () => {
    for (const { size1, size2, path } of ranges.consistency) {
      const asked = async (root1: string, way: string[]) =>
        (await harness.call('isConsistent', size1, root1, size2, ranges.roots[size2], way)).result
      expect(await asked(ranges.roots[size1], path)).toBe(true)
      expect(await asked(ranges.entries[0], path)).toBe(false)
      expect(await asked(ranges.roots[size1], [...path, ranges.entries[0]])).toBe(false)
      expect(path.length > 0 && (await asked(ranges.roots[size1], path.slice(0, -1)))).toBe(false)
    }
  }, 120_000)
})

it('state.json: every presence and absence holds, and under no other root', async () => {
  const { sets } = readVectors<Any>('state')
  for (const { root, proofs } of sets) {
    for (const { key, value, siblings, other } of proofs as readonly StateProofExample[]) {
      const asked = async (under: string) =>
        value === null
          ? harness.call('isAbsent', under, key, siblings, other === undefined ? [] : [other])
          : harness.call('isPresent', under, key, value, siblings)
      expect((await asked(root)).result).toBe(true)
      expect((await asked(`0x${'5a'.repeat(32)}`)).result).toBe(false)
    }
  }
}, 120_000)

interface Case {
  readonly name: string
  readonly ok: boolean
  readonly proof: Any
  readonly revocations?: readonly object[]
  readonly head?: object
  readonly verdicts: Readonly<Record<string, string>>
}

describe('proofs.json', () => {
  const { chainId, cases } = readVectors<{ chainId: string; cases: Case[] }>('proofs')
  const decoded = cases.filter(({ verdicts }) => verdicts.format === 'ok')

  it.each(decoded.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const proof = decodeProof(JSON.stringify(each.proof))
    const known = each.revocations && decodeRevocations(JSON.stringify(each.revocations))
    const head = each.head && decodeHead(JSON.stringify(each.head))
    const trust = { chainId, ...(known && { revocations: known }), ...(head && { head }) }
    const verdicts = Object.fromEntries(judgeProof(proof, trust, engine).verdicts.map((v) => [v.check, v.verdict]))
    const failed = (check: string) => verdicts[check] === 'fail'

    const block = await judge.block(proof, known, head)
    const ofBlock = ['genesis', 'delegation', 'seal', 'revocation', 'roots', 'head']
    expect(block.ok, `refused: ${block.refused}`).toBe(!ofBlock.some(failed))
    expect(block.refused === undefined || failed(block.refused), block.refused).toBe(true)
    // Claims against roots that are not the block's are not looked at on a chain, nor those of another chain.
    const claims = failed('genesis') || failed('roots') ? {} : await judge.claims(proof)
    for (const [check, { ok }] of Object.entries(claims)) expect(ok ? 'ok' : 'fail', check).toBe(verdicts[check])
  })

  /** What is wrong with these is the text: nothing of it is left where a contract is called, or the encoder has no such value. */
  const TEXT_ONLY = new Set([
    'absence by other key in upper case',
    'presence of an absent key',
    'forged payload beside the true payload hash',
    'salt boundary moved',
    'index with a space',
    'index in hex',
    'tree of another name',
    'claims nested twice',
    'machine without a version',
    'leading zero',
    'status true',
    'status null',
    '65 revocations',
    '1025 claims',
    'unknown member',
    'lone surrogate in client',
    'a range of another name',
  ])

  const malformed = cases.filter(({ name, verdicts }) => verdicts.format !== 'ok' && !TEXT_ONLY.has(name))

  it.each(malformed.map((each) => [each.name, each] as const))('malformed, and refused: %s', async (_, { proof }) => {
    await expect(takenLoosely(proof)).rejects.toThrow()
  })
})

/** Everything in a document that is against the bounds, brought to the contracts without a look at it; throws where one refuses. */
async function takenLoosely(proof: Any): Promise<void> {
  const demand = async (functionName: string, ...args: unknown[]): Promise<void> => {
    const { error } = await harness.call(functionName, ...args)
    if (error !== undefined) throw new Error(`${functionName}: ${error}`)
  }
  await demand('chainIdOf', proof.genesis)
  await demand('delegationDigest', chain.chainId, proof.genesis.name, proof.seal.delegation)
  await demand('blockHash', chain.chainId, proof.block)
  const { result } = await harness.call('recover', proof.block.batchRoot, proof.seal.signature)
  if (result === `0x${'00'.repeat(20)}`) throw new Error('it recovers nobody')
  for (const { kind, command, index, obligation, intent, key, value, siblings, other } of proof.claims) {
    if (kind === 'command') {
      const payloadHash = command.payloadHash ?? `0x${'00'.repeat(32)}`
      await demand('commandLeaf', { ...command, commandType: command.type, payloadHash })
      await demand('isIncluded', index, payloadHash, 1n, payloadHash, [])
    } else if (kind === 'obligation') await demand('obligationLeaf', { index, ...obligation })
    else if (kind === 'intent') await demand('intentLeaf', { index, ...intent })
    else if (kind === 'state' && value === null) {
      await demand('isAbsent', proof.roots.state, key, siblings, other === undefined ? [] : [other])
    } else if (kind === 'state') await demand('isPresent', proof.roots.state, key, value, siblings)
  }
}

describe('evidence.json', () => {
  const { chainId, cases } = readVectors<{ chainId: string; cases: { name: string; ok: boolean; evidence: Any }[] }>(
    'evidence',
  )

  it.each(cases.map((each) => [each.name, each] as const))('%s', async (_, { ok, evidence }) => {
    const text = JSON.stringify(evidence)
    // An ancestor without its roots is no side that the contract could be given.
    const isWhole = [evidence.a, evidence.b].every(
      ({ roots, ancestor }) => (roots === undefined) === (ancestor === undefined),
    )
    const decoded = isWhole ? decodeEvidence(text) : undefined
    const said =
      decoded === undefined ? attempt(() => decodeEvidence(text)) : judgeEvidence(decoded, { chainId }, engine)
    const asked = decoded === undefined ? { ok: false } : await judge.evidence(decoded)
    expect([said instanceof CairnError ? false : 'ok' in said && said.ok, asked.ok]).toEqual([ok, ok])
  })
})

it('the calls of a proof that holds are those that a contract takes', () => {
  const { cases } = readVectors<{ cases: Case[] }>('proofs')
  const proof = decodeProof(JSON.stringify(cases[0]?.proof))
  expect(groundValue(proof).header).toEqual(headerValue(proof.block))
  expect(pathValue([])).toEqual([])
})
