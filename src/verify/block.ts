/** Block hashes, batch roots, and what a header and its roots owe each other (FORMAT §3 and §8). */
import { abi, constantHash, tag } from './abi.ts'
import { equal, ZERO32 } from './bytes.ts'
import type { Hasher } from './engine.ts'
import { type Identity, typedDigest } from './identity.ts'
import { EMPTY_ROOT } from './range.ts'
import type { Header, Roots } from './types.ts'

const BLOCK_TYPE = constantHash(
  'Block(uint64 height,uint64 epoch,bytes32 parentHash,bytes32 commandsHash,bytes32 batchRoot,uint64 commandCount,uint64 firstSeq,uint64 timestamp)',
)
const BATCH_ROOT = tag('batch-root')

/** The digest that a seal signs. */
export function blockHash(identity: Identity, header: Header, hasher: Hasher): Uint8Array {
  const { height, epoch, parentHash, commandsHash, batchRoot, commandCount, firstSeq, timestamp } = header
  const members = [height, epoch, parentHash, commandsHash, batchRoot, commandCount, firstSeq, timestamp]
  return typedDigest(identity, BLOCK_TYPE, members, hasher)
}

/** §3, of the identity hashes of a block’s commands. */
export function commandsHash(identityHashes: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  // Not by `concat`: a block may have more commands than a call may have arguments.
  const message = new Uint8Array(identityHashes.length * 32)
  identityHashes.forEach((hash, i) => {
    message.set(hash, i * 32)
  })
  return hasher.hash(message)
}

/** §3, what a header commits to all roots with. */
export function batchRoot(roots: Roots, hasher: Hasher): Uint8Array {
  const { state, risk, commands, obligations, intents, history } = roots
  const ranges = [commands.size, commands.root, obligations.size, obligations.root, intents.size, intents.root]
  return hasher.hash(abi(BATCH_ROOT, state, risk, ...ranges, history))
}

/** What is wrong between a header and the roots that it claims to commit to, or nothing. */
export function incoherence(identity: Identity, header: Header, roots: Roots, hasher: Hasher): string | undefined {
  const { height, epoch, parentHash, commandCount, firstSeq, timestamp } = header
  if (!equal(batchRoot(roots, hasher), header.batchRoot)) return 'the roots do not hash to the batch root'
  if (roots.commands.size !== firstSeq + commandCount) return 'the command size is not first seq + command count'
  if (epoch < 1n) return 'the epoch is 0: the first one is 1'
  if ((height === 0n) !== equal(parentHash, ZERO32)) return 'block 0, and only it, has no parent'
  if (commandCount === 0n) {
    if (height === 0n) return 'block 0 is empty: only a block that opens a later epoch may be'
    if (!equal(header.commandsHash, EMPTY_ROOT)) return 'an empty block has a commands hash'
  }
  if (height > 0n) return undefined
  if (epoch !== 1n) return 'block 0 is not of epoch 1'
  if (firstSeq !== 0n) return 'block 0 does not begin at seq 0'
  if (!equal(roots.history, EMPTY_ROOT)) return 'block 0 has a history'
  return timestamp < identity.genesis.createdAt ? 'block 0 is older than the genesis' : undefined
}
