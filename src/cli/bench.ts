/** `cairn bench`: what a chain does on this machine and its disk, or a server over the network, measured with real commands. */
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { jsonText } from '../server/json-text.ts'
import { KEY_MAX, PAYLOAD_MAX } from '../verify/bounds.ts'
import { CairnError } from '../verify/index.ts'
import { asAction } from './action.ts'
import { fileFrom } from './arguments.ts'
import { type Figure, figure, machineWith, tableOf } from './bench/figures.ts'
import type { Latencies } from './bench/latencies.ts'
import { windowOf } from './bench/load.ts'
import { benchServer } from './bench/on-server.ts'
import { type BenchAsked, benchOwnChain, isInMemory, type Measured } from './bench/own-chain.ts'
import { interruptible } from './interrupt.ts'
import { progressOn } from './progress.ts'
import { addRemoteOptions, isRemote } from './remote/options.ts'
import { nameless } from './remote/submit.ts'
import { openServer, type RemoteOptions } from './remote/with-server.ts'

interface Options extends RemoteOptions {
  readonly seconds: number
  readonly inFlight: number
  readonly keys: number
  readonly size: number
  readonly dir?: string
  readonly client?: string
  readonly yes?: true
  readonly json?: true
}

const SECONDS_MAX = 86_400
const IN_FLIGHT_MAX = 10_000
const KEYS_MAX = 10_000_000
/** With the key and what JSON adds, a payload has room for it. */
const SIZE_MAX: number = PAYLOAD_MAX - KEY_MAX

export function asBench(command: Command): Command {
  command
    .description('Measure what a chain does here: commands a second, latencies, the fsync of the disk.')
    .addOption(number('--seconds <n>', 'how long it runs with many in flight', SECONDS_MAX).default(10))
    .addOption(number('--in-flight <n>', 'how many commands are on their way at a time', IN_FLIGHT_MAX).default(1000))
    .addOption(number('--keys <n>', 'over how many keys they go', KEYS_MAX).default(100_000))
    .addOption(number('--size <bytes>', 'how large a value is', SIZE_MAX).default(100))
    .option('--dir <dir>', 'a directory on the disk that is to be measured (that for temporary files)', fileFrom)
    .option('--client <name>', 'with --url: the name that the commands are sent under', fileFrom)
    .option('--yes', 'with --url: it writes real commands to that chain, for good')
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', HELP)
  return addRemoteOptions(command).action(
    asAction(async (options: Options) => {
      const progress = progressOn(process.stderr)
      const measured = await interruptible(async (signal) => {
        const asked = { ...options, signal, say: progress.show }
        // Real commands go to a server that is named for it, and to none that is set for good.
        const isNamed = command.getOptionValueSource('url') === 'cli'
        const found = isRemote(command, !isNamed)
          ? await ofServer(command, options, asked)
          : await ofOwnChain(command, options, asked)
        if (signal.aborted) throw new CairnError('interrupted', 'Interrupted: nothing was measured to its end.')
        return found
      }).finally(progress.clear)
      const figures = figuresOf(measured, options)
      const machine = machineWith({ engine: measured.engine })
      if (options.json) process.stdout.write(jsonText({ machine, figures }))
      else process.stdout.write(`${Object.values(machine).join(' · ')}\n\n${tableOf(figures)}\n`)
    }),
  )
}

const HELP = `
It makes a chain of its own in a new directory under --dir, with keys of its own, fills it, measures, and takes all of it away
again, also after Ctrl-C. Every command is durable, executed once and sealed before it counts, as in any chain. It takes
about twice the seconds that are asked for, and some hundred bytes of the disk for each command.

On a server it goes through the client, which checks every receipt before it counts. What it writes there stays there, under
keys that begin with bench/: it asks for --yes.

As JSON: {"machine","figures":[{"name","value","unit","min","max","target","ok"}]}; "value" is the median of the windows of a
second (of ten, from a minute on) where a figure is of windows.

Exit codes: 0 it is measured; 1 it could not be, or was interrupted; 2 wrong usage; 3 the server lied

Examples:
  $ cairn bench
  $ cairn bench --dir /srv/data --seconds 60 --json
  $ cairn bench --url http://127.0.0.1:4270 --chain-id 0x5e1f… --yes`

function number(flags: string, text: string, max: number): Option {
  return new Option(flags, text).argParser((given: string): number => {
    const value = Number(given)
    if (/^[1-9][0-9]{0,8}$/.test(given) && value <= max) return value
    throw new InvalidArgumentError(`It is a whole number from 1 to ${max}.`)
  })
}

async function ofOwnChain(command: Command, { dir, client, yes }: Options, asked: BenchAsked): Promise<Measured> {
  if (client !== undefined || yes !== undefined) command.error('error: --client and --yes go with --url')
  if (await isInMemory(dir))
    process.stderr.write('Note: that directory is in memory, and its fsync costs nothing. Name one on a disk: --dir.\n')
  return benchOwnChain(dir, asked)
}

async function ofServer(command: Command, options: Options, asked: BenchAsked): Promise<Measured> {
  if (options.dir !== undefined) command.error('error: --dir is for a chain of its own, and --url names a server')
  if (options.yes !== true)
    command.error('error: this writes real commands to that chain, for good: say --yes where that is meant')
  const { signal } = asked
  const { client } = await openServer(command, options, { client: options.client ?? nameless(), signal })
  return benchServer(client, asked)
}

function figuresOf({ many, one, disk }: Measured, { seconds, inFlight }: Options): readonly Figure[] {
  const ms = (name: string, value: number): Figure => figure(name, 'ms', [value])
  const syncs = (name: string, latencies: Latencies): Figure[] => [
    ms(`an fdatasync, ${name}: half`, latencies.within(0.5)),
    ms(`an fdatasync, ${name}: 99 of 100`, latencies.within(0.99)),
  ]
  const window = windowOf(seconds)
  const all = [
    figure(
      `acknowledged commands, by ${window === 1 ? 'the second' : `${window} s`}`,
      '/s',
      many.windows.map(({ rate }) => rate),
    ),
    figure('acknowledged commands', '/s', [many.rate]),
    ms(`acknowledged within, ${inFlight} in flight: half`, many.p50),
    ms(`acknowledged within, ${inFlight} in flight: 99 of 100`, many.p99),
    ms(`acknowledged within, ${inFlight} in flight: 999 of 1,000`, many.p999),
    figure('acknowledged commands, one in flight', '/s', [one.rate]),
    ms('acknowledged within, one in flight: half', one.p50),
    ms('acknowledged within, one in flight: 99 of 100', one.p99),
    ...(disk === undefined
      ? []
      : [
          ...syncs(`${inFlight} in flight`, disk.syncsOfMany),
          ...syncs('one in flight', disk.syncsOfOne),
          figure('commands a block', '', [disk.commandsOfBlock]),
          figure('journal, a command', 'B', [disk.bytesOfCommand]),
          figure('keys put before', '/s', [disk.loaded]),
        ]),
  ]
  // A run that was so short that nothing of a kind was counted says nothing of it.
  return all.filter(({ value }) => Number.isFinite(value))
}
