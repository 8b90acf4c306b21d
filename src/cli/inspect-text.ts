/** The parts of a journal file or an export as lines for people: the offset first, and what is wrong in its colour. */
import type { Inspected } from '../journal/inspect.ts'
import type { InspectedExportEnd, InspectedPiece } from '../journal/inspect-export.ts'
import type { InspectedRecord } from '../journal/inspect-records.ts'
import { jsonText } from '../server/json-text.ts'
import { toHex } from '../verify/index.ts'
import { escaped, quoted } from '../verify/meaning.ts'
import type { Style } from './terminal.ts'

const INDENT = ' '.repeat(12)

export function fileTitle(
  { name, size, format }: { readonly name: string; readonly size: number; readonly format: string },
  style: Style,
): string {
  return `${style.strong(escaped(name))}  ${size} bytes  ${format}\n`
}

export function asText(
  part: Inspected | InspectedPiece | InspectedExportEnd,
  other: string | undefined,
  style: Style,
): string {
  const [first, ...rest] = linesOf(part)
  const problems = ['problem' in part ? part.problem : undefined, other].filter((each) => each !== undefined)
  const wrong = problems.map((each) => style.bad(`✗ ${escaped(each)}`))
  return `  ${String(part.offset).padEnd(8)}  ${[first, ...rest, ...wrong].join(`\n${INDENT}`)}\n`
}

function linesOf(part: Inspected | InspectedPiece | InspectedExportEnd): readonly string[] {
  switch (part.kind) {
    case 'header':
      return [`header  first height ${part.first}  salt ${toHex(part.salt)}`, `chain ${toHex(part.chainId)}`]
    case 'frame': {
      const { said, found } = part.zeroSectors
      const zeros = said === found ? `${found}` : `${found}, should be ${said}`
      const crcs = `head CRC ${part.headCrc ? 'ok' : 'wrong'}  payload CRC ${part.payloadCrc ? 'ok' : 'wrong'}`
      const line = `frame  ${part.length} bytes, payload ${part.bytes}  zero sectors ${zeros}  ${crcs}`
      return [line, ...part.records.map(recordLine)]
    }
    case 'piece': {
      const line = `piece  ${part.length} bytes, payload ${part.bytes}  CRC ${part.payloadCrc ? 'ok' : 'wrong'}`
      return [
        line,
        ...part.records.map(recordLine),
        ...(part.says === undefined ? [] : [escaped(jsonText(part.says).trim())]),
      ]
    }
    case 'zeros':
      return [`${part.length} bytes of zeros`]
    case 'unknown':
      return [`${part.length} bytes that are no frame`]
    case 'end':
      return [
        `end: ${part.state}: ${escaped(part.why)}${'next' in part && part.next !== undefined ? `; block ${part.next} comes next` : ''}`,
      ]
  }
}

function recordLine({ k, height, commands, bytes, problem }: InspectedRecord): string {
  if (problem !== undefined) return `✗ ${quoted(k)} is no record of the format: ${escaped(problem)}`
  const count = commands === undefined ? '' : `  ${commands} ${commands === 1 ? 'command' : 'commands'}`
  return `${k} ${height}${count}  ${bytes} bytes`
}

/** What lies beside the journal's files, and what a start would find. */
export function journalLine(
  others: readonly { readonly name: string; readonly size: number }[],
  found: { readonly state?: string; readonly height?: bigint; readonly error?: { readonly message: string } },
): string {
  const beside = others.map(({ name, size }) => `${escaped(name)}  ${size} bytes\n`).join('')
  if (found.error !== undefined) return `${beside}A start would refuse it: ${escaped(found.error.message)}\n`
  const height = found.height === undefined || found.height < 0n ? 'no block' : `block ${found.height}`
  return `${beside}A start would find it ${found.state}, with ${height} as its newest.\n`
}
