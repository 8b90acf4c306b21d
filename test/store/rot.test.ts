/**
 * Bits that flip in LevelDB's own files, of a store that holds a state tree and a range. LevelDB hands out what it finds: wrong
 * values, old ones, none for keys that it has; or it ends the process. Whatever flipped, every answer is the right one or a reported
 * error: nothing wrong is proved, nothing that is there is absent, and no wrong root is made on top of it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Random, seed } from '../support/seed.ts'
import type { Answer, Order } from './rot-reader.ts'

console.log(`seed ${seed}`)

const FLIPS = 60

/** Where the reader is built: here it finds the packages. */
const cache = join('node_modules', '.cache')
let built = ''
let folder = ''
let reader: Reader

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-rot-'))
  await mkdir(cache, { recursive: true })
  built = await mkdtemp(join(cache, 'rot-'))
  await build({
    entryPoints: [join('test', 'store', 'rot-reader.ts')],
    outfile: join(built, 'reader.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  reader = new Reader(join(built, 'reader.mjs'))
  await reader.ask({ fill: join(folder, 'good') })
})
afterAll(async () => {
  reader.end()
  for (const each of [folder, built]) await rm(each, { recursive: true })
})

/** The process that reads; where it ended another one takes its place. */
class Reader {
  private readonly script: string
  private child: ChildProcess | undefined
  /** What it says on its standard error. */
  private complaint = ''

  constructor(script: string) {
    this.script = script
  }

  /** Its answer; or, where LevelDB ended it with a signal, what that said. */
  async ask(order: Order): Promise<Answer | { readonly ended: string }> {
    this.child ??= this.start()
    const { child } = this
    child.send(order)
    return new Promise((resolve, reject) => {
      child.once('message', (answer: Answer) => {
        child.removeAllListeners('close')
        resolve(answer)
      })
      child.once('close', (code, signal) => {
        this.child = undefined
        if (signal === null) reject(new Error(`The reader ended with ${code}: ${this.complaint}`))
        else resolve({ ended: `${signal}: ${this.complaint.trim()}` })
      })
    })
  }

  private start(): ChildProcess {
    const env = { ...process.env, CAIRN_SEED: `${seed}` }
    const child = fork(this.script, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.complaint = ''
    child.stderr?.on('data', (text: Buffer) => {
      this.complaint += text.toString()
    })
    return child
  }

  end(): void {
    this.child?.kill()
  }
}

interface Flip {
  readonly file: string
  readonly bit: number
}

/** What came of reading a copy of the store with this bit flipped. */
async function read({ file, bit }: Flip, seed: number): Promise<Awaited<ReturnType<Reader['ask']>>> {
  const copy = join(folder, 'rotten')
  await rm(copy, { recursive: true, force: true })
  await cp(join(folder, 'good'), copy, { recursive: true })
  const bytes = await readFile(join(copy, file))
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
  await writeFile(join(copy, file), bytes)
  return reader.ask({ read: copy, seed })
}

async function tables(): Promise<{ readonly file: string; readonly size: number }[]> {
  const files = (await readdir(join(folder, 'good'))).toSorted()
  return Promise.all(files.map(async (file) => ({ file, size: (await stat(join(folder, 'good', file))).size })))
}

it('no bit that flips in a file of LevelDB makes a wrong answer', async () => {
  const files = await tables()
  const inTables = files.filter(({ file }) => file.endsWith('.ldb'))
  expect(inTables.length).toBeGreaterThan(1)
  expect(files.filter(({ file, size }) => file.endsWith('.log') && size > 0)).toEqual([])

  const wrong: unknown[] = []
  const noticed: string[][] = []
  const complaints = new Set<string>()
  for (let i = 0; i < FLIPS; i++) {
    const random = new Random(seed + i)
    const { file, size } = random.pick(inTables)
    const flip = { file, bit: random.below(8 * size) }
    const answer = await read(flip, seed + i)
    if ('wrong' in answer) wrong.push({ i, ...flip, ...answer })
    else if ('ended' in answer) {
      noticed.push(['the process ended'])
      complaints.add(answer.ended)
    } else if (Object.keys(answer.reports).length > 0) noticed.push(Object.keys(answer.reports))
  }
  const counts = new Map<string, number>()
  for (const each of noticed.flat()) counts.set(each, (counts.get(each) ?? 0) + 1)
  console.log(`${noticed.length} of ${FLIPS} flips were noticed, the others harmless:`, Object.fromEntries(counts))
  for (const complaint of complaints) console.log(complaint)
  expect(wrong).toEqual([])
  expect(noticed.length).toBeGreaterThan(3)
}, 180_000)
