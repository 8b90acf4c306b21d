/** The real program on real files, killed fifty times under load: every receipt that it printed is there, byte for byte, and nothing is there twice. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { it } from 'vitest'
import { bundled } from '../support/bundled.ts'
import { Random, seed } from '../support/seed.ts'
import { judge } from './judge.ts'
import { beginLife } from './life.ts'
import { crashOptions } from './options.ts'
import { commandOf } from './traffic.ts'

/** At least, and more where so many would not come to enough receipts: a slow machine prints few before it is killed. */
const KILLS = 50
const RECEIPTS_MIN = 500
const program = fileURLToPath(await bundled(new URL('program.ts', import.meta.url)))

/** One life of the program, up to the kill; what it printed by then. */
async function killedAfter(directory: string, life: number, milliseconds: number): Promise<readonly string[]> {
  const { opened, ended, kill } = beginLife(program, directory, life)
  // From the opening on, so that the moment may be any: recovery, the first block, a roll of the journal.
  await opened
  await sleep(milliseconds)
  kill()
  const { signal, told, errors } = await ended
  if (signal !== 'SIGKILL') throw new Error(`life ${life} ended by itself: ${errors}`)
  return told
}

it(`keeps what it acknowledged over ${KILLS} kills (CAIRN_SEED=${seed})`, async () => {
  const random = new Random()
  const folder = await mkdtemp(join(tmpdir(), 'cairn-kill-'))
  const directory = join(folder, 'data')
  try {
    const told = new Map<string, string>()
    for (let life = 0; life < KILLS || told.size < RECEIPTS_MIN; life++) {
      for (const line of await killedAfter(directory, life, random.below(250))) {
        const [client, request] = line.split(' ')
        told.set(`${client} ${request}`, line)
      }
    }
    await judge(directory, { told: [...told.values()], commandOf, options: crashOptions(directory) })
  } finally {
    await rm(folder, { recursive: true })
  }
}, 300_000)
