/** The contracts that only tests have, compiled as the committed ones are, and once for all test files as long as no source changes. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Abi, Hex } from 'viem'
import { type Compiled, compile } from '../../../scripts/lib/solc.mjs'

export interface TestContract {
  readonly abi: Abi
  readonly bytecode: Hex
}

const CACHE = 'node_modules/.cache/cairn-solc'

/** Those of a file in test/evm/contracts. */
export function testContracts(file: string): (name: string) => TestContract {
  const compiled = new Map(cached(`test/evm/contracts/${file}`))
  return (name) => {
    const found = compiled.get(name)
    if (found === undefined) throw new Error(`${file} has no ${name}`)
    return { abi: found.abi as Abi, bytecode: found.bytecode as Hex }
  }
}

function cached(file: string): readonly (readonly [string, Compiled])[] {
  const hash = createHash('sha256')
  const imports = readdirSync('contracts-abi').filter((name) => name.endsWith('.sol'))
  for (const path of [
    file,
    'scripts/lib/solc.mjs',
    'test/peers/package.json',
    ...imports.map((name) => `contracts-abi/${name}`),
  ]) {
    hash.update(readFileSync(path))
  }
  const path = `${CACHE}/${hash.digest('hex')}.json`
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly (readonly [string, Compiled])[]
  } catch {
    // Some of what others wrote needs a newer one.
    const compiled = [...compile([file], 'cancun')]
    mkdirSync(CACHE, { recursive: true })
    // Test files run side by side: who reads finds a whole file or none.
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(compiled))
    renameSync(`${path}.${process.pid}`, path)
    return compiled
  }
}

/** A contract that a package brings compiled, as its authors did. */
export function shipped(path: string): TestContract {
  const { abi, bytecode } = JSON.parse(readFileSync(`node_modules/${path}`, 'utf8')) as {
    readonly abi: Abi
    readonly bytecode: { readonly object: Hex }
  }
  return { abi, bytecode: bytecode.object }
}
