/** What the commands of `cairn evm` send and say alike. */
import type { Sent } from '../../evm/finish.ts'
import type { Call } from '../../evm/transact.ts'
import { hex } from '../../evm/values.ts'
import { jsonText } from '../../server/json-text.ts'
import { escaped } from '../../verify/meaning.ts'
import type { SendingOptions } from './options.ts'
import { type Sender, wasSent } from './sender.ts'

/** `more` says what came of it, beside that it was carried out. */
export async function sendAndTell(
  sender: Sender,
  call: Call,
  options: SendingOptions,
  more?: (sent: Sent) => Promise<{ readonly text: string }>,
): Promise<void> {
  const outcome = await sender.send(call)
  if (!wasSent(outcome)) {
    print({ sent: false, gas: outcome.gas, atMost: outcome.atMost }, undefined, options)
    return
  }
  const { transaction, purpose } = outcome.pending
  const { gasUsed } = outcome.receipt
  const { text, ...found } = (await more?.(outcome)) ?? { text: '' }
  const done = `${purpose}: done by ${hex(transaction)}, for ${gasUsed.toLocaleString('en')} gas. ${text}`.trimEnd()
  print({ sent: true, transaction, gasUsed, ...found }, done, options)
}

/** What came of a command: as JSON, or in words where there are any. */
export function print(whole: object, text: string | undefined, { json }: { readonly json?: true }): void {
  if (json) process.stdout.write(jsonText(whole))
  else if (text !== undefined) process.stdout.write(`${escaped(text)}\n`)
}
