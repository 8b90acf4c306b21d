/**
 * The licences of the packages that a bundle has in it. A file that travels alone takes no `node_modules` along, and each of these licences wants to be
 * where the code is.
 *
 * Promise: a bundle with a package in it that has no licence to show is not made.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {import('esbuild').Metafile} metafile
 * @returns {string} a comment for the end of the bundle, the packages by name; nothing where all of it is our own
 */
export function licencesIn({ outputs }) {
  // What was only looked at, and is not in it, has no bytes there.
  const parts = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const paths = parts.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
  const folders = new Set(paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []))
  if (folders.size === 0) return ''
  const texts = [...folders].toSorted().map(licenceOf)
  const comment = `/*! In this file is code of these packages.\n\n${texts.join('\n\n')}\n`
  if (comment.includes('*/')) throw new Error('a licence ends the comment in which it stands')
  return `${comment}*/\n`
}

/** @param {string} folder */
function licenceOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((each) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(each))
  if (file === undefined) throw new Error(`${name} ${version} is bundled, and ${folder} has no licence`)
  return `${name} ${version}\n${readFileSync(join(folder, file), 'utf8').trim()}`
}
