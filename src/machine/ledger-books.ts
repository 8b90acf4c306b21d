/**
 * The books of `ledger@1`: accounts with their limits, the world outside as the other side of what comes and goes, exposures.
 *
 * Layout, amounts in decimal digits with a minus where they are negative. In `state`:
 *   account/<currency>/<account>  → {"balance","limit"}
 *   external/<currency>           → what the world outside has put in, negative: it and all accounts of the currency add up to zero
 *   operation/<id>                → the operation as JSON, a line feed, and its reply: who repeats the id is answered that
 * In `risk`, both absent at zero:
 *   exposure/<currency>/<account> → how far the balance is below zero
 *   exposure/<currency>           → the sum of these
 * A currency has no `/`, so no two of these keys are the same.
 *
 * Promise: every change has two sides of the same amount, in one command; so the trial balance is always zero. No change takes a
 * balance below its limit, and an exposure is what its balance says.
 */
import { fromUtf8, utf8 } from '../verify/bytes.ts'
import { readJson } from '../verify/json.ts'
import type { TreeName } from '../verify/types.ts'
import type { Tx } from './contract.ts'
import { readInteger } from './payload.ts'
import { type Plain, toJson } from './reply.ts'

interface Account {
  readonly balance: bigint
  readonly limit: bigint
}

export class Books {
  private readonly tx: Tx
  private readonly currency: string

  constructor(tx: Tx, currency: string) {
    this.tx = tx
    this.currency = currency
  }

  open(account: string, limit: bigint): void {
    if (this.find(account) !== undefined) this.tx.reject('account_exists', 'the account is open already')
    this.write(account, { balance: 0n, limit })
  }

  /** Changes a balance by this much, up or down, and answers the new one. The other side is the caller's to change. */
  post(account: string, change: bigint): bigint {
    const found = this.find(account)
    if (found === undefined)
      return this.tx.reject('account_unknown', `the account ${account} is not open in ${this.currency}`)
    const { balance, limit } = found
    const next = balance + change
    if (next < limit) this.tx.reject('limit_exceeded', `the balance would be ${next}, its limit is ${limit}`)
    this.write(account, { balance: next, limit })
    this.expose(account, drawn(next) - drawn(balance))
    return next
  }

  /** The world outside, which has no limit. */
  postExternal(change: bigint): void {
    const key = `external/${this.currency}`
    write(this.tx, 'state', key, String(amountAt(this.tx, 'state', key) + change))
  }

  private find(account: string): Account | undefined {
    const value = this.tx.get('state', utf8(this.keyOf(account)))
    return value && readAccount(value)
  }

  private write(account: string, { balance, limit }: Account): void {
    this.tx.put('state', utf8(this.keyOf(account)), toJson({ balance: String(balance), limit: String(limit) }))
  }

  private keyOf(account: string): string {
    return `account/${this.currency}/${account}`
  }

  private expose(account: string, change: bigint): void {
    if (change === 0n) return
    const total = `exposure/${this.currency}`
    for (const key of [`${total}/${account}`, total]) {
      const next = amountAt(this.tx, 'risk', key) + change
      if (next === 0n) this.tx.delete('risk', utf8(key))
      else write(this.tx, 'risk', key, String(next))
    }
  }
}

/**
 * Does an operation, if its id was not used before. An id that was is answered as the first time, and nothing changes; unless it
 * names another operation now: that is rejected.
 */
export function once(tx: Tx, id: string, operation: Plain, act: () => Plain): Uint8Array {
  const key = utf8(`operation/${id}`)
  const asked = JSON.stringify(operation)
  const found = tx.get('state', key)
  if (found === undefined) {
    const reply = act()
    tx.put('state', key, utf8(`${asked}\n${JSON.stringify(reply)}`))
    return toJson(reply)
  }
  const [first, reply] = textOf(found).split('\n')
  if (first !== asked) return tx.reject('operation_conflict', 'the id was used for another operation')
  return utf8(reply ?? '')
}

/**
 * What all accounts of a currency and the world outside add up to, for each currency in a whole state tree. Zero, in every state
 * that the ledger made.
 */
export function trialBalance(
  state: Iterable<readonly [rawKey: Uint8Array, value: Uint8Array]>,
): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const [rawKey, value] of state) {
    const [kind, currency = ''] = (fromUtf8(rawKey) ?? '').split('/')
    if (kind !== 'account' && kind !== 'external') continue
    const amount = kind === 'account' ? readAccount(value).balance : readInteger(value)
    sums.set(currency, (sums.get(currency) ?? 0n) + amount)
  }
  return sums
}

/** How far a balance is below zero. */
function drawn(balance: bigint): bigint {
  return balance < 0n ? -balance : 0n
}

function readAccount(value: Uint8Array): Account {
  const members = readJson(value) as ReadonlyMap<string, string>
  return { balance: BigInt(members.get('balance') as string), limit: BigInt(members.get('limit') as string) }
}

function amountAt(tx: Tx, tree: TreeName, key: string): bigint {
  const value = tx.get(tree, utf8(key))
  return value === undefined ? 0n : readInteger(value)
}

function write(tx: Tx, tree: TreeName, key: string, value: string): void {
  tx.put(tree, utf8(key), utf8(value))
}

function textOf(value: Uint8Array): string {
  return fromUtf8(value) ?? ''
}
