/** `cairn token`: who may use a server. A token is shown once; what is kept is its hash. */
import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../ports/clock.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { jsonText } from '../server/json-text.ts'
import type { Scope } from '../server/route.ts'
import { addToken, readTokens, removeToken } from '../server/tokens.ts'
import { quoted } from '../verify/meaning.ts'
import { asAction } from './action.ts'
import { wordsFrom } from './arguments.ts'
import { placeOf } from './place.ts'
import { onlyHere } from './remote/options.ts'
import { timeOf } from './times.ts'

interface NewOptions {
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
  return command
    .description('Make a token and print it, once: only its hash is kept.')
    .argument('<dir>', 'the directory of the chain')
    .requiredOption('--name <name>', 'what it is for, for people', nameFrom)
    .option('--client <name>', 'a client name that it may use; may be repeated; any if left out', wordsFrom)
    .option('--scope <scopes>', 'what it is for: read, append, or both', scopesFrom, ['read'] as Scope[])
    .option('--json', 'print it as JSON')
    .addHelpText('after', NEW_HELP)
    .action(
      asAction(async (directory: string, { name, client, scope, json }: NewOptions) => {
        const { keys } = placeOf(directory)
        const createdAt = BigInt(systemClock.now())
        const token = await addToken(nodeDisk, keys, {
          name,
          scopes: scope,
          createdAt,
          ...(client && { clients: client }),
        })
        process.stdout.write(json ? jsonText({ name, token, scopes: scope, clients: client ?? null }) : `${token}\n`)
        if (!json) process.stderr.write('Send it as Authorization: Bearer …. It is not shown again.\n')
      }),
    )
}

const NEW_HELP = `
Examples:
  $ cairn token new demo --name dashboard
  $ cairn token new demo --name desk-7 --client desk-7 --scope append,read`

function asList(command: Command): Command {
  return command
    .description('List the tokens of a server, without their secrets.')
    .argument('<dir>', 'the directory of the chain')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExamples:\n  $ cairn token list demo')
    .action(
      asAction(async (directory: string, { json }: { readonly json?: true }) => {
        const tokens = await readTokens(nodeDisk, placeOf(directory).keys)
        const shown = tokens.map(({ name, scopes, clients, createdAt }) => ({ name, scopes, clients, createdAt }))
        if (json) process.stdout.write(jsonText({ tokens: shown }))
        for (const { name, scopes, clients, createdAt } of json ? [] : shown) {
          const whose = clients === undefined ? 'any client' : clients.map(quoted).join(', ')
          process.stdout.write(`${quoted(name)}  ${scopes.join(', ')}  ${whose}  made ${timeOf(createdAt)}\n`)
        }
        if (!json && shown.length === 0) process.stdout.write('There is no token.\n')
      }),
    )
}

function asRemove(command: Command): Command {
  return command
    .description('Remove all tokens of a name. A running server knows them until it is started again.')
    .argument('<dir>', 'the directory of the chain')
    .requiredOption('--name <name>', 'the name that they were made with', nameFrom)
    .addHelpText('after', '\nExamples:\n  $ cairn token remove demo --name desk-7')
    .action(
      asAction(async (directory: string, { name }: { readonly name: string }) => {
        const count = await removeToken(nodeDisk, placeOf(directory).keys, name)
        process.stdout.write(`${count} removed.\n`)
      }),
    )
}

function nameFrom(text: string): string {
  if (text.length > 0 && text.length <= 64) return text
  throw new InvalidArgumentError('It has 1 to 64 characters.')
}

function scopesFrom(text: string): readonly Scope[] {
  const scopes = text.split(',')
  if (scopes.every((each): each is Scope => each === 'read' || each === 'append')) return scopes
  throw new InvalidArgumentError('It is read, append, or read,append.')
}
