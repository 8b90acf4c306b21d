/**
 * The short run, stopped at each of its calls of the system: killed, or answered with an error, at the Nth call of a name on a file of its data or its keys.
 *
 * strace counts a call for each thread by itself. Here one thread does all that is done to files: libuv has one worker, LevelDB writes on it too, and the thread
 * of LevelDB's own has nothing to do in so short a life; the rehearsal fails where that is not so. Only calls on the paths that it saw, and their like, are
 * counted: the same worker writes to wake the main thread.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge, receiptsIn } from './judge.ts'
import { shortOptions } from './options.ts'
import { longCommandOf } from './traffic.ts'

/** What the short run finds: nothing, a chain that was closed, one that was killed, one that was killed again while it started, one without its store. */
export const SETTINGS = ['new', 'closed', 'killed', 'killed again', 'store lost'] as const
export type Setting = (typeof SETTINGS)[number]
/** A kill is before the call: the start finds what all the calls before it left, those of other names too. */
export const CALLS = ['fsync', 'fdatasync', 'pwrite64', 'write', 'rename'] as const
export type Call = (typeof CALLS)[number]
export const FAULTS: Readonly<Record<Fault, readonly Call[]>> = {
  SIGKILL: CALLS,
  EIO: CALLS,
  ENOSPC: ['pwrite64', 'write'],
}
export type Fault = 'SIGKILL' | 'EIO' | 'ENOSPC'

export interface Case {
  readonly setting: Setting
  readonly call: Call
  readonly fault: Fault
  /** Which of its calls, from 1 on. */
  readonly n: number
}

/** How the program ended: it never came to that call, or it was killed, ended with an error, or went on to its end. */
export type Ending = 'not reached' | 'killed' | 'error' | 'went on'

/** No life takes so long, in milliseconds, on whatever machine: then it hangs. */
const LIFE_MAX = 60_000
/** Of the numbers in names of files, which differ from one run to the next. */
const NUMBERS_MAX = 64

interface Prepared {
  /** Copied to become the data and keys of a case; nothing where there is no chain yet. */
  readonly template: string | undefined
  readonly told: readonly string[]
  readonly counts: Readonly<Record<Call, number>>
  /** Below the folder of a case. */
  readonly paths: readonly string[]
}

interface Lived {
  readonly told: readonly string[]
  readonly errors: string
  readonly log: string
  readonly ending: 'killed' | 'error' | 'went on'
}

export class EachCall {
  private readonly program: string
  private readonly folder: string
  private readonly prepared = new Map<Setting, Prepared>()
  private readonly running = new Set<ChildProcess>()
  private cases = 0

  constructor(program: string) {
    this.program = program
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-kills-')))
  }

  /** The chains that the cases begin with, and a rehearsal of each. */
  async prepare(): Promise<void> {
    await this.rehearse('new', undefined, [])
    const { told: closed } = await this.life('closed', 0, [])
    await this.rehearse('closed', 'closed', closed)
    copy(this.at('closed'), this.at('store lost'))
    rmSync(join(this.at('store lost'), 'data', 'store'), { recursive: true })
    await this.rehearse('store lost', 'store lost', closed)
    // In the middle of its frames.
    const killed = await this.killed('killed', 0, Math.ceil(this.countOf('new', 'pwrite64') / 2))
    await this.rehearse('killed', 'killed', killed)
    // Where the newest file is written again.
    copy(this.at('killed'), this.at('killed again'))
    const again = await this.killed('killed again', 1, 3)
    await this.rehearse('killed again', 'killed again', [...killed, ...again])
  }

  /** How many calls of this name the rehearsal made; another run may make a few more or less. */
  countOf(setting: Setting, call: Call): number {
    return this.of(setting).counts[call]
  }

