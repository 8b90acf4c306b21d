/** The browser of the browser test: where it is, and how it comes onto a machine where it may be installed. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './run.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const ELSEWHERE = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Why a test that needs a browser is skipped. */
export const NO_CHROMIUM = 'no Chromium was found: install it, or set CHROMIUM to its path'

/** The path of a Chromium or Chrome: what the variable CHROMIUM names, or else the first in the usual places. */
export function findChromium() {
  if (process.env.CHROMIUM) return [process.env.CHROMIUM].find(isProgram)
  return [...NAMES.map(onPath), ...ELSEWHERE].find((path) => path !== undefined && isProgram(path))
}

/**
 * Installs Debian's Chromium where none is and this may be done; otherwise says in one line why not. Nothing fails here: a
 * test without its browser is skipped, and CI counts that as a failure.
 */
export async function ensureChromium() {
  if (findChromium()) return
  const why = whyNotInstalled()
  if (why) {
    console.log(`Chromium is not installed (${why}): the browser test will be skipped`)
    return
  }
  console.log('Installing Chromium …')
  const update = await run(['apt-get', 'update'])
  const install = await run(['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'])
  if (!install.ok)
    console.log(`${update.output}${install.output}\nChromium could not be installed: apt-get says why above`)
}

function whyNotInstalled() {
  if (process.env.CHROMIUM) return `CHROMIUM names ${process.env.CHROMIUM}, which is no program`
  if (!onPath('apt-get')) return 'there is no apt-get'
  return process.getuid?.() === 0 ? undefined : 'not root'
}

/** @param {string} name */
function onPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
