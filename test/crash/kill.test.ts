/** The real program on real files, killed fifty times under load: every receipt that it printed is there, byte for byte, and nothing is there twice. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { bundled } from '../support/bundled.ts'
import { Random, seed } from '../support/seed.ts'
import { judge, receiptsIn } from './judge.ts'
import { crashOptions } from './options.ts'
import { commandOf } from './traffic.ts'

const KILLS = 50
const program = fileURLToPath(await bundled(new URL('program.ts', import.meta.url)))

/** One life of the program, up to the kill; what it printed by then. */
function killedAfter(directory: string, life: number, milliseconds: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, directory, String(life), '60000'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  const timers: NodeJS.Timeout[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    // From the opening on, so that the moment may be any: recovery, the first block, a roll of the journal.
    if (timers.length === 0) timers.push(setTimeout(() => child.kill('SIGKILL'), milliseconds))
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`life ${life} ended by itself, with ${code}: ${errors}`))
      else resolve(receiptsIn(output))
    })
  })
}

it(`keeps what it acknowledged over ${KILLS} kills (CAIRN_SEED=${seed})`, async () => {
  const random = new Random()
  const folder = await mkdtemp(join(tmpdir(), 'cairn-kill-'))
  const directory = join(folder, 'data')
  try {
    const told = new Map<string, string>()
    for (let life = 0; life < KILLS; life++) {
      for (const line of await killedAfter(directory, life, random.below(250))) {
        const [client, request] = line.split(' ')
        told.set(`${client} ${request}`, line)
      }
    }
    expect(told.size).toBeGreaterThan(KILLS * 10)

    await judge(directory, { told: [...told.values()], commandOf, options: crashOptions(directory) })
  } finally {
    await rm(folder, { recursive: true })
  }
}, 300_000)
