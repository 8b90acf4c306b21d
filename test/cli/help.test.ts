/** What every command owes whoever asks it for help: examples, exit codes, and JSON. */
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { makeProgram } from '../../src/cli/program.ts'

/** Those that print what is no answer: a story, a script, a file. */
const WITHOUT_JSON: ReadonlySet<string> = new Set(['demo', 'completion', 'config schema'])

function* leaves(command: Command, at: readonly string[] = []): Generator<readonly [name: string, Command]> {
  if (command.commands.length === 0) yield [at.join(' '), command]
  for (const each of command.commands) yield* leaves(each, [...at, each.name()])
}

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({
    writeOut: (text) => {
      help += text
    },
  })
  command.outputHelp()
  return help
}

test.each([...leaves(makeProgram())])('%s says how it is used', (name, command) => {
  const help = helpOf(command)
  expect(help).toMatch(new RegExp(`\nExamples:\n(?:.*\n)*? {2}\\$ .*cairn ${name}\\b`))
  expect(help).toMatch(/\nExit codes:/)
  expect(command.options.some(({ long }) => long === '--json')).toBe(!WITHOUT_JSON.has(name))
  for (const line of help.split('\n')) expect([line, line.length <= 160]).toEqual([line, true])
})
