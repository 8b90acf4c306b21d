/**
 * The workers port on threads. A thread has one task at a time, so that a long one holds up none that could run elsewhere; whoever comes
 * when all are busy waits, and has to bound by itself how much of it does.
 */
import { parentPort, Worker } from 'node:worker_threads'
import { CairnError } from '../verify/error.ts'
import { type SharedBytes, type TaskRun, WorkerEnded, type Workers } from './workers.ts'

/** What a thread is sent. */
interface Given {
  readonly input: Uint8Array<ArrayBuffer>
  readonly shared?: SharedBytes
}

interface Task {
  readonly given: Given
  readonly resolve: (output: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/** What a thread sends back; an error loses its class on the way, and what is not of every error. */
type Answer =
  | { readonly output: Uint8Array }
  | { readonly code: string; readonly message: string; readonly details: Readonly<Record<string, unknown>> }
  | { readonly error: unknown; readonly ofSystem?: Readonly<Record<string, unknown>> }

/** What Node says of a refusal of the system, beside the words. */
const OF_SYSTEM = ['code', 'errno', 'syscall', 'path'] as const

/** Threads that run a script, which has to call `serveTasks`. Only such as are busy keep the process alive. */
export function openWorkers(script: URL, count: number): Workers {
  return new Threads(script, count)
}

/** In a thread: answers each task with what this makes of it, or with the error that it ends with. */
export function serveTasks(run: TaskRun): void {
  const port = parentPort
  if (port === null) throw new Error('tasks are served in a worker thread, and nowhere else')
  const serve = async ({ input, shared }: Given): Promise<void> => {
    try {
      const output = movable(await run(input, shared))
      port.postMessage({ output } satisfies Answer, [output.buffer])
    } catch (error) {
      if (error instanceof CairnError) {
        const { code, message, details } = error
        port.postMessage({ code, message, details } satisfies Answer)
      } else port.postMessage({ error, ...(error instanceof Error && { ofSystem: ofSystem(error) }) } satisfies Answer)
    }
  }
  port.on('message', (given: Given) => void serve(given))
}

class Threads implements Workers {
  private readonly script: URL
  private readonly count: number
  private readonly waiting: Task[] = []
  private readonly threads = new Map<Worker, Task | undefined>()
  private isClosed = false
  private closed: Promise<void> | undefined
  private tellDone: () => void = () => undefined

  constructor(script: URL, count: number) {
    this.script = script
    this.count = count
    for (let i = 0; i < count; i++) this.start()
  }

  run(input: Uint8Array, shared?: SharedBytes): Promise<Uint8Array> {
    if (this.isClosed) return Promise.reject(new Error('the workers are closed'))
    return new Promise((resolve, reject) => {
      const given = { input: movable(input), ...(shared && { shared }) }
      this.waiting.push({ given, resolve, reject })
      this.handOut()
    })
  }

  /** After the tasks that were begun. */
  close(): Promise<void> {
    this.isClosed = true
    this.closed ??= this.end()
    return this.closed
  }

  private get isBusy(): boolean {
    return this.waiting.length > 0 || [...this.threads.values()].some((task) => task !== undefined)
  }

  private start(): Worker {
    const thread = new Worker(this.script)
    let cause: unknown
    this.threads.set(thread, undefined)
    thread.on('message', (answer: Answer) => this.take(thread, answer))
    thread.on('messageerror', () => void thread.terminate())
    thread.on('error', (error) => {
      cause = error
    })
    thread.on('exit', (code) => {
      const task = this.threads.get(thread)
      this.threads.delete(thread)
      task?.reject(
        new WorkerEnded(`the thread ended with code ${code} before it answered${reasonOf(cause)}`, { cause }),
      )
      // In its place another one, if it is needed: a script that always fails must not be started for ever.
      this.handOut()
    })
    thread.unref()
    return thread
  }

  private async end(): Promise<void> {
    if (this.isBusy) {
      await new Promise<void>((resolve) => {
        this.tellDone = resolve
      })
    }
    await Promise.all([...this.threads.keys()].map((thread) => thread.terminate()))
  }

  private take(thread: Worker, answer: Answer): void {
    const task = this.threads.get(thread)
    this.threads.set(thread, undefined)
    thread.unref()
    if ('output' in answer) task?.resolve(answer.output)
    else task?.reject(errorOf(answer))
    this.handOut()
  }

  private handOut(): void {
    for (let thread = this.idle(); thread !== undefined && this.waiting.length > 0; thread = this.idle()) {
      const task = this.waiting.shift() as Task
      this.threads.set(thread, task)
      thread.ref()
      thread.postMessage(task.given, [task.given.input.buffer])
    }
    if (!this.isBusy) this.tellDone()
  }

  private idle(): Worker | undefined {
    for (const [thread, task] of this.threads) if (task === undefined) return thread
    return this.waiting.length > 0 && this.threads.size < this.count ? this.start() : undefined
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message}` : ''
}

function errorOf(answer: Exclude<Answer, { output: Uint8Array }>): Error {
  if ('code' in answer) return new CairnError(answer.code, answer.message, answer.details)
  return answer.error instanceof Error ? Object.assign(answer.error, answer.ofSystem) : new Error(String(answer.error))
}

function ofSystem(error: Error & { readonly [name in (typeof OF_SYSTEM)[number]]?: unknown }): Record<string, unknown> {
  return Object.fromEntries(OF_SYSTEM.flatMap((name) => (name in error ? [[name, error[name]]] : [])))
}

/** Bytes with nothing else in their buffer: what is moved takes all of its buffer along. */
function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isAlone = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength
  return isAlone ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}
