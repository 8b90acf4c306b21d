/**
 * What the real program asks of the system, as strace sees it: an fdatasync that came back stands before every acknowledgement; and where the
 * system answers EIO or ENOSPC, nothing is acknowledged, nothing is tried again, and everything acknowledged is there afterwards.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AHEAD_NAME, FILLING_NAME, fileName } from '../../src/journal/file-name.ts'
import { bundled } from '../support/bundled.ts'
import { judge, receiptsIn } from './judge.ts'
import { crashOptions } from './options.ts'
import { type Call, callsIn } from './strace.ts'
import { commandOf } from './traffic.ts'

const program = fileURLToPath(await bundled(new URL('program.ts', import.meta.url)))
const hasStrace = spawnSync('strace', ['-V']).status === 0

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cairn-strace-')))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** More blocks than any of the lives here makes: whatever file of the journal comes to be begins below it. */
const BLOCKS_MAX = 1024

/**
 * The program under strace, until it printed so many receipts, however slow the machine; they, and its calls. A call fails on a file of the journal
 * alone: strace counts for each thread, and the start of the store has so many syncs on its own that they may come to the same one.
 */
async function traced(receipts: number, fault?: string) {
  const log = join(folder, 'strace')
  const names = [AHEAD_NAME, FILLING_NAME, ...Array.from({ length: BLOCKS_MAX }, (_, first) => fileName(BigInt(first)))]
  const only = names.flatMap((name) => ['-P', join(folder, 'data', 'journal', name)])
  const inject = fault === undefined ? [] : [...only, '-e', `inject=${fault}`]
  const args = ['-f', '-s', '600', '-o', log, '-e', 'trace=openat,pwrite64,write,fdatasync', ...inject]
  const run = spawnSync(
    'strace',
    [...args, process.execPath, program, join(folder, 'data'), '0', '0', String(receipts)],
    {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 << 20,
    },
  )
  return {
    lines: receiptsIn(run.stdout),
    status: run.status,
    errors: run.stderr,
    calls: callsIn(await readFile(log, 'utf8')),
  }
}

/** The receipts that were printed before as many frames were synced as their block is high; one frame a block, from block 0 on. */
function acknowledgements(calls: readonly Call[]): { readonly early: readonly string[]; readonly checked: number } {
  const early: string[] = []
  let [written, into, syncing, synced, checked] = [0, '', 0, 0, 0]
  for (const call of calls) {
    if (call.what === 'print') {
      const height = /^c\d+ \d+ \d+ (\d+) /.exec(call.text)?.[1]
      if (height === undefined) continue
      checked++
      if (synced <= Number(height)) early.push(call.text)
    } else if (call.what === 'frame' && call.when === 'ends') {
      written++
      into = call.fd
    } else if (call.what === 'sync' && call.fd === into) {
      if (call.when === 'begins') syncing = written
      else synced = syncing
    }
  }
  return { early, checked }
}

/**
 * What the program began after the first call that failed, and may not have: anything on that file, for nothing is tried again; and, where frames go into
 * it, anything on another one, but that the file which is made ahead may have had its next zeros on the way to a thread when the program was told. Where
 * it is that one which failed, frames go on into the file that they went into, until they need the next.
 */
function begunInVain(calls: readonly Call[]): readonly Call[] {
  const failedAt = calls.findIndex((call) => call.what !== 'print' && call.failed)
  const failed = calls[failedAt]
  if (failed === undefined || failed.what === 'print') throw new Error('no call failed')
  const newest = calls.slice(0, failedAt + 1).findLast((call) => call.what === 'frame')
  const inUse = newest?.what === 'frame' ? newest.fd : undefined
  const begun = calls
    .slice(failedAt + 1)
    .flatMap((call) => (call.what !== 'print' && call.when === 'begins' ? [call] : []))
  if (failed.fd !== inUse) return begun.filter(({ fd }) => fd !== inUse)
  const [only] = begun
  return begun.length === 1 && only?.fd !== inUse && only?.what !== 'frame' ? [] : begun
}

describe.skipIf(!hasStrace)('the program under strace', () => {
  it('prints no receipt before the fdatasync of its block came back', async () => {
    const { lines, calls, status, errors } = await traced(100)
    expect(errors).toBe('')
    expect(status).toBe(0)
    expect(lines.length).toBeGreaterThanOrEqual(100)
    const { early, checked } = acknowledgements(calls)
    expect(early).toEqual([])
    expect(checked).toBe(lines.length)
  })

  it.each(['fdatasync:error=EIO', 'pwrite64:error=EIO', 'pwrite64:error=ENOSPC'])(
    'stops for good at %s, and nothing that it acknowledged is lost',
    async (fault) => {
      const { lines, calls, status, errors } = await traced(10_000, `${fault}:when=12`)
      expect(status).not.toBe(0)
      expect(errors).toMatch(/outcome_unknown|chain_failed/)
      expect(begunInVain(calls)).toEqual([])
      const directory = join(folder, 'data')
      await judge(directory, { told: lines, commandOf, options: crashOptions(directory) })
    },
  )
})