  /** Lives through it, and judges what is there afterwards: throws where a promise is broken. */
  async live({ setting, call, fault, n }: Case): Promise<Ending> {
    const { template, told, paths } = this.of(setting)
    const name = `case-${this.cases++}`
    const what = fault === 'SIGKILL' ? 'signal=SIGKILL' : `error=${fault}`
    try {
      if (template !== undefined) copy(template, this.at(name))
      const only = paths.flatMap((path) => ['-P', join(this.at(name), path)])
      const inject = [...only, '-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${n}`]
      const life = await this.life(name, template === undefined ? 0 : 2, inject)
      if (life.ending === 'error' && !life.log.includes('(INJECTED)')) throw new Error(life.errors)
      if (life.ending === 'error' && !/code: '[\w]+'/.test(life.errors)) throw new Error(`no error: ${life.errors}`)
      const directory = join(this.at(name), 'data')
      const all = [...told, ...life.told]
      await judge(directory, { told: all, commandOf: longCommandOf, options: shortOptions(directory) })
      if (life.ending === 'went on' && !life.log.includes('(INJECTED)')) return 'not reached'
      return life.ending
    } catch (error) {
      throw new Error(`${setting}, ${fault} at ${call} ${n}: ${String(error)}`, { cause: error })
    } finally {
      rmSync(this.at(name), { recursive: true, force: true })
    }
  }

  /** Ends what still runs, and leaves nothing behind. */
  close(): void {
    for (const child of this.running) end(child)
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async rehearse(setting: Setting, template: string | undefined, told: readonly string[]): Promise<void> {
    const name = `rehearsal of ${setting}`
    if (template !== undefined) copy(this.at(template), this.at(name))
    const life = await this.life(name, template === undefined ? 0 : 2, ['-y', '-e', `trace=${CALLS.join()}`])
    if (life.ending !== 'went on') throw new Error(life.errors)
    const { counts, paths } = callsBelow(`${this.at(name)}/`, life.log)
    rmSync(this.at(name), { recursive: true })
    const from = template === undefined ? undefined : this.at(template)
    this.prepared.set(setting, { template: from, told, counts, paths: alike(paths) })
  }

  private async killed(name: string, life: number, n: number): Promise<readonly string[]> {
    const inject = ['-e', 'trace=pwrite64', '-e', `inject=pwrite64:signal=SIGKILL:when=${n}`]
    const { told, ending } = await this.life(name, life, inject)
    if (ending !== 'killed') throw new Error(`the chain of the setting “${name}” was not killed`)
    return told
  }

  private life(name: string, life: number, tracing: readonly string[]): Promise<Lived> {
    mkdirSync(this.at(name), { recursive: true })
    const log = `${this.at(name)}.strace`
    const program = [process.execPath, this.program, join(this.at(name), 'data'), String(life)]
    const args = ['-f', '-qq', '-s', '0', '-o', log, ...tracing, ...program]
    const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
    const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true })
    this.running.add(child)
    let hangs = false
    const timer = setTimeout(() => {
      hangs = true
      end(child)
    }, LIFE_MAX)
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        this.running.delete(child)
        const ending = signal === 'SIGKILL' ? 'killed' : code === 0 ? 'went on' : 'error'
        if (hangs) reject(new Error(`it does not end: ${errors}`))
        else resolve({ told: receiptsIn(output), errors, log: readFileSync(log, 'utf8'), ending })
        rmSync(log, { force: true })
      })
    })
  }

  private of(setting: Setting): Prepared {
    const prepared = this.prepared.get(setting)
    if (prepared === undefined) throw new Error(`${setting} was not rehearsed`)
    return prepared
  }

  private at(name: string): string {
    return join(this.folder, name)
  }
}

/** With what it traces, which would go on without it. */
function end({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL')
}

/** As Node does not copy: with the sockets that a killed program leaves. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to])
}

/** The calls on files below a folder, as `strace -f -y` wrote them down: how many of each name, and on which paths. */
export function callsBelow(
  folder: string,
  log: string,
): { readonly counts: Record<Call, number>; readonly paths: ReadonlySet<string> } {
  const counts = { fsync: 0, fdatasync: 0, pwrite64: 0, write: 0, rename: 0 }
  const paths = new Set<string>()
  const threads = new Set<string>()
  for (const line of log.split('\n')) {
    // What is resumed was counted where it began.
    const [, thread = '', name = '', args = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? []
    const below = [...args.matchAll(/[<"](\/[^>"]*)[>"]/g)].flatMap(([, path = '']) =>
      path.startsWith(folder) || `${path}/` === folder ? [path.slice(folder.length)] : [],
    )
    if (below.length === 0) continue
    threads.add(thread)
    counts[name as Call]++
    for (const path of below) paths.add(path)
  }
  if (threads.size > 1) throw new Error('more than one thread writes files: strace counts for each by itself')
  return { counts, paths }
}

/** The paths, and those that differ in the number that is in their names: heights of the journal's files, numbers of LevelDB's. */
function alike(paths: ReadonlySet<string>): readonly string[] {
  const all = new Set<string>()
  for (const path of paths) {
    for (let i = 0; i < NUMBERS_MAX; i++) {
      const number = (digits: string): string => i.toString(digits.length === 16 ? 16 : 10).padStart(digits.length, '0')
      all.add(path.replace(/(?<=[/-])(?:[0-9a-f]{16}|\d{6})(?=\.|$)/, number))
    }
  }
  return [...all]
}
