/**
 * Carries out the intents of a chain, each once. How far it came stands in a file, written after the bank has paid: killed at any moment it asks for the
 * newest payments again, and the bank, which knows each by its index, pays none of them twice.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Chain } from 'cairn-log'
import type { Bank } from './bank.ts'

export async function payOut(chain: Chain, bank: Bank, position: string): Promise<void> {
  const from = existsSync(position) ? BigInt(readFileSync(position, 'utf8')) : 0n
  for await (const { record } of chain.blocks({ from })) {
    const intents = record.commands.flatMap(({ intents }) => intents ?? [])
    const first = record.roots.intents.size - BigInt(intents.length)
    for (const [i, { kind }] of intents.entries()) {
      if (kind === 'withdraw') bank.pay(await chain.prove({ intent: first + BigInt(i) }))
    }
    // A power cut may lose this, never what is in the chain: then a little is asked for again.
    writeFileSync(`${position}.tmp`, String(record.header.height + 1n))
    renameSync(`${position}.tmp`, position)
  }
}
