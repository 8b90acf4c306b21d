/**
 * Compiles the kernels to WebAssembly and writes them, as text, beside their sources. With `--check` it writes nothing and fails if what is
 * there is not what the sources give.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
// Two lanes side by side are handed over inside of a kernel only.
const options = '-O3 --noAssert --runtime stub --enable simd --disableWarning 112'
const KERNELS = [
  {
    source: 'src/hash/kernel/keccak.ts',
    name: 'keccak',
    constant: 'KECCAK_KERNEL',
    pages: '--initialMemory 1 --maximumMemory 1',
  },
  {
    source: 'src/state/kernel/tree.ts',
    name: 'tree',
    constant: 'TREE_KERNEL',
    pages: '--initialMemory 1 --maximumMemory 65535',
  },
  {
    source: 'src/audit/kernel/commands.ts',
    name: 'commands',
    constant: 'COMMANDS_KERNEL',
    pages: '--initialMemory 48 --maximumMemory 320',
  },
]

/** @param {(typeof KERNELS)[number]} kernel */
async function compile({ source, pages }) {
  const written = new Map()
  const { error } = await asc.main(
    [source, '--baseDir', root, '--outFile', 'kernel.wasm', ...options.split(' '), ...pages.split(' ')],
    { stderr: process.stderr, writeFile: (name, contents) => void written.set(name, contents) },
  )
  if (error) throw error
  return written.get('kernel.wasm')
}

/**
 * @param {(typeof KERNELS)[number]} kernel
 * @param {Uint8Array} wasm
 */
function toSource({ name, constant }, wasm) {
  const lines = Buffer.from(wasm)
    .toString('base64')
    .match(/.{1,112}/g)
  return `/** kernel/${name}.ts, compiled to WebAssembly, ${wasm.length} bytes in base64. By \`npm run kernel\`. */
export const ${constant}: string =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`
}

for (const kernel of KERNELS) {
  const target = `${root}${kernel.source.replace(/kernel\/.*/, '')}${kernel.name}-kernel.ts`
  const source = toSource(kernel, await compile(kernel))
  if (!process.argv.includes('--check')) {
    await writeFile(target, source)
  } else if ((await readFile(target, 'utf8')) !== source) {
    console.error(`${target} is not what ${kernel.source} gives: npm run kernel`)
    process.exitCode = 1
  }
}
