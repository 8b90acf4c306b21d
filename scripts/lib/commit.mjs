/** Which commit a figure is of. */
import { execFileSync } from 'node:child_process'

/** @returns {string} */
export function commitOf() {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
