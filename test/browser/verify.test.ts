/**
 * The package as it is built and bundled for a browser, in a real Chromium: every worked example of FORMAT gets the answer that
 * the example and Node give it, in a page and in a worker, on noble and on the fast engine, with WebAssembly allowed and not.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import { decodeHead, decodeRevocations, verifyEvidence, verifyProof } from '../../src/verify/index.ts'
import { requireBuild } from '../support/built.ts'
import { openPage, type WatchedPage } from '../support/chromium.ts'
import { readVectors } from '../vectors/read.ts'
import type { Answered } from './engines.ts'

// biome-ignore lint/suspicious/noExplicitAny: the examples are data of a foreign shape, and so are the answers to them
type Json = any

requireBuild()

const isMissing = findChromium() === undefined
if (isMissing) console.log(`the browser test is skipped: ${NO_CHROMIUM}`)

const WASM = 'keccak-256: wasm-simd; secp256k1: noble'
const NO_WASM = /^keccak-256: noble \(no faster one: .*Content Security [Pp]olicy.*\); secp256k1: noble$/
const NOBLE = 'keccak-256: noble; secp256k1: noble'

describe.skipIf(isMissing)('in Chromium', () => {
  describe.each([
    { policy: 'WebAssembly allowed', allowsWasm: true, fast: WASM },
    { policy: 'WebAssembly forbidden', allowsWasm: false, fast: expect.stringMatching(NO_WASM) as string },
  ])('with $policy', ({ allowsWasm, fast }) => {
    let page: WatchedPage
    beforeAll(async () => {
      page = await openPage({ allowsWasm })
    })
    afterAll(() => page.close())

    describe.each([
      { where: 'in the page', task: 'answerInPage', name: 'noble', engine: NOBLE },
      { where: 'in the page', task: 'answerInPage', name: 'fast', engine: fast },
      { where: 'in a worker', task: 'answerInWorker', name: 'noble', engine: NOBLE },
      { where: 'in a worker', task: 'answerInWorker', name: 'fast', engine: fast },
    ] as const)('$where, with the $name engine,', ({ task, name, engine }) => {
      let answered: Answered
      let answers: Json
      beforeAll(async () => {
        answered = await page.run(task, name)
        answers = answered.answers
      })

      it('the engine is the one that can be had', () => expect(answered.engine).toEqual(engine))
      it('a chain has its hashes, roots and seals', () => expect(answers.chain).toEqual(expectedOfChain()))
      it('ranges have their roots, and their paths prove', () => expect(answers.ranges).toEqual(expectedOfRanges()))
      it('state trees have their roots, and prove presence and absence', () =>
        expect(answers.state).toEqual(expectedOfState()))
      it('a state tree follows every update', () =>
        expect(answers.updates).toEqual(readVectors<Json>('state-updates').steps.map(({ root }: Json) => root)))

      it('every proof gets every verdict by name', () => {
        const { cases } = readVectors<Json>('proofs')
        const byName = cases.map(({ name }: Json, i: number) => {
          const { ok, verdicts } = answers.proofs[i]
          return { name, ok, verdicts: Object.fromEntries(verdicts.map((each: Json) => [each.check, each.verdict])) }
        })
        expect(byName).toEqual(cases.map(({ name, ok, verdicts }: Json) => ({ name, ok, verdicts })))
      })
      it.each(['texts', 'evidence'] as const)('every one of the %s is accepted or refused', (file) => {
        const { cases } = readVectors<Json>(file)
        const byName = cases.map(({ name }: Json, i: number) => ({ name, ok: answers[file][i].ok }))
        expect(byName).toEqual(cases.map(({ name, ok }: Json) => ({ name, ok })))
      })
      it('the reasons are those that Node gives', () => {
        const { proofs, texts, evidence } = answers
        expect({ proofs, texts, evidence }).toEqual(answersOfNode())
      })
    })

    it('nothing was asked of anybody else, and the console is silent', () => {
      expect(page.requests.length).toBeGreaterThan(30)
      expect(page.requests.filter((address) => new URL(address).origin !== page.origin)).toEqual([])
      expect(page.complaints).toEqual([])
    })

    it('but a request to somebody else would be seen, and gets no answer', async () => {
      expect(await page.run('answerOf', 'http://127.0.0.1:9/elsewhere')).toBe('none')
      expect(page.complaints.join('\n')).toContain('http://127.0.0.1:9/elsewhere')
    })
  })

  it('a page that was closed leaves nothing behind', async () => {
    const page = await openPage({ allowsWasm: false })
    await page.close()
    await expect(fetch(page.origin)).rejects.toThrow('fetch failed')
    await expect(page.run('answerOf', '/')).rejects.toThrow('closed')
  })
})

function expectedOfChain(): Json {
  const { chainId, delegationHash, revocationHash, blocks, obligations, intents } = readVectors<Json>('chain')
  const { roots } = blocks.at(-1)
  return {
    chainId,
    delegationHash,
    revocationHash,
    signedByColdKey: [true, true],
    blocks: blocks.map(({ header, roots, blockHash, identityHashes, commandLeaves }: Json) => ({
      blockHash,
      batchRoot: header.batchRoot,
      commandsHash: header.commandsHash,
      identityHashes,
      commandLeaves,
      commandRoot: roots.commands.root,
      historyRoot: roots.history,
      incoherence: null,
      isSealed: true,
    })),
    obligations: obligations.map(({ leaf }: Json) => leaf),
    intents: intents.map(({ leaf }: Json) => leaf),
    obligationRoot: roots.obligations.root,
    intentRoot: roots.intents.root,
    state: roots.state,
    risk: roots.risk,
  }
}

function expectedOfRanges(): Json {
  const { roots, inclusion, consistency } = readVectors<Json>('ranges')
  return { roots, inclusion: inclusion.map(() => true), consistency: consistency.map(() => true) }
}

function expectedOfState(): Json {
  const { empty, sets } = readVectors<Json>('state')
  return {
    empty,
    sets: sets.map(({ root, proofs }: Json) => ({
      root,
      made: proofs.map(({ value, siblings, other }: Json) => ({ value, siblings, ...(other && { other }) })),
      verified: proofs.map(() => true),
    })),
  }
}

function answersOfNode(): Json {
  const { proofs, texts, evidence } = {
    proofs: readVectors<Json>('proofs'),
    texts: readVectors<Json>('texts'),
    evidence: readVectors<Json>('evidence'),
  }
  return {
    proofs: proofs.cases.map(({ proof, revocations, head }: Json) =>
      verifyProof(JSON.stringify(proof), {
        chainId: proofs.chainId,
        ...(revocations && { revocations: decodeRevocations(JSON.stringify(revocations)) }),
        ...(head && { head: decodeHead(JSON.stringify(head)) }),
      }),
    ),
    texts: texts.cases.map(({ text }: Json) => verifyProof(text, { chainId: texts.chainId })),
    evidence: evidence.cases.map(({ evidence: each }: Json) => verifyEvidence(JSON.stringify(each), evidence)),
  }
}
