/**
 * Compiles src/hash/kernel/keccak.ts to WebAssembly and writes it, as text, to src/hash/keccak-kernel.ts.
 * With `--check` it writes nothing and fails if what is there is not what the source gives.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}src/hash/keccak-kernel.ts`
const options = '-O3 --noAssert --runtime stub --enable simd --initialMemory 1 --maximumMemory 1'

async function compile() {
  const written = new Map()
  const { error } = await asc.main(
    ['src/hash/kernel/keccak.ts', '--baseDir', root, '--outFile', 'keccak.wasm', ...options.split(' ')],
    { stderr: process.stderr, writeFile: (name, contents) => void written.set(name, contents) },
  )
  if (error) throw error
  return written.get('keccak.wasm')
}

function toSource(wasm) {
  const lines = Buffer.from(wasm)
    .toString('base64')
    .match(/.{1,112}/g)
  return `/** kernel/keccak.ts, compiled to WebAssembly, ${wasm.length} bytes in base64. By \`npm run kernel\`. */
export const KECCAK_KERNEL: string =
${lines.map((line) => `  '${line}'`).join(' +\n')}
`
}

const source = toSource(await compile())
if (!process.argv.includes('--check')) {
  await writeFile(target, source)
} else if ((await readFile(target, 'utf8')) !== source) {
  console.error('src/hash/keccak-kernel.ts is not what src/hash/kernel/keccak.ts gives: npm run kernel')
  process.exitCode = 1
}
