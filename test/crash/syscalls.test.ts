/**
 * What the real program asks of the system, as strace sees it: an fdatasync that came back stands before every acknowledgement; and where the
 * system answers EIO or ENOSPC, nothing is acknowledged, nothing is tried again, and everything acknowledged is there afterwards.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundled } from '../support/bundled.ts'
import { judge, receiptsIn } from './judge.ts'
import { crashOptions } from './options.ts'
import { type Call, callsIn } from './strace.ts'
import { commandOf } from './traffic.ts'

const program = fileURLToPath(await bundled(new URL('program.ts', import.meta.url)))
const hasStrace = spawnSync('strace', ['-V']).status === 0

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-strace-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** The program under strace, for so many milliseconds; its receipts and its calls. */
async function traced(milliseconds: number, ...inject: readonly string[]) {
  const log = join(folder, 'strace')
  const calls = 'trace=openat,pwrite64,write,fdatasync'
  const args = ['-f', '-s', '600', '-o', log, '-e', calls, ...inject.flatMap((each) => ['-e', `inject=${each}`])]
  const run = spawnSync(
    'strace',
    [...args, process.execPath, program, join(folder, 'data'), '0', String(milliseconds)],
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
 * What the program began after the first call that failed: on that file, where nothing may be tried again; and on others, where nothing may follow if
 * frames went into that file. The one that is made ahead may have had its next zeros on the way to a thread, once, when the program was told. If it is
 * that one which failed, frames go on until they need it.
 */
function afterFailure(calls: readonly Call[]): {
  readonly begunOn: readonly Call[]
  readonly begunElsewhere: readonly Call[]
} {
  const failedAt = calls.findIndex((call) => call.what !== 'print' && call.failed)
  const failed = calls[failedAt]
  if (failed === undefined || failed.what === 'print') throw new Error('no call failed')
  const { fd } = failed
  const begun = calls
    .slice(failedAt + 1)
    .flatMap((call) => (call.what !== 'print' && call.when === 'begins' ? [call] : []))
  const elsewhere = begun.filter((call) => call.fd !== fd)
  const isInUse = calls.slice(0, failedAt + 1).some((call) => call.what === 'frame' && call.fd === fd)
  const isOnItsWay = elsewhere.length === 1 && elsewhere[0]?.what !== 'frame'
  return { begunOn: begun.filter((call) => call.fd === fd), begunElsewhere: isInUse && !isOnItsWay ? elsewhere : [] }
}

describe.skipIf(!hasStrace)('the program under strace', () => {
  it('prints no receipt before the fdatasync of its block came back', async () => {
    const { lines, calls, status, errors } = await traced(700)
    expect(errors).toBe('')
    expect(status).toBe(0)
    expect(lines.length).toBeGreaterThan(50)
    const { early, checked } = acknowledgements(calls)
    expect(early).toEqual([])
    expect(checked).toBe(lines.length)
  })

  it.each(['fdatasync:error=EIO', 'pwrite64:error=EIO', 'pwrite64:error=ENOSPC'])(
    'stops for good at %s, and nothing that it acknowledged is lost',
    async (fault) => {
      const { lines, calls, status, errors } = await traced(3000, `${fault}:when=12`)
      expect(status).not.toBe(0)
      expect(errors).toMatch(/outcome_unknown|chain_failed/)
      const { begunOn, begunElsewhere } = afterFailure(calls)
      expect(begunOn).toEqual([])
      expect(begunElsewhere).toEqual([])
      const directory = join(folder, 'data')
      await judge(directory, { told: lines, commandOf, options: crashOptions(directory) })
    },
  )
})
