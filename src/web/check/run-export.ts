/** An export on the page that checks: read by a worker, with progress, and given up when the page is left. */
import type { KnownElsewhere } from '../../audit/browser.ts'
import { CairnError } from '../../verify/error.ts'
import { h, put, say } from '../dom.ts'
import { errorCard } from '../parts.ts'
import type { Session } from '../session.ts'
import { announce, count, hash, plural, stranger } from '../show.ts'
import { ask, startWorker, type Told } from '../worker-words.ts'
import { breakPanel } from './break-it.ts'
import type { ExportReport } from './export.ts'
import type { Brought } from './judge.ts'
import { failing, summaryOf, verdictCard, verdictList } from './verdicts.ts'

export async function checkExport(
  file: Blob,
  name: string,
  brought: Brought,
  session: Session,
  result: HTMLElement,
  signal: AbortSignal,
): Promise<void> {
  const place = h('div', {})
  put(result, place)
  const known = new KnownHere(session, brought)
  const run = async (changed: Blob, what: string): Promise<ExportReport> => {
    const report = await read(changed, brought, known, place, signal)
    show(place, report, known, what)
    return report
  }
  const { verdicts } = await run(file, name)
  announce(summaryOf(verdicts).words)
  result.append(
    await breakPanel({
      file,
      isBinary: true,
      holds: failing(verdicts).length === 0,
      async check(changed, isChanged) {
        const again = run(changed, isChanged ? `${name}, with one byte changed` : name)
        const report = await again.catch((error: unknown) => {
          put(place, errorCard(error, { advises: false }))
          throw error
        })
        const caughtBy = failing(report.verdicts)
        return { isGood: caughtBy.length === 0, caughtBy }
      },
    }),
  )
  place.querySelector<HTMLElement>('h2')?.focus()
}

/**
 * What this browser knows of the blocks of an export: the proof that the viewer brought; of one that begins in the middle, where there is none, the proof of
 * this server for the block before it, under the head that this browser accepted. Of another chain than the pinned one it knows nothing.
 */
class KnownHere {
  /** Told where a proof was asked of the server: what came of it. */
  words: string | undefined
  private readonly session: Session
  private readonly brought: Brought
  private asked: { readonly height: bigint; readonly proof: Promise<string | undefined> } | undefined

  constructor(session: Session, brought: Brought) {
    this.session = session
    this.brought = brought
  }

  async of(from: bigint, to: bigint): Promise<KnownElsewhere> {
    const { session, brought } = this
    const isPinned = brought.chainId === session.chainId
    const accepted = session.head
    const isWithin = isPinned && accepted !== undefined && from <= accepted.height && accepted.height <= to
    const head = brought.head ?? (isWithin ? accepted : undefined)
    const proof = brought.fromProof ?? (from > 0n && isPinned ? await this.proofOf(from - 1n) : undefined)
    return { ...(proof !== undefined && { proof }), ...(head && { head }) }
  }

  /** Once: an export is checked again with each byte that is flipped in it. */
  private proofOf(height: bigint): Promise<string | undefined> {
    if (this.asked?.height !== height) this.asked = { height, proof: this.fromServer(height) }
    return this.asked.proof
  }

  private async fromServer(height: bigint): Promise<string | undefined> {
    try {
      const proof = await this.session.proof({ block: height })
      this.words = `It begins in the middle of the chain: the proof of block ${count(height)} came from this server, and was checked here under the head that this browser accepted.`
      return proof
    } catch (error) {
      const why = error instanceof CairnError ? error.code : 'failed'
      this.words = `It begins in the middle of the chain, and this server gave no proof of block ${count(height)} that holds (${why}): bring one under “What you trust, and bring”.`
      return undefined
    }
  }
}

function show(place: HTMLElement, report: ExportReport, { words }: KnownHere, name: string): void {
  const { verdicts, blocks, commands, head, seconds, from, fault, level } = report
  put(
    place,
    verdictCard(
      verdicts,
      h(
        'p',
        { class: 'faint' },
        stranger(name, 120),
        ': an export',
        report.name !== undefined && [' of ', stranger(report.name, 64)],
        `, ${plural(blocks, 'block')} and ${plural(commands, 'command')} read in `,
        h('span', { class: 'took' }, `${seconds.toFixed(1)} s`),
        ', at the level ',
        h('code', {}, level),
        '.',
      ),
      fault?.offset !== undefined && h('p', {}, `The first fault is at byte ${count(fault.offset)} of the file.`),
      from > 0n && words !== undefined && h('p', {}, words),
      head !== undefined &&
        h(
          'p',
          {},
          `The newest block that was read without a fault is ${count(head.height)}, `,
          hash(head.blockHash, { of: 'block hash' }),
          '.',
        ),
      verdictList(verdicts, 'chain'),
    ),
  )
}

function read(
  file: Blob,
  { chainId, revocations, level }: Brought,
  known: KnownHere,
  place: HTMLElement,
  signal: AbortSignal,
): Promise<ExportReport> {
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'How much of the export is read' })
  const words = h('p', { class: 'faint' }, 'Reading …')
  return new Promise<ExportReport>((resolve, reject) => {
    if (signal.aborted) {
      reject(givenUp())
      return
    }
    const worker = startWorker()
    const end = (): void => {
      worker.terminate()
      signal.removeEventListener('abort', giveUp)
    }
    const giveUp = (): void => {
      end()
      reject(givenUp())
    }
    signal.addEventListener('abort', giveUp)
    put(
      place,
      h(
        'section',
        { class: 'card' },
        h('h2', {}, 'Checking the export'),
        bar,
        words,
        h('button', { type: 'button', onclick: giveUp }, 'Give up'),
      ),
    )
    const hear = async (told: Told): Promise<void> => {
      if (told.what === 'begins') ask(worker, { what: 'known', ...(await known.of(told.from, told.to)) })
      else if (told.what === 'progress') {
        bar.value = told.read / Math.max(1, told.size)
        say(words, `${plural(told.blocks, 'block')} and ${plural(told.commands, 'command')} so far.`)
      } else if (told.what === 'verified') {
        end()
        resolve(told.report)
      } else if (told.what === 'problem') {
        end()
        reject(new CairnError(told.code, told.message, told.details))
      }
    }
    worker.addEventListener('message', ({ data }: MessageEvent<Told>) => void hear(data))
    worker.addEventListener('error', () => {
      end()
      reject(
        new CairnError('failed', 'The browser could not start the worker that reads exports: load the page again.'),
      )
    })
    ask(worker, { what: 'verify', file, chainId, revocations, level })
  })
}

function givenUp(): CairnError {
  return new CairnError('aborted', 'It was given up.')
}
