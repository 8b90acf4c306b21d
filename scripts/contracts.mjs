/**
 * Compiles the contracts and writes what a program needs of them beside their sources: their interface and bytecode as JSON, and typed for viem.
 * With `--check` it writes nothing and fails if what is there is not what the sources give.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { compile } from './lib/solc.mjs'

const FOLDER = 'contracts-abi'
const CONTRACTS = ['CairnVerifier', 'CairnLightClient', 'CairnVault', 'CairnAnchors']
/** What a contract may have at most on a chain (EIP-170). */
const SIZE_MAX = 24_576

/** @param {string} name */
const fileOf = (name) => name.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
/** @param {string} name */
const wordOf = (name) => `${name[0]?.toLowerCase()}${name.slice(1)}`

/**
 * An interface, an entry a line and what it is called in front: so it reads as a table of what the contract has.
 * @param {readonly any[]} abi
 * @param {string} indent of the line on which it begins
 */
function tableOf(abi, indent) {
  const entries = abi.map(({ type, name, ...rest }) => `${indent}  ${JSON.stringify({ type, name, ...rest })}`)
  return `[\n${entries.join(',\n')}\n${indent}]`
}

/** @param {import('./lib/solc.mjs').Compiled} contract */
function typed({ name, abi, bytecode }) {
  const word = wordOf(name)
  return `/** The interface and the bytecode of ${name}.sol. By \`npm run contracts\`. */

/** The interface of the contract ${name}, as viem takes it. */
export const ${word}Abi = ${tableOf(abi, '')} as const

/** The code that deploys the contract ${name}. */
export const ${word}Bytecode: \`0x\${string}\` = '${bytecode}'
`
}

const compiled = compile(CONTRACTS.map((name) => `${FOLDER}/${name}.sol`))
const found = CONTRACTS.map((name) => {
  const contract = compiled.get(name)
  if (contract === undefined) throw new Error(`${name}.sol defines no ${name}`)
  if (contract.size > SIZE_MAX) throw new Error(`${name} has ${contract.size} bytes, of ${SIZE_MAX} that a chain takes`)
  return contract
})

const files = [
  ...found.map((each) => ({ path: `${FOLDER}/${fileOf(each.name)}.ts`, text: typed(each) })),
  ...found.map(({ name, abi, bytecode }) => ({
    path: `${FOLDER}/${name}.json`,
    text: `{\n  "contractName": "${name}",\n  "abi": ${tableOf(abi, '  ')},\n  "bytecode": "${bytecode}"\n}\n`,
  })),
  {
    path: `${FOLDER}/index.ts`,
    text: `/** The contracts, typed for viem. By \`npm run contracts\`. */\n${found
      .map(({ name }) => `export { ${wordOf(name)}Abi, ${wordOf(name)}Bytecode } from './${fileOf(name)}.ts'\n`)
      .toSorted()
      .join('')}`,
  },
]
for (const { path, text } of files) {
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (contentOf(path) !== text) {
    console.error(`${path} is not what the contracts give: npm run contracts`)
    process.exitCode = 1
  }
}
console.log(found.map(({ name, size }) => `${name} ${size} bytes`).join(', '))

/** @param {string} path */
function contentOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
