/**
 * What can be set for good, in a config file or in the environment, and not on the command line alone. This table is the one definition: the
 * options, the variables, the JSON Schema of the config file and the help are made of it.
 *
 * Promise: nothing here is a secret. A passphrase or a token is in a file of its own, and what can be set is its name.
 */
import { LEVELS } from '../../audit/faults.ts'
import { BOUNDS } from '../../server/bounds.ts'
import { type Kind, matching, once, oneOf, whole, word, words } from './kinds.ts'

export interface Setting {
  readonly kind: Kind
  /** What stands for the value in the help: `<file>` and `<dir>` are completed as such. */
  readonly shown: string
  readonly text: string
  readonly default?: string | number
  /** What the shell completion proposes, where it can be something else, too. */
  readonly proposed?: readonly string[]
}

const BUILT_IN_MACHINES: readonly string[] = ['kv', 'ledger', 'external']
const LOG_LEVELS = ['info', 'warn', 'error', 'silent']
const CORES_MAX = 999
const SECONDS_MAX = 3600

export type SettingName =
  | 'data'
  | 'keys'
  | 'guard'
  | 'machine'
  | 'passphraseFile'
  | 'url'
  | 'pin'
  | 'tokenFile'
  | 'timeout'
  | 'chainId'
  | 'revocations'
  | 'head'
  | 'level'
  | 'cores'
  | 'host'
  | 'port'
  | 'log'
  | 'tokens'
  | 'maxBody'
  | 'maxRequests'
  | 'maxListeners'
  | 'evmRpc'

export const LOOPBACK = '127.0.0.1'

export const SETTINGS: Readonly<Record<SettingName, Setting>> = {
  data: { kind: word, shown: '<dir>', text: 'the directory of the chain, where it is not the first argument' },
  keys: { kind: word, shown: '<dir>', text: 'its keys (<dir>.keys if left out)' },
  guard: { kind: word, shown: '<file>', text: 'its rollback guard (guard among the keys if left out)' },
  machine: {
    kind: words,
    shown: '<machine>',
    text: `its state machine: ${BUILT_IN_MACHINES.join(', ')}, or a module such as ./my-machine.js; may be repeated`,
    proposed: BUILT_IN_MACHINES,
  },
  passphraseFile: {
    kind: word,
    shown: '<file>',
    text: 'read the passphrase of the hot key from this file (mode 0600)',
  },
  url: { kind: word, shown: '<url>', text: 'the server that has the chain, in place of a directory' },
  pin: { kind: once(word), shown: '<file>', text: 'with --url: what was seen of the chain is kept there, and trusted' },
  tokenFile: {
    kind: once(word),
    shown: '<file>',
    text: 'with --url: the token for the server is in this file (mode 0600)',
  },
  timeout: {
    kind: whole(1, SECONDS_MAX),
    shown: '<seconds>',
    text: 'with --url: how long an answer may take',
    default: 30,
  },
  chainId: {
    kind: once(matching(/^0x[0-9a-f]{64}$/, 'It is 0x and 64 lower-case hex digits.')),
    shown: '<0x…>',
    text: 'the id of the chain that you trust',
  },
  revocations: {
    kind: once(word),
    shown: '<file>',
    text: 'the revocations that you know from elsewhere than the prover (a JSON array)',
  },
  head: {
    kind: once(word),
    shown: '<file>',
    text: 'the head that you accepted last: {height, blockHash, epoch?, timestamp?}',
  },
  level: {
    kind: oneOf(LEVELS),
    shown: '<level>',
    text: 'of a chain: how much is verified (roots; with --from-proof seals)',
  },
  cores: { kind: whole(1, CORES_MAX), shown: '<n>', text: 'of a chain: how many cores it may use' },
  host: {
    kind: word,
    shown: '<address>',
    text: 'where to listen; anything but loopback needs tokens',
    default: LOOPBACK,
  },
  port: { kind: whole(0, 65_535), shown: '<n>', text: 'on which port; 0 for any that is free', default: 4270 },
  log: { kind: oneOf(LOG_LEVELS), shown: '<level>', text: 'how much is logged', default: 'info' },
  tokens: { kind: word, shown: '<file>', text: 'who may use the server (tokens.json among the keys if left out)' },
  maxBody: {
    kind: whole(1024, BOUNDS.maxBody),
    shown: '<bytes>',
    text: 'the largest body that is taken',
    default: BOUNDS.maxBody,
  },
  maxRequests: {
    kind: whole(1, BOUNDS.maxRequests),
    shown: '<n>',
    text: 'how many requests are worked on at a time',
    default: BOUNDS.maxRequests,
  },
  maxListeners: {
    kind: whole(0, BOUNDS.maxListeners),
    shown: '<n>',
    text: 'how many may listen to new blocks at a time',
    default: BOUNDS.maxListeners,
  },
  evmRpc: {
    kind: word,
    shown: '<url>',
    text: 'the RPC of an EVM chain that the explorer asks for anchors; public to all who open it',
  },
}

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS) as SettingName[]

/** `passphraseFile` is `CAIRN_PASSPHRASE_FILE` in the environment. */
export function variableOf(name: SettingName): string {
  return `CAIRN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** And `--passphrase-file` on the command line. */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
