/** `cairn id`: the id of a chain, from its genesis alone. It opens and locks nothing, so it may run beside whoever has the chain open. */
import type { Command } from 'commander'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import { type Identity, identify, nobleEngine, toHex } from '../verify/index.ts'
import { onChain } from './on-chain.ts'
import { identityOnServer } from './remote/with-server.ts'

interface Options {
  readonly json?: true
}

export function asId(command: Command): Command {
  command
    .description('Print the id of a chain: the one number that its verifiers trust.')
    .option('--json', 'print it as JSON, with the genesis')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    {},
    {
      here: async ({ data }, _, options) =>
        print(identify(await readGenesis(nodeDisk, data), nobleEngine.hasher), options),
      there: async (_, options) => print(await identityOnServer(command, options), options),
    },
  )
}

function print({ chainId, genesis }: Identity, { json }: Options): void {
  process.stdout.write(json ? jsonText({ chainId, genesis }) : `${toHex(chainId)}\n`)
}

const HELP = `
It also works while another process has the chain open. As JSON: {"chainId","genesis"}. Of a server it says whether that has the
chain that you trust; of a development chain on this machine it prints what nobody has vouched for, and says so.

Exit codes: 0 it is printed; 1 there is no chain, or it cannot be read; 2 wrong usage

Examples:
  $ cairn id demo
  $ cairn id demo --json
  $ cairn verify proof.json --chain-id "$(cairn id demo)"`
