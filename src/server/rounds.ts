/**
 * Sends what is new to many, in rounds. A write to a socket costs the same whether it carries one block or ten, and with a thousand listeners one
 * for each block would take as long as making the blocks. So after a round as long is waited as keeps sending to a small part of the time: few
 * listeners are told at once, and many, while there is much to tell, of several blocks together.
 *
 * Promise: what is sent is made once, and is the same memory for all; nobody else waits for a round for longer than a few writes take.
 */
import { LISTENER_BYTES_MAX, ROUND_BYTES_MAX, ROUND_DELAY_MAX } from '../limits.ts'

/** To whom it is sent. */
export interface Receiver {
  /** The first block that it has not had by the time it became live. */
  readonly next: bigint
  /** Whether it is sent what is new: else it is still being sent what is old. */
  readonly isLive: boolean
  readonly response: {
    readonly writableLength: number
    write(bytes: Uint8Array): unknown
    destroy(): unknown
  }
}

interface Event {
  readonly height: bigint
  readonly text: string
}

/** Of the time, one part in so many is spent on sending. */
const SHARE = 20
/** How many are written to before others have their turn. */
const AT_A_TIME = 64

export class Rounds {
  private readonly receivers: ReadonlySet<Receiver>
  private waiting: Event[] = []
  private bytes = 0
  private round: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  private notBefore = 0

  constructor(receivers: ReadonlySet<Receiver>) {
    this.receivers = receivers
  }

  /** The next block, for all. It comes back at once, unless so much waits that a round is due. */
  async add(height: bigint, text: string): Promise<void> {
    this.waiting.push({ height, text })
    this.bytes += text.length
    if (this.bytes > ROUND_BYTES_MAX) await this.flush()
    else this.plan()
  }

  /** Comes back when all that waits is sent. */
  async flush(): Promise<void> {
    while (this.round !== undefined || this.waiting.length > 0) await (this.round ?? this.begin())
  }

  /** Sends nothing more. */
  stop(): void {
    this.waiting = []
    this.bytes = 0
    clearTimeout(this.timer)
  }

  private plan(): void {
    if (this.round !== undefined || this.timer !== undefined || this.waiting.length === 0) return
    const delay = this.notBefore - performance.now()
    if (delay <= 0) void this.begin()
    else this.timer = setTimeout(() => void this.begin(), delay).unref()
  }

  private begin(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    this.round = this.send().finally(() => {
      this.round = undefined
      this.plan()
    })
    return this.round
  }

  private async send(): Promise<void> {
    const events = this.waiting
    const [first, last] = [events[0], events.at(-1)]
    this.waiting = []
    this.bytes = 0
    if (first === undefined || last === undefined) return
    const all = bytesOf(events)
    let [start, busy, count] = [performance.now(), 0, 0]
    for (const receiver of this.receivers) {
      if (!receiver.isLive || receiver.next > last.height) continue
      // Who came in the middle of it has had the beginning.
      const own = receiver.next <= first.height ? all : bytesOf(events.filter(({ height }) => height >= receiver.next))
      send(receiver, own)
      if (++count % AT_A_TIME !== 0) continue
      busy += performance.now() - start
      await nextTurn()
      start = performance.now()
    }
    busy += performance.now() - start
    this.notBefore = performance.now() + Math.min((SHARE - 1) * busy, ROUND_DELAY_MAX)
  }
}

/** One that does not read is dropped. */
export function send({ response }: Receiver, bytes: Uint8Array): void {
  if (response.writableLength > LISTENER_BYTES_MAX) response.destroy()
  else response.write(bytes)
}

function bytesOf(events: readonly Event[]): Uint8Array {
  return Buffer.from(events.map(({ text }) => text).join(''))
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
