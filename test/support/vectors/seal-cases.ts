/** Who signed and when (FORMAT §4): delegations, seals, revocations, other chains; and what the verifier is told of heads. */
import type { Header, Proof, Revocation, Seal } from '../../../src/verify/index.ts'
import { ChainMaker, type HotKey } from '../maker.ts'
import { asDocument, asRevocation, type Base, bytes, changed, type Document, utf8 } from './base.ts'
import { type ProofCase, proofCase, withNested } from './cases.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

export function sealCases(base: Base): ProofCase[] {
  return [
    ...delegationCases(base),
    ...signatureCases(base),
    ...chainCases(base),
    ...revocationCases(base),
    ...headCases(base),
  ]
}

function sealed({ chain, proof }: Base, by: HotKey): Document {
  return asDocument({ ...proof, seal: chain.seal(chain.head.hash, by) })
}

function delegationCases(base: Base): ProofCase[] {
  const { chain, second, random } = base
  const { timestamp } = chain.head.header
  const window = (name: string, validFrom: bigint, validUntil: bigint, fails: boolean): ProofCase =>
    proofCase(name, sealed(base, chain.delegate({ validFrom, validUntil })), fails ? ['delegation'] : [])
  const stranger = new ChainMaker(random)
  const byStranger: HotKey = {
    ...chain.hot,
    delegation: { ...chain.hot.delegation, signature: stranger.hot.delegation.signature },
  }
  return [
    proofCase('valid, sealed by another delegated key', sealed(base, second), []),
    window('the window opens at the timestamp', timestamp, 1n << 63n, false),
    window('the window closes at the timestamp', 0n, timestamp, false),
    window('the window is that moment', timestamp, timestamp, false),
    window('the window opens a moment later', timestamp + 1n, 1n << 63n, true),
    window('the window closed a moment earlier', 0n, timestamp - 1n, true),
    window('the window closes before it opens', timestamp + 1n, timestamp - 1n, true),
    proofCase('a delegation that the cold key of another chain signed', sealed(base, byStranger), ['delegation']),
    proofCase('a delegation from another chain', sealed(base, stranger.hot), ['delegation']),
  ]
}

function signatureCases(base: Base): ProofCase[] {
  const { document, chain, second } = base
  const at = ['seal', 'signature']
  const isOdd = (signature: string): boolean => signature.endsWith('1c')
  const [r, s] = [(hex: string) => hex.slice(2, 66), (hex: string) => hex.slice(66, 130)]
  const word = (value: bigint): string => value.toString(16).padStart(64, '0')
  const wrong = (name: string, change: (signature: string) => string): ProofCase[] => [
    proofCase(`the seal: ${name}`, changed(document, at, change), ['seal']),
    proofCase(`the delegation: ${name}`, changed(document, ['seal', 'delegation', 'signature'], change), [
      'delegation',
    ]),
  ]
  const byAnother: Seal = { ...chain.seal(chain.head.hash, second), delegation: chain.hot.delegation }
  return [
    ...wrong(
      's in the upper half',
      (hex) => `0x${r(hex)}${word(ORDER - BigInt(`0x${s(hex)}`))}${isOdd(hex) ? '1b' : '1c'}`,
    ),
    ...wrong('v of 0 or 1', (hex) => `0x${r(hex)}${s(hex)}${isOdd(hex) ? '01' : '00'}`),
    ...wrong('the other v', (hex) => `0x${r(hex)}${s(hex)}${isOdd(hex) ? '1b' : '1c'}`),
    ...wrong('v of 29', (hex) => `0x${r(hex)}${s(hex)}1d`),
    ...wrong('r of zero', (hex) => `0x${word(0n)}${s(hex)}${hex.slice(130)}`),
    ...wrong('s of zero', (hex) => `0x${r(hex)}${word(0n)}${hex.slice(130)}`),
    ...wrong('r of the order', (hex) => `0x${word(ORDER)}${s(hex)}${hex.slice(130)}`),
    ...wrong('all zero', () => bytes(65, 0)),
    proofCase('a seal over the parent', asDocument({ ...base.proof, seal: chain.blocks.at(-2)?.seal as Seal }), [
      'seal',
    ]),
    proofCase('a seal by a key of another delegation', asDocument({ ...base.proof, seal: byAnother }), ['seal']),
  ]
}

/** All of it is of a chain, and no other: every hash is bound to the id. */
function chainCases(base: Base): ProofCase[] {
  const { document, place, random, chain } = base
  const unbound = ['genesis', 'delegation', 'seal', ...withNested(document, place.nested)]
  const change = (name: string, member: string, value: unknown): ProofCase =>
    proofCase(
      name,
      changed(document, ['genesis', member], () => value),
      unbound,
    )
  const other = new ChainMaker(random).grow(2)
  const twin = new ChainMaker(random, undefined, { ...chain.identity.genesis, nonce: random.bytes(32) })
  const twins = { ...base.proof, genesis: twin.identity.genesis }
  return [
    proofCase('a valid proof of another chain', asDocument(other.proof([])), ['genesis']),
    proofCase('the same genesis with another nonce', asDocument(twins), unbound),
    change('another name', 'name', 'demo2'),
    change('another cold key', 'coldKey', bytes(20)),
    change('another machine', 'machine', 'kv@2'),
    change('another time of creation', 'createdAt', '1'),
  ]
}

