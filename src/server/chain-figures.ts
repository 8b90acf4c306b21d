/** A chain's own numbers in the text form of Prometheus: they are counted where the work is done, and only read here. */
import type { Amount, Distribution } from '../pipeline/meter.ts'
import type { ChainStatistics } from '../pipeline/statistics.ts'

export function chainFigures({ queue, unanswered, unapplied, stages, blocks, pages }: ChainStatistics): string {
  const { sync, ...ofStages } = stages
  return [
    amount('cairn_queue', 'waiting for a block', 'commands', queue),
    amount('cairn_unanswered', 'without an answer yet', 'commands', unanswered),
    amount('cairn_unapplied', 'sealed and not in the store yet', 'blocks', unapplied),
    head('cairn_pages_bytes', 'gauge', 'Pages of the state trees in memory.'),
    ...Object.entries(pages).map(([tree, bytes]) => `cairn_pages_bytes{tree="${tree}"} ${bytes}\n`),
    head('cairn_stage_seconds', 'histogram', 'How long each stage of a block took.'),
    ...Object.entries(ofStages).map(([stage, times]) =>
      buckets('cairn_stage_seconds', `stage="${stage}"`, times, 1000),
    ),
    head('cairn_fsync_seconds', 'histogram', 'How long the disk took to make a frame of the journal durable.'),
    buckets('cairn_fsync_seconds', '', sync, 1000),
    head('cairn_block_commands', 'histogram', 'Commands of a block.'),
    buckets('cairn_block_commands', '', blocks.commands, 1),
    head('cairn_block_bytes', 'histogram', 'Bytes of the record of a block.'),
    buckets('cairn_block_bytes', '', blocks.bytes, 1),
  ].join('')
}

function head(name: string, type: 'gauge' | 'histogram', help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

function amount(name: string, what: string, unit: string, { count, bytes }: Amount): string {
  const [counted, sized] = [`${name}_${unit}`, `${name}_bytes`]
  return `${head(counted, 'gauge', `How many ${unit} are ${what}.`)}${counted} ${count}\n${head(sized, 'gauge', `Bytes of ${unit} that are ${what}.`)}${sized} ${bytes}\n`
}

/** Prometheus counts in each bucket what is in those below it; times it has in seconds. */
function buckets(name: string, label: string, { bounds, counts, sum }: Distribution, unit: 1 | 1000): string {
  let total = 0
  const lines = counts.map((count, i) => {
    total += count
    const bound = i < bounds.length ? (bounds[i] as number) / unit : '+Inf'
    return `${name}_bucket{${label}${label && ','}le="${bound}"} ${total}\n`
  })
  const labels = label && `{${label}}`
  return `${lines.join('')}${name}_sum${labels} ${sum / unit}\n${name}_count${labels} ${total}\n`
}
