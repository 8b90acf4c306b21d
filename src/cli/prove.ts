/** `cairn prove`: facts of a chain as a document that anyone can check who trusts its id. */
import type { Command } from 'commander'
import type { Chain } from '../chain.ts'
import { jsonText } from '../server/json-text.ts'
import { toHex } from '../verify/index.ts'
import { fileFrom, HEX_OPTION, keyFrom, STANDARD_OUTPUT, u64From, u64sFrom, wordsFrom } from './arguments.ts'
import type { MachineOptions } from './machines.ts'
import { onChain } from './on-chain.ts'
import { shellWord } from './place.ts'
import { openServer } from './remote/with-server.ts'
import { setting } from './settings/option.ts'
import { withChain } from './with-chain.ts'
import { writeWhole } from './write-file.ts'

interface Options extends MachineOptions {
  readonly command?: readonly bigint[]
  readonly state?: readonly string[]
  readonly absent?: readonly string[]
  readonly since?: bigint
  readonly height?: bigint
  readonly out?: string
  readonly hex?: true
  readonly json?: true
}

export function asProve(command: Command): Command {
  command
    .description('Prove commands, values and absent keys, in one document under the newest block.')
    .addOption(setting('machine'))
    .option('--command <seq>', 'a command and what came of it; may be repeated', u64sFrom)
    .option('--state <key>', 'a key and its value; may be repeated', wordsFrom)
    .option('--absent <key>', 'that there is no such key; may be repeated', wordsFrom)
    .option('--since <height>', 'that the newest block comes after this one, which the verifier knows', u64From)
    .option('--height <n>', 'all of it as of this block, not the newest', u64From)
    .option(...HEX_OPTION)
    .option('-o, --out <file>', 'write it there, as a whole or not at all; else to standard output', fileFrom)
    .option('--json', 'print nothing but JSON: the document, or with --out where it is')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    {},
    {
      here: async (place, _, options) => {
        const { block, ...request } = requestOf(command, options)
        const proveIt = async (chain: Chain): Promise<void> => {
          const proof = await chain.prove({ ...request, ...(block !== undefined && { height: block }) })
          await handOut(`${proof}\n`, chain.id, options)
        }
        await withChain(place, 'read', proveIt, options)
      },
      there: async (_, options) => {
        const request = requestOf(command, options)
        const { client, identity } = await openServer(command, options)
        await handOut(`${await client.proof(request)}\n`, identity.chainId, options)
      },
    },
  )
}

function requestOf(usage: Command, { command = [], since, height, hex, ...options }: Options) {
  const keys = (words: readonly string[] = []): readonly Uint8Array[] =>
    words.map((word) => keyFrom(word, hex === true, usage))
  return {
    command,
    state: keys(options.state),
    absent: keys(options.absent),
    ...(since !== undefined && { since }),
    ...(height !== undefined && { block: height }),
  }
}

const HELP = `
Without anything to prove, the document proves the newest block alone. Keys are those of the state tree; they are text
unless --hex is given. How the document is checked is printed on standard error. The document is JSON in any case; with
--json and --out what is printed is {"file","chainId"}.

Exit codes: 0 the document is written; 1 a fact cannot be proved, or the chain cannot be read; 2 wrong usage

Examples:
  $ cairn prove demo --command 0 --out proof.json
  $ cairn prove demo --state greeting --absent farewell > proof.json
  $ cairn prove demo --state greeting --height 3 --since 3 | cairn verify - --chain-id "$(cairn id demo)"
  $ cairn prove --url https://ledger.example.org --chain-id 0x5e1f… --command 41 -o proof.json`

async function handOut(proof: string, chainId: Uint8Array, { out = STANDARD_OUTPUT, json }: Options): Promise<void> {
  if (out === STANDARD_OUTPUT) process.stdout.write(proof)
  else await writeWhole(out, proof)
  if (json === true) {
    if (out !== STANDARD_OUTPUT) process.stdout.write(jsonText({ file: out, chainId }))
    return
  }
  process.stderr.write(`Check it with:\n  cairn verify ${shellWord(out)} --chain-id ${toHex(chainId)}\n`)
}
