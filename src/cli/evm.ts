/** `cairn evm`: the contracts of Cairn on an EVM chain. What each command does is loaded only when it runs. */
import { Argument, type Command, InvalidArgumentError } from 'commander'
import { fromHex } from '../verify/index.ts'
import { asAction } from './action.ts'
import { fileFrom } from './arguments.ts'
import type { ReportOptions, ThawOptions } from './evm/freeze-run.ts'
import { contractFrom, SENDING_HELP, wholeFrom, withRpcOption, withSendingOptions } from './evm/options.ts'
import type { AskOptions, Contract, DeployOptions, RevokeOptions, SubmitOptions, WatchOptions } from './evm/run.ts'
import { chainFrom, withSourceOptions } from './evm/source.ts'

const CLIENT = ['--client <0x…>', 'the light client: a contract CairnLightClient', contractFrom] as const
const DAY = 86_400
const POLL = 5

export function asEvm(command: Command): Command {
  asDeploy(command.command('deploy').exitOverride())
  asSubmit(command.command('submit').exitOverride())
  asWatch(command.command('watch').exitOverride())
  asAsk(command.command('verify').exitOverride())
  asRevoke(command.command('revoke').exitOverride())
  asReport(command.command('report').exitOverride())
  asThaw(command.command('thaw').exitOverride())
  return command
    .description(
      'The contracts on an EVM chain: deploy them, bring a light client newer heads, ask whether it believes a proof.',
    )
    .addHelpText('after', HELP)
}

const HELP = `
docs/evm.md says what a contract can believe, and what it cannot.

Examples:
  $ cairn evm deploy client --genesis demo/genesis.json --rpc http://127.0.0.1:8545 --keystore payer.json --yes
  $ cairn evm submit --chain demo --client 0x5fbd… --rpc http://127.0.0.1:8545 --keystore payer.json --yes
  $ cairn evm verify proof.json --client 0x5fbd… --rpc http://127.0.0.1:8545`

/** `PAYER` stands for the account that pays, and where. */
function sendingHelp(examples: string, more = ''): string {
  const lines = examples.split('\n').map((each) => `  $ cairn ${each.replace('PAYER', PAYER)}`)
  return `${SENDING_HELP}${more}

Exit codes: 0 it is done, or was only told what it costs; 1 it is not, and why; 2 wrong usage

Examples:
${lines.join('\n')}`
}

const PAYER = '--rpc @rpc.url --keystore payer.json'
const DEPLOY_EXAMPLES = `evm deploy client --genesis demo/genesis.json PAYER
evm deploy vault --client 0x5fbd… PAYER --yes`
const WATCH_EXAMPLE =
  'evm watch --chain demo --client 0x5fbd… --every-blocks 100 PAYER --passphrase-file payer.passphrase --yes'
const THAW_EXAMPLES = `evm thaw --genesis demo/genesis.json --client 0x5fbd… PAYER
evm thaw --genesis demo/genesis.json --client 0x5fbd… --signature 0x71c0… PAYER --yes`

function asDeploy(command: Command): void {
  command
    .description('Deploy a contract: anchors, a light client of a chain, or a vault that pays by one.')
    .addArgument(new Argument('<contract>', 'which one').choices(['anchors', 'client', 'vault']))
    .option('--genesis <file>', 'of a light client: the genesis.json of the chain', fileFrom)
    .option('--revocations <file>', 'of a light client: all revocations so far (a JSON array)', fileFrom)
    .option('--client <0x…>', 'of a vault: the light client that it believes', contractFrom)
    .option('--delay <s>', 'of a vault: how many seconds a head has to stand before it pays', wholeFrom, DAY)
  withSendingOptions(command).addHelpText('after', sendingHelp(DEPLOY_EXAMPLES))
  command.action(
    asAction(async (contract: Contract, options: DeployOptions) => {
      const missing = contract === 'client' ? options.genesis : contract === 'vault' ? options.client : ''
      if (missing === undefined) {
        command.error(`error: ${contract === 'client' ? 'a light client needs --genesis' : 'a vault needs --client'}`)
      }
      const { runDeploy } = await import('./evm/run.ts')
      await runDeploy(contract, options)
    }),
  )
}

function withSubmitOptions(command: Command): Command {
  command
    .requiredOption('--chain <dir|url>', 'the chain: its directory, or a server of it', chainFrom)
    .requiredOption(...CLIENT)
  return withSourceOptions(withSendingOptions(command))
}

