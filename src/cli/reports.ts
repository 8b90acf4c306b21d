/** What a chain tells of its own accord, on standard error: in plain words, and how far a start is in one line that is written again. */
import type { WriteStream } from 'node:tty'
import type { Report } from '../pipeline/report.ts'
import { escaped } from '../verify/meaning.ts'
import { progressOn } from './progress.ts'
import { spanOf, timeOf } from './times.ts'

export interface Told {
  readonly report: (report: Report) => void
  /** Takes the line of the progress away. */
  readonly clear: () => void
}

export function tellOn(stream: Pick<WriteStream, 'isTTY' | 'write'>): Told {
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
      stream.write(`${escaped(sentenceOf(report))}\n`)
    },
  }
}

function sentenceOf(report: Exclude<Report, { kind: 'replaying' }>): string {
  switch (report.kind) {
    case 'rebuilding':
      return `The store is made again out of the journal: ${report.why}.`
    case 'cut':
      return `Block ${report.height} was torn when the last process ended. Nobody was told of it: it was copied aside and cut.`
    case 'sealed-again':
      return `Block ${report.height} had no seal, for the last process ended before it: it is sealed now.`
    case 'read-only':
      return `Read only: ${report.error.message}`
    case 'delegation-ends':
      return endingOf(report)
    case 'machine-fault':
      return `The machine failed on command ${report.seq}, which was rejected: ${reasonOf(report.cause)}`
    case 'failed':
      return `The chain failed and takes nothing more: ${reasonOf(report.cause)}`
  }
}

function endingOf({ until, now }: Extract<Report, { kind: 'delegation-ends' }>): string {
  const wayOut = 'Ask the cold key for the next one: cairn keys delegation, or cairn keys rotate.'
  if (until === undefined || until < now) return `No delegation is for this time: no block is made. ${wayOut}`
  return `The delegation ends at ${timeOf(until)}, in ${spanOf(until - now)}; after it no block is made. ${wayOut}`
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
