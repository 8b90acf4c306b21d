/** What can be completed, out of the tree of commands: the same for every shell. */
import type { Command, Option } from 'commander'
import { SettingOption } from '../settings/option.ts'
import { SETTINGS } from '../settings/settings.ts'

/** A command, with those that it is in: `keys list`. The program itself has no words. */
export interface Completed {
  readonly at: string
  readonly subcommands: readonly { readonly name: string; readonly text: string }[]
  readonly options: readonly CompletedOption[]
  /** The only values of its first argument, where it has such. */
  readonly values: readonly string[]
}

export interface CompletedOption {
  readonly long: string
  readonly short?: string
  readonly text: string
  /** What follows it: nothing; one of these, or a file, or whatever. */
  readonly takes?: { readonly values: readonly string[]; readonly files: boolean }
}

/** A name that stands for standard input or output, or for a server, is no file, but files are what people look for. */
const FILES = /<(?:dir|file|machine|path|source)[|>]/

export function completedOf(program: Command): readonly Completed[] {
  const globals = program.options.filter(({ long }) => long !== '--version').map(optionOf)
  return [...walk(program, [], globals)]
}

function* walk(command: Command, at: readonly string[], globals: readonly CompletedOption[]): Generator<Completed> {
  const visible = command.options.filter(({ hidden }) => !hidden)
  const own = visible.map(optionOf).filter(({ long }) => !globals.some((each) => each.long === long))
  yield {
    at: at.join(' '),
    subcommands: command.commands.map((each) => ({ name: each.name(), text: firstSentence(each.description()) })),
    options: [...own, ...globals, { long: '--help', short: '-h', text: 'how it is used' }],
    values: command.registeredArguments[0]?.argChoices ?? [],
  }
  for (const each of command.commands) yield* walk(each, [...at, each.name()], globals)
}

function optionOf(option: Option): CompletedOption {
  const { long, short, description, argChoices, required, optional, flags } = option
  const values = argChoices ?? (option instanceof SettingOption ? SETTINGS[option.setting].proposed : undefined) ?? []
  return {
    long: long ?? flags,
    ...(short !== undefined && { short }),
    text: firstSentence(description),
    ...((required || optional) && { takes: { values, files: FILES.test(flags) } }),
  }
}

/** One line, and no more than a line has room for; without what a shell would read more into between single quotes. */
function firstSentence(text: string): string {
  const [sentence = ''] = text.replaceAll(':', ',').split(/\.(?: |$)|[;(\n]/)
  return sentence.replace(/[^\w ,./|<–’-]/g, '').trim()
}
