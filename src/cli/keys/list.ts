/** `cairn keys list`: the hot keys of a chain and how they stand, and what waits for the cold key. */
import type { Command } from 'commander'
import { readKeystore } from '../../keys/keystore-file.ts'
import { endOfJournal } from '../../pipeline/journal-end.ts'
import { systemClock } from '../../ports/clock.ts'
import { jsonText } from '../../server/json-text.ts'
import { windowAt } from '../../verify/seal.ts'
import type { Delegation } from '../../verify/types.ts'
import { checksummed } from '../addresses.ts'
import { onPlace } from '../on-chain.ts'
import { shownPath } from '../place.ts'
import { spanOf } from '../times.ts'
import { type ChainKeysPlace, keysOf } from './keys-of.ts'

interface Options {
  readonly json?: true
}

type State = 'usable' | 'early' | 'expired' | 'revoked' | 'pending'

interface Row {
  readonly index: bigint
  readonly state: State
  readonly delegate: Uint8Array | undefined
  readonly validFrom: bigint | undefined
  readonly validUntil: bigint | undefined
  /** Whether its key lies here, encrypted. */
  readonly keystore: boolean
  /** Whether it sealed the newest block. */
  readonly seals: boolean
}

export function asList(command: Command): Command {
  command
    .description('Print the hot keys of a chain, how they stand, and what waits for the cold key.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, {}, async (place, _, { json }: Options) => {
    const chain = await keysOf(place)
    const { pendingDelegations, pendingRevocations, signedRevocations } = await chain.keys.list()
    const rows = await rowsOf(chain)
    const waiting = { pendingDelegations, pendingRevocations, signedRevocations }
    const { coldKey } = chain.identity.genesis
    process.stdout.write(json ? jsonText({ coldKey, keys: rows, ...waiting }) : shown(chain, rows))
    if (!json) process.stdout.write(shownWaiting(chain, waiting))
  })
}

const HELP = `
No passphrase is asked for. It works while the chain runs.

Examples:
  $ cairn keys list demo
  $ cairn keys list demo --json`

async function rowsOf({ keys, journal }: ChainKeysPlace): Promise<readonly Row[]> {
  const { keystores, pendingDelegations } = await keys.list()
  const revoked = new Set(
    [...(await keys.revocations()), ...(await keys.signedRevocations())].map(({ index }) => index),
  )
  const { head } = await endOfJournal(journal)
  const now = BigInt(systemClock.now())
  const row = (index: bigint, state: State, of?: Pick<Delegation, 'delegate' | 'validFrom' | 'validUntil'>): Row => ({
    index,
    state,
    delegate: of?.delegate,
    validFrom: of?.validFrom,
    validUntil: of?.validUntil,
    keystore: keystores.includes(index),
    seals: head?.seal.delegation.index === index,
  })
  const rows = (await keys.delegations()).map((each) => {
    const window = windowAt(now, each)
    return row(each.index, revoked.has(each.index) ? 'revoked' : window === 'open' ? 'usable' : window, each)
  })
  for (const index of pendingDelegations) {
    const request = await keys.pending('delegation', index)
    rows.push(row(index, 'pending', request?.k === 'delegation' ? request : undefined))
  }
  // A keystore that nobody asked the cold key about.
  for (const index of keystores.filter((each) => !rows.some((known) => known.index === each))) {
    const { address } = readKeystore((await keys.keystore(index)) ?? '')
    rows.push({ ...row(index, 'pending'), delegate: address })
  }
  return rows.sort((a, b) => (a.index < b.index ? -1 : 1))
}

function shown({ identity, place }: ChainKeysPlace, rows: readonly Row[]): string {
  const cold = `cold key  ${checksummed(identity.genesis.coldKey)}\n`
  if (rows.length === 0) return `${cold}\nThere is no hot key in ${shownPath(place.keys)} yet: cairn keys delegation.\n`
  const lines = rows.map(({ index, delegate, ...row }) => {
    const address = delegate === undefined ? '–'.padEnd(42) : checksummed(delegate)
    const notes = [stateOf(row), row.keystore ? '' : 'its key is not here', row.seals ? 'sealed the newest block' : '']
    return `  ${String(index).padStart(3)}  ${address}  ${notes.filter(Boolean).join(', ')}`
  })
  return `${cold}\n${lines.join('\n')}\n`
}

function stateOf({ state, validFrom = 0n, validUntil = 0n }: Pick<Row, 'state' | 'validFrom' | 'validUntil'>): string {
  const now = BigInt(systemClock.now())
  switch (state) {
    case 'usable':
      return `for ${spanOf(validUntil - now)} more`
    case 'early':
      return `begins in ${spanOf(validFrom - now)}`
    case 'expired':
      return `ended ${spanOf(now - validUntil)} ago`
    case 'revoked':
      return 'taken back'
    case 'pending':
      return 'waits for the cold key'
  }
}

function shownWaiting(
  { place }: ChainKeysPlace,
  waiting: Readonly<Record<'pendingDelegations' | 'pendingRevocations' | 'signedRevocations', readonly bigint[]>>,
): string {
  const { pendingDelegations, pendingRevocations, signedRevocations } = waiting
  const file = (name: string): string => shownPath(`${place.keys}/${name}`)
  const lines = [
    ...pendingDelegations.map((index) => `To be signed: ${file(`pending-delegation-${index}.typed-data.json`)}`),
    ...pendingRevocations.map((index) => `To be signed: ${file(`pending-revocation-${index}.typed-data.json`)}`),
    ...signedRevocations.map(
      (index) =>
        `Signed, and not published before the chain has taken it up: ${file(`signed-revocation-${index}.json`)}`,
    ),
  ]
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}
