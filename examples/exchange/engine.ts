/**
 * A matching engine as there are many: it has its own journal, and knows nothing of Cairn. Limit orders of one instrument, price before time; what it decides it
 * writes down line by line, with heartbeats in between.
 */
export interface Order {
  readonly id: string
  readonly trader: string
  readonly side: 'buy' | 'sell'
  readonly price: number
  readonly quantity: number
}

export interface Trade {
  readonly buyer: string
  readonly seller: string
  readonly price: number
  readonly quantity: number
}

/** A line of the engine's journal. */
export type Line =
  | { readonly kind: 'order'; readonly at: number; readonly order: Order; readonly trades: readonly Trade[] }
  | { readonly kind: 'refused'; readonly at: number; readonly order: Order; readonly reason: string }
  | { readonly kind: 'heartbeat'; readonly at: number }

export class MatchingEngine {
  readonly journal: string[] = []
  private readonly resting: Record<Order['side'], Order[]> = { buy: [], sell: [] }

  heartbeat(at: number): void {
    this.write({ kind: 'heartbeat', at })
  }

  place(order: Order, at: number): void {
    if (order.quantity < 1) this.write({ kind: 'refused', at, order, reason: 'the quantity is below one' })
    else this.write({ kind: 'order', at, order, trades: this.match(order) })
  }

  private match(order: Order): Trade[] {
    const trades: Trade[] = []
    const others = this.resting[order.side === 'buy' ? 'sell' : 'buy']
    let open = order.quantity
    while (open > 0) {
      const [best] = others
      if (best === undefined || (order.side === 'buy' ? best.price > order.price : best.price < order.price)) break
      const quantity = Math.min(open, best.quantity)
      const [buyer, seller] = order.side === 'buy' ? [order.trader, best.trader] : [best.trader, order.trader]
      trades.push({ buyer, seller, price: best.price, quantity })
      open -= quantity
      if (best.quantity === quantity) others.shift()
      else others[0] = { ...best, quantity: best.quantity - quantity }
    }
    if (open > 0) this.rest({ ...order, quantity: open })
    return trades
  }

  private rest(order: Order): void {
    const side = this.resting[order.side]
    const isBehind = (each: Order) => (order.side === 'buy' ? each.price < order.price : each.price > order.price)
    const at = side.findIndex(isBehind)
    side.splice(at < 0 ? side.length : at, 0, order)
  }

  private write(line: Line): void {
    this.journal.push(JSON.stringify(line))
  }
}
