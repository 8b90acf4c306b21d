/** `cairn keys revocation`: the typed data with which the cold key takes a delegation back. */
import type { Command } from 'commander'
import { endOfJournal, hashOfBlock } from '../../pipeline/journal-end.ts'
import { jsonText } from '../../server/json-text.ts'
import { ZERO32 } from '../../verify/bytes.ts'
import { u64From } from '../arguments.ts'
import { onPlace } from '../on-chain.ts'
import { ask, showAsked } from './cold-request.ts'
import { keysOf } from './keys-of.ts'

interface Options {
  readonly index: bigint
  readonly fromHeight?: bigint
  readonly json?: true
}

export function asRevocation(command: Command): Command {
  command
    .description('Ask the cold key to take a delegation back: a hot key was lost or stolen, or is retired.')
    .requiredOption('--index <n>', 'the number of the delegation', u64From)
    .option('--from-height <n>', 'the first block that it must not have sealed; after the newest if left out', u64From)
    .option('--json', 'print what is asked as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, {}, async (place, _, { index, fromHeight, json }: Options) => {
    const chain = await keysOf(place)
    const { head } = await endOfJournal(chain.journal)
    const from = fromHeight ?? (head === undefined ? 0n : head.header.height + 1n)
    const parentHash = from === 0n ? ZERO32 : await hashOfBlock(chain.journal, from - 1n)
    const request = { k: 'revocation', index, fromHeight: from, parentHash } as const
    const asked = await ask(chain, request)
    process.stdout.write(json ? jsonText({ asked: [asked] }) : showAsked(chain, [asked]))
  })
}

const HELP = `
Whoever knows the revocation believes of that key's seals the one over the block before --from-height only: all older blocks
are proved through it, or through one that another key sealed. A running chain needs another key to go on: cairn keys rotate asks
for both at once.

Exit codes: 0 the typed data is written; 1 it is not; 2 wrong usage

Examples:
  $ cairn keys revocation demo --index 0
  $ cairn keys revocation demo --index 0 --from-height 4711`
