/** What a chain tells of its own accord, on standard error: in plain words, and how far a start is in one line that is written again. */
import type { WriteStream } from 'node:tty'
import type { Report } from '../pipeline/report.ts'
import { CairnError } from '../verify/index.ts'
import { escaped } from '../verify/meaning.ts'
import { progressOn } from './progress.ts'
import { spanOf, timeOf } from './times.ts'

export interface Told {
  readonly report: (report: Report) => void
  /** Takes the line of the progress away. */
  readonly clear: () => void
}

/** Says a sentence of its own accord. A log keeps how much it matters, and of what code it is. */
export type Say = (level: 'info' | 'warn' | 'error', sentence: string, code?: string) => void

export function sayOn(stream: Pick<WriteStream, 'write'>): Say {
  return (_, sentence) => {
    stream.write(`${escaped(sentence)}\n`)
  }
}

export function tellOn(stream: Pick<WriteStream, 'isTTY' | 'write'>, say: Say = sayOn(stream)): Told {
  const { show, clear } = progressOn(stream)
  return {
    clear,
    report: (report) => {
      if (report.kind === 'replaying') {
        // At the end there is nothing more to wait for.
        if (report.height !== report.of) show(`Reading the journal: block ${report.height} of ${report.of}`)
        return
      }
      clear()
      say(LEVELS[report.kind], sentenceOf(report), codeOf(report))
    },
  }
}

type Sentence = Exclude<Report, { kind: 'replaying' }>

const LEVELS = {
  rebuilding: 'info',
  cut: 'warn',
  'sealed-again': 'info',
  'read-only': 'warn',
  'delegation-ends': 'warn',
  'clock-behind': 'warn',
  'machine-fault': 'error',
  failed: 'error',
} as const satisfies Record<Sentence['kind'], Parameters<Say>[0]>

/** The code of what went wrong first, which says what is to be done. */
function codeOf(report: Sentence): string | undefined {
  let cause: unknown = report.kind === 'read-only' ? report.error : 'cause' in report ? report.cause : undefined
  while (cause instanceof CairnError && cause.details.cause instanceof CairnError) cause = cause.details.cause
  return cause instanceof CairnError ? cause.code : undefined
}

function sentenceOf(report: Sentence): string {
  switch (report.kind) {
    case 'rebuilding':
      return `The store is made again out of the journal: ${report.why}.`
    case 'cut':
      return `Block ${report.height} was torn when the last process ended. Nobody was told of it: it was copied aside and cut.`
    case 'sealed-again':
      return `Block ${report.height} had no seal that holds (the last process ended before it, or its key was taken back): it is sealed now.`
    case 'read-only':
      return `Read only: ${report.error.message}`
    case 'delegation-ends':
      return endingOf(report)
    case 'clock-behind':
      return behindOf(report)
    case 'machine-fault':
      return `The machine failed on command ${report.seq}, which was rejected: ${reasonOf(report.cause)}`
    case 'failed':
      return `The chain failed and takes nothing more: ${reasonOf(report.cause)}`
  }
}

function endingOf({ until, now }: Extract<Report, { kind: 'delegation-ends' }>): string {
  const wayOut = 'Ask the cold key for the next one: cairn keys delegation, or cairn keys rotate.'
  // By a clock that is years ahead none is, and then no signature helps.
  if (until === undefined || until < now)
    return `No delegation is for this time, ${timeOf(now)}, or all were taken back: no block is made. Is the clock right, and are these the newest keys? ${wayOut}`
  return `The delegation ends at ${timeOf(until)}, in ${spanOf(until - now)}; after it no block is made. ${wayOut}`
}

function behindOf({ now, newest }: Extract<Report, { kind: 'clock-behind' }>): string {
  const by = `The clock says ${timeOf(now)}, and the chain is at ${timeOf(newest)}, ${spanOf(newest - now)} later: until then every block has that time, and delegations end by it.`
  return `${by} Is the clock right? Then it was ahead when the newest block was made, which nothing takes back.`
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
