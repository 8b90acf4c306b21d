/**
 * A short life of a chain, to be stopped at any of its calls of the system: it is made or opened, takes a few commands of each client over two files of the
 * journal, and is closed. It prints a line for every receipt. Its arguments: the data directory, and the number of this life.
 */
import { existsSync } from 'node:fs'
import { Chain } from '../../src/index.ts'
import { keys, shortOptions } from './options.ts'
import { firstRequest, lineOf, longCommandOf } from './traffic.ts'

const CLIENTS = 3
const REQUESTS = 9n

const [directory = '', life = '0'] = process.argv.slice(2)
const options = shortOptions(directory)
const isThere = existsSync(`${directory}/genesis.json`)
const chain = isThere ? await Chain.open(directory, options) : await Chain.create(directory, keys.genesis, options)

async function client(name: string): Promise<void> {
  const first = firstRequest(Number(life))
  for (let request = first; request < first + REQUESTS; request++) {
    const receipt = await chain.submit(longCommandOf(name, request))
    // A pipe is written to before this comes back: what is printed was acknowledged before whatever comes next.
    process.stdout.write(`${lineOf(receipt)}\n`)
  }
}

await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(`c${i}`)))
await chain.close()
