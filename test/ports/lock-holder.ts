/** A process that takes a lock, says what came of it, and holds it until it is ended, for test/ports/disk.test.ts. */
import { nodeDisk } from '../../src/ports/node-disk.ts'

const [directory = ''] = process.argv.slice(2)
try {
  await nodeDisk.lock(directory)
  process.stdout.write('held\n')
  process.stdin.resume()
} catch (error) {
  process.stdout.write(`${error instanceof Error && 'code' in error ? String(error.code) : String(error)}\n`)
}
