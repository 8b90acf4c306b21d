/** An export on the page that checks: read by a worker, with progress, and given up when the page is left. */
import { CairnError } from '../../verify/error.ts'
import type { Verdict } from '../../verify/index.ts'
import { h, put, say } from '../dom.ts'
import { announce, count, hash, plural, stranger } from '../show.ts'
import { ask, startWorker, type Told } from '../worker-words.ts'
import { breakPanel } from './break-it.ts'
import type { ExportReport } from './export.ts'
import type { Brought } from './judge.ts'
import { summaryOf, verdictList } from './verdicts.ts'

export async function checkExport(
  file: Blob,
  name: string,
  brought: Brought,
  result: HTMLElement,
  signal: AbortSignal,
): Promise<void> {
  const place = h('div', {})
  put(result, place)
  const run = async (changed: Blob, what: string): Promise<readonly Verdict[]> => {
    const report = await read(changed, brought, place, signal)
    const verdicts = verdictsOf(report)
    show(place, report, verdicts, what)
    return verdicts
  }
  const verdicts = await run(file, name)
  announce(summaryOf(verdicts).words)
  result.append(
    await breakPanel({
      file,
      isBinary: true,
      async check(changed, isChanged) {
        const failed = (await run(changed, isChanged ? `${name}, with one byte changed` : name)).filter(
          ({ verdict }) => verdict === 'fail',
        )
        return { isGood: failed.length === 0, caughtBy: failed.map(({ check }) => check) }
      },
    }),
  )
  place.querySelector<HTMLElement>('h2')?.focus()
}

/** The file itself is one check more: what is cut short or changed on its way is told apart from a chain that is wrong. */
function verdictsOf({ verdicts, damage, fault }: ExportReport): readonly Verdict[] {
  if (damage !== undefined)
    return [
      { check: 'file', verdict: 'fail', reason: damage },
      ...verdicts
        .filter(({ verdict }) => verdict !== 'fail')
        .map(({ check }): Verdict => ({ check, verdict: 'unchecked', reason: 'the reading ended at the damage' })),
    ]
  return [
    fault === undefined
      ? { check: 'file', verdict: 'ok' }
      : { check: 'file', verdict: 'unchecked', reason: 'the reading ended at the fault' },
    ...verdicts,
  ]
}

function show(place: HTMLElement, report: ExportReport, verdicts: readonly Verdict[], name: string): void {
  const { isGood, words } = summaryOf(verdicts)
  const { blocks, commands, head, seconds } = report
  put(
    place,
    h(
      'section',
      { class: `card verdict ${isGood ? 'good' : 'bad'}`, 'data-ok': String(isGood), 'aria-labelledby': 'verdict' },
      h('h2', { id: 'verdict', tabindex: -1 }, words),
      h(
        'p',
        { class: 'faint' },
        stranger(name, 120),
        ': an export of ',
        stranger(report.name, 64),
        `, ${plural(blocks, 'block')} and ${plural(commands, 'command')} read in `,
        h('span', { class: 'took' }, `${seconds.toFixed(1)} s`),
        '.',
      ),
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
  { chainId, revocations }: Brought,
  place: HTMLElement,
  signal: AbortSignal,
): Promise<ExportReport> {
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'How much of the export is read' })
  const words = h('p', { class: 'faint' }, 'Reading …')
  const worker = startWorker()
  return new Promise<ExportReport>((resolve, reject) => {
    const end = (): void => {
      worker.terminate()
      signal.removeEventListener('abort', giveUp)
    }
    const giveUp = (): void => {
      end()
      reject(new CairnError('aborted', 'It was given up.'))
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
    worker.addEventListener('message', ({ data: told }: MessageEvent<Told>) => {
      if (told.what === 'progress') {
        bar.value = told.read / Math.max(1, told.size)
        say(words, `${plural(told.blocks, 'block')} and ${plural(told.commands, 'command')} so far.`)
      } else if (told.what === 'verified') {
        end()
        resolve(told.report)
      } else if (told.what === 'problem') {
        end()
        reject(new CairnError(told.code, told.message, told.details))
      }
    })
    worker.addEventListener('error', () => {
      end()
      reject(
        new CairnError('failed', 'The browser could not start the worker that reads exports: load the page again.'),
      )
    })
    ask(worker, { what: 'verify', file, chainId, revocations })
  })
}
