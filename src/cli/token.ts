/** `cairn token`: who may use a server. A token is shown once; what is kept is its hash. */
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { readGenesis } from '../pipeline/genesis-file.ts'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import type { Scope } from '../server/route.ts'
import { addToken, readTokens, removeToken, TOKENS_FILE } from '../server/tokens.ts'
import { quoted } from '../verify/meaning.ts'
import { wordsFrom } from './arguments.ts'
import { onPlace } from './on-chain.ts'
import type { Place } from './place.ts'
import { onlyHere } from './remote/options.ts'
import { setting } from './settings/option.ts'
import { timeOf } from './times.ts'

interface TokensOptions {
  readonly tokens?: string
}

/** Where the tokens of a chain are kept. */
export function tokensOf({ keys }: Place, { tokens }: TokensOptions): string {
  return tokens === undefined ? join(keys, TOKENS_FILE) : resolve(tokens)
}

/** The same, where there is such a chain: beside another directory no server would ever read them. */
async function tokensOfChain(place: Place, options: TokensOptions): Promise<string> {
  if (options.tokens === undefined) await readGenesis(nodeDisk, place.data)
  return tokensOf(place, options)
}

interface NewOptions extends TokensOptions {
  readonly name: string
  readonly client?: readonly string[]
  readonly scope: readonly Scope[]
  readonly json?: true
}

export function asToken(command: Command): Command {
  for (const [name, asCommand] of Object.entries({ new: asNew, list: asList, remove: asRemove }))
    onlyHere(asCommand(command.command(name).exitOverride()), WHY)
  return command.description('Who may use a server: make a token, list them, remove one.').addHelpText('after', HELP)
}

const WHY = 'tokens are kept beside the directory of the chain: do it on the machine where that is'

const HELP = `
A server reads its tokens when it starts.

Examples:
  $ cairn token new demo --name desk-7 --client desk-7 --scope append,read
  $ cairn token list demo`

function asNew(command: Command): Command {
  command
    .description('Make a token and print it, once: only its hash is kept.')
    .requiredOption('--name <name>', 'what it is for, for people', nameFrom)
    .addOption(setting('tokens'))
    .option('--client <name>', 'a client name that it may use; may be repeated; any if left out', wordsFrom)
    .option('--scope <scopes>', 'what it is for: read, append, or both', scopesFrom, ['read'] as Scope[])
    .option('--json', 'print it as JSON')
    .addHelpText('after', NEW_HELP)
  return onPlace(command, {}, async (place, _, { name, client, scope, json, ...where }: NewOptions) => {
    const createdAt = BigInt(systemClock.now())
    const token = await addToken(nodeDisk, await tokensOfChain(place, where), {
      name,
      scopes: scope,
      createdAt,
      ...(client && { clients: client }),
    })
    process.stdout.write(json ? jsonText({ name, token, scopes: scope, clients: client ?? null }) : `${token}\n`)
    if (!json) process.stderr.write(`Send it as Authorization: Bearer …. It is not shown again. ${UNKNOWN_YET}\n`)
  })
}

/** A server reads them when it starts. */
const UNKNOWN_YET = 'A server that is running takes it from its next start on.'
const STILL_KNOWN = 'A server that is running takes them until it is started again.'

const NEW_HELP = `
As JSON: {"name","token","scopes","clients"}, clients being null where it may use any name.

Exit codes: 0 it is made; 1 it is not; 2 wrong usage

Examples:
  $ cairn token new demo --name dashboard
  $ cairn token new demo --name desk-7 --client desk-7 --scope append,read`

function asList(command: Command): Command {
  command
    .description('List the tokens of a server, without their secrets.')
    .addOption(setting('tokens'))
    .option('--json', 'print it as JSON')
    .addHelpText('after', LIST_HELP)
  return onPlace(command, {}, async (place, _, { json, ...where }: ListOptions) => {
    const tokens = (await readTokens(nodeDisk, await tokensOfChain(place, where))) ?? []
    const shown = tokens.map(({ name, scopes, clients, createdAt }) => ({ name, scopes, clients, createdAt }))
    if (json)
      process.stdout.write(jsonText({ tokens: shown.map((each) => ({ ...each, clients: each.clients ?? null })) }))
    for (const { name, scopes, clients, createdAt } of json ? [] : shown) {
      const whose = clients === undefined ? 'any client' : clients.map(quoted).join(', ')
      process.stdout.write(`${quoted(name)}  ${scopes.join(', ')}  ${whose}  made ${timeOf(createdAt)}\n`)
    }
    if (!json && shown.length === 0) process.stdout.write('There is no token.\n')
  })
}

interface ListOptions extends TokensOptions {
  readonly json?: true
}

const LIST_HELP = `
As JSON: {"tokens":[{"name","scopes","clients","createdAt"}]}, clients being null where it may use any name.

Exit codes: 0 they are printed; 1 the file of tokens cannot be read; 2 wrong usage

Examples:
  $ cairn token list demo
  $ cairn token list demo --json`

interface RemoveOptions extends TokensOptions {
  readonly name: string
  readonly json?: true
}

function asRemove(command: Command): Command {
  command
    .description('Remove all tokens of a name. A running server knows them until it is started again.')
    .requiredOption('--name <name>', 'the name that they were made with', nameFrom)
    .addOption(setting('tokens'))
    .option('--json', 'print how many there were as JSON')
    .addHelpText('after', REMOVE_HELP)
  return onPlace(command, {}, async (place, _, { name, json, ...where }: RemoveOptions) => {
    const removed = await removeToken(nodeDisk, await tokensOfChain(place, where), name)
    process.stdout.write(json ? jsonText({ name, removed }) : `${removed} removed.\n`)
    if (!json && removed > 0) process.stderr.write(`${STILL_KNOWN}\n`)
  })
}

const REMOVE_HELP = `
As JSON: {"name","removed"}, the latter being how many there were.

Exit codes: 0 there is none of that name any more; 1 the file of tokens cannot be changed; 2 wrong usage

Examples:
  $ cairn token remove demo --name desk-7`

function nameFrom(text: string): string {
  if (text.length > 0 && text.length <= 64) return text
  throw new InvalidArgumentError('It has 1 to 64 characters.')
}

function scopesFrom(text: string): readonly Scope[] {
  const scopes = text.split(',')
  if (scopes.every((each): each is Scope => each === 'read' || each === 'append')) return scopes
  throw new InvalidArgumentError('It is read, append, or read,append.')
}
