/** What a benchmark found out: figures in the shape of the design, the machine that they are of, and both as a table for people. */
import { availableParallelism, cpus } from 'node:os'

export interface Figure {
  readonly name: string
  /** The median over the rounds. */
  readonly value: number
  readonly unit: string
  readonly min: number
  readonly max: number
  /** As in `≥ 12`; null where nothing is promised. */
  readonly target: string | null
  readonly ok: boolean | null
}

export type Target = { readonly atLeast: number } | { readonly atMost: number }

/** A figure out of what each round gave: at least one number. */
export function figure(name: string, unit: string, rounds: readonly number[], target?: Target): Figure {
  const sorted = rounds.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const value = ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2
  const range = { min: sorted[0] as number, max: sorted.at(-1) as number }
  if (target === undefined) return { name, value, unit, ...range, target: null, ok: null }
  const [sign, bound] = 'atLeast' in target ? ['≥', target.atLeast] : ['≤', target.atMost]
  return { name, value, unit, ...range, target: `${sign} ${bound}`, ok: sign === '≥' ? value >= bound : value <= bound }
}

/** `notes` says what else a reader has to know of the machine: which engine ran, what was left out. */
export function machineWith(notes: Readonly<Record<string, string>>): Readonly<Record<string, string | number>> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    ...notes,
  }
}

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, min, max, target, ok }) => {
    const verdict = ok === null ? '' : ok ? 'ok' : 'MISSED'
    return [name, `${round(value)} ${unit}`, `${round(min)} – ${round(max)}`, target ?? '', verdict]
  })
  const all = [['figure', 'median', 'min – max', 'target', ''], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** Three digits that mean something. */
function round(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en')
}
