/** `cairn keys`: the hot keys of a chain, and what its cold key is asked to sign. The cold key itself is never here. */
import type { Command } from 'commander'
import { asDelegation } from './keys/delegation.ts'
import { asImport } from './keys/import.ts'
import { asList } from './keys/list.ts'
import { asRevocation } from './keys/revocation.ts'
import { asRotate } from './keys/rotate.ts'
import { onlyHere } from './remote/options.ts'

export function asKeys(command: Command): Command {
  asList(command.command('list').exitOverride())
  const others = { delegation: asDelegation, rotate: asRotate, revocation: asRevocation, import: asImport }
  for (const [name, asCommand] of Object.entries(others)) onlyHere(asCommand(command.command(name).exitOverride()), WHY)
  return command
    .description(
      'The hot keys of a chain: list them, ask the cold key to delegate or to take back, import what it signed.',
    )
    .addHelpText('after', HELP)
}

const WHY = 'the keys lie beside the directory of the chain: do it on the machine where that is'

const HELP = `
Each of these writes or takes a file in <dir>.keys and works while the chain runs. The cold key signs elsewhere: the typed
data goes to it, its signature comes back (docs/keys.md).

Examples:
  $ cairn keys list demo
  $ cairn keys rotate demo --days 90
  $ cairn keys import demo 0x5e1f… 0x71c0…`
