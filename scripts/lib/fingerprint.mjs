/** The fingerprint of what a step depends on, by content: a checkout that only touched the files makes nothing stale. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Every file of ours under a folder, in an order that does not depend on the file system.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]))
}

/**
 * @param {string[]} paths files, and folders with all that is in them
 * @param {string[]} facts what else matters
 */
export function fingerprint(paths, facts) {
  const hash = createHash('sha256').update(JSON.stringify(facts))
  for (const path of paths.flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]))) {
    const content = readFileSync(path)
    hash.update(JSON.stringify([path, content.length])).update(content)
  }
  return hash.digest('hex')
}
