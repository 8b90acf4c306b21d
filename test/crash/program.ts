/**
 * A program with a chain under load, to be killed: it prints a line for every receipt, and only then asks for more. Its arguments: the data
 * directory, the number of this life, for how many milliseconds it lives if nobody kills it, and how many receipts it prints at least, however long
 * that takes.
 */
import { existsSync } from 'node:fs'
import { Chain } from '../../src/index.ts'
import { crashOptions, keys } from './options.ts'
import { CLIENTS, commandOf, firstRequest, lineOf } from './traffic.ts'

const [directory = '', life = '0', milliseconds = '1000', least = '0'] = process.argv.slice(2)
const options = crashOptions(directory)
const isThere = existsSync(`${directory}/genesis.json`)
const chain = isThere ? await Chain.open(directory, options) : await Chain.create(directory, keys.genesis, options)
process.stdout.write('open\n')
const end = performance.now() + Number(milliseconds)
let printed = 0

async function client(name: string): Promise<void> {
  for (let request = firstRequest(Number(life)); performance.now() < end || printed < Number(least); request++) {
    const receipt = await chain.submit(commandOf(name, request))
    // A pipe is written to before this comes back: what is printed was acknowledged before whatever comes next.
    process.stdout.write(`${lineOf(receipt)}\n`)
    printed++
  }
}

await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(`c${i}`)))
await chain.close()
process.stdout.write('closed\n')
