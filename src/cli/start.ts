/**
 * What `npm start` runs: a development chain in ./cairn-data, made where there is none, served on loopback, and three commands to go on with.
 */
import { Command } from 'commander'
import { hasGenesis } from '../pipeline/genesis-file.ts'
import { nodeDisk } from '../ports/node-disk.ts'
import { toHex } from '../verify/index.ts'
import { quoted } from '../verify/meaning.ts'
import { asAction } from './action.ts'
import { run } from './exit.ts'
import { init } from './init.ts'
import { placeOf, shownPath } from './place.ts'
import { HOST, PORT, portFrom, serveDirectory } from './serve.ts'
import { styleOf } from './terminal.ts'

const DIRECTORY = 'cairn-data'

const program = new Command('npm start --')
  .description(`A development chain in ./${DIRECTORY}, served on loopback.`)
  .option('--port <n>', 'on which port; 0 for any that is free', portFrom, PORT)
  .exitOverride()
  .action(
    asAction(async ({ port }: { readonly port: number }) => {
      const place = placeOf(DIRECTORY)
      const isNew = !(await hasGenesis(nodeDisk, place.data))
      if (isNew) await init(place, undefined)
      await serveDirectory(DIRECTORY, { host: HOST, port, log: 'warn' }, ({ genesis, id, head }, url) => {
        const style = styleOf(process.stdout)
        const lines = [
          style.strong('Cairn: commands in, signed blocks out, and anyone can check.'),
          '',
          `  chain     ${quoted(genesis.name)}, ${blocksOf(head?.height)}, with development keys`,
          `  chain id  ${toHex(id)}`,
          `  data      ${shownPath(place.data)} (keys and guard in ${shownPath(place.keys)})`,
          `  open      ${style.strong(url)}   the explorer: append a command, see it in a block, check its proof, try to break it`,
          '',
          'In another terminal:',
          '',
          ...commands(url, toHex(id)).map((command) => `  ${command}`),
          '',
          style.faint(
            'The first appends a command and answers with its receipt. The second proves it; the third checks the proof, offline.',
          ),
          style.faint('Change one byte of proof.json and check again. Ctrl-C ends the server; the chain stays.'),
          '',
        ]
        process.stdout.write(lines.join('\n'))
      })
    }),
  )

function blocksOf(height: bigint | undefined): string {
  if (height === undefined) return 'without a block yet'
  return height === 0n ? '1 block' : `${height + 1n} blocks`
}

function commands(url: string, chainId: string): readonly string[] {
  const body = JSON.stringify({ type: 'put', payload: { key: 'greeting', value: 'hello' } })
  return [
    `curl -s -X POST ${url}/v1/commands -H 'content-type: application/json' -d '${body}'`,
    `curl -s '${url}/v1/proof?command=0&state=greeting' > proof.json`,
    `node dist/cli/main.js verify proof.json --chain-id ${chainId}`,
  ]
}

await run(program, process.argv)
