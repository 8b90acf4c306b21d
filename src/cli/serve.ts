/** `cairn serve`: the chain over HTTP, until it is told to stop; then it drains and closes in good order. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Chain } from '../chain.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { readTokens } from '../server/tokens.ts'
import { toHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { asAction } from './action.ts'
import { PASSPHRASE_HELP, type PassphraseOptions, withPassphraseOptions } from './passphrase.ts'
import { placeOf } from './place.ts'
import { prettyLog } from './pretty-log.ts'
import { styleOf } from './terminal.ts'
import { VERSION } from './version.ts'
import { withChain } from './with-chain.ts'

export interface ServeDirectoryOptions extends PassphraseOptions {
  readonly host: string
  readonly port: number
  readonly log: 'info' | 'warn' | 'error' | 'silent'
}

export const HOST = '127.0.0.1'
export const PORT = 4270

export function asServe(command: Command): Command {
  return withPassphraseOptions(command)
    .description('Serve a chain over HTTP.')
    .argument('<dir>', 'the directory of the chain')
    .option('--host <address>', 'where to listen; anything but loopback needs tokens', HOST)
    .option('--port <n>', 'on which port; 0 for any that is free', portFrom, PORT)
    .option('--log <level>', 'how much is logged: info, warn, error or silent', levelFrom, 'info')
    .addHelpText('after', HELP)
    .action(
      asAction((directory: string, options: ServeDirectoryOptions) =>
        serveDirectory(directory, options, ({ genesis, id }, url) => {
          process.stdout.write(`Serving ${quoted(genesis.name)} (${toHex(id)}) on ${url}\n`)
        }),
      ),
    )
}

const HELP = `
It opens nothing to the network. / is the explorer, for people; /docs shows the interface, /openapi.json says it to programs, /health whether it
takes commands.
SIGTERM and Ctrl-C drain it: what was taken is answered, and the journal is closed. On another address than loopback it
needs tokens (cairn token new). Where the keys are missing, or the chain is an older copy, it is served for reading.
${PASSPHRASE_HELP} Development keys have none.

Exit codes: 0 it was stopped; 1 it could not be served; 2 wrong usage

Examples:
  $ cairn serve demo
  $ cairn serve /srv/ledger --port 8080 --passphrase-file /run/secrets/hot-key`

/** Serves the chain of a directory until the process is told to stop. */
export async function serveDirectory(
  directory: string,
  options: ServeDirectoryOptions,
  onServing: (chain: Chain, url: string) => void,
): Promise<void> {
  const serveIt = async (chain: Chain): Promise<void> => {
    // Only here: no other command has to wait until it is loaded.
    const [{ pino }, { serve }] = await Promise.all([import('pino'), import('../server/server.ts')])
    const { data, keys } = placeOf(directory)
    const stream = process.stderr.isTTY ? prettyLog(process.stderr, styleOf(process.stderr)) : process.stderr
    const log = pino({ level: options.log, base: null }, stream)
    const tokens = await readTokens(nodeDisk, keys)
    const { host, port } = options
    const server = await serve({ chain, directory: data, host, port, tokens, log, version: VERSION })
    onServing(chain, server.url)
    if (chain.unavailable !== undefined) log.warn({ code: chain.unavailable.code }, chain.unavailable.message)
    log.info({ signal: await stopped() }, 'draining')
    await server.close()
  }
  await withChain(directory, 'serve', serveIt, options)
}

export function portFrom(text: string): number {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new InvalidArgumentError('It is a number from 0 to 65535.')
}

function levelFrom(text: string): string {
  if (['info', 'warn', 'error', 'silent'].includes(text)) return text
  throw new InvalidArgumentError('It is info, warn, error or silent.')
}

/** A second one ends it at once: whoever presses Ctrl-C twice means it. */
function stopped(): Promise<string> {
  return new Promise((resolve) => {
    const stop = (signal: string): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve(signal)
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
  })
}
