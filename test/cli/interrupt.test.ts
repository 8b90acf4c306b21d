/** What is interrupted ends in good order the first time; a second time it ends at once, also where it is another signal. */
import { expect, it } from 'vitest'
import { interrupted, interruptible } from '../../src/cli/interrupt.ts'

type Listener = (signal: NodeJS.Signals) => void
type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

const of = (signal: Signal): readonly Listener[] => process.rawListeners(signal) as Listener[]
const before = { SIGINT: of('SIGINT'), SIGTERM: of('SIGTERM'), SIGHUP: of('SIGHUP') }
/** Those that are there for what runs now: where a signal has none, it ends the process. */
const own = (signal: Signal): readonly Listener[] => of(signal).filter((each) => !before[signal].includes(each))
const raise = (signal: Signal): void => {
  for (const each of own(signal)) each(signal)
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('the first may be %s', async (first) => {
  await interruptible(async (signal) => {
    expect([own('SIGINT').length, own('SIGTERM').length, own('SIGHUP').length]).toEqual([1, 1, 1])
    raise(first)
    expect(signal.aborted).toBe(true)
    // That a terminal is closed is told twice.
    expect([own('SIGINT').length, own('SIGTERM').length, own('SIGHUP').length]).toEqual([0, 0, 1])
  })
  expect([own('SIGINT').length, own('SIGTERM').length, own('SIGHUP').length]).toEqual([0, 0, 0])
})

it('of a server, too', async () => {
  const stopping = interrupted()
  raise('SIGTERM')
  expect(await stopping).toBe('SIGTERM')
  expect([own('SIGINT').length, own('SIGTERM').length, own('SIGHUP').length]).toEqual([0, 0, 1])
  process.off('SIGHUP', own('SIGHUP')[0] as Listener)
})
