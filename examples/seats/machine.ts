/**
 * `seats@1`: who sits where. A show is opened with a number of seats; a seat belongs to the client that reserved it, until that client cancels.
 *
 *   open {show, seats}      → {"free"}
 *   reserve {show, seat}    → {"free"}; emits `reserved`. Rejected: show_unknown, seat_unknown, seat_taken
 *   cancel {show, seat}     → {"free"}; emits `cancelled`. Rejected: show_unknown, seat_unknown, not_yours
 *
 * Layout of `state`: `show/<show>` → {"seats","free"}; `seat/<show>/<seat>` → the client. A show's name has no `/`, so no two of these are the same.
 */
import { defineMachine, type Tx } from 'cairn-log/machine'

interface Seat {
  readonly show: string
  readonly seat: number
}
interface Show {
  readonly seats: number
  readonly free: number
}

const SEATS_MAX = 100_000

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: object): Uint8Array => utf8(JSON.stringify(value))
const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))

export const seats = defineMachine({
  id: 'seats',
  version: 1,
  commands: {
    open: {
      validate(payload: Uint8Array) {
        const { show, seats } = parsed(payload) as { show: unknown; seats: unknown }
        return { show: nameOf(show), seats: numberOf(seats) }
      },
      execute({ payload: { show, seats } }, tx) {
        if (tx.has('state', utf8(`show/${show}`))) tx.reject('show_exists', 'the show is open already')
        return keep(show, { seats, free: seats }, tx)
      },
    },
    reserve: {
      validate: readSeat,
      execute({ client, payload: { show, seat } }, tx) {
        const found = find({ show, seat }, tx)
        const key = utf8(`seat/${show}/${seat}`)
        if (tx.has('state', key)) tx.reject('seat_taken', `seat ${seat} of ${show} is taken`)
        tx.put('state', key, utf8(client))
        tx.emit('reserved', json({ show, seat, client }))
        return keep(show, { ...found, free: found.free - 1 }, tx)
      },
    },
    cancel: {
      validate: readSeat,
      execute({ client, payload: { show, seat } }, tx) {
        const found = find({ show, seat }, tx)
        const key = utf8(`seat/${show}/${seat}`)
        const owner = tx.get('state', key)
        if (owner === undefined || new TextDecoder().decode(owner) !== client)
          tx.reject('not_yours', 'the seat is not yours')
        tx.delete('state', key)
        tx.emit('cancelled', json({ show, seat, client }))
        return keep(show, { ...found, free: found.free + 1 }, tx)
      },
    },
  },
})

/** What throws here never reaches a batch: the caller is told what is wrong with the payload. */
function readSeat(payload: Uint8Array): Seat {
  const { show, seat } = parsed(payload) as { show: unknown; seat: unknown }
  return { show: nameOf(show), seat: numberOf(seat) }
}

function nameOf(value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value)) return value
  throw new Error('a show is named by 1 to 64 letters, digits and hyphens')
}

function numberOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= SEATS_MAX) return value
  throw new Error(`a number of seats is from 1 to ${SEATS_MAX}`)
}

function find({ show, seat }: Seat, tx: Tx): Show {
  const bytes = tx.get('state', utf8(`show/${show}`))
  if (bytes === undefined) return tx.reject('show_unknown', `there is no show ${show}`)
  const found = parsed(bytes) as Show
  if (seat > found.seats) tx.reject('seat_unknown', `${show} has ${found.seats} seats`)
  return found
}

function keep(show: string, value: Show, tx: Tx): Uint8Array {
  tx.put('state', utf8(`show/${show}`), json(value))
  return json({ free: value.free })
}
