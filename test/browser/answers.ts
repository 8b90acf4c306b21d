/**
 * What the package answers to every worked example of FORMAT. This runs in the page or worker, on the package as it was
 * bundled; what the answers have to be is said in verify.test.ts, from the same examples.
 */
import {
  batchRoot,
  blockHash,
  commandLeaf,
  commandsHash,
  decodeGenesis,
  decodeHead,
  decodeRevocations,
  delegationDigest,
  EMPTY,
  type Engine,
  Frontier,
  fromHex,
  identify,
  identityHash,
  incoherence,
  intentLeaf,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  isValidSeal,
  MemoryStateTree,
  obligationLeaf,
  revocationDigest,
  toHex,
  verifyConsistency,
  verifyEvidence,
  verifyInclusion,
  verifyProof,
  verifyState,
} from 'cairn-log/verify'

// biome-ignore lint/suspicious/noExplicitAny: the examples are data of a foreign shape
type Vectors = Readonly<Record<string, any>>

/** Plain JSON, so that it comes back from a page or worker as it is. */
export type Answers = Readonly<Record<string, unknown>>

export function answersTo(vectors: Vectors, engine: Engine): Answers {
  return {
    chain: chainAnswers(vectors.chain, engine),
    ranges: rangeAnswers(vectors.ranges, engine),
    state: stateAnswers(vectors.state, engine),
    updates: updateAnswers(vectors['state-updates'], engine),
    proofs: vectors.proofs.cases.map(({ proof, revocations, head }: Vectors) => {
      const known = revocations && decodeRevocations(JSON.stringify(revocations))
      const accepted = head && decodeHead(JSON.stringify(head))
      const trust = {
        chainId: vectors.proofs.chainId,
        ...(known && { revocations: known }),
        ...(head && { head: accepted }),
      }
      return verifyProof(JSON.stringify(proof), trust, engine)
    }),
    texts: vectors.texts.cases.map(({ text }: Vectors) =>
      verifyProof(text, { chainId: vectors.texts.chainId }, engine),
    ),
    evidence: vectors.evidence.cases.map(({ evidence }: Vectors) =>
      verifyEvidence(JSON.stringify(evidence), { chainId: vectors.evidence.chainId }, engine),
    ),
  }
}

function chainAnswers(vectors: Vectors, engine: Engine): unknown {
  const { hasher } = engine
  const { delegation, revocation, blocks, obligations, intents, state, risk } = valuesIn(vectors) as Vectors
  const identity = identify(decodeGenesis(JSON.stringify(vectors.genesis)), hasher)
  let commands = Frontier.empty
  let history = Frontier.empty
  const entries = { obligations: Frontier.empty, intents: Frontier.empty }
  return {
    chainId: toHex(identity.chainId),
    delegationHash: toHex(delegationDigest(identity, delegation, hasher)),
    revocationHash: toHex(revocationDigest(identity, revocation, hasher)),
    signedByColdKey: [
      isDelegatedByColdKey(identity, delegation, engine),
      isRevokedByColdKey(identity, revocation, engine),
    ],
    blocks: blocks.map(({ header, roots, seal, commands: executed }: Vectors) => {
      const hash = blockHash(identity, header, hasher)
      const identityHashes: Uint8Array[] = executed.map((command: never) => identityHash(command, hasher))
      const leaves: Uint8Array[] = executed.map((command: never, i: number) =>
        commandLeaf(identityHashes[i] as Uint8Array, command, hasher),
      )
      const historyRoot = history.root(hasher)
      commands = commands.append(leaves, hasher)
      history = history.append([hash], hasher)
      return {
        blockHash: toHex(hash),
        batchRoot: toHex(batchRoot(roots, hasher)),
        commandsHash: toHex(commandsHash(identityHashes, hasher)),
        identityHashes: identityHashes.map(toHex),
        commandLeaves: leaves.map(toHex),
        commandRoot: toHex(commands.root(hasher)),
        historyRoot: toHex(historyRoot),
        incoherence: incoherence(identity, header, roots, hasher) ?? null,
        isSealed: isValidSeal(identity, { blockHash: hash, timestamp: header.timestamp }, seal, engine),
      }
    }),
    obligations: obligations.map(({ index, ...rest }: Vectors) => {
      const leaf = obligationLeaf(index, rest as never, hasher)
      entries.obligations = entries.obligations.append([leaf], hasher)
      return toHex(leaf)
    }),
    intents: intents.map(({ index, ...rest }: Vectors) => {
      const leaf = intentLeaf(index, rest as never, hasher)
      entries.intents = entries.intents.append([leaf], hasher)
      return toHex(leaf)
    }),
    obligationRoot: toHex(entries.obligations.root(hasher)),
    intentRoot: toHex(entries.intents.root(hasher)),
    state: toHex(treeOf(state, engine).root),
    risk: toHex(treeOf(risk, engine).root),
  }
}

function rangeAnswers(vectors: Vectors, { hasher }: Engine): unknown {
  const { entries, roots, inclusion, consistency } = valuesIn(vectors) as Vectors
  const rootAt = (size: bigint) => ({ size, root: roots[Number(size)] })
  return {
    roots: roots.map((_: unknown, size: number) =>
      toHex(Frontier.empty.append(entries.slice(0, size), hasher).root(hasher)),
    ),
    inclusion: inclusion.map(({ index, size, path }: Vectors) =>
      verifyInclusion(index, entries[Number(index)], rootAt(size), path, hasher),
    ),
    consistency: consistency.map(({ size1, size2, path }: Vectors) =>
      verifyConsistency(rootAt(size1), rootAt(size2), path, hasher),
    ),
  }
}

function stateAnswers(vectors: Vectors, engine: Engine): unknown {
  const { sets } = valuesIn(vectors) as Vectors
  return {
    empty: toHex(EMPTY),
    sets: sets.map(({ pairs, root, proofs }: Vectors) => {
      const tree = treeOf(pairs, engine)
      return {
        root: toHex(tree.root),
        made: proofs.map(({ key }: Vectors) => jsonOf(tree.prove(key))),
        verified: proofs.map(({ key, ...proof }: Vectors) => verifyState(root, key, proof as never, engine.hasher)),
      }
    }),
  }
}

function updateAnswers(vectors: Vectors, { hasher }: Engine): unknown {
  const tree = new MemoryStateTree(hasher)
  return (valuesIn(vectors) as Vectors).steps.map(({ key, value }: Vectors) =>
    toHex(tree.update([[key, value as never]])),
  )
}

function treeOf(pairs: readonly Vectors[], { hasher }: Engine): MemoryStateTree {
  const tree = new MemoryStateTree(hasher)
  tree.update(pairs.map(({ key, value }) => [key, value]))
  return tree
}

const TEXT = new Set(['name', 'machine', 'client', 'type', 'topic', 'kind'])

/** JSON as values: text is told by its name, bytes and integers by their form. */
function valuesIn(json: unknown, name = ''): unknown {
  if (Array.isArray(json)) return json.map((each) => valuesIn(each, name))
  if (typeof json === 'object' && json !== null) {
    return Object.fromEntries(Object.entries(json).map(([name, each]) => [name, valuesIn(each, name)]))
  }
  if (typeof json !== 'string' || TEXT.has(name)) return json
  if (json.startsWith('0x')) return fromHex(json)
  return /^\d+$/.test(json) ? BigInt(json) : json
}

function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (each instanceof Uint8Array ? toHex(each) : each)))
}
