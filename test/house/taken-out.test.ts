/**
 * The rules and promises that `npm run mutants` and `npm run sim:mutants` take out stand in the code word for word, once: else nothing is taken out, and
 * whoever runs them next learns of it long after the code was changed.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mutants } from '../mutants/list.ts'
import { faults } from '../mutants/simulation-list.ts'

describe('what is taken out stands in the code once', () => {
  it.each([
    ...mutants.map(({ rule, file, find, put }) => ({ what: rule, file: `src/verify/${file}`, find, put })),
    ...faults.map(({ what, file, find, put }) => ({ what, file: `src/${file}`, find, put })),
  ])('$what ($file)', ({ file, find, put }) => {
    expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2)
    expect(put).not.toBe(find)
  })
})
