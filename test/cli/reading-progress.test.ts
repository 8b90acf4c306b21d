/** The line that says how far a reading is: on a terminal, now and then, and gone at the end. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readingOn } from '../../src/cli/reading-progress.ts'

function shownOn(isTTY: boolean): {
  readonly written: string[]
  readonly at: (time: number) => void
  readonly progress: ReturnType<typeof readingOn>
} {
  const written: string[] = []
  let now = 0
  const stream = { isTTY, write: (text: string | Uint8Array) => written.push(String(text)) > 0 }
  const at = (time: number): void => {
    now = time
  }
  return { written, at, progress: readingOn(stream, () => now) }
}

const CLEAR = '\r\u001b[2K'

beforeEach(() => void vi.stubEnv('TERM', 'xterm'))
afterEach(() => void vi.unstubAllEnvs())

it('has a bar, the rate and the time that is left', () => {
  const { written, at, progress } = shownOn(true)
  at(2000)
  progress.show({ bytes: 25, of: 100, commands: 300_000n })
  expect(written).toEqual([`${CLEAR}[======                  ] 25 %  0:06 left  300,000 commands  150,000/s`])
  at(3_602_000)
  progress.show({ bytes: 50, of: 100, commands: 300_000n })
  expect(written[1]).toContain('[============            ] 50 %  1:00:02 left')
  progress.clear()
  expect(written[2]).toBe(CLEAR)
})

it('is written again ten times a second at most', () => {
  const { written, at, progress } = shownOn(true)
  for (let time = 0; time < 1000; time += 10) {
    at(time)
    progress.show({ bytes: time, of: 1000, commands: 0n })
  }
  expect(written).toHaveLength(10)
})

it('says what it knows where nobody knows how much there is', () => {
  const { written, at, progress } = shownOn(true)
  at(1000)
  progress.show({ bytes: 25, of: undefined, commands: 1000n })
  expect(written).toEqual([`${CLEAR}1,000 commands  1,000/s`])
})

it('is nothing where there is no terminal', () => {
  const { written, progress } = shownOn(false)
  progress.show({ bytes: 25, of: 100, commands: 1n })
  progress.clear()
  expect(written).toEqual([])
})

it('is not shown on a terminal that can write no line again', () => {
  vi.stubEnv('TERM', 'dumb')
  const { written, at, progress } = shownOn(true)
  at(2000)
  progress.show({ bytes: 25, of: 100, commands: 300_000n })
  progress.clear()
  expect(written).toEqual([])
})
