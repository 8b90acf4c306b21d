/** Claims that are not true of the block, each beside others that are: only they fail. */
import { expectedFailures } from '../expected-failures.ts'
import { type At, jsonPath, leavesOf, replaced, valueAt } from '../leaves.ts'
import { asDocument, type Base, bytes, type ClaimName, changed, type Document, inClaim } from './base.ts'
import { type ProofCase, proofCase, withNested } from './cases.ts'

const EMPTY = `0x${Buffer.from('SPARSE_MERKLE_PLACEHOLDER_HASH__').toString('hex')}`

export function claimCases(base: Base): ProofCase[] {
  const { document, place, chain, proof } = base
  /** Something of a claim is another: the claim fails, and what is nested in it. */
  const wrong = (name: string, claim: ClaimName, at: At, change: (before: Document) => unknown): ProofCase =>
    proofCase(name, changed(document, inClaim(base, claim, ...at), change), withNested(document, place[claim]))
  /** Only what is nested fails. */
  const wrongInside = (name: string, at: At, change: (before: Document) => unknown): ProofCase =>
    proofCase(name, changed(document, inClaim(base, 'nested', 'claims', 0, ...at), change), [
      `claims[${place.nested}].claims[0]`,
    ])
  const other = (size: number) => () => bytes(size, 0xcd)
  const { size, root } = chain.ranges.commands.sizedRoot
  const commands = { kind: 'consistency', range: 'commands' } as const
  const adding = (name: string, fails: boolean, claim: Document): ProofCase => {
    const claims = [...document.claims, claim]
    return proofCase(name, { ...document, claims }, fails ? [`claims[${document.claims.length}]`] : [])
  }
  const emptyRoot = `0x${Buffer.from(chain.ranges.commands.rootAt(0n)).toString('hex')}`

  return [
    proofCase('valid', document, []),
    proofCase('valid, without claims', asDocument({ ...proof, claims: [] }), []),
    wrong('a payload that was changed', 'command', ['command', 'payload'], (hex) => `${hex}00`),
    wrong('a salt that was changed', 'command', ['command', 'salt'], other(32)),
    wrong('a payload hash that was changed', 'erased', ['command', 'payloadHash'], other(32)),
    wrong('a status that was changed', 'command', ['command', 'status'], (status) => 1 - status),
    wrong('a reply that was changed', 'command', ['command', 'reply'], (hex) => `${hex}00`),
    wrong('another client', 'command', ['command', 'client'], (client) => `${client}x`),
    wrong('another request', 'command', ['command', 'request'], (request) => String(BigInt(request) + 1n)),
    wrong('another type', 'command', ['command', 'type'], (type) => `${type}x`),
    wrong('another number of events', 'command', ['command', 'obligationSize'], (count) => String(BigInt(count) + 1n)),
    wrong('a command at the index of another', 'command', ['index'], (index) => String(BigInt(index) + 1n)),
    wrong('an event of another command', 'obligation', ['obligation', 'seq'], (seq) => String(BigInt(seq) + 1n)),
    wrong('an event with other data', 'obligation', ['obligation', 'data'], (hex) => `${hex}00`),
    wrong('an event beyond the range', 'obligation', ['index'], () => String((1n << 64n) - 1n)),
    wrong('an intent of another kind', 'intent', ['intent', 'kind'], (kind) => `${kind}x`),
    wrong('a path that is longer', 'command', ['path'], (path) => [...path, bytes(32)]),
    wrong('a path that is shorter', 'command', ['path'], (path) => path.slice(0, -1)),
    wrong('a path that begins later', 'command', ['path'], (path) => path.slice(1)),
    wrong('a path that is empty', 'command', ['path'], () => []),
    wrong('a path from the top down', 'command', ['path'], (path) => [...path].reverse()),
    wrong('the path of another command', 'command', ['path'], () => document.claims[place.erased].path),
    wrong('a value that was changed', 'present', ['value'], (hex) => `${hex}00`),
    wrong('absence of what is present', 'present', ['value'], () => null),
    wrong('an empty value for what is present', 'present', ['value'], () => '0x'),
    wrong('the value in the other tree', 'present', ['tree'], () => 'risk'),
    wrong('another raw key', 'present', ['key'], (key) => `${key}00`),
    wrong('a sibling more', 'present', ['siblings'], (siblings) => [...siblings, EMPTY]),
    wrong('an empty sibling at the bottom', 'present', ['siblings'], (siblings) => [EMPTY, ...siblings]),
    wrong('a sibling less', 'absent', ['siblings'], (siblings) => siblings.slice(1)),
    wrong('absence without the other leaf', 'absent', ['other'], () => undefined),
    wrong('presence of what is absent, in an empty slot', 'gap', ['value'], () => '0x'),
    wrong('another value of the other leaf', 'absent', ['other', 'value'], other(32)),
    wrong('another leaf in an empty slot', 'gap', ['other'], () => ({ key: bytes(32), value: bytes(32) })),
    wrong('an ancestor with another hash', 'ancestor', ['blockHash'], other(32)),
    wrong('an ancestor at another height', 'ancestor', ['height'], (height) => String(BigInt(height) + 1n)),
    wrong('the block itself as its ancestor', 'ancestor', ['height'], () => document.block.height),
    wrong('a carried block of another height', 'nested', ['block', 'height'], (height) => String(BigInt(height) + 1n)),
    wrong('a carried block of another time', 'nested', ['block', 'timestamp'], (time) => String(BigInt(time) + 1n)),
    wrong('carried roots that were changed', 'nested', ['roots', 'risk'], other(32)),
    wrongInside('a nested command that was changed', ['command', 'reply'], (hex) => `${hex}00`),
    wrongInside('a nested command at another index', ['index'], (index) => String(BigInt(index) + 1n)),
    wrongInside('a nested path that is longer', ['path'], (path) => [...path, bytes(32)]),
    wrong('an earlier root that was changed', 'commands', ['root'], other(32)),
    wrong('an earlier size that was changed', 'commands', ['size'], (earlier) => String(BigInt(earlier) + 1n)),
    wrong('an earlier size that is later', 'history', ['size'], () => String(BigInt(document.block.height) + 1n)),
    wrong('the path of another range', 'history', ['range'], () => 'intents'),
    adding('nothing extends to anything', false, { ...commands, size: '0', root: emptyRoot, path: [] }),
    adding('nothing with another root', true, { ...commands, size: '0', root: bytes(32), path: [] }),
    adding('nothing with a path', true, { ...commands, size: '0', root: emptyRoot, path: [bytes(32)] }),
    adding('a range extends itself', false, { ...commands, size: String(size), root: hexOf(root), path: [] }),
    adding('itself with a path', true, { ...commands, size: String(size), root: hexOf(root), path: [bytes(32)] }),
    adding('itself with another root', true, { ...commands, size: String(size), root: bytes(32), path: [] }),
    ...randomChanges(base, 40),
  ]
}

const hexOf = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** Any member that carries bytes, with one bit flipped: what fails follows from where it is. */
function randomChanges({ document, random }: Base, count: number): ProofCase[] {
  const hexes = leavesOf(document).filter(({ value }) => typeof value === 'string' && /^0x[0-9a-f]{2}/.test(value))
  const noHead = { height: 1n << 64n, epoch: 0n, timestamp: 0n, blockHash: new Uint8Array(32) }
  return Array.from({ length: count }, () => {
    const { at, value } = random.pick(hexes)
    const whole = Buffer.from((value as string).slice(2), 'hex')
    const place = random.below(whole.length)
    whole[place] = (whole[place] as number) ^ (1 << random.below(8))
    const flipped = hexOf(whole)
    const { fail } = expectedFailures(document, at, flipped, noHead)
    return proofCase(`a bit of ${jsonPath(at)}`, replaced(document, at, flipped), fail)
  }).filter(({ proof }) => valueAt(proof, ['genesis', 'coldKey']) !== bytes(20, 0))
}
