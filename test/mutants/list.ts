/**
 * Rules of the verifier, each taken out in one place: `find` is replaced by `put` in a file of src/verify. The tests must notice
 * every one (`npm run mutants`); a rule that can be taken out unseen is not guarded.
 */
export interface Mutant {
  /** The rule that is missing then, with the paragraph of FORMAT that demands it. */
  readonly rule: string
  readonly file: string
  readonly find: string
  readonly put: string
}

export const mutants: readonly Mutant[] = [
  // §1: decoding
  { rule: '§1 a member stands once', file: 'json.ts', find: 'if (members.has(name))', put: 'if (false)' },
  { rule: '§1 nothing follows the value', file: 'json.ts', find: 'if (this.next() !== undefined)', put: 'if (false)' },
  { rule: '§1 no byte order mark', file: 'bytes.ts', find: 'ignoreBOM: true', put: 'ignoreBOM: false' },
  { rule: '§1 UTF-8', file: 'bytes.ts', find: 'fatal: true', put: 'fatal: false' },
  { rule: '§1 lone surrogates', file: 'codec.ts', find: 'if (!isWellFormed(value))', put: 'if (false)' },
  {
    rule: '§1 numbers are 0 or 1',
    file: 'json.ts',
    find: 'first === ONE)',
    put: '(first !== undefined && first >= ONE && first <= 0x39))',
  },
  { rule: '§1 nesting is bounded', file: 'json.ts', find: 'if (depth > NESTING_MAX)', put: 'if (false)' },
  { rule: '§1 documents are bounded', file: 'json.ts', find: 'if (size > DOCUMENT_MAX)', put: 'if (false)' },
  { rule: '§1 control characters in strings', file: 'json.ts', find: "if (unit < ' ')", put: 'if (false)' },
  { rule: '§1 unknown members', file: 'codec.ts', find: 'if (taken < given)', put: 'if (false)' },
  {
    rule: '§1 missing members',
    file: 'codec.ts',
    find: "} else if (!('optional' in codec)) throw malformed('the member is missing')",
    put: '}',
  },
  { rule: '§1 decimals without leading zeros', file: 'codec.ts', find: '0|[1-9][0-9]{0,19}', put: '[0-9]{1,20}' },
  { rule: '§1 numbers below 2^64', file: 'codec.ts', find: 'value >= U64_END', put: 'value > U64_END' },
  {
    rule: '§1 hex in lower case',
    file: 'bytes.ts',
    find: 'DIGIT_AT[digits[at] as number]',
    put: 'DIGIT_AT[(digits[at] as number) | 32]',
  },
  { rule: '§1 hex begins with 0x', file: 'bytes.ts', find: " || !text.startsWith('0x')", put: '' },
  { rule: '§1 least length of bytes', file: 'codec.ts', find: 'if (decoded.length < min)', put: 'if (false)' },
  {
    rule: '§1 greatest length of bytes',
    file: 'codec.ts',
    find: "if (size > max) throw overLimit('the number of bytes'",
    put: "if (false) throw overLimit('the number of bytes'",
  },
  {
    rule: '§1 text is bounded in bytes of UTF-8',
    file: 'codec.ts',
    find: 'value.length > max ? value.length : utf8Length(value)',
    put: 'value.length',
  },
  { rule: '§1 text has a byte at least', file: 'codec.ts', find: 'if (size < min)', put: 'if (false)' },
  {
    rule: '§1 lists are bounded',
    file: 'codec.ts',
    find: "if (value.length > max) throw overLimit('the number of items'",
    put: "if (false) throw overLimit('the number of items'",
  },
  {
    rule: '§1 machine is id@version',
    file: 'codecs.ts',
    find: 'text(1, bound.MACHINE_MAX, MACHINE)',
    put: 'text(1, bound.MACHINE_MAX)',
  },
  {
    rule: '§1 the zero address is malformed',
    file: 'codecs.ts',
    find: "byte === 0) ? 'the zero address cannot sign'",
    put: "byte === 256) ? 'the zero address cannot sign'",
  },
  {
    rule: '§1 the zero address never signed',
    file: 'signature.ts',
    find: 'return address.every((byte) => byte === 0) ? undefined : address',
    put: 'return address',
  },
  // §2: identity
  {
    rule: '§2 hashes are bound to the chain id',
    file: 'identity.ts',
    find: 'DOMAIN_VERSION, chainId)',
    put: 'DOMAIN_VERSION, nonce)',
  },
  {
    rule: '§2 the trusted chain id',
    file: 'proof.ts',
    find: 'const isTrusted = equal(identity.chainId, asChainId(trusted))',
    put: 'const isTrusted = asChainId(trusted).length === 32 && identity.chainId.length === 32',
  },
  // §3: blocks
  {
    rule: '§3 roots hash to the batch root',
    file: 'block.ts',
    find: 'if (!equal(batchRoot(roots, hasher), header.batchRoot))',
    put: 'if (false)',
  },
  {
    rule: '§3 command size',
    file: 'block.ts',
    find: 'if (roots.commands.size !== firstSeq + commandCount)',
    put: 'if (false)',
  },
  { rule: '§3 epochs begin at 1', file: 'block.ts', find: 'if (epoch < 1n)', put: 'if (false)' },
  {
    rule: '§3 block 0, and only it, has no parent',
    file: 'block.ts',
    find: 'if ((height === 0n) !== equal(parentHash, ZERO32))',
    put: 'if (false)',
  },
  {
    rule: '§3 block 0 is not empty',
    file: 'block.ts',
    find: "if (height === 0n) return 'block 0 is empty",
    put: "if (false) return 'block 0 is empty",
  },
  {
    rule: '§3 an empty block hashes no commands',
    file: 'block.ts',
    find: 'if (!equal(header.commandsHash, EMPTY_ROOT))',
    put: 'if (false)',
  },
  { rule: '§3 block 0 is of epoch 1', file: 'block.ts', find: 'if (epoch !== 1n)', put: 'if (false)' },
  { rule: '§3 block 0 begins at seq 0', file: 'block.ts', find: 'if (firstSeq !== 0n)', put: 'if (false)' },
  {
    rule: '§3 block 0 has no history',
    file: 'block.ts',
    find: 'if (!equal(roots.history, EMPTY_ROOT))',
    put: 'if (false)',
  },
  {
    rule: '§3 block 0 is not older than the genesis',
    file: 'block.ts',
    find: 'return timestamp < identity.genesis.createdAt',
    put: 'return timestamp < 0n',
  },
  // §4: seals
  {
    rule: '§4 v is 27 or 28',
    file: 'engine.ts',
    find: '(v !== 27 && v !== 28)',
    put: '(v !== 27 && v !== 28 && v !== 0 && v !== 1)',
  },
  {
    rule: '§4 s in the lower half',
    file: 'engine.ts',
    find: 'if (difference !== 0) return difference < 0',
    put: 'if (difference !== 0) return true',
  },
  {
    rule: '§4 the cold key delegated',
    file: 'proof.ts',
    find: 'if (!isDelegatedByColdKey(identity, delegation, engine))',
    put: 'if (false)',
  },
  {
    rule: '§4 the delegate sealed',
    file: 'seal.ts',
    find: 'return isSignedBy(seal.delegation.delegate, blockHash, seal.signature, engine)',
    put: 'return seal.signature.length === 65 && blockHash.length === 32 && engine !== undefined',
  },
  {
    rule: '§4 not before the delegation',
    file: 'seal.ts',
    find: 'if (timestamp < validFrom)',
    put: 'if (timestamp + 1n < validFrom)',
  },
  {
    rule: '§4 not after the delegation',
    file: 'seal.ts',
    find: 'return timestamp > validUntil',
    put: 'return timestamp > validUntil + 1n',
  },
  {
    rule: '§4 a revocation is of its index',
    file: 'seal.ts',
    find: 'if (revocation.index !== index) return false',
    put: '',
  },
  {
    rule: '§4 the last good block is at fromHeight − 1',
    file: 'seal.ts',
    find: 'return height + 1n !== revocation.fromHeight || !equal',
    put: 'return !equal',
  },
  {
    rule: '§4 the last good block has that hash',
    file: 'seal.ts',
    find: ' || !equal(blockHash, revocation.parentHash)',
    put: '',
  },
  {
    rule: '§8 revocations known from elsewhere count',
    file: 'proof.ts',
    find: '[...revocations, ...(known ?? [])]',
    put: '[...revocations]',
  },
  {
    rule: '§8 revocations in the proof count',
    file: 'proof.ts',
    find: '[...revocations, ...(known ?? [])]',
    put: '[...(known ?? [])]',
  },
  {
    rule: '§8 a revocation is the cold key’s',
    file: 'proof.ts',
    find: 'if (!isRevokedByColdKey(identity, revocation, engine))',
    put: 'if (false)',
  },
  {
    rule: '§8 revocation is never ok without a list',
    file: 'proof.ts',
    find: 'if (known === undefined) return unchecked(',
    put: 'if (known === null) return unchecked(',
  },
  // §5: entries
  { rule: '§5 the payload is salted', file: 'entries.ts', find: 'concat(salt, payload)', put: 'concat(payload, salt)' },
  {
    rule: '§8 payloadHash never beside payload',
    file: 'codecs.ts',
    find: 'payload !== undefined && salt !== undefined && payloadHash === undefined',
    put: 'payload !== undefined && salt !== undefined',
  },
  {
    rule: '§9 the anonymous client has request 0',
    file: 'codecs.ts',
    find: "const isRight = (client === '') === (request === 0n)",
    put: "const isRight = client === '' || request !== 0n",
  },
  {
    rule: '§9 a named client has a request',
    file: 'codecs.ts',
    find: "const isRight = (client === '') === (request === 0n)",
    put: "const isRight = client !== '' || request === 0n",
  },
  // §6: ranges
  { rule: '§6 index below size', file: 'range.ts', find: 'index < 0n || index >= size || ', put: '' },
  {
    rule: '§6 exact length of audit paths',
    file: 'range.ts',
    find: 'if (path.length !== inner + border)',
    put: 'if (path.length < inner + border)',
  },
  { rule: '§6 leaves are told from nodes', file: 'range.ts', find: '.fill(1, 0, 1)', put: '' },
  {
    rule: '§6 an older size is not larger',
    file: 'range.ts',
    find: ' || older.size > newer.size',
    put: '',
  },
  {
    rule: '§6 size 0 has the empty root',
    file: 'range.ts',
    find: 'path.length === 0 && equal(older.root, EMPTY_ROOT)',
    put: 'path.length === 0',
  },
  {
    rule: '§6 size 0 has an empty path',
    file: 'range.ts',
    find: 'path.length === 0 && equal(older.root, EMPTY_ROOT)',
    put: 'equal(older.root, EMPTY_ROOT)',
  },
  {
    rule: '§6 equal sizes have equal roots',
    file: 'range.ts',
    find: 'path.length === 0 && equal(older.root, newer.root)',
    put: 'path.length === 0',
  },
  {
    rule: '§6 equal sizes have an empty path',
    file: 'range.ts',
    find: 'path.length === 0 && equal(older.root, newer.root)',
    put: 'equal(older.root, newer.root)',
  },
  {
    rule: '§6 consistency reaches the older root',
    file: 'range.ts',
    find: 'lefts.reduce((below, sibling) => rangeNode(sibling, below, hasher), peak)',
    put: 'older.root',
  },
  {
    rule: '§6 consistency reaches the newer root',
    file: 'range.ts',
    find: '|| !climbs(index, width, peak, steps, newer.root, hasher)',
    put: '',
  },
  // §7: state
  {
    rule: '§7 no empty bottom sibling',
    file: 'state-proof.ts',
    find: ' || (siblings[0] !== undefined && equal(siblings[0], EMPTY))',
    put: '',
  },
  { rule: '§7 the other leaf is not the key', file: 'state-proof.ts', find: 'equal(other.key, key) || ', put: '' },
  {
    rule: '§7 the other leaf shares the prefix',
    file: 'state-proof.ts',
    find: ' || commonPrefix(other.key, key) < siblings.length',
    put: '',
  },
  {
    rule: '§7 the path ends at the root',
    file: 'state-proof.ts',
    find: 'return equal(reached, root)',
    put: 'return reached.length === root.length',
  },
  {
    rule: '§8 no other beside a value',
    file: 'codecs.ts',
    find: "value !== null && other !== undefined ? '",
    put: "value === undefined && other !== undefined ? '",
  },
  // §8: proofs
  {
    rule: '§8 a command’s index is its seq',
    file: 'claims.ts',
    find: 'if (claim.index !== claim.command.seq)',
    put: 'if (false)',
  },
  {
    rule: '§8 an event is of a command in the chain',
    file: 'claims.ts',
    find: 'if (claim.obligation.seq >= roots.commands.size)',
    put: 'if (false)',
  },
  {
    rule: '§8 an intent is of a command in the chain',
    file: 'claims.ts',
    find: 'if (claim.intent.seq >= roots.commands.size)',
    put: 'if (false)',
  },
  {
    rule: '§8 the block below is the parent',
    file: 'claims.ts',
    find: 'claim.height + 1n === ground.block.height',
    put: 'claim.height + 2n === ground.block.height',
  },
  {
    rule: '§8 a carried block has that height',
    file: 'claims.ts',
    find: 'if (claim.block.height !== claim.height)',
    put: 'if (false)',
  },
  {
    rule: '§8 a carried block has that hash',
    file: 'claims.ts',
    find: 'if (!equal(blockHash(identity, claim.block, hasher), claim.blockHash))',
    put: 'if (false)',
  },
  {
    rule: '§8 a carried block is coherent',
    file: 'claims.ts',
    find: 'return incoherence(identity, claim.block, claim.roots, hasher)',
    put: 'return undefined',
  },
  {
    rule: '§8 what is nested in a claim that fails, fails',
    file: 'claims.ts',
    find: "outer.verdict === 'fail' ?",
    put: "outer.verdict === 'unchecked' ?",
  },
  {
    rule: '§8 block, roots and claims together',
    file: 'codecs.ts',
    find: '(block === undefined) !== (roots === undefined) || ',
    put: '',
  },
  {
    rule: '§8 claims nest once',
    file: 'codecs.ts',
    find: 'claims: optional(nestedClaims)',
    put: 'claims: optional({ decode: (v, c) => claimsWith(blockClaim).decode(v, c), encode: (v, c) => claimsWith(blockClaim).encode(v, c) })',
  },
  {
    rule: '§8 claims are counted with the nested ones',
    file: 'codecs.ts',
    find: 'count + 1 + (claim.kind',
    put: 'count + 1 + 0 * (claim.kind',
  },
  {
    rule: '§8 the head is the same block',
    file: 'proof.ts',
    find: "equal(head.blockHash, hash) ? undefined : 'another",
    put: "head.blockHash.length === hash.length ? undefined : 'another",
  },
  { rule: '§8 the head’s epoch', file: 'proof.ts', find: 'if (block.epoch < (head.epoch ?? 0n))', put: 'if (false)' },
  {
    rule: '§8 the head’s time',
    file: 'proof.ts',
    find: 'if (block.timestamp < (head.timestamp ?? 0n))',
    put: 'if (false)',
  },
  {
    rule: '§8 the head is proved with its hash',
    file: 'proof.ts',
    find: '      equal(claim.blockHash, head.blockHash) &&\n',
    put: '',
  },
  { rule: '§8 the claim that proves the head holds', file: 'proof.ts', find: " && verdict === 'ok')", put: ')' },
  // §8: evidence
  {
    rule: '§8 evidence: a contradiction',
    file: 'evidence.ts',
    find: 'height === undefined ? agree : undefined',
    put: 'undefined',
  },
  {
    rule: '§8 evidence: the delegation of each side',
    file: 'evidence.ts',
    find: 'wrongWithDelegation(identity, seal.delegation, block.timestamp, engine)',
    put: 'undefined',
  },
  {
    rule: '§8 evidence: the seal of each side',
    file: 'evidence.ts',
    find: "isSealedByDelegate(hash, seal, engine) ? undefined : 'the delegate",
    put: "true ? undefined : 'the delegate",
  },
  {
    rule: '§8 evidence: roots belong to the block',
    file: 'evidence.ts',
    find: 'if (!equal(batchRoot(roots, hasher), block.batchRoot))',
    put: 'if (false)',
  },
  {
    rule: '§8 evidence: the ancestor is in the history',
    file: 'evidence.ts',
    find: 'if (!verifyInclusion(',
    put: 'if (false && !verifyInclusion(',
  },
  {
    rule: '§8 evidence: roots and ancestor together',
    file: 'codecs.ts',
    find: "(roots === undefined) !== (ancestor === undefined) ? '",
    put: "false ? '",
  },
  {
    rule: '§8 evidence: of the trusted chain',
    file: 'evidence.ts',
    find: 'judgeGenesis(identity, trust.chainId),',
    put: '',
  },
]
