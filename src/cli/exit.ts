/** How a command ends (design, "Errors"): what is printed, and the exit code. */
import { type Command, CommanderError } from 'commander'
import { jsonText } from '../server/json-text.ts'
import { CairnError } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'
import { watchOutput } from './output.ts'

export const EXIT = { ok: 0, error: 1, usage: 2, failed: 3 } as const

/**
 * Runs the program and sets the exit code of the process; a broken invariant ends it with its stack. `failing` are the codes that say that something was
 * checked and does not hold.
 */
export async function run(
  program: Command,
  argv: readonly string[],
  failing: ReadonlySet<string> = new Set(),
): Promise<void> {
  const isJson = wantsJson(argv)
  if (isJson) silence(program)
  watchOutput()
  process.stdout.on('error', unwritten)
  // Nobody is left who could be told of it: what is said there fails again, and so on without an end.
  process.stderr.on('error', () => undefined)
  // Else Node opens its debugger to all who may use this machine, and the keys with it; others take this signal for that of a new log file.
  process.on('SIGUSR1', () => undefined)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    const known = error instanceof CommanderError && isJson && error.exitCode !== 0 ? wrongUsage(error) : error
    if (known instanceof CommanderError) process.exitCode = known.exitCode === 0 ? EXIT.ok : EXIT.usage
    else if (known instanceof CairnError) {
      const { code, message, details } = known
      const hasFailed = failing.has(code)
      const text = escaped(hasFailed ? `${code}: ${message}` : message)
      process.stderr.write(isJson ? jsonText({ error: { code, message, details } }) : `${text}\n`)
      process.exitCode = exitOf(code, failing)
    } else throw error
  }
}

/** Who reads JSON finds nothing else on standard error: what commander says there is told as an error of ours. */
function silence(command: Command): void {
  command.configureOutput({ writeErr: () => undefined })
  for (const each of command.commands) silence(each)
}

/** Where only the help was to be shown, commander has no words of its own. */
function wrongUsage({ code, message }: CommanderError): CairnError {
  const why = code === 'commander.help' ? 'a command is missing' : message.replace(/^error: /, '')
  return new CairnError('wrong_usage', `${why} (--help shows how it is used)`)
}

/** How a command ends with an error of this code. A config file is a part of how a command is used. */
export function exitOf(code: string, failing: ReadonlySet<string>): number {
  if (failing.has(code)) return EXIT.failed
  return code === 'wrong_usage' || code === 'invalid_config' ? EXIT.usage : EXIT.error
}

/** Every command that prints has this option under this name. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).includes('--json')
}

/** Who reads may stop reading (`| head`), and then nobody is left to tell; but what a full disk lost is an error. */
function unwritten({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return
  process.exitCode = EXIT.error
  process.stderr.write(`The output cannot be written: ${message}.\n`)
}
