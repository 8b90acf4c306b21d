/** A chain laid open: every hash on the way from its commands to its blocks, and what its state trees hold in the end. */
import { tag } from '../../../src/verify/abi.ts'
import { toHex } from '../../../src/verify/bytes.ts'
import { json } from '../../../src/verify/codec.ts'
import * as codecs from '../../../src/verify/codecs.ts'
import {
  commandLeaf,
  delegationDigest,
  encodeGenesis,
  identityHash,
  intentLeaf,
  nobleEngine,
  obligationLeaf,
  revocationDigest,
  type TreeName,
} from '../../../src/verify/index.ts'
import { asHeader, asRevocation, asRoots, asSeal, type Base, type Document } from './base.ts'

const { hasher } = nobleEngine
const TAGS = ['batch-root', 'command', 'outcome', 'obligation', 'intent']

export interface ChainVectors {
  readonly blocks: readonly Document[]
  readonly state: readonly Document[]
  readonly risk: readonly Document[]
  /** The rest is of the shapes that the format has. */
  readonly [name: string]: Document
}

export function chainVectors({ chain }: Base): ChainVectors {
  const { identity, hot } = chain
  const revocation = chain.revoke(hot.delegation.index, chain.head)
  const commands = chain.blocks.flatMap(({ record }) => record.commands)
  const obligations = commands.flatMap(({ seq, obligations }) => obligations.map((each) => ({ seq, ...each })))
  const intents = commands.flatMap(({ seq, intents }) => intents.map((each) => ({ seq, ...each })))
  return {
    genesis: JSON.parse(encodeGenesis(identity.genesis)),
    chainId: toHex(chain.chainId),
    tags: Object.fromEntries(TAGS.map((name) => [name, toHex(tag(name))])),
    delegation: codecs.delegation.encode(hot.delegation, json),
    delegationHash: toHex(delegationDigest(identity, hot.delegation, hasher)),
    revocation: asRevocation(revocation),
    revocationHash: toHex(revocationDigest(identity, revocation, hasher)),
    blocks: chain.blocks.map(({ header, roots, hash, seal, record, commands }) => ({
      header: asHeader(header),
      roots: asRoots(roots),
      blockHash: toHex(hash),
      seal: asSeal(seal),
      commands: commands.map((command) => codecs.command.encode(command, json)),
      writes: record.commands.map(({ writes = [] }) =>
        writes.map(([tree, key, value]) => ({ tree, key: toHex(key), value: value && toHex(value) })),
      ),
      identityHashes: commands.map((command) => toHex(identityHash(command, hasher))),
      commandLeaves: commands.map((command) => toHex(commandLeaf(identityHash(command, hasher), command, hasher))),
    })),
    obligations: obligations.map((each, i) => {
      const leaf = toHex(obligationLeaf(BigInt(i), each, hasher))
      return Object.assign({}, codecs.obligation.encode(each, json), { index: String(i), leaf })
    }),
    intents: intents.map((each, i) => {
      const leaf = toHex(intentLeaf(BigInt(i), each, hasher))
      return Object.assign({}, codecs.intent.encode(each, json), { index: String(i), leaf })
    }),
    state: heldIn(chain, 'state'),
    risk: heldIn(chain, 'risk'),
  }
}

/** What the head's tree holds of all keys that were ever written. */
function heldIn({ blocks, head }: Base['chain'], tree: TreeName): Document[] {
  const own = [
    'chain',
    'machine',
    ...new Set(blocks.flatMap(({ commands }) => commands.map(({ client }) => `client/${client}`))),
  ]
  const written = blocks.flatMap(({ record }) => record.commands.flatMap(({ writes = [] }) => writes))
  const keys = [
    ...own.map((name) => Uint8Array.of(0, ...Buffer.from(name))),
    ...written.filter(([name]) => name === tree).map(([, key]) => key),
  ]
  const distinct = new Map(keys.map((key) => [toHex(key), key]))
  return [...distinct].flatMap(([name, key]) => {
    const value = head.trees[tree].get(key)
    return value === undefined ? [] : [{ key: name, value: toHex(value) }]
  })
}
