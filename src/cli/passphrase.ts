/** The options that say where a passphrase comes from, the same for every command that needs one. Never an argument: other processes read those. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { passphraseFromDescriptor, passphraseFromFile } from '../keys/passphrase.ts'
import { askPassphrase, openTerminal, type Question } from '../keys/prompt.ts'
import { setting } from './settings/option.ts'

export interface PassphraseOptions {
  readonly passphraseFile?: string
  readonly passphraseFd?: number
}

/** Of the hot key, where no other option says whose: that one is set for good, too. */
export function withPassphraseOptions(command: Command, file: Option = setting('passphraseFile')): Command {
  const descriptor = new Option('--passphrase-fd <n>', 'read it from this file descriptor: 3 with 3<file')
  return command
    .addOption(file)
    .addOption(descriptor.argParser(descriptorFrom))
    .hook('preAction', () => {
      const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli'
      if (isGiven('passphraseFile') && isGiven('passphraseFd'))
        command.error(
          'error: --passphrase-file and --passphrase-fd both say where the passphrase is: leave one of them out',
        )
    })
}

export const PASSPHRASE_HELP = `The passphrase is asked for at the terminal, unless --passphrase-file or --passphrase-fd says where it is.`

function descriptorFrom(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is the number of a file descriptor.')
}

/** The passphrase, for the caller to wipe. */
export async function readPassphrase(options: PassphraseOptions, question: Question): Promise<Uint8Array> {
  const { passphraseFile, passphraseFd } = options
  if (passphraseFd !== undefined) return passphraseFromDescriptor(passphraseFd)
  if (passphraseFile !== undefined) return passphraseFromFile(passphraseFile)
  const terminal = openTerminal()
  try {
    return await askPassphrase(terminal, question)
  } finally {
    terminal.close()
  }
}
