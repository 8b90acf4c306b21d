/** `cairn get`: the value of a key, as of the newest block or of an older one. */
import { type Command, Option } from 'commander'
import type { Chain } from '../chain.ts'
import type { CairnClient } from '../client/index.ts'
import { jsonText } from '../server/json-text.ts'
import { fromUtf8 } from '../verify/bytes.ts'
import { CairnError, type TreeName, toHex } from '../verify/index.ts'
import { escaped, quoted } from '../verify/meaning.ts'
import { HEX_OPTION, keyFrom, u64From } from './arguments.ts'
import type { MachineOptions } from './machines.ts'
import { onChain } from './on-chain.ts'
import { openServer } from './remote/with-server.ts'
import { setting } from './settings/option.ts'
import { withChain } from './with-chain.ts'

interface Options extends MachineOptions {
  readonly height?: bigint
  readonly tree: TreeName
  readonly hex?: true
  readonly json?: true
}

export function asGet(command: Command): Command {
  command
    .description('Print the value of a key.')
    .addOption(setting('machine'))
    .option('--height <n>', 'as of this block, not the newest', u64From)
    .addOption(new Option('--tree <tree>', 'of which tree').choices(['state', 'risk']).default('state'))
    .option(...HEX_OPTION)
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    { needed: [['key', 'the key, as text']] },
    {
      here: async (place, [text = ''], options) => {
        const key = keyFrom(text, options.hex === true, command)
        await withChain(place, 'read', (chain) => print(valueHere(chain, key, options), key, options), options)
      },
      there: async ([text = ''], options) => {
        const key = keyFrom(text, options.hex === true, command)
        const { client } = await openServer(command, options)
        await print(await valueThere(client, key, options), key, options)
      },
    },
  )
}

const HELP = `
A key is text unless --hex is given. The value is written byte for byte, with nothing after it; only on a terminal it is
shown as a line, and as hex where it is not text. As JSON: {"tree","key","height","value"}, key and value as hex.

Exit codes: 0 there is a value; 1 there is none, or the chain cannot be read; 2 wrong usage

Examples:
  $ cairn get demo greeting
  $ cairn get demo greeting --height 3
  $ cairn get demo greeting --json
  $ cairn get demo 0x00ff --hex > value.bin
  $ cairn get --url http://127.0.0.1:4270 --chain-id 0x5e1f… greeting`

interface Found {
  /** Absent where the chain has no block. */
  readonly height?: bigint
  readonly value?: Uint8Array
}

function valueHere(chain: Chain, key: Uint8Array, { height = chain.head?.height, tree }: Options): Found {
  const value = chain.get(tree, key, height === undefined ? {} : { height })
  return { ...(height !== undefined && { height }), ...(value && { value }) }
}

async function valueThere(client: CairnClient, key: Uint8Array, { height, tree }: Options): Promise<Found> {
  try {
    return await client.read(tree, key, height === undefined ? {} : { height })
  } catch (error) {
    if (error instanceof CairnError && error.code === 'nothing_to_prove' && height === undefined) return {}
    throw error
  }
}

async function print({ height, value }: Found, key: Uint8Array, { tree, json }: Options): Promise<void> {
  if (value === undefined) throw absent(key, tree, height)
  if (json) process.stdout.write(jsonText({ tree, key, height, value }))
  else process.stdout.write(process.stdout.isTTY ? `${shown(value)}\n` : value)
}

function shown(value: Uint8Array): string {
  const text = fromUtf8(value)
  return text === undefined ? toHex(value) : escaped(text)
}

function absent(key: Uint8Array, tree: TreeName, height: bigint | undefined): CairnError {
  const text = fromUtf8(key)
  const name = text === undefined ? toHex(key) : quoted(text)
  const when = height === undefined ? 'the chain has no block yet' : `as of block ${height}`
  return new CairnError('key_absent', `There is no key ${name} in the ${tree} tree, ${when}.`, { tree, height })
}
