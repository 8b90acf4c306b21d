/** `cairn config`: what is set for good, and where each value comes from; and the schema of the file in which it is set. */
import type { Command } from 'commander'
import { jsonText } from '../server/json-text.ts'
import { escaped } from '../verify/meaning.ts'
import { asAction } from './action.ts'
import type { Config } from './settings/config-file.ts'
import { setting } from './settings/option.ts'
import { configSchemaText } from './settings/schema.ts'
import { flagOf, SETTING_NAMES, type SettingName, variableOf } from './settings/settings.ts'
import { configOf, OTHER_VARIABLES } from './settings/with-config.ts'
import { styleOf } from './terminal.ts'

export function asConfig(command: Command): Command {
  asShow(command.command('show').exitOverride())
  asSchema(command.command('schema').exitOverride())
  return command
    .description('What is set for good, in cairn.config.json and in the environment: show it, or print the schema.')
    .addHelpText('after', HELP)
}

const HELP = `
The command line comes before the environment, that before the config file, that before what is usual (docs/cli.md).

Examples:
  $ cairn config show
  $ CAIRN_PORT=8080 cairn config show --json
  $ cairn config schema > cairn.config.schema.json`

function asShow(command: Command): Command {
  for (const name of SETTING_NAMES) command.addOption(setting(name).hideHelp())
  return command
    .description('Print every setting, its value, and where it comes from.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', SHOW_HELP)
    .action(
      asAction(async ({ json }: { readonly json?: true }) => {
        const config = await configOf(command)
        const rows = SETTING_NAMES.map((name) => rowOf(command, name, config))
        const unknown = unknownVariables(process.env)
        process.stdout.write(json ? asJson(rows, unknown, config) : asText(rows, unknown, config))
      }),
    )
}

const SHOW_HELP = `
Any setting may be given here as the option that it is elsewhere, to see what would be in force.

As JSON: {"file","settings":{NAME:{"value","source","option","variable"}},"unknownVariables"}; a value that is not set is null,
and source is one of "command line", "environment", "config file", "default".

Exit codes: 0 it is printed; 2 the config file or a variable is wrong

Examples:
  $ cairn config show
  $ cairn config show --config /etc/cairn/ledger.json --json
  $ cairn config show --port 8080`

interface Row {
  readonly name: SettingName
  readonly value: unknown
  readonly source: 'command line' | 'environment' | 'config file' | 'default'
  /** As people are told. */
  readonly from: string
}

function rowOf(command: Command, name: SettingName, config: Config | undefined): Row {
  const value: unknown = command.getOptionValue(name)
  switch (command.getOptionValueSource(name)) {
    case 'cli':
      return { name, value, source: 'command line', from: flagOf(name) }
    case 'env':
      return { name, value, source: 'environment', from: variableOf(name) }
    case 'config':
      return { name, value, source: 'config file', from: `${config?.file}` }
    default:
      return { name, value, source: 'default', from: value === undefined ? 'not set' : 'default' }
  }
}

/** A slip of the pen in a variable is not seen otherwise: other programs may have variables that begin so. */
function unknownVariables(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = new Set([...SETTING_NAMES.map(variableOf), ...OTHER_VARIABLES])
  return Object.keys(environment).filter((name) => name.startsWith('CAIRN_') && !known.has(name))
}

function asJson(rows: readonly Row[], unknown: readonly string[], config: Config | undefined): string {
  const settings = rows.map(({ name, value, source }) => {
    return [name, { value: value ?? null, source, option: flagOf(name), variable: variableOf(name) }] as const
  })
  return jsonText({
    file: config?.file ?? null,
    settings: Object.fromEntries(settings),
    unknownVariables: unknown,
  })
}

function asText(rows: readonly Row[], unknown: readonly string[], config: Config | undefined): string {
  const style = styleOf(process.stdout)
  const width = Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.map(({ name, value, from }) => {
    const text = value === undefined ? '–' : escaped(shown(value))
    return `  ${name.padEnd(width)}  ${value === undefined ? style.faint(text) : text}  ${style.faint(`(${escaped(from)})`)}`
  })
  const notes = unknown.map((name) => `There is no setting for the variable ${escaped(name)}.`)
  const title = config === undefined ? 'No config file is read.' : `The config file ${escaped(config.file)} is read.`
  return `${[title, '', ...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value)
}

function asSchema(command: Command): Command {
  return command
    .description(
      'Print the JSON Schema of cairn.config.json, for editors; the package has it as cairn-log/config.schema.json.',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 it is printed; 2 wrong usage\n\nExamples:\n  $ cairn config schema > cairn.config.schema.json',
    )
    .action(() => {
      process.stdout.write(configSchemaText())
    })
}
