/** `cairn anchor`: the heads of one chain or of hundreds, in one transaction on an EVM chain. What it does is loaded only when it is done. */
import type { Command } from 'commander'
import { asAction } from './action.ts'
import { fileFrom } from './arguments.ts'
import type { AnchorOptions } from './evm/anchor-run.ts'
import { contractFrom, SENDING_HELP, withSendingOptions } from './evm/options.ts'
import { chainsFrom, withSourceOptions } from './evm/source.ts'

export function asAnchor(command: Command): Command {
  command
    .description('Anchor the newest blocks of chains on an EVM chain, all in one transaction.')
    .requiredOption('--chain <dir|url>', 'a chain: its directory, or a server of it; may be repeated', chainsFrom)
    .requiredOption('--contract <0x…>', 'the contract CairnAnchors (cairn evm deploy anchors)', contractFrom)
    .option('-o, --out <dir>', 'where the receipts go', fileFrom, '.')
    .option('--uri <uri>', 'where others find the receipts: written into the event', '')
  withSourceOptions(withSendingOptions(command)).addHelpText('after', HELP)
  return command.action(
    asAction(async (options: AnchorOptions) => {
      const { runAnchor } = await import('./evm/anchor-run.ts')
      await runAnchor(options)
    }),
  )
}

const HELP = `${SENDING_HELP}

Each chain gets a receipt of its own, a file <chain id>-<height>.anchor.json: cairn verify takes it, alone or beside a proof.

Exit codes: 0 it is anchored, or was only told what it costs; 1 it is not, and why; 2 wrong usage

Examples:
  $ cairn anchor --chain demo --contract 0x5fbd… --rpc http://127.0.0.1:8545 --keystore payer.json
  $ cairn anchor --chain a --chain https://b.example --contract 0x5fbd… --rpc @rpc.url --keystore payer.json --yes`
