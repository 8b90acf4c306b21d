/** The Solidity compiler, set up one way for what is committed and for what only tests need. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import solc from 'solc'

/** One setting for all: the bytecode must not depend on who compiles it, nor on what a comment says. */
const SETTINGS = {
  optimizer: { enabled: true, runs: 1_000_000 },
  viaIR: true,
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
}

/**
 * @typedef {{ name: string, abi: readonly any[], bytecode: string, size: number }} Compiled
 */

/**
 * The contracts of these files, by name. Imports are looked for beside `contracts-abi` by their file name, and in the packages.
 * @param {readonly string[]} files
 * @param {string} evmVersion by default the oldest that is still everywhere: an anchor may go to any chain of the EVM
 * @returns {ReadonlyMap<string, Compiled>}
 */
export function compile(files, evmVersion = 'paris') {
  const sources = Object.fromEntries(files.map((file) => [basename(file), { content: readFileSync(file, 'utf8') }]))
  const input = { language: 'Solidity', sources, settings: { ...SETTINGS, evmVersion } }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imported }))
  /** @type {{ severity: string, formattedMessage: string, sourceLocation?: { file: string } }[]} */
  const told = output.errors ?? []
  // What the compiler would have others write otherwise is theirs to mend.
  const wrong = told.filter(
    ({ severity, sourceLocation }) => severity === 'error' || !sourceLocation?.file.includes('/'),
  )
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join('\n'))
  /** @type {[string, any][]} */
  const contracts = Object.values(output.contracts).flatMap((each) => Object.entries(each))
  return new Map(
    contracts.map(([name, { abi, evm }]) => [
      name,
      { name, abi, bytecode: `0x${evm.bytecode.object}`, size: evm.deployedBytecode.object.length / 2 },
    ]),
  )
}

/** @param {string} path */
function imported(path) {
  const file = join(path.includes('/') ? 'node_modules' : 'contracts-abi', path)
  try {
    return { contents: readFileSync(file, 'utf8') }
  } catch {
    return { error: `there is no ${file}` }
  }
}
