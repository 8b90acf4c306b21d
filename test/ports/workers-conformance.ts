/** What whoever uses the workers port relies on, as tests that any workers have to pass. They run test/ports/worker-tasks.ts. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Workers } from '../../src/ports/workers.ts'
import { CairnError } from '../../src/verify/error.ts'
import { ASKED } from './worker-tasks.ts'

export function workersConformance(name: string, make: () => Workers): void {
  const opened: Workers[] = []
  const open = (): Workers => {
    const workers = make()
    opened.push(workers)
    return workers
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((workers) => workers.close()))
  })

  describe(`${name}: workers`, () => {
    it('answer each task with what is made of its input', async () => {
      const workers = open()
      const asked = Array.from({ length: 50 }, (_, i) => Uint8Array.of(i % 2, i, i + 1))
      const answers = await Promise.all(asked.map((input) => workers.run(input)))
      expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => Uint8Array.of(i + 1, i + 2)))
    })

    it('take the input away', async () => {
      const workers = open()
      const input = Uint8Array.of(0, 5, 6)
      const answer = workers.run(input)
      expect(input).toHaveLength(0)
      expect(await answer).toEqual(Uint8Array.of(6, 7))
    })

    it('take the part of a buffer that they are given, and large ones', async () => {
      const workers = open()
      const part = Uint8Array.of(9, 9, 0, 1, 2, 9).subarray(2, 5)
      expect(await workers.run(part)).toEqual(Uint8Array.of(2, 3))
      const small = Buffer.from([0, 1])
      expect(await workers.run(small)).toEqual(Uint8Array.of(2))
      expect(await workers.run(new Uint8Array(8 << 20))).toHaveLength((8 << 20) - 1)
      expect(await workers.run(Uint8Array.of(0))).toEqual(Uint8Array.of())
    })

    it('see what is shared with a task, and leave it where it is', async () => {
      const workers = open()
      const whole = new Uint8Array(new SharedArrayBuffer(6))
      whole.set([1, 2, 3, 4, 5, 6])
      const parts = [whole.subarray(0, 2), whole.subarray(1, 5), whole]
      const answers = await Promise.all(parts.map((part) => workers.run(Uint8Array.of(ASKED.shared), part)))
      expect(answers).toEqual([Uint8Array.of(2, 3), Uint8Array.of(3, 4, 5, 6), Uint8Array.of(2, 3, 4, 5, 6, 7)])
      expect(Array.from(whole)).toEqual([1, 2, 3, 4, 5, 6])
      // Nothing of it stays with a thread.
      expect(await workers.run(Uint8Array.of(ASKED.shared))).toEqual(Uint8Array.of())
      whole[0] = 9
      expect(await workers.run(Uint8Array.of(ASKED.shared), whole.subarray(0, 1))).toEqual(Uint8Array.of(10))
    })

    it('leave what else is in a buffer where it is', async () => {
      const workers = open()
      const whole = Uint8Array.of(0, 1, 7, 7)
      await workers.run(whole.subarray(0, 2))
      expect(whole.subarray(2)).toEqual(Uint8Array.of(7, 7))
    })

    it('tell a task that failed, and go on', async () => {
      const workers = open()
      const asked = [ASKED.fail, ASKED.answer, ASKED.refuse, ASKED.answer].map((each) =>
        workers.run(Uint8Array.of(each, 1)),
      )
      const [failed, first, refused, second] = await Promise.allSettled(asked)
      expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'the task failed' } })
      expect(refused).toMatchObject({ reason: { code: 'refused', details: { why: [1, 2n] } } })
      expect((refused as PromiseRejectedResult).reason).toBeInstanceOf(CairnError)
      for (const each of [first, second]) expect(each).toEqual({ status: 'fulfilled', value: Uint8Array.of(2) })
    })

    it('end what was begun before they close, and take nothing then', async () => {
      const workers = open()
      const begun = Array.from({ length: 10 }, () => workers.run(Uint8Array.of(ASKED.waitBriefly, 1)))
      await Promise.all([workers.close(), workers.close()])
      expect(await Promise.all(begun)).toHaveLength(10)
      await expect(workers.run(Uint8Array.of(0))).rejects.toThrow('closed')
    })
  })
}
