/**
 * `npm run test:power [-- --cuts N] [--seed N] [--json] [--out FILE]`: real power cuts. The program under load (test/crash/program.ts) works on an ext4
 * image that is cut off at any moment (test/crash/cut-disk.ts), in starts too; the image is mounted again, and a copy of what is there has to start, to have
 * every receipt that was ever told, nothing twice, and to verify at the level `replay`. The next life goes on from what the cut left. It needs root.
 *
 * What it does not cut is the device: what ext4 wrote to it is there.
 */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CutDisk, missingForCuts } from '../test/crash/cut-disk.ts'
import { judge } from '../test/crash/judge.ts'
import { beginLife, type Life } from '../test/crash/life.ts'
import { crashOptions } from '../test/crash/options.ts'
import { commandOf } from '../test/crash/traffic.ts'
import { Random } from '../test/support/seed.ts'
import { wholeNumberOf } from './lib/arguments.mjs'
import { commitOf } from './lib/commit.mjs'
import { bundledScript } from './lib/script.mjs'

/** How ext4 may be mounted: what it orders, and when it finds places for what is written. */
const MOUNTS = ['data=ordered', 'data=writeback', 'data=ordered,nodelalloc', 'data=journal'] as const
/** So many cuts a chain lives through, until there is a new one on a new image. */
const CUTS_OF_CHAIN = 10
/** When a life is cut, in milliseconds after it began, or after its chain was open; each fifth may be longer, so that the store is synced and the guard lags. */
const CUT_MAX = 400
const LATE_CUT_MAX = 3000
/** Every second chain has a store that was closed, before the first cut: a life of so many milliseconds. */
const CLOSED_LIFE = 500
/** How long the program may still print after the cut, in milliseconds: whatever it prints is a receipt that has to hold. */
const GRACE = 50

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const [seed, cuts] = [wholeNumberOf('seed', values.seed), wholeNumberOf('cuts', values.cuts)]
const random = new Random(seed)
const commit = commitOf()
const begin = performance.now()
const counts = { cuts: 0, cutsInStart: 0, unsyncedLost: 0, receipts: 0, blocks: 0, tornTailsCut: 0, storesRebuilt: 0 }
const broken: string[] = []

async function main(): Promise<void> {
  const { file, folder: bundled } = await bundledScript('test/crash/program.ts', 'power')
  let stop: (() => void) | undefined
  process.on('exit', () => {
    stop?.()
    rmSync(bundled, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  for (let chain = 0; counts.cuts < cuts; chain++) {
    const mount = MOUNTS[chain % MOUNTS.length] as string
    const disk = new CutDisk(mount)
    stop = () => {
      disk.close()
    }
    const lives = new ChainLives(file, disk, mount)
    stop = () => {
      lives.kill()
      disk.close()
    }
    if (chain % 2 === 1) await lives.liveToTheEnd()
    await lives.run()
    stop()
    stop = undefined
  }
  const seconds = Math.round((performance.now() - begin) / 1000)
  const result = { commit, seed, mounts: MOUNTS, ...counts, broken: broken.length, seconds }
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else for (const [name, value] of Object.entries(result)) console.log(name.padEnd(16), String(value))
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
  // A sync of the program's may have taken what was written just before the cut with it; where it nearly always stays, nothing is cut.
  const isCut = counts.unsyncedLost * 2 > counts.cuts
  if (!isCut) console.error('What was not synced was mostly kept: these were no power cuts.')
  if (broken.length > 0 || !isCut) process.exitCode = 1
}

/** The lives of one chain on one image. */
class ChainLives {
  private readonly program: string
  private readonly disk: CutDisk
  private readonly mount: string
  private readonly told = new Set<string>()
  private life: Life | undefined

  constructor(program: string, disk: CutDisk, mount: string) {
    this.program = program
    this.disk = disk
    this.mount = mount
  }

  async liveToTheEnd(): Promise<void> {
    this.life = beginLife(this.program, join(this.disk.mountPoint, 'data'), 0, CLOSED_LIFE)
    const { told, errors } = await this.life.ended
    if (errors !== '') throw new Error(errors)
    for (const line of told) this.told.add(line)
  }

  async run(): Promise<void> {
    for (let i = 1; i <= CUTS_OF_CHAIN && counts.cuts < cuts; i++) {
      try {
        await this.liveAndCut(i)
        await this.judgeCopy()
      } catch (error) {
        const what = `cut ${counts.cuts} (${this.mount}, life ${i}, --seed ${seed}): ${String(error)}`
        broken.push(what)
        console.error(what)
        return
      }
      if (process.stderr.isTTY) process.stderr.write(`\rcut ${counts.cuts} `)
    }
  }

  kill(): void {
    this.life?.kill()
  }

  private async liveAndCut(number: number): Promise<void> {
    const life = beginLife(this.program, join(this.disk.mountPoint, 'data'), number)
    this.life = life
    let isOpen = false
    const opened = life.opened.then(() => (isOpen = true))
    if (random.below(3) > 0) await opened
    await sleep(random.below(number % 5 === 4 ? LATE_CUT_MAX : CUT_MAX))
    const { isKept } = this.disk.cut()
    const isInStart = !isOpen
    await Promise.race([sleep(GRACE), life.ended])
    life.kill()
    const { told, errors } = await life.ended
    // What the cut is the cause of says so.
    if (errors !== '' && !/EIO|io_error|i\/o error/i.test(errors)) throw new Error(`before the cut: ${errors}`)
    this.disk.remount()
    if (!isKept()) counts.unsyncedLost++
    counts.cuts++
    if (isInStart) counts.cutsInStart++
    counts.receipts += told.length
    for (const line of told) this.told.add(line)
  }

  /** A copy, so that the next life begins with what the cut left. */
  private async judgeCopy(): Promise<void> {
    const { scratch } = this.disk
    const directory = join(scratch, 'data')
    mkdirSync(scratch)
    try {
      execFileSync('cp', ['-a', `${this.disk.mountPoint}/.`, scratch])
      const options = {
        ...crashOptions(directory),
        report: ({ kind }: { readonly kind: string }) => {
          if (kind === 'cut') counts.tornTailsCut++
          if (kind === 'rebuilding') counts.storesRebuilt++
        },
      }
      counts.blocks += Number(await judge(directory, { told: [...this.told], commandOf, options }))
    } catch (error) {
      const kept = join('.cache', 'power', `${values.seed}-${counts.cuts}`)
      mkdirSync(kept, { recursive: true })
      cpSync(this.disk.mountPoint, kept, { recursive: true, filter: (path) => !path.endsWith('.sock') })
      throw new Error(`${String(error)}; what the cut left is kept in ${kept}`, { cause: error })
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  }
}

const missing = missingForCuts()
if (missing === undefined) await main()
else {
  console.error(`Real power cuts cannot be had here. What is missing: ${missing}.`)
  process.exitCode = 1
}
