/** What the cold key is asked for, written into the keys directory and shown: the options and the words that the commands have in common. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { encryptKeystore, makeHotKey } from '../../keys/keystore.ts'
import type { ColdRequest, UnsignedDelegation } from '../../keys/typed-data.ts'
import { systemClock } from '../../ports/clock.ts'
import { systemRng } from '../../ports/rng.ts'
import { CairnError } from '../../verify/index.ts'
import { addressFrom, checksummed } from '../addresses.ts'
import { type PassphraseOptions, readPassphrase } from '../passphrase.ts'
import { shellWord, shownPath } from '../place.ts'
import { momentFrom, spanOf, timeOf } from '../times.ts'
import type { ChainKeysPlace } from './keys-of.ts'

export interface WindowOptions extends PassphraseOptions {
  readonly days: bigint
  readonly validFrom?: bigint
  readonly validUntil?: bigint
  readonly delegate?: Uint8Array
}

const DAY = 86_400_000n
const DAYS = 90n

/** The options of a new delegation. */
export function withWindowOptions(command: Command): Command {
  const until = new Option('--valid-until <time>', 'the last moment that it is for').argParser(momentFrom)
  const days = new Option('--days <n>', 'for how many days from now on').argParser(daysFrom).default(DAYS, `${DAYS}`)
  const delegate = new Option(
    '--delegate <0x…>',
    'to a key that lies elsewhere, in a signer of its own: none is made here',
  )
  return command
    .addOption(days)
    .addOption(until)
    .option('--valid-from <time>', 'the first moment; that of the newest block if left out', momentFrom)
    .addOption(delegate.argParser(addressFrom))
}

/** One is on its way to the cold key under this index, which is that of the key: another index would take back another key. */
export function revocationAsked(keys: string, index: bigint): CairnError {
  const file = shownPath(`${keys}/pending-revocation-${index}.typed-data.json`)
  const message = `The cold key is asked already to take the delegation ${index} back: import its signature, or move ${file} away, and ask again.`
  return new CairnError('key_exists', message, { file })
}

export const WINDOW_HELP = `A time is 2027-01-31, 2027-01-31T12:00Z, or milliseconds since 1970.`

function daysFrom(text: string): bigint {
  if (/^[1-9][0-9]{0,4}$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('It is a whole number of days.')
}

/** The delegation to a new key, with the keystore of that key, where it is to be here: there for good before the cold key is asked. */
export async function delegationTo(
  { identity, engine, keys }: ChainKeysPlace,
  index: bigint,
  oldest: bigint,
  options: WindowOptions,
): Promise<UnsignedDelegation> {
  const validFrom = options.validFrom ?? oldest
  const validUntil = options.validUntil ?? BigInt(systemClock.now()) + options.days * DAY
  if (validUntil <= validFrom || validUntil < BigInt(systemClock.now())) {
    const message = `The delegation would be from ${timeOf(validFrom)} until ${timeOf(validUntil)}: no block to come could be sealed under it.`
    throw new CairnError('delegation_window', message, { validFrom, validUntil })
  }
  if (options.delegate !== undefined) return { delegate: options.delegate, index, validFrom, validUntil }
  const of = `the new hot key ${index} of ${JSON.stringify(identity.genesis.name)}`
  const passphrase = await readPassphrase(options, { of, isNew: true })
  const { privateKey, address } = makeHotKey(systemRng(), engine)
  try {
    await keys.addKeystore(index, await encryptKeystore(privateKey, passphrase, { rng: systemRng(), engine }))
  } finally {
    passphrase.fill(0)
    privateKey.fill(0)
  }
  return { delegate: address, index, validFrom, validUntil }
}

export interface Asked {
  readonly request: ColdRequest
  /** Of the file with the typed data. */
  readonly path: string
}

/** Keeps the request, to be signed and imported. */
export async function ask({ keys }: ChainKeysPlace, request: ColdRequest): Promise<Asked> {
  try {
    return { request, path: await keys.addPending(request) }
  } catch (error) {
    const isAsked = request.k === 'revocation' && isTaken(error)
    const { pendingRevocations } = await keys.list()
    throw isAsked && pendingRevocations.includes(request.index) ? revocationAsked(keys.path, request.index) : error
  }
}

/** What is made under an index that was free a moment ago: where it is not, another command took it, and what that one made must stay. */
export async function underFreeIndex<T>({ place }: ChainKeysPlace, index: bigint, make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (!isTaken(error)) throw error
    const list = `cairn keys list ${shellWord(shownPath(place.data))}`
    const message = `Another command made the key ${index} meanwhile: leave it as it is. See with ${list} what waits for the cold key, and repeat this only where that is not what you want.`
    throw new CairnError('key_exists', message, { index })
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof CairnError && error.code === 'key_exists'
}

export function showAsked({ place, identity }: ChainKeysPlace, asked: readonly Asked[]): string {
  const chain = shellWord(shownPath(place.data))
  const [it, signature] = asked.length === 1 ? ['it', 'signature'] : ['both', 'signatures']
  return [
    ...asked.flatMap(rowsOf),
    `Have the cold key ${checksummed(identity.genesis.coldKey)} sign ${it}: docs/keys.md shows how.`,
    `Read what the wallet shows before it signs. Then import the ${signature}:`,
    `  cairn keys import ${chain} ${asked.map(() => '0x…').join(' ')}`,
    '',
  ].join('\n')
}

function rowsOf({ request, path }: Asked): readonly string[] {
  const rows: [string, string][] = [[request.k, `${request.index}`]]
  if (request.k === 'delegation') {
    const { delegate, validFrom, validUntil } = request
    rows.push(['hot key', checksummed(delegate)], ['from', `${timeOf(validFrom)} (${validFrom})`])
    const left = validUntil - BigInt(systemClock.now())
    rows.push(['until', `${timeOf(validUntil)} (${validUntil}), ${spanOf(left)} from now`])
  } else {
    const { fromHeight } = request
    rows.push([
      'takes back',
      fromHeight === 0n ? 'all that it sealed' : `all that it sealed but block ${fromHeight - 1n}`,
    ])
  }
  rows.push(['to sign', shownPath(path)])
  return [...rows.map(([name, value]) => `  ${name.padEnd(10)}  ${value}`), '']
}
