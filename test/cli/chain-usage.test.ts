/** How the commands on a chain end where something is wrong: 1 with one line that says what, 2 for wrong usage. */
import { existsSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { chainFolder } from './chain-folder.ts'

const { at, cairn } = chainFolder()
beforeAll(async () => {
  await cairn('init', 'CHAIN')
  await cairn('append', 'CHAIN', 'put', 'a', 'b')
})

test.each([
  [
    'a key that is not there',
    ['get', 'CHAIN', 'nothing'],
    'There is no key “nothing” in the state tree, as of block 0.',
  ],
  ['the other tree', ['get', 'CHAIN', 'a', '--tree', 'risk'], 'There is no key “a” in the risk tree, as of block 0.'],
  ['a block that is not there', ['get', 'CHAIN', 'a', '--height', '9'], 'There is no block 9: the newest is 0.'],
  ['a command that is not there', ['prove', 'CHAIN', '--command', '1'], 'There is no command 1: there are 1 of them.'],
  ['a key that cannot be proved', ['prove', 'CHAIN', '--state', 'x'], 'The key is not there at height 0'],
  ['an absence that cannot be proved', ['prove', 'CHAIN', '--absent', 'a'], 'The key is there at height 0'],
  ['a type that there is not', ['append', 'CHAIN', '{}', '--type', 'no'], 'no'],
  ['a key of the streams', ['append', 'CHAIN', 'put', 'stream/a', 'b'], 'keys that begin with stream/'],
  ['no chain', ['get', 'nowhere', 'a'], 'There is no chain in'],
  ['the id of no chain', ['id', 'nowhere'], 'There is no chain in'],
  ['an export of no chain', ['export', 'nowhere'], 'There is no chain in'],
  ['an export above the newest block', ['export', 'CHAIN', '--to', '1'], 'There is no block 1 that could be exported'],
  ['a log of no chain', ['log', 'nowhere', '--follow'], 'There is no chain in'],
  ['a look at nothing', ['inspect', 'nowhere.wal'], 'there is no such file or directory'],
])('1 for %s', async (_, args, said) => {
  const ended = await cairn(...args)
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).toContain(said)
  expect(ended.stderr.trim().split('\n')).toHaveLength(1)
})

test.each([
  ['init without a directory', ['init'], "missing required argument 'dir'"],
  ['an empty name', ['init', 'x', '--name', ''], '1 to 64 bytes'],
  ['a name that is too long', ['init', 'x', '--name', 'ä'.repeat(33)], '1 to 64 bytes'],
  ['append without a directory', ['append'], "missing required argument 'dir'"],
  ['put without a value', ['append', 'x', 'put', 'a'], 'it is written put KEY VALUE'],
  ['delete with a value', ['append', 'x', 'delete', 'a', 'b'], 'it is written delete KEY'],
  ['put with a type', ['append', 'x', 'put', 'a', 'b', '--type', 'cas'], 'leave --type out'],
  ['two payloads', ['append', 'x', '{}', '{}'], 'one payload can be given'],
  ['a client without a number', ['append', 'x', '{}', '--client', 'a'], 'belong together'],
  ['a number without a client', ['append', 'x', '{}', '--request', '1'], 'belong together'],
  ['the number 0', ['append', 'x', '{}', '--client', 'a', '--request', '0'], 'from 1 on'],
  ['get without a key', ['get', 'x'], "missing required argument 'key'"],
  ['a height that is none', ['get', 'x', 'a', '--height', '-1'], 'a whole number from 0 on'],
  ['a height of 2^64', ['get', 'x', 'a', '--height', '18446744073709551616'], 'a whole number from 0 on'],
  ['a tree that there is not', ['get', 'x', 'a', '--tree', 'oak'], 'Allowed choices are state, risk'],
  ['a seq that is none', ['prove', 'x', '--command', 'a'], 'a whole number from 0 on'],
  ['an empty file name', ['prove', 'x', '--out', ''], 'It is empty'],
  ['a key that is no hex', ['get', 'CHAIN', 'a', '--hex'], 'the key “a” is not 0x and pairs of lower-case hex digits'],
  ['a key to prove that is no hex', ['prove', 'x', '--state', '0xA', '--hex'], 'the key “0xA” is not 0x and pairs'],
  ['an empty key', ['get', 'CHAIN', ''], 'a key has 1 to 1024 bytes, not 0'],
  ['two directories', ['id', 'x', 'y'], 'too many arguments'],
  ['a log that ends before it begins', ['log', 'x', '--follow', '--from', '2', '--to', '1'], '--from is above --to'],
  ['an export of a height that is none', ['export', 'x', '--from', '1.5'], 'a whole number from 0 on'],
  ['an export to a file without a name', ['export', 'x', '-o', ''], 'It is empty'],
  ['a log of a height that is none', ['log', 'x', '--to', ''], 'a whole number from 0 on'],
  ['a frame of a directory', ['inspect', 'CHAIN', '--frame', '512'], '--frame needs a file'],
  ['an offset that is none', ['inspect', 'CHAIN', '--frame', 'x'], 'in decimal digits'],
  [
    'evidence from one proof',
    ['evidence', 'x', '--chain-id', `0x${'0'.repeat(64)}`],
    "missing required argument 'proof-b'",
  ],
  ['evidence of no chain', ['evidence', 'x', 'y'], "'--chain-id <0x…>' not specified"],
  ['two proofs in one input', ['evidence', '-', '-', '--chain-id', `0x${'0'.repeat(64)}`], 'only one of the proofs'],
])('2 for %s', async (_, args, said) => {
  const ended = await cairn(...args)
  expect(ended).toMatchObject({ code: 2, stdout: '' })
  expect(ended.stderr).toMatch(/^error: /)
  expect(ended.stderr).toContain(said)
  expect(existsSync(at('x'))).toBe(false)
})

test.each(['init', 'append', 'get', 'prove', 'id', 'export', 'log', 'inspect', 'evidence'])(
  '%s --help has examples',
  async (name) => {
    const { code, stdout, stderr } = await cairn(name, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`\nExamples:\n {2}\\$ cairn ${name} `))
  },
)
