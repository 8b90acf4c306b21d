/**
 * `ledger@1`: accounts in currencies, double entry. An account is open in a currency, with a limit that its balance never falls below.
 *
 *   open {id, account, currency, limit}                       → {"balance":"0","limit"}
 *   deposit {id, account, currency, amount}                   → {"balance"}
 *   transfer {id, from, to, currency, amount}                 → {"from": its balance, "to": its balance}
 *   withdraw {id, account, currency, amount, destination}     → {"balance"}, and the intent `withdraw` with these members
 *
 * Every one emits an obligation: its type as the topic, its payload as the data. `id` names an operation once and for all, whoever
 * sends it: repeated, it gets the first reply and changes nothing, with other members `operation_conflict`; one that was
 * rejected used up nothing. Rejections: `account_exists`, `account_unknown`, `limit_exceeded`.
 *
 * Amounts are whole numbers of the smallest unit in at most 38 decimal digits, above zero; a limit is zero or negative (what may be
 * overdrawn). The layout of the trees is that of `ledger-books.ts`.
 */
import { text } from '../verify/codec.ts'
import type { Machine, Tx } from './contract.ts'
import { defineMachine } from './define.ts'
import { Books, once } from './ledger-books.ts'
import { payload } from './payload.ts'
import { type Plain, toJson } from './reply.ts'

const id = text(1, 64)
const account = text(1, 64)
const currency = text(1, 16, /^[A-Za-z0-9._-]+$/)
const destination = text(1, 256)
const amount = text(1, 38, /^[1-9][0-9]*$/)
const limit = text(1, 39, /^(?:0|-[1-9][0-9]*)$/)

/** Whatever operates on the books. */
interface Operation {
  readonly id: string
  readonly currency: string
}
interface Open extends Operation {
  readonly account: string
  readonly limit: string
}
interface Deposit extends Operation {
  readonly account: string
  readonly amount: string
}
interface Transfer extends Operation {
  readonly from: string
  readonly to: string
  readonly amount: string
}
interface Withdraw extends Deposit {
  readonly destination: string
}

const readTransfer = payload<Transfer>({ id, from: account, to: account, currency, amount })

/** Double entry with limits: `open`, `deposit`, `transfer` and `withdraw`; what leaves is an intent. */
export const ledger: Machine = defineMachine({
  id: 'ledger',
  version: 1,
  commands: {
    open: {
      validate: payload<Open>({ id, account, currency, limit }),
      execute: ({ payload }, tx) =>
        operate('open', payload, tx, (books) => {
          books.open(payload.account, BigInt(payload.limit))
          return { balance: '0', limit: payload.limit }
        }),
    },
    deposit: {
      validate: payload<Deposit>({ id, account, currency, amount }),
      execute: ({ payload }, tx) =>
        operate('deposit', payload, tx, (books) => {
          const amount = BigInt(payload.amount)
          books.postExternal(-amount)
          return { balance: String(books.post(payload.account, amount)) }
        }),
    },
    transfer: {
      validate(bytes: Uint8Array): Transfer | Error {
        const transfer = readTransfer(bytes)
        return transfer.from === transfer.to ? new Error('an account cannot pay itself') : transfer
      },
      execute: ({ payload }, tx) =>
        operate('transfer', payload, tx, (books) => {
          const amount = BigInt(payload.amount)
          return { from: String(books.post(payload.from, -amount)), to: String(books.post(payload.to, amount)) }
        }),
    },
    withdraw: {
      validate: payload<Withdraw>({ id, account, currency, amount, destination }),
      execute: ({ payload }, tx) =>
        operate('withdraw', payload, tx, (books) => {
          const amount = BigInt(payload.amount)
          const balance = books.post(payload.account, -amount)
          books.postExternal(amount)
          tx.intend('withdraw', toJson({ ...payload }))
          return { balance: String(balance) }
        }),
    },
  },
})

/** One operation on the books, once. Its members stand in the order above, however the client wrote them. */
function operate(type: string, payload: Operation, tx: Tx, act: (books: Books) => Plain): Uint8Array {
  const members = { ...payload }
  return once(tx, payload.id, { type, ...members }, () => {
    const reply = act(new Books(tx, payload.currency))
    tx.emit(type, toJson(members))
    return reply
  })
}
