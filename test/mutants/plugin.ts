/** Takes one rule out of the verifier while the tests run: the one that the environment variable CAIRN_MUTANT numbers. */
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'
import { mutants } from './list.ts'

const VERIFY = fileURLToPath(new URL('../../src/verify/', import.meta.url))

export function mutantPlugin(chosen: string | undefined): Plugin | undefined {
  const mutant = chosen === undefined ? undefined : mutants[Number(chosen)]
  if (mutant === undefined) return undefined
  return {
    name: 'mutant',
    enforce: 'pre',
    transform(code: string, id: string): string | undefined {
      if (id !== `${VERIFY}${mutant.file}`) return undefined
      const parts = code.split(mutant.find)
      if (parts.length !== 2)
        throw new Error(`${mutant.file} holds the text of “${mutant.rule}” ${parts.length - 1} times`)
      return parts.join(mutant.put)
    },
  }
}
