/**
 * Gives every command of a program what the config file says, below what the environment and the command line say.
 *
 * Promise: a file that is wrong stops every command that takes something from it, before anything is done; help and shell completion go on.
 */
import { type Command, Option } from 'commander'
import { CONFIG_FILE, type Config, readConfig } from './config-file.ts'
import { SettingOption } from './option.ts'

/** Variables that are no settings. */
export const OTHER_VARIABLES: readonly string[] = ['CAIRN_CONFIG', 'CAIRN_TOKEN']

interface ConfigOptions {
  /** False where none is to be read. */
  readonly config?: string | false
}

/** For a program that has its commands. */
export function withConfig(program: Command): void {
  forgetEmptyVariables(process.env)
  const text = `what is set for good (${CONFIG_FILE} in the working directory, where there is one)`
  program.addOption(new Option('--config <file>', text).env('CAIRN_CONFIG')).option('--no-config', 'read no such file')
  let failure: Error | undefined
  const give = async (_: Command, command: Command): Promise<void> => {
    const settings = command.options.filter((option) => option instanceof SettingOption)
    if (settings.length === 0) return
    try {
      const found = await configOf(command)
      if (found !== undefined) configure(command, settings, found)
    } catch (error) {
      if (!mayWantHelp(program)) throw error
      failure = error as Error
    }
  }
  for (const parent of [program, ...below(program)]) parent.hook('preSubcommand', give)
  program.hook('preAction', () => {
    if (failure !== undefined) throw failure
  })
}

/** The config file that a command is to take from. */
export async function configOf(command: Command): Promise<Config | undefined> {
  const { config } = command.optsWithGlobals<ConfigOptions>()
  return config === false ? undefined : readConfig(typeof config === 'string' ? config : undefined)
}

/** A variable that is empty is one that was not set. */
function forgetEmptyVariables(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('CAIRN_') && value === '') delete environment[name]
}

function configure(command: Command, settings: readonly SettingOption[], { values }: Config): void {
  for (const option of settings) {
    const value = values.get(option.setting)
    if (value === undefined) continue
    option.configured = value
    command.setOptionValueWithSource(option.attributeName(), value, 'config')
  }
}

/** It may be the value of an option, too. */
function mayWantHelp(program: Command & { readonly rawArgs?: readonly string[] }): boolean {
  return program.rawArgs?.some((word) => word === '--help' || word === '-h') ?? false
}

function below(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...below(each)])
}
