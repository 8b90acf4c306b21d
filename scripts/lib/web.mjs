/**
 * Makes the explorer, `dist/web`, out of `src/web`: two scripts and a style, each named after its content, and the page that names them. What a
 * browser is sent is compressed here, once, and not at each request.
 *
 * Promise: the same sources give the same bytes. The scripts need nothing but a browser: an import of anything of Node ends the build.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants } from 'node:zlib'
import { onlyFile } from './bundles.mjs'
import { licencesIn } from './licences.mjs'

const SOURCE = 'src/web'
const FOLDER = 'dist/web'

export async function buildWeb() {
  const esbuild = await import('esbuild')
  /** @param {string} entryPoint */
  const bundled = async (entryPoint) => {
    const { outputFiles, metafile } = await esbuild.build({
      entryPoints: [`${SOURCE}/${entryPoint}`],
      bundle: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      minify: true,
      // The checksum of an export's pieces is Node's on a server; a browser has none.
      alias: { 'node:zlib': './src/web/crc32.ts' },
      metafile: true,
      write: false,
      logLevel: 'silent',
    })
    return Buffer.concat([onlyFile(outputFiles), Buffer.from(licencesIn(metafile))])
  }
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(`${FOLDER}/assets`, { recursive: true })
  const names = {
    WORKER: asset('worker', 'js', await bundled('worker.ts')),
    SCRIPT: asset('explorer', 'js', await bundled('main.ts')),
    STYLE: asset('explorer', 'css', await bundled('style/index.css')),
    ICON: asset('cairn', 'svg', readFileSync(`${SOURCE}/cairn.svg`)),
  }
  const page = readFileSync(`${SOURCE}/index.html`, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name) => {
    const address = names[/** @type {keyof typeof names} */ (name)]
    if (address === undefined) throw new Error(`index.html names {{${name}}}, which is nothing that is made`)
    return address
  })
  write('index.html', Buffer.from(page))
}

/**
 * @param {string} name
 * @param {string} type
 * @param {Uint8Array} content
 * @returns {string} its address
 */
function asset(name, type, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const file = `assets/${name}-${hash}.${type}`
  write(file, content)
  return `/${file}`
}

/**
 * @param {string} file
 * @param {Uint8Array} content
 */
function write(file, content) {
  writeFileSync(`${FOLDER}/${file}`, content)
  writeFileSync(
    `${FOLDER}/${file}.br`,
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
  )
}
