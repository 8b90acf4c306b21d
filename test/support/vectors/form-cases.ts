/** Documents whose form is wrong (FORMAT §1 and `format` in §8): nothing else of them is judged. */
import type { At } from '../leaves.ts'
import { replaced, valueAt } from '../leaves.ts'
import { type Base, bytes, changed, type Document, inClaim } from './base.ts'
import { type ProofCase, proofCase } from './cases.ts'

export function formCases(base: Base): ProofCase[] {
  const { document } = base
  const command = (...rest: At): At => inClaim(base, 'command', 'command', ...rest)
  const erased = (...rest: At): At => inClaim(base, 'erased', 'command', ...rest)
  const put = (name: string, at: At, value: unknown): readonly [string, Document] => [
    name,
    replaced(document, at, value),
  ]
  const twisted = (name: string, at: At, change: (before: string) => unknown): readonly [string, Document] => [
    name,
    changed(document, at, change),
  ]
  const nested = inClaim(base, 'nested', 'claims')
  const carrying = valueAt(document, inClaim(base, 'nested'))

  const broken: readonly (readonly [string, Document])[] = [
    put('an unknown member', ['extra'], '0'),
    put('an unknown member in a claim', inClaim(base, 'command', 'extra'), '0'),
    put('a missing member', ['roots', 'risk'], undefined),
    put('a format of another version', ['format'], 'cairn.proof/v2'),
    put('a kind that nobody knows', inClaim(base, 'command', 'kind'), 'commands'),
    put('a tree of another name', inClaim(base, 'present', 'tree'), 'State'),
    put('a range of another name', inClaim(base, 'commands', 'range'), 'blocks'),
    twisted('a hash in upper case', ['block', 'batchRoot'], (hash) => `0x${hash.slice(2).toUpperCase()}`),
    twisted('a hash with 0X', ['block', 'batchRoot'], (hash) => `0X${hash.slice(2)}`),
    twisted('a hash of 31 bytes', ['block', 'batchRoot'], (hash) => hash.slice(0, -2)),
    twisted('a hash of 33 bytes', ['block', 'batchRoot'], (hash) => `${hash}00`),
    twisted('half a byte', command('reply'), (hex) => `${hex}0`),
    twisted('a signature of 64 bytes', ['seal', 'signature'], (hex) => hex.slice(0, -2)),
    twisted('a compact signature with a byte too many', ['seal', 'signature'], (hex) => `${hex}00`),
    put('an address of 32 bytes', ['genesis', 'coldKey'], bytes(32)),
    put('the zero address as cold key', ['genesis', 'coldKey'], bytes(20, 0)),
    put('the zero address as delegate', ['seal', 'delegation', 'delegate'], bytes(20, 0)),
    put('a number of 2^64', ['block', 'timestamp'], String(1n << 64n)),
    twisted('a leading zero', ['block', 'height'], (height) => `0${height}`),
    twisted('a number with a space', ['block', 'height'], (height) => ` ${height}`),
    put('a number in hex', ['block', 'height'], '0x5'),
    put('a negative number', ['block', 'height'], '-1'),
    put('a number as a number', ['block', 'height'], 1),
    put('a status as text', command('status'), '0'),
    put('a status of true', command('status'), true),
    put('a status of null', command('status'), null),
    put('a status of 2', command('status'), 2),
    put('a machine without a version', ['genesis', 'machine'], 'kv'),
    put('a machine with a capital', ['genesis', 'machine'], 'Kv@1'),
    put('a machine version with a leading zero', ['genesis', 'machine'], 'kv@01'),
    put('a name of 65 bytes', ['genesis', 'name'], 'x'.repeat(65)),
    put('a name of nothing', ['genesis', 'name'], ''),
    put('a client of 33 two-byte letters', command('client'), 'é'.repeat(33)),
    put('a type of 65 bytes', command('type'), 'x'.repeat(65)),
    put('a type of nothing', command('type'), ''),
    put('half a surrogate pair', command('client'), 'client\ud800'),
    put('an anonymous client with a request', erased('request'), '1'),
    put('a named client without a request', command('request'), '0'),
    put('a payload hash beside the payload', command('payloadHash'), bytes(32)),
    put('a payload without its salt', command('salt'), undefined),
    put('a salt without its payload', command('payload'), undefined),
    put('neither payload nor its hash', erased('payloadHash'), undefined),
    put('a salt of 31 bytes', command('salt'), bytes(31)),
    put('a reply over 64 KiB', command('reply'), bytes((64 << 10) + 1)),
    put('a payload over 1 MiB', command('payload'), bytes((1 << 20) + 1)),
    put('a raw key of no bytes', inClaim(base, 'present', 'key'), '0x'),
    put('a raw key of 1025 bytes', inClaim(base, 'present', 'key'), bytes(1025)),
    put('another leaf beside a value', inClaim(base, 'present', 'other'), { key: bytes(32), value: bytes(32) }),
    put('a value beside another leaf', inClaim(base, 'absent', 'value'), '0x'),
    put('another key of 33 bytes', inClaim(base, 'absent', 'other', 'key'), bytes(33)),
    put(
      'a path of 66 hashes',
      inClaim(base, 'command', 'path'),
      Array.from({ length: 66 }, () => bytes(32)),
    ),
    put(
      '257 siblings',
      inClaim(base, 'present', 'siblings'),
      Array.from({ length: 257 }, () => bytes(32)),
    ),
    put(
      '65 revocations',
      ['revocations'],
      Array.from({ length: 65 }, () => revocation),
    ),
    put(
      '1025 claims',
      ['claims'],
      Array.from({ length: 1025 }, () => valueAt(document, inClaim(base, 'commands'))),
    ),
    put('claims nested twice', [...nested, 0], carrying),
    put('a block claim with a block but no roots', inClaim(base, 'nested', 'roots'), undefined),
    put('a block claim with nothing but claims', inClaim(base, 'ancestor', 'claims'), []),
    ['not an object', []],
    ['nothing', null],
  ]
  return broken.map(([name, proof]) => proofCase(name, proof, ['format']))
}

const revocation = { index: '7', fromHeight: '0', parentHash: bytes(32), signature: bytes(65) }
