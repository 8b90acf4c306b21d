/** The tasks of the tests of workers: what is asked for stands in the first byte, and the rest, or what is shared, comes back with 1 added to each byte. */
import type { SharedBytes } from '../../src/ports/workers.ts'
import { CairnError } from '../../src/verify/error.ts'

export const ASKED = {
  answer: 0,
  waitBriefly: 1,
  fail: 2,
  refuse: 3,
  die: 4,
  throwOutside: 5,
  waitLong: 6,
  shared: 7,
} as const

export async function work(input: Uint8Array, shared?: SharedBytes): Promise<Uint8Array> {
  const asked = input[0]
  if (asked === ASKED.shared) return shared?.slice().map((byte) => byte + 1) ?? new Uint8Array()
  if (asked === ASKED.waitBriefly) await wait(5)
  if (asked === ASKED.waitLong) await wait(1000)
  if (asked === ASKED.fail) throw new TypeError('the task failed')
  if (asked === ASKED.refuse) throw new CairnError('refused', 'the task was refused', { why: [1, 2n] })
  if (asked === ASKED.die) process.exit(7)
  if (asked === ASKED.throwOutside) {
    setTimeout(() => {
      throw new Error('thrown outside of the task')
    })
    await wait(10_000)
  }
  return input.slice(1).map((byte) => byte + 1)
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
