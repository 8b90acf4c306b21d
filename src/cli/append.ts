/** `cairn append`: commands into a chain, from the command line or from standard input; a receipt for each. */
import { type Command, InvalidArgumentError } from 'commander'
import { asJsonLine, asLine, type ReceiptSaid } from '../server/receipt-text.ts'
import { PAYLOAD_MAX } from '../verify/bounds.ts'
import { utf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/index.ts'
import { appendAll, type Given, type Numbered, type Taking } from './append-all.ts'
import { u64From } from './arguments.ts'
import { interruptible } from './interrupt.ts'
import { linesOf } from './lines.ts'
import type { MachineOptions } from './machines.ts'
import { onChain } from './on-chain.ts'
import { print } from './output.ts'
import { PASSPHRASE_HELP, type PassphraseOptions, withPassphraseOptions } from './passphrase.ts'
import { STANDARD_INPUT } from './read.ts'
import { nameless, takingOf } from './remote/submit.ts'
import { openServer } from './remote/with-server.ts'
import { setting } from './settings/option.ts'
import { withChain } from './with-chain.ts'

interface Options extends PassphraseOptions, MachineOptions {
  readonly type?: string
  readonly client?: string
  readonly request?: bigint
  readonly json?: true
}

const USUAL_TYPE = 'put'
/** The largest payload, and some air: one that is a little larger gets the chain's own error. */
const LINE_MAX = PAYLOAD_MAX + 1024

export function asAppend(command: Command): Command {
  withPassphraseOptions(command)
    .description('Append commands to a chain; each is answered with a receipt, once it is durable and sealed.')
    .addOption(setting('machine'))
    .option(
      '--type <type>',
      `the type of the command, of those that the machine has (default: ${USUAL_TYPE})`,
      textFrom,
    )
    .option(
      '--client <name>',
      'who appends; with --request each command is executed once, however often it is sent',
      textFrom,
    )
    .option('--request <n>', 'the client’s number for the first command; each further one has one more', requestFrom)
    .option('--json', 'print receipts as JSON, one a line')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    { more: WHAT },
    {
      here: async (place, words, options) => {
        const numbered = numberedFrom(command, options)
        const one = given(command, words, options.type)
        await withChain(place, 'append', (chain) => append(chain, one, numbered, options), options)
      },
      there: async (words, options) => {
        const one = given(command, words, options.type)
        const { client, request } = options
        if (client === undefined && request !== undefined) command.error(`error: ${TOGETHER}`)
        const server = await openServer(command, options, { client: client ?? nameless() })
        const numbered = client === undefined || request === undefined ? undefined : { client, request }
        await append(takingOf(server.client), one, numbered, options)
      },
    },
  )
}

const WHAT = {
  name: 'what',
  text: `a payload as JSON; or put KEY VALUE; or delete KEY; or ${STANDARD_INPUT}, as if left out`,
  // A directory of such a name is written ./put.
  isOne: (word: string): boolean => /^(?:put|delete|-|[{["].*|-?[0-9.]+|true|false|null)$/s.test(word),
}

async function append(
  chain: Taking,
  one: Given | undefined,
  numbered: Numbered | undefined,
  { type = USUAL_TYPE, json }: Options,
): Promise<void> {
  const textOf = json === true ? asJsonLine : asLine
  const answer = (receipt: ReceiptSaid): Promise<void> => print(textOf(receipt))
  if (one !== undefined) await appendAll(chain, [one], numbered, answer)
  else await fromInput((payloads) => appendAll(chain, payloads, numbered, answer), type)
}

const HELP = `
Without a payload, standard input is read: one JSON payload a line; empty lines are left out. It stops at the first line
that is refused, and names it. What has a receipt is in the chain. After a malformed line nothing is sent; where a line is
refused later than that, lines after it may be on their way already, and their receipts are printed, too.
With --client and --request the same input may be sent again after any failure: what is in the chain already gets its
receipt again, and nothing is executed twice. A command that the machine rejects is in the chain, too, with its receipt.
Put -- before words that begin with a dash.
On a server each command has a number of its own in any case, of a name that nobody else has where --client is left out, and is
sent again until its outcome is known: nothing is executed twice. There up to 1000 lines may be on their way behind a malformed one.
${PASSPHRASE_HELP} Development keys have none.

Exit codes: 0 every command has a receipt; 1 one was refused, or the chain cannot be used; 2 wrong usage

Examples:
  $ cairn append demo put greeting hello
  $ cairn append demo delete greeting
  $ cairn append demo '{"key":"greeting","expected":null,"value":"hi"}' --type cas
  $ cairn append accounts --type open '{"id":"o-1","account":"alice","currency":"EUR","limit":"0"}'
  $ cairn append demo --client import --request 1 < payloads.jsonl
  $ cairn append demo put temperature -- -5
  $ cairn append --url http://127.0.0.1:4270 --chain-id 0x5e1f… put greeting hello`

function textFrom(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.')
  return text
}

function requestFrom(text: string): bigint {
  const request = u64From(text)
  if (request === 0n) throw new InvalidArgumentError('A client numbers its commands from 1 on.')
  return request
}

const TOGETHER = '--client and --request belong together: the client, and its number for the command'

function numberedFrom(command: Command, { client, request }: Options): Numbered | undefined {
  if (client === undefined && request === undefined) return undefined
  if (client !== undefined && request !== undefined) return { client, request }
  return command.error(`error: ${TOGETHER}`)
}

/** What stands on the command line, or nothing where standard input is meant. */
function given(command: Command, words: readonly string[], type: string | undefined): Given | undefined {
  const [first = STANDARD_INPUT, key = '', value = ''] = words
  const friendly = first === 'put' ? { key, value } : first === 'delete' ? { key } : undefined
  if (friendly !== undefined) {
    if (type !== undefined) command.error(`error: ${first} is a type already: leave --type out`)
    const count = Object.keys(friendly).length
    if (words.length !== count + 1)
      command.error(`error: it is written ${count === 2 ? 'put KEY VALUE' : 'delete KEY'}`)
    return { type: first, payload: utf8(JSON.stringify(friendly)) }
  }
  if (words.length > 1) command.error('error: one payload can be given, or put KEY VALUE, or delete KEY')
  return first === STANDARD_INPUT ? undefined : { type: type ?? USUAL_TYPE, payload: utf8(first) }
}

/** Reads payloads until there are no more. Who interrupts it stops the reading; what was read is brought to its end. */
async function fromInput(append: (payloads: AsyncIterable<Given>) => Promise<void>, type: string): Promise<void> {
  const { stdin, stderr } = process
  if (stdin.isTTY) stderr.write('Type one JSON payload a line; Ctrl-D ends it.\n')
  await interruptible(async (interrupted) => {
    interrupted.addEventListener('abort', () => stdin.destroy())
    try {
      await append(payloads(type, interrupted))
    } finally {
      // Nothing more is read: else whoever writes to it would keep this process alive.
      stdin.destroy()
    }
    if (!interrupted.aborted) return
    throw new CairnError('interrupted', 'Interrupted: what has a receipt is in the chain, and nothing after it.')
  })
}

async function* payloads(type: string, interrupted: AbortSignal): AsyncGenerator<Given> {
  try {
    for await (const { number, bytes } of linesOf(process.stdin, LINE_MAX)) {
      if (interrupted.aborted) return
      if (!isBlank(bytes)) yield { type, payload: bytes, line: number }
    }
  } catch (error) {
    // A stream that is taken away while it is read says that it ended too early.
    if (!interrupted.aborted) throw error
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09)
}
