/** What a chain tells on standard error: the progress in one line and on a terminal only, everything else as a sentence. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Say, tellOn } from '../../src/cli/reports.ts'
import type { Report } from '../../src/pipeline/report.ts'
import { CairnError } from '../../src/verify/index.ts'

function told(isTTY: boolean, ...reports: readonly Report[]): string {
  let text = ''
  const stream = {
    isTTY,
    write: (piece: string | Uint8Array) => {
      text += String(piece)
      return true
    },
  }
  const { report, clear } = tellOn(stream)
  for (const each of reports) report(each)
  clear()
  return text
}

const progress = (height: bigint): Report => ({ kind: 'replaying', height, of: 1000n })
const CLEAR = '\r\u001b[2K'

beforeEach(() => void vi.stubEnv('TERM', 'xterm'))
afterEach(() => void vi.unstubAllEnvs())

it('the progress is one line that is written again, and is gone at the end', () => {
  const line = (height: number): string => `${CLEAR}Reading the journal: block ${height} of 1000`
  expect(told(true, progress(256n), progress(512n))).toBe(`${line(256)}${line(512)}${CLEAR}`)
  expect(told(false, progress(256n), progress(512n))).toBe('')
  expect(told(true, progress(1000n))).toBe('')
})

it('a sentence does not stand in the line of the progress', () => {
  const text = told(true, progress(256n), { kind: 'sealed-again', height: 1000n })
  expect(text).toContain(`1000${CLEAR}Block 1000 had no seal that holds `)
  expect(text.endsWith('\n')).toBe(true)
})

it.each<readonly [Report, string]>([
  [{ kind: 'rebuilding', why: 'it is not there' }, 'The store is made again out of the journal: it is not there.'],
  [{ kind: 'cut', height: 7n, offset: 512 }, 'Block 7 was torn when the last process ended.'],
  [{ kind: 'read-only', error: new CairnError('disk_full', 'The disk is full.') }, 'Read only: The disk is full.'],
  [{ kind: 'machine-fault', seq: 3n, cause: new Error('a\u001b[2Jb') }, 'command 3, which was rejected: a\\u{1b}[2Jb'],
  [
    { kind: 'delegation-ends', until: undefined, now: 4_000_000_000_000n },
    'No delegation is for this time, 2096-10-02T07:06:40.000Z, or all were taken back: no block is made. Is the clock right,',
  ],
  [
    { kind: 'clock-behind', now: 1_763_600_000_000n, newest: 1_763_859_200_000n },
    'The clock says 2025-11-20T00:53:20.000Z, and the chain is at 2025-11-23T00:53:20.000Z, 3 days later: until then every block has that time',
  ],
  [{ kind: 'failed', cause: 'EIO' }, 'The chain failed and takes nothing more: EIO'],
])('%o is said in plain words', (report, said) => {
  const text = told(false, report)
  expect(text).toContain(said)
  expect(text.split('\n')).toHaveLength(2)
})

it.each<readonly [Report, readonly [level: string, code: string | undefined]]>([
  [{ kind: 'rebuilding', why: 'it is not there' }, ['info', undefined]],
  [{ kind: 'read-only', error: new CairnError('chain_rolled_back', 'Older.') }, ['warn', 'chain_rolled_back']],
  [{ kind: 'delegation-ends', until: undefined, now: 5n }, ['warn', undefined]],
  [{ kind: 'failed', cause: 'EIO' }, ['error', undefined]],
  [
    {
      kind: 'failed',
      cause: new CairnError('guard_failed', 'Not written.', { cause: new CairnError('guard_foreign', 'Another.') }),
    },
    ['error', 'guard_foreign'],
  ],
])('%o has its level in a log, and the code of what went wrong first', (report, expected) => {
  const said: unknown[] = []
  const say: Say = (level, _, code) => said.push([level, code])
  tellOn({ isTTY: false, write: () => true }, say).report(report)
  expect(said).toEqual([expected])
})