function asSubmit(command: Command): void {
  withSubmitOptions(command.description('Bring a light client the newest block of a chain.'))
  command.addHelpText('after', sendingHelp('evm submit --chain demo --client 0x5fbd… PAYER --yes'))
  command.action(
    asAction(async (options: SubmitOptions) => {
      const { runSubmit } = await import('./evm/run.ts')
      await runSubmit(options)
    }),
  )
}

function asWatch(command: Command): void {
  withSubmitOptions(
    command
      .description('Bring a light client a newer block every so many blocks or minutes, until it is interrupted.')
      .option('--every-blocks <n>', 'when so many are new', wholeFrom)
      .option('--every-minutes <n>', 'when there is a new one and so much time has passed', wholeFrom)
      .option('--poll <s>', 'how many seconds between two looks', wholeFrom, POLL),
  )
  command.addHelpText('after', sendingHelp(WATCH_EXAMPLE, ' It needs --yes and a passphrase from a file.'))
  command.action(
    asAction(async (options: WatchOptions) => {
      if (options.everyBlocks === undefined && options.everyMinutes === undefined) {
        command.error('error: it needs --every-blocks or --every-minutes')
      }
      if (options.yes === undefined) command.error('error: it sends by itself: it needs --yes')
      const { runWatch } = await import('./evm/run.ts')
      await runWatch(options)
    }),
  )
}

function asAsk(command: Command): void {
  withRpcOption(
    command
      .description('Ask a light client whether it believes a proof. Nothing is sent, and nothing is paid.')
      .argument('<file>', 'the proof; - is standard input')
      .requiredOption(...CLIENT)
      .option('--json', 'print the verdicts as JSON'),
  ).addHelpText('after', ASK_HELP)
  command.action(
    asAction(async (file: string, options: AskOptions) => {
      const { runAsk } = await import('./evm/run.ts')
      await runAsk(file, options)
    }),
  )
}

const ASK_HELP = `
The block of the proof has to be a head that the light client accepted. A fact as of an older block is proved under such a
head: cairn prove --height.

Exit codes: 0 it believes all of it; 3 it does not; 1 it could not be asked; 2 wrong usage

Examples:
  $ cairn evm verify proof.json --client 0x5fbd… --rpc http://127.0.0.1:8545
  $ cairn prove demo --command 0 | cairn evm verify - --client 0x5fbd… --rpc @rpc.url --json`

function asRevoke(command: Command): void {
  command
    .description('Bring a light client revocations that it does not know.')
    .requiredOption('--revocations <file>', 'the revocations (a JSON array)', fileFrom)
    .requiredOption(...CLIENT)
  withSendingOptions(command)
  command.addHelpText(
    'after',
    sendingHelp('evm revoke --revocations demo.keys/revocations.json --client 0x5fbd… PAYER --yes'),
  )
  command.action(
    asAction(async (options: RevokeOptions) => {
      const { runRevoke } = await import('./evm/run.ts')
      await runRevoke(options)
    }),
  )
}

function asReport(command: Command): void {
  command
    .description('Freeze a light client by evidence of equivocation.')
    .argument('<file>', 'the evidence (cairn.evidence/v1)')
    .requiredOption(...CLIENT)
  withSendingOptions(command)
  command.addHelpText('after', sendingHelp('evm report evidence.json --client 0x5fbd… PAYER --yes'))
  command.action(
    asAction(async (file: string, options: ReportOptions) => {
      const { runReport } = await import('./evm/freeze-run.ts')
      await runReport(file, options)
    }),
  )
}

function asThaw(command: Command): void {
  command
    .description('Lift a freeze: what the cold key signs, the announcement, and after its delay the thaw.')
    .requiredOption('--genesis <file>', 'the genesis.json of the chain', fileFrom)
    .requiredOption(...CLIENT)
    .option('--afresh', 'where nothing stands any more: let the next head be the first again')
    .option('--signature <0x…>', 'what the cold key signed', signatureFrom)
  withSendingOptions(command).addHelpText('after', sendingHelp(THAW_EXAMPLES))
  command.action(
    asAction(async (options: ThawOptions) => {
      const { runThaw } = await import('./evm/freeze-run.ts')
      await runThaw(options)
    }),
  )
}

function signatureFrom(text: string): string {
  if (fromHex(text)?.length === 65) return text
  throw new InvalidArgumentError('It is 0x and 130 hex digits, in lower case.')
}
