/** Figures for Prometheus: what the server answered, and how the chain stands. What each means is told in docs/server.md. */
import { statfs } from 'node:fs/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Chain } from '../chain.ts'
import { chainFigures } from './chain-figures.ts'
import { bytesUnder } from './disk-usage.ts'
import type { Health } from './health.ts'

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  answered(route: string, status: number, milliseconds: number): void
  refused(code: string): void
}

const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

/** `directory` is where the data lies: how much room it takes, and how much is left there, are figures. */
export function makeMetrics(chain: Chain, directory: string, health: Health, listeners: () => number): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const requests = new Histogram({
    name: 'cairn_http_request_seconds',
    help: 'How long requests took.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS,
    registers,
  })
  const refusals = new Counter({
    name: 'cairn_refusals_total',
    help: 'Requests and commands refused, by code.',
    labelNames: ['code'],
    registers,
  })
  const gauge = (name: string, help: string, value: () => number | Promise<number>): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      async collect() {
        made.set(await value())
      },
    })
  }
  gauge('cairn_height', 'The newest acknowledged block; -1 before the first.', () => Number(chain.head?.height ?? -1n))
  gauge('cairn_commands', 'Commands in the chain.', () => {
    const header = chain.head?.header
    return header === undefined ? 0 : Number(header.firstSeq + header.commandCount)
  })
  // What /health says, or the alert on it never comes for what it says alone.
  gauge('cairn_ready', '1 where the chain takes commands.', () => (health.of(chain).isReady ? 1 : 0))
  const clockBehind = (): number => Math.max(0, Number(chain.head?.header.timestamp ?? 0n) - Date.now())
  gauge('cairn_delegation_days_left', 'Days until no block can be sealed any more.', () => {
    const until = chain.sealableUntil
    // It ends by the time of the blocks.
    return until === undefined ? 0 : Math.max(0, (Number(until) - Date.now() - clockBehind()) / 86_400_000)
  })
  gauge('cairn_clock_behind_seconds', 'How far the clock stands before the newest block.', () => clockBehind() / 1000)
  gauge('cairn_listeners', 'Who listens to new blocks.', listeners)
  gauge('cairn_disk_free_bytes', 'Room on the disk of the data.', async () => {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  })
  for (const part of ['journal', 'store']) {
    gauge(`cairn_${part}_disk_bytes`, `What the files of the ${part} take.`, () => bytesUnder(`${directory}/${part}`))
  }
  return {
    contentType: register.contentType,
    text: async () => `${await register.metrics()}${chainFigures(chain.statistics())}`,
    answered: (route, status, milliseconds) => requests.observe({ route, status: String(status) }, milliseconds / 1000),
    refused: (code) => refusals.inc({ code }),
  }
}
