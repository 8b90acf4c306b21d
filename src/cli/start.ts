/**
 * What `npm start` runs: a development chain in ./cairn-data, made where there is none, served on loopback, and three commands to go on with.
 */
import { Command } from 'commander'
import { hasGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { BOUNDS } from '../server/bounds.ts'
import { toHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { run } from './exit.ts'
import { init } from './init.ts'
import { machineOfNew } from './machines.ts'
import { onPlace } from './on-chain.ts'
import { withPassphraseOptions } from './passphrase.ts'
import { shownPath } from './place.ts'
import { type ServeDirectoryOptions, serveDirectory } from './serve.ts'
import { setting } from './settings/option.ts'
import { LOOPBACK } from './settings/settings.ts'
import { withConfig } from './settings/with-config.ts'
import { styleOf } from './terminal.ts'

const DIRECTORY = 'cairn-data'

const program = new Command('npm').exitOverride().configureHelp({ showGlobalOptions: true })
const start = withPassphraseOptions(program.command('start', { isDefault: true }).exitOverride())
  .description('A development chain, made where there is none, and served on loopback.')
  .addOption(setting('machine'))
  .addOption(setting('port'))
  .addOption(setting('log').default('warn'))
  .addOption(setting('tokens'))
onPlace(start, {}, async (place, _, given: ServeDirectoryOptions) => {
  const options = { ...given, ...BOUNDS, host: LOOPBACK }
  const isNew = !(await hasGenesis(nodeDisk, place.data))
  if (isNew) await init(place, await machineOfNew(options))
  await serveDirectory(place, options, ({ genesis, id, head }, url) => {
    const style = styleOf(process.stdout)
    const lines = [
      style.strong('Cairn: commands in, signed blocks out, and anyone can check.'),
      '',
      `  chain     ${quoted(genesis.name)}, ${blocksOf(head?.height)}, with the machine ${genesis.machine}`,
      `  chain id  ${toHex(id)}`,
      `  data      ${shownPath(place.data)} (keys and guard in ${shownPath(place.keys)})`,
      `  open      ${style.strong(url)}   the explorer: append a command, see it in a block, check its proof, try to break it`,
      '',
      'In another terminal:',
      '',
      ...commands(url, toHex(id), genesis.machine).map((command) => `  ${command}`),
      '',
      style.faint(
        'The first appends a command and answers with its receipt. The second proves it; the third checks the proof, offline.',
      ),
      style.faint('Change one byte of proof.json and check again. Ctrl-C ends the server; the chain stays.'),
      '',
    ]
    process.stdout.write(lines.join('\n'))
  })
})
start.usage(`-- ${start.usage()}`).setOptionValueWithSource('data', DIRECTORY, 'default')
withConfig(program)
// Whoever asks for help means the one command that there is.
program.helpOption(false).helpCommand(false)

function blocksOf(height: bigint | undefined): string {
  if (height === undefined) return 'without a block yet'
  return height === 0n ? '1 block' : `${height + 1n} blocks`
}

/** A command to begin with, and a key that it writes. */
const FIRST: Readonly<Record<string, readonly [command: object, key: string]>> = {
  'kv@1': [{ type: 'put', payload: { key: 'greeting', value: 'hello' } }, 'greeting'],
  'ledger@1': [
    { type: 'open', payload: { id: 'o-1', account: 'alice', currency: 'EUR', limit: '0' } },
    'account/EUR/alice',
  ],
}

function commands(url: string, chainId: string, machine: string): readonly string[] {
  const [command, key] = FIRST[machine] ?? [{ type: 'a type of your machine', payload: 'what it takes' }]
  return [
    `curl -s -X POST ${url}/v1/commands -H 'content-type: application/json' -d '${JSON.stringify(command)}'`,
    `curl -s '${url}/v1/proof?command=0${key === undefined ? '' : `&state=${key}`}' > proof.json`,
    `node dist/cli/main.js verify proof.json --chain-id ${chainId}`,
  ]
}

await run(program, process.argv)
