/** The reference of the command line, out of the very commands that it is made of. */
import type { Argument, Command, Option } from 'commander'
import { makeProgram } from '../../src/cli/program.ts'
import { type Page, prose, tableOf } from './page.ts'

export function cliPage(): Page {
  const program = makeProgram()
  const commands = below(program)
  const list = commands.map(({ name, command }) => [`[\`${name}\`](#${name.replaceAll(' ', '-')})`, summaryOf(command)])
  const text = `# The command line

${program.description()} What can be set for good, in a file or in the environment, stands in the column *environment*; what the command line says
comes before the environment, that before \`cairn.config.json\`, that before the default. Every command has \`--help\`.

Exit codes: 0 all is well, 1 an error ([errors.md](errors.md)), 2 wrong usage, 3 what was checked does not hold.

${tableOf(['command', 'what it does'], list)}
## For every command

${optionsOf(program)}
${commands.map(sectionOf).join('\n')}`
  return { path: 'cli.md', text }
}

interface Named {
  readonly name: string
  readonly command: Command
}

/** Every command that can be run, by its whole name. */
function below(parent: Command, path = parent.name()): readonly Named[] {
  return parent.commands.flatMap((command) => {
    const name = `${path} ${command.name()}`
    return command.commands.length > 0 ? [{ name, command }, ...below(command, name)] : [{ name, command }]
  })
}

function summaryOf(command: Command): string {
  const [first = ''] = command.description().split('\n\n')
  return prose(first)
}

function sectionOf({ name, command }: Named): string {
  const usage = `\`\`\`text\n${name} ${command.usage()}\n\`\`\`\n`
  const more = wordsAfter(command)
  const parts = [
    prose(command.description()),
    usage,
    argumentsOf(command),
    optionsOf(command),
    more && `\`\`\`text\n${more}\n\`\`\`\n`,
  ]
  return `## ${name}\n\n${parts
    .filter(Boolean)
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')}`
}

function argumentsOf({ registeredArguments }: Command): string {
  if (registeredArguments.length === 0) return ''
  const shown = ({ required, variadic, name }: { required: boolean; variadic: boolean; name: string }): string => {
    const word = `${name}${variadic ? '...' : ''}`
    return required ? `<${word}>` : `[${word}]`
  }
  const rows = registeredArguments.map((each: Argument) => [
    `\`${shown({ required: each.required, variadic: each.variadic, name: each.name() })}\``,
    `${prose(each.description)}${each.defaultValue === undefined ? '' : ` (default: \`${String(each.defaultValue)}\`)`}`,
  ])
  return tableOf(['argument', ''], rows)
}

function optionsOf({ options }: Command): string {
  const shown = options.filter((each) => !each.hidden)
  if (shown.length === 0) return ''
  return tableOf(['option', '', 'default', 'environment'], shown.map(rowOf))
}

function rowOf(option: Option): readonly string[] {
  const { flags, description, argChoices, defaultValueDescription, envVar, mandatory, negate } = option
  const defaultValue: unknown = option.defaultValue
  const choices = argChoices === undefined ? '' : ` (one of ${argChoices.map((each) => `\`${each}\``).join(', ')})`
  // As the help says it: what is kept may be in another unit.
  const said = defaultValueDescription ?? String(defaultValue)
  const usual = defaultValue === undefined || negate ? '' : `\`${said}\``
  const variable = envVar === undefined ? '' : `\`${envVar}\``
  return [`\`${flags}\`${mandatory ? ', needed' : ''}`, `${prose(description)}${choices}`, usual, variable]
}

/** What the help says after the options: what is to be known, exit codes, examples. */
function wordsAfter(command: Command): string {
  let whole = ''
  const writeOut = (text: string): void => {
    whole += text
  }
  command.configureOutput({ writeOut }).outputHelp()
  return whole.replace(command.helpInformation(), '').trim()
}