function revocationCases(base: Base): ProofCase[] {
  const { chain, proof, random } = base
  const head = chain.head
  const { height } = head.header
  const own = chain.revoke(0n, head)
  const earlier = chain.revoke(0n, chain.madeAt(1))
  const of = (index: bigint, height: bigint, hash: Uint8Array): Revocation =>
    chain.revoke(index, { header: { height } as Header, hash })
  const other = chain.revoke(3n, chain.madeAt(1))
  const foreign: Revocation = { ...other, signature: new ChainMaker(random).grow(1).revoke(3n, head).signature }
  const inside = (
    name: string,
    revocations: readonly Revocation[],
    fail: readonly string[],
    elsewhere?: readonly Revocation[],
  ) =>
    proofCase(
      name,
      asDocument({ ...proof, revocations }),
      fail,
      elsewhere && { revocations: elsewhere.map(asRevocation) },
    )
  return [
    inside('none known elsewhere, but asked', [], [], []),
    inside('a revocation of another index', [other], []),
    inside('a revocation of another index, known elsewhere', [], [], [other]),
    inside('revoked, and the revocation is in the proof', [earlier], ['revocation']),
    inside('revoked, and only elsewhere is it known', [], ['revocation'], [earlier]),
    inside('revoked, and this is the last good block', [own], [], [own]),
    inside(
      'revoked at the right height, with another last good block',
      [of(0n, height, random.bytes(32))],
      ['revocation'],
    ),
    inside('revoked at another height, with this hash', [of(0n, height + 1n, head.hash)], ['revocation']),
    inside('revoked from a later height on', [of(0n, height + 5n, random.bytes(32))], ['revocation']),
    inside('revoked from height 0 on', [of(0n, -1n, new Uint8Array(32))], ['revocation']),
    inside('two revocations, of which one leaves it and one does not', [own, earlier], ['revocation'], []),
    inside('one in the proof leaves it, one from elsewhere does not', [own], ['revocation'], [earlier]),
    inside('a revocation that somebody else signed', [foreign], ['revocation'], []),
    inside('a revocation that somebody else signed, from elsewhere', [], ['revocation'], [foreign]),
    inside(
      '64 revocations of other indexes',
      Array.from({ length: 64 }, () => other),
      [],
    ),
    proofCase('an old fact of a revoked key under a new seal', oldFact(base), [], {
      revocations: [asRevocation(earlier)],
    }),
  ]
}

/** The first key is revoked after block 1; the second sealed the head, in whose history block 1 is. */
function oldFact({ chain, second }: Base): Document {
  const ancestor = chain.madeAt(1)
  const claim = chain.blockClaim(1n, chain.head, [chain.commandClaim(0n, ancestor)])
  const proof: Proof = { ...chain.proof([claim]), seal: chain.seal(chain.head.hash, second) }
  return asDocument(proof)
}

function headCases(base: Base): ProofCase[] {
  const { chain, document, place } = base
  const claimed = document.claims[place.ancestor]
  const older = chain.madeAt(Number(claimed.height)).header
  const { height, epoch, timestamp } = chain.head.header
  const head = { height: String(height), blockHash: `0x${Buffer.from(chain.head.hash).toString('hex')}` }
  const ancestor = { height: claimed.height, blockHash: claimed.blockHash }
  const told = (name: string, given: Document, fails: boolean): ProofCase =>
    proofCase(`head: ${name}`, document, fails ? ['head'] : [], { head: given })
  const cut = proofCase(
    'head: an older block, claimed with a false path',
    changed(document, ['claims', place.ancestor, 'path'], () => []),
    ['head', `claims[${place.ancestor}]`],
    { head: ancestor },
  )
  return [
    told('the same', head, false),
    told('the same, with its epoch and time', { ...head, epoch: String(epoch), timestamp: String(timestamp) }, false),
    told('an older block, proved', ancestor, false),
    told(
      'an older block, proved, as old as it was',
      { ...ancestor, epoch: String(older.epoch), timestamp: String(older.timestamp) },
      false,
    ),
    told(
      'an older block, with the epoch and time of this one',
      { ...ancestor, epoch: String(epoch), timestamp: String(timestamp) },
      false,
    ),
    told('the same height, another hash', { ...head, blockHash: bytes(32) }, true),
    told('an older block with another hash', { ...ancestor, blockHash: bytes(32) }, true),
    told('newer than the proof', { ...head, height: String(height + 1n) }, true),
    told('of a later epoch', { ...ancestor, epoch: String(epoch + 1n) }, true),
    told('of a later time', { ...ancestor, timestamp: String(timestamp + 1n) }, true),
    cut,
    proofCase('head: an older block, not claimed', asDocument({ ...base.proof, claims: [] }), ['head'], {
      head: ancestor,
    }),
    proofCase('head: an older block, claimed by a nested claim alone', nestedOnly(base), ['head'], {
      head: { height: '0', blockHash: `0x${Buffer.from(chain.madeAt(0).hash).toString('hex')}` },
    }),
    proofCase(
      'head: a state key is not a height',
      asDocument(chain.proof([chain.stateClaim('state', utf8('account'))])),
      ['head'],
      { head: ancestor },
    ),
  ]
}

/** Block 0 is named by a claim against block 1, not by one against the head. */
function nestedOnly({ chain }: Base): Document {
  const claim = chain.blockClaim(1n, chain.head, [chain.blockClaim(0n, chain.madeAt(1))])
  return asDocument(chain.proof([claim]))
}
