/** What whoever uses the clock port relies on, as tests that any clock has to pass. */
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/ports/clock.ts'

/** `pass` comes back when at least so many milliseconds have passed on the clock. */
export function clockConformance(
  name: string,
  make: () => { readonly clock: Clock; readonly pass: (milliseconds: number) => Promise<void> },
): void {
  describe(`${name}: a clock`, () => {
    it('goes on', async () => {
      const { clock, pass } = make()
      const [wall, time] = [clock.now(), clock.monotonic()]
      await pass(20)
      expect(clock.monotonic() - time).toBeGreaterThanOrEqual(20)
      // Rounded to whole milliseconds at both ends.
      expect(clock.now() - wall).toBeGreaterThanOrEqual(19)
    })

    it('tells whole milliseconds of some year of ours on the wall', () => {
      const { clock } = make()
      expect(Number.isSafeInteger(clock.now())).toBe(true)
      expect(new Date(clock.now()).getUTCFullYear()).toBeGreaterThan(2024)
    })

    it('never runs back where it is monotonic', () => {
      const { clock } = make()
      let last = clock.monotonic()
      for (let i = 0; i < 1000; i++) {
        const time = clock.monotonic()
        expect(time).toBeGreaterThanOrEqual(last)
        last = time
      }
    })

    it('calls once, not before it is time, and never at once', async () => {
      const { clock, pass } = make()
      const calls: string[] = []
      clock.after(0, () => calls.push('soon'))
      clock.after(40, () => calls.push('later'))
      expect(calls).toEqual([])
      await pass(10)
      expect(calls).toEqual(['soon'])
      await pass(60)
      await pass(60)
      expect(calls).toEqual(['soon', 'later'])
    })

    it('calls in the order of the times', async () => {
      const { clock, pass } = make()
      const calls: number[] = []
      for (const each of [30, 10, 20]) clock.after(each, () => calls.push(each))
      await pass(100)
      expect(calls).toEqual([10, 20, 30])
    })

    it('does not call where it was told not to', async () => {
      const { clock, pass } = make()
      const calls: string[] = []
      const cancel = clock.after(10, () => calls.push('cancelled'))
      cancel()
      cancel()
      const late = clock.after(1, () => calls.push('called'))
      await pass(30)
      late()
      expect(calls).toEqual(['called'])
    })

    it('calls what was asked for in a call', async () => {
      const { clock, pass } = make()
      const calls: string[] = []
      clock.after(5, () => {
        calls.push('outer')
        clock.after(5, () => calls.push('inner'))
      })
      // The inner one is counted from when the outer one was called, which may be late.
      while (calls.length < 2) await pass(20)
      await pass(60)
      expect(calls).toEqual(['outer', 'inner'])
    })
  })
}
