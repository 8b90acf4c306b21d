/** `cairn serve`: the chain over HTTP, until it is told to stop; then it drains and closes in good order. */
import type { Command } from 'commander'
import type { Chain } from '../chain.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import type { Bounds } from '../server/bounds.ts'
import { evmRpcOf } from '../server/evm-rpc.ts'
import { jsonText } from '../server/json-text.ts'
import { tokensToServe } from '../server/tokens.ts'
import { toHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { interrupted } from './interrupt.ts'
import { logOn } from './log-output.ts'
import type { MachineOptions } from './machines.ts'
import { onPlace } from './on-chain.ts'
import { PASSPHRASE_HELP, type PassphraseOptions, withPassphraseOptions } from './passphrase.ts'
import type { Place } from './place.ts'
import { prettyLine } from './pretty-log.ts'
import type { Say } from './reports.ts'
import { setting } from './settings/option.ts'
import { styleOf } from './terminal.ts'
import { tokensOf } from './token.ts'
import { VERSION } from './version.ts'
import { withChain } from './with-chain.ts'

export interface ServeDirectoryOptions extends PassphraseOptions, MachineOptions, Bounds {
  readonly host: string
  readonly port: number
  readonly log: 'info' | 'warn' | 'error' | 'silent'
  readonly tokens?: string
  readonly evmRpc?: string
}

interface Options extends ServeDirectoryOptions {
  readonly json?: true
}

export function asServe(command: Command): Command {
  withPassphraseOptions(command)
    .description('Serve a chain over HTTP.')
    .addOption(setting('machine'))
    .addOption(setting('host'))
    .addOption(setting('port'))
    .addOption(setting('log'))
    .addOption(setting('tokens'))
    .addOption(setting('maxBody'))
    .addOption(setting('maxRequests'))
    .addOption(setting('maxListeners'))
    .addOption(setting('evmRpc'))
    .option('--json', 'print what is served, and where, as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, {}, (place, _, { json, ...options }: Options) =>
    serveDirectory(place, options, ({ genesis: { name }, id }, url) => {
      process.stdout.write(
        json ? jsonText({ name, chainId: id, url }) : `Serving ${quoted(name)} (${toHex(id)}) on ${url}\n`,
      )
    }),
  )
}

const HELP = `
It opens nothing to the network. / is the explorer, for people; /docs shows the interface, /openapi.json says it to programs, /health whether it
takes commands.
SIGTERM, Ctrl-C and a terminal that is closed drain it: what was taken is answered, and the journal is closed. On another
address than loopback it needs tokens (cairn token new). Where the keys are missing, or the chain is an older copy, it is served for reading.
With --evm-rpc the page of the explorer asks that RPC, and nobody else beside this server, whether the transaction of an anchor is on
its EVM chain. The address, and a key that is in it, is public to all who open the explorer; the RPC has to let their browsers ask (CORS).
${PASSPHRASE_HELP} Development keys have none.
The log is on standard error: a line of JSON each, with the code of what is wrong, but for people on a terminal.
As JSON: {"name","chainId","url"}, once it listens; why it could not be served is an error as everywhere, not in the log.

Exit codes: 0 it was stopped; 1 it could not be served; 2 wrong usage

Examples:
  $ cairn serve demo
  $ cairn serve shop --machine ./my-machine.js --log warn
  $ cairn serve demo --evm-rpc https://rpc.example.org
  $ cairn serve /srv/ledger --port 8080 --passphrase-file /run/secrets/hot-key`

/** Serves the chain of a directory until the process is told to stop. */
export async function serveDirectory(
  place: Place,
  options: ServeDirectoryOptions,
  onServing: (chain: Chain, url: string) => void,
): Promise<void> {
  // What is wrong with it is told before a chain is opened.
  const evmRpc = options.evmRpc === undefined ? undefined : evmRpcOf(options.evmRpc)
  const tokens = await tokensToServe(nodeDisk, tokensOf(place, options), options.tokens !== undefined)
  // Only here: no other command has to wait until they are loaded.
  const [{ pino }, { serve }] = await Promise.all([import('pino'), import('../server/server.ts')])
  const shown = process.stderr.isTTY ? prettyLine(styleOf(process.stderr)) : undefined
  const log = pino({ level: options.log, base: null }, logOn(process.stderr, shown))
  const serveIt = async (chain: Chain): Promise<void> => {
    const { host, port, maxBody, maxRequests, maxListeners } = options
    const bounds = { maxBody, maxRequests, maxListeners }
    const named = { log, version: VERSION, ...(evmRpc && { evmRpc }) }
    const server = await serve({ chain, directory: place.data, host, port, tokens, bounds, ...named })
    // Before anybody is told that it may be stopped.
    const stopping = interrupted()
    onServing(chain, server.url)
    log.info({ signal: await stopping }, 'draining')
    await server.close()
  }
  // People on a terminal read it as it is.
  const say: Say = (level, sentence, code) => log[level](code === undefined ? {} : { code }, sentence)
  await withChain(place, 'serve', serveIt, options, ...(process.stderr.isTTY ? [] : [say]))
}
