/**
 * Takes an engine's journal into a chain: each order becomes a command with the outcome that the engine gave it, each trade an obligation, each position a value of
 * the state, what is bought on credit a value of the risk tree. All other lines ride along as passthrough.
 *
 * The number of its line names a command. So a journal may be shipped again from its first line, after whatever failure: what is in the chain already
 * gets its first receipt, and nothing stands in it twice.
 */
import { CairnError, type Chain, type Submission } from 'cairn-log'
import type { Line, Trade } from './engine.ts'

const AT_ONCE = 500

export class Shipping {
  private readonly chain: Chain
  /** What each trader has bought and sold, in all lines before `next`. */
  private readonly positions = new Map<string, number>()
  /** The first line that was not shipped. */
  private next = 0

  constructor(chain: Chain) {
    this.chain = chain
  }

  async ship(journal: readonly string[]): Promise<void> {
    while (this.next < journal.length) {
      const submissions: Submission[] = []
      let passthrough: Uint8Array[] = []
      let at = this.next
      for (; at < journal.length && submissions.length < AT_ONCE; at++) {
        const text = journal[at] as string
        const line = JSON.parse(text) as Line
        if (line.kind === 'heartbeat') passthrough.push(Buffer.from(text))
        else {
          submissions.push({ ...this.commandOf(line, at), passthrough })
          passthrough = []
        }
      }
      // Heartbeats behind the last order wait for the next one: they ride with commands only.
      if (submissions.length === 0) return
      for (const answer of await this.chain.submitMany(submissions)) if (answer instanceof CairnError) throw answer
      this.next = at - passthrough.length
    }
  }

  private commandOf(line: Exclude<Line, { kind: 'heartbeat' }>, at: number): Submission {
    const { order } = line
    const trades = line.kind === 'order' ? line.trades : []
    const reply =
      line.kind === 'order' ? { trades: trades.length } : { error: { code: 'refused', message: line.reason } }
    return {
      client: 'engine',
      request: BigInt(at + 1),
      type: 'order',
      payload: json(order),
      receivedAt: BigInt(line.at),
      outcome: {
        status: line.kind === 'order' ? 0 : 1,
        reply: json(reply),
        obligations: trades.map((trade) => ({ topic: 'trade', data: json(trade) })),
        intents: [],
        writes: trades.flatMap((trade) => this.book(trade)),
      },
    }
  }

  private book({ buyer, seller, quantity }: Trade): NonNullable<Submission['outcome']>['writes'] {
    return [this.change(buyer, quantity), this.change(seller, -quantity)].flat()
  }

  private change(trader: string, by: number): NonNullable<Submission['outcome']>['writes'] {
    const position = (this.positions.get(trader) ?? 0) + by
    this.positions.set(trader, position)
    return [
      ['state', utf8(`position/${trader}`), utf8(String(position))],
      // Short positions are what the house is exposed to.
      ['risk', utf8(`short/${trader}`), position < 0 ? utf8(String(-position)) : null],
    ]
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function json(value: object): Uint8Array {
  return utf8(JSON.stringify(value))
}
