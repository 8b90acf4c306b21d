/**
 * What a chain owes after whatever stopped it: it starts, every receipt that was told stands in it as it was told, nothing stands in it twice, it takes
 * another command, and all of it verifies at the level `replay`. What is broken is told by an error.
 */
import { existsSync } from 'node:fs'
import { Chain, type ChainOptions, kv, verifyChain } from '../../src/index.ts'
import { keys } from './options.ts'
import { lineOf } from './traffic.ts'

type Submitted = Parameters<Chain['submit']>[0]

export interface Judged {
  /** What the program was told of each command, as it printed it. */
  readonly told: readonly string[]
  readonly commandOf: (client: string, request: bigint) => Submitted
  readonly options: ChainOptions
}

/** The same for a chain that was stopped before it was made: then it is made now. Gives how many blocks it has. */
export async function judge(directory: string, judged: Judged): Promise<bigint> {
  const { told, options } = judged
  const isThere = existsSync(`${directory}/genesis.json`)
  if (!isThere && told.length > 0) throw new Error('there are receipts and no chain')
  const chain = isThere ? await Chain.open(directory, options) : await Chain.create(directory, keys.genesis, options)
  const { id } = chain
  let blocks: bigint
  try {
    blocks = await blocksThatHold(chain, judged)
  } finally {
    await chain.close()
  }
  const verified = await verifyChain(directory, {
    chainId: id,
    level: 'replay',
    machine: kv,
    revocations: [],
    cores: 1,
  })
  if (!verified.ok || verified.blocks !== blocks) {
    throw new Error(`of ${blocks} blocks ${verified.blocks} verify: ${verified.fault?.reason}`)
  }
  return blocks
}

async function blocksThatHold(chain: Chain, { told, commandOf }: Judged): Promise<bigint> {
  if (chain.readOnly !== undefined) throw chain.readOnly
  const names = new Set<string>()
  for (const line of told) {
    const [client = '', request = ''] = line.split(' ')
    const now = lineOf(await chain.submit(commandOf(client, BigInt(request))))
    if (now !== line) throw new Error(`it was told “${line}”, and now “${now}”`)
    names.add(`${client} ${request}`)
  }
  await chain.submit(commandOf('judge', 1n))
  await chain.flush()
  const executed = new Set<string>()
  let blocks = 0n
  for await (const { record } of chain.blocks()) {
    blocks++
    for (const { client, request } of record.commands) {
      const name = `${client} ${request}`
      if (executed.has(name)) throw new Error(`${name} was executed twice`)
      executed.add(name)
    }
  }
  for (const name of names) if (!executed.has(name)) throw new Error(`${name} has a receipt, and stands in no block`)
  return blocks
}

/** The receipts in what the program printed. The last line may be cut: what was not printed whole was told to nobody. */
export function receiptsIn(output: string): readonly string[] {
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => /^c\d+ /.test(line))
}
