/**
 * What esbuild puts into one file. Promise: the same sources give the same bytes, on any machine and in any folder.
 *
 * esbuild is imported only when a bundle is made: this file is read before the first install.
 */
import { isBuiltin } from 'node:module'
import { licencesIn } from './licences.mjs'

// commander is CommonJS and asks for node:… with `require`, which an ES module does not have.
const BANNER = `import { createRequire as requireFrom } from 'node:module'
const require = requireFrom(import.meta.url)`

/** The verify command line with everything that it imports. Not minified: an auditor reads what they run. */
export async function verifyCommand() {
  const esbuild = await import('esbuild')
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: ['src/cli/verify-main.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: BANNER },
    outfile: 'cairn-verify.mjs',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ path }) => !isBuiltin(path)),
  )
  if (outside.length > 0) {
    throw new Error(
      `cairn-verify.mjs must need nothing but Node, and imports ${outside.map(({ path }) => path).join(', ')}`,
    )
  }
  return Buffer.concat([onlyFile(outputFiles), Buffer.from(licencesIn(metafile))])
}

/**
 * The command line, what `npm start` runs, and the script of the threads of an audit: a few files in one folder, written there. Of the hundreds that they are
 * made of each would be looked for by itself at every start; what only some commands need is a file of its own, loaded by those. Packages stay outside.
 * @param {string} outdir
 */
export async function commandLine(outdir) {
  const esbuild = await import('esbuild')
  await esbuild.build({
    entryPoints: ['src/cli/main.ts', 'src/cli/start.ts', 'src/audit/audit-thread.ts'],
    entryNames: '[name]',
    outdir,
    bundle: true,
    splitting: true,
    // Smaller, with every name as it is, and in lines to which a stack can point.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  })
}

/** All of `cairn-log/verify`, as a web page that uses every export would load it: from dist, minified. */
export async function browserBundle() {
  const esbuild = await import('esbuild')
  const { outputFiles } = await esbuild.build({
    entryPoints: ['dist/verify/index.js'],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    outfile: 'cairn-verify.browser.js',
    write: false,
  })
  return onlyFile(outputFiles)
}

/** All of `cairn-log/hash`, as a web page would load it: what the package gives a bundler for browsers, minified. */
export async function browserEngineBundle() {
  const esbuild = await import('esbuild')
  const { outputFiles } = await esbuild.build({
    entryPoints: ['cairn-log/hash'],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    outfile: 'cairn-hash.browser.js',
    write: false,
  })
  return onlyFile(outputFiles)
}

/**
 * A script of a page. It loads the package from `/verify.js` and `/hash.js`, which are served as they were bundled above.
 * @param {string} entryPoint
 */
export async function pageScript(entryPoint) {
  const esbuild = await import('esbuild')
  const { outputFiles } = await esbuild.build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    outfile: 'page.js',
    write: false,
    plugins: [
      {
        name: 'package-from-server',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^cairn-log\// }, ({ path }) => ({
            path: `${path.replace('cairn-log', '')}.js`,
            external: true,
          })),
      },
    ],
  })
  return onlyFile(outputFiles)
}

/** @param {readonly import('esbuild').OutputFile[]} files */
export function onlyFile([file]) {
  if (!file) throw new Error('esbuild gave no file')
  return file.contents
}
