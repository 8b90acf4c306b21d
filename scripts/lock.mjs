/**
 * `npm run lock`: completes package-lock.json after a dependency was added or changed.
 *
 * npm leaves out packages for other platforms where the registry that it asked does not hold them (npm/cli#9343), and then
 * `npm ci` refuses the very lock file that npm wrote. Promise: every optional package that the lock file names has an entry,
 * with the platform that its name states, and nothing that was there is changed. Where the bytes are unknown here there is
 * no `integrity`: npm takes the pinned version from the registry then.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

/** @typedef {{ dev?: true, optionalDependencies?: Record<string, string>, [member: string]: unknown }} Entry */

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 's390x', 'riscv64', 'x64']
/** @type {[string, string][]} */
const LIBRARIES = [
  ['musl', 'musl'],
  ['gnu', 'glibc'],
]
const FILE = 'package-lock.json'

execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { stdio: 'inherit' })
const lock = JSON.parse(readFileSync(FILE, 'utf8'))
/** @type {Record<string, Entry>} */
const packages = lock.packages
let added = 0
for (const [parent, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`
    if (packages[path] || packages[`${parent}/${path}`]) continue
    const { cpu, libc, os } = platform(name)
    packages[path] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os }
    added += 1
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${FILE}: ${added} packages of other platforms added`)

/** @param {string} name such as `@oxlint/binding-linux-x64-musl` */
function platform(name) {
  // Go's name for x64, which some packages have taken over.
  const words = name.replace(/-amd64$/, '-x64').split(/[/-]/)
  const os = words.find((word) => SYSTEMS.includes(word))
  const cpu = words.find((word) => PROCESSORS.includes(word))
  if (!os || !cpu) throw new Error(`${name} is missing, and its name does not say for which platform it is`)
  const [, libc] = LIBRARIES.find(([suffix]) => words.some((word) => word.startsWith(suffix))) ?? []
  return { cpu: [cpu], libc: libc && [libc], os: [os] }
}
