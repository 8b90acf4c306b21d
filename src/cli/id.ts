/** `cairn id`: the id of a chain, from its genesis alone. It opens and locks nothing, so it may run beside whoever has the chain open. */
import type { Command } from 'commander'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { identify, nobleEngine, toHex } from '../verify/index.ts'
import { asAction } from './action.ts'
import { placeOf } from './place.ts'

export function asId(command: Command): Command {
  return command
    .description('Print the id of a chain: the one number that its verifiers trust.')
    .argument('<dir>', 'the directory of the chain')
    .addHelpText('after', HELP)
    .action(
      asAction(async (directory: string) => {
        const genesis = await readGenesis(nodeDisk, placeOf(directory).data)
        process.stdout.write(`${toHex(identify(genesis, nobleEngine.hasher).chainId)}\n`)
      }),
    )
}

const HELP = `
It also works while another process has the chain open.

Examples:
  $ cairn id demo
  $ cairn verify proof.json --chain-id "$(cairn id demo)"`
