/** `cairn id`: the id of a chain, from its genesis alone. It opens and locks nothing, so it may run beside whoever has the chain open. */
import type { Command } from 'commander'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import { identify, nobleEngine, toHex } from '../verify/index.ts'
import { onPlace } from './on-chain.ts'

export function asId(command: Command): Command {
  command
    .description('Print the id of a chain: the one number that its verifiers trust.')
    .option('--json', 'print it as JSON, with the genesis')
    .addHelpText('after', HELP)
  return onPlace(command, {}, async ({ data }, _, { json }: { readonly json?: true }) => {
    const genesis = await readGenesis(nodeDisk, data)
    const { chainId } = identify(genesis, nobleEngine.hasher)
    process.stdout.write(json ? jsonText({ chainId, genesis }) : `${toHex(chainId)}\n`)
  })
}

const HELP = `
It also works while another process has the chain open. As JSON: {"chainId","genesis"}.

Examples:
  $ cairn id demo
  $ cairn id demo --json
  $ cairn verify proof.json --chain-id "$(cairn id demo)"`
