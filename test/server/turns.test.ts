/** Turns: so many at a time, the others in their order; and who is gone waits no longer, however long those before him take. */
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { Turns } from '../../src/server/turns.ts'

const here = new AbortController().signal

/** Something that goes on until it is let end. */
function held(): { readonly act: () => Promise<void>; readonly end: () => void } {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { act: () => ended, end: () => end() }
}

it('come in their order, also where what is done in one fails', async () => {
  const turns = new Turns(2)
  const [first, second] = [held(), held()]
  const done: number[] = []
  const begun = [first, second].map(({ act }) => turns.take(act, here))
  const behind = [1, 2, 3].map((i) =>
    turns.take(() => {
      done.push(i)
      return i === 1 ? Promise.reject(new Error('it failed')) : Promise.resolve()
    }, here),
  )
  expect(done).toEqual([])
  first.end()
  await expect(behind[0]).rejects.toThrow('it failed')
  await Promise.all(behind.slice(1))
  expect(done).toEqual([1, 2, 3])
  second.end()
  await Promise.all(begun)
})

it('are not waited for by who is gone: nothing of him stays, and nothing is made for him', async () => {
  const turns = new Turns(1)
  const { act, end } = held()
  const first = turns.take(act, here)
  const gone = new AbortController()
  const made: string[] = []
  const make = async (): Promise<void> => {
    made.push('for nobody')
  }
  const waiting = Array.from({ length: 3 }, () => turns.take(make, gone.signal))
  expect(inspect(turns)).toContain('waiting: Set(3)')
  gone.abort()
  // While the first one is still at it.
  await Promise.all([...waiting, turns.take(make, gone.signal)])
  expect(inspect(turns)).toContain('waiting: Set(0)')
  end()
  await first
  await turns.take(make, gone.signal)
  expect(made).toEqual([])
  // Its turn is free again.
  await turns.take(async () => void made.push('for who is here'), here)
  expect(made).toEqual(['for who is here'])
})
