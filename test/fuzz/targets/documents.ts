/** The documents that pass from hand to hand, and what a light client keeps: decoded, judged, written again. */
import { loadEngine } from '../../../src/hash/index.ts'
import { type Anchor, decodeAnchor, encodeAnchor, judgeAnchor } from '../../../src/verify/anchor.ts'
import {
  type CairnError,
  decodeDocument,
  decodeEvidence,
  decodeGenesis,
  decodeHead,
  decodeProof,
  decodeRevocations,
  type Evidence,
  encodeEvidence,
  encodeGenesis,
  encodeHead,
  encodeProof,
  encodeRevocations,
  identify,
  judgeEvidence,
  judgeProof,
  LightClient,
  type Proof,
} from '../../../src/verify/index.ts'
import { richProof } from '../../support/rich-proof.ts'
import { readVectors } from '../../vectors/read.ts'
import { demandSameJson, type Example, of, type Target, target } from '../target.ts'

const engine = await loadEngine()
const rich = richProof(11)
const { chain, trust } = rich

/** What a reader of a shape answers: where it is wrong, or what is larger than it may be. */
export const FORM: readonly CairnError['code'][] = ['malformed', 'over_limit']

const proofs = readVectors<{ readonly cases: readonly { readonly proof: unknown }[] }>('proofs')
const evidences = readVectors<{ readonly cases: readonly { readonly evidence: unknown }[] }>('evidence')
/** Texts that are wrong in their letters, beside such that are right. */
const texts = readVectors<{ readonly cases: readonly { readonly text: string }[] }>('texts')
const proved = proofs.cases.map(({ proof }) => document(JSON.stringify(proof)))
const disproved = evidences.cases.map(({ evidence }) => document(JSON.stringify(evidence)))

function document(text: string): Example {
  return [of('json', text)]
}

const { genesis } = chain.identity
const revocations = [chain.revoke(0n, chain.head), chain.revoke(3n, chain.madeAt(2))]
const head = chain.head
const lightClient = LightClient.pin({ chainId: chain.chainId, genesis: encodeGenesis(genesis) }, engine)
const followed = lightClient.step(rich.text).client

const anchor: Anchor = {
  format: 'cairn.anchor/v1',
  evm: { chainId: 1n, contract: new Uint8Array(20).fill(7), transaction: new Uint8Array(32).fill(8) },
  root: new Uint8Array(32).fill(9),
  head: { chainId: chain.chainId, height: 6n, blockHash: head.hash, timestamp: head.header.timestamp },
  path: [new Uint8Array(32), new Uint8Array(32).fill(1)],
}

export const documents: readonly Target[] = [
  target<Proof>({
    name: 'proof',
    codes: FORM,
    examples: [document(rich.text), ...proved, ...texts.cases.map(({ text }) => document(text))],
    decode: decodeProof,
    check(proof, input) {
      demandSameJson(input, encodeProof(proof))
      judgeProof(proof, trust, engine)
      lightClient.step(input)
    },
  }),
  target<Evidence>({
    name: 'evidence',
    codes: FORM,
    examples: disproved,
    decode: decodeEvidence,
    check(evidence, input) {
      demandSameJson(input, encodeEvidence(evidence))
      judgeEvidence(evidence, { chainId: chain.chainId }, engine)
    },
  }),
  target<Proof | Evidence>({
    name: 'document',
    codes: FORM,
    examples: [...proved.slice(0, 3), ...disproved.slice(0, 3)],
    decode: decodeDocument,
    check: (decoded, input) =>
      demandSameJson(input, decoded.format === 'cairn.proof/v1' ? encodeProof(decoded) : encodeEvidence(decoded)),
  }),
  target({
    name: 'revocations',
    codes: FORM,
    examples: [document(encodeRevocations(revocations)), document('[]')],
    decode: decodeRevocations,
    check: (decoded, input) => demandSameJson(input, encodeRevocations(decoded)),
  }),
  target({
    name: 'head',
    codes: FORM,
    examples: [
      document(encodeHead({ height: 6n, blockHash: head.hash })),
      document(encodeHead({ height: 6n, blockHash: head.hash, epoch: 1n, timestamp: head.header.timestamp })),
    ],
    decode: decodeHead,
    check: (decoded, input) => demandSameJson(input, encodeHead(decoded)),
  }),
  target({
    name: 'genesis',
    codes: FORM,
    examples: [document(encodeGenesis(genesis))],
    decode: decodeGenesis,
    check(decoded, input) {
      demandSameJson(input, encodeGenesis(decoded))
      identify(decoded, engine.hasher)
    },
  }),
  target({
    name: 'anchor',
    codes: FORM,
    examples: [document(encodeAnchor(anchor))],
    decode: decodeAnchor,
    check(decoded, input) {
      demandSameJson(input, encodeAnchor(decoded))
      judgeAnchor(decoded, { chainId: chain.chainId }, engine)
    },
  }),
  target({
    name: 'light-client',
    codes: FORM,
    examples: [document(lightClient.save()), document(followed.save())],
    decode: (input) => LightClient.load(Buffer.from(input).toString(), engine),
    // Its own word is believed, and must not make it fall over.
    check(decoded, input) {
      demandSameJson(Buffer.from(input).toString(), decoded.save())
      void [decoded.head, decoded.pending, decoded.fork, decoded.isFrozen]
      decoded.step(rich.text)
    },
  }),
]
