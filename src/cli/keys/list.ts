/** `cairn keys list`: the hot keys of a chain and how they stand, and what waits for the cold key. */
import type { Command } from 'commander'
import type { CairnClient } from '../../client/index.ts'
import { readKeystore } from '../../keys/keystore-file.ts'
import { endOfJournal } from '../../pipeline/journal-end.ts'
import { asRecorded, systemClock } from '../../ports/clock.ts'
import { jsonText } from '../../server/json-text.ts'
import { CairnError } from '../../verify/error.ts'
import { windowAt } from '../../verify/seal.ts'
import type { Delegation, Genesis, Proof } from '../../verify/types.ts'
import { checksummed } from '../addresses.ts'
import { onChain } from '../on-chain.ts'
import { type Place, shellWord, shownPath } from '../place.ts'
import { openServer } from '../remote/with-server.ts'
import { spanOf } from '../times.ts'
import { type ChainKeysPlace, keysOf, oldestToSeal } from './keys-of.ts'

interface Options {
  readonly json?: true
}

type State = 'usable' | 'early' | 'expired' | 'revoked' | 'pending' | 'unasked'

interface Row {
  readonly index: bigint
  readonly state: State
  readonly delegate: Uint8Array | undefined
  readonly validFrom: bigint | undefined
  readonly validUntil: bigint | undefined
  /** Whether its key lies here, encrypted; null of a server, where nobody says. */
  readonly keystore: boolean | null
  /** Whether it sealed the newest block. */
  readonly seals: boolean
}

export function asList(command: Command): Command {
  command
    .description('Print the hot keys of a chain, how they stand, and what waits for the cold key.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
  return onChain<Options>(
    command,
    {},
    {
      here: async (place, _, { json }) => {
        const chain = await keysOf(place)
        const { pendingDelegations, pendingRevocations, signedRevocations } = await chain.keys.list()
        const waiting = { pendingDelegations, pendingRevocations, signedRevocations }
        const { genesis } = chain.identity
        const none = `There is no hot key in ${shownPath(chain.place.keys)} yet: cairn keys delegation.`
        const end = await endOfJournal(chain.journal)
        const now = nextTime(oldestToSeal(end, chain.identity))
        const rows = await rowsOf(chain, end.head?.seal.delegation.index, now)
        print(genesis, rows, now, waiting, json === true, none)
        if (!json) process.stdout.write(shownWaiting(chain, rows, waiting))
      },
      there: async (_, options) => {
        const server = await openServer(command, options)
        const none = 'The chain has seen no delegation yet.'
        const { genesis } = server.identity
        const newest = await newestOn(server.client)
        const now = nextTime(newest?.block.timestamp ?? genesis.createdAt)
        const rows = await rowsOnServer(server.client, newest?.seal.delegation.index, now)
        print(genesis, rows, now, NOTHING_WAITS, options.json === true, none)
      },
    },
  )
}

const HELP = `
No passphrase is asked for. It works while the chain runs. Of a server it is what the chain has seen: each is signed by the cold
key; that none was left out, of those that were taken back above all, is the server's word.

Exit codes: 0 they are printed; 1 the chain or a key cannot be read; 2 wrong usage

Examples:
  $ cairn keys list demo
  $ cairn keys list demo --json
  $ cairn keys list --url https://ledger.example.org --chain-id 0x5e1f…`

/** The time of a block that is made now: a clock that is behind the newest block is waited for. */
function nextTime(newest: bigint): bigint {
  const now = asRecorded(systemClock.now())
  return now < newest ? newest : now
}

async function rowsOf({ keys }: ChainKeysPlace, sealing: bigint | undefined, now: bigint): Promise<readonly Row[]> {
  const { keystores, pendingDelegations } = await keys.list()
  const revoked = new Set(
    [...(await keys.revocations()), ...(await keys.signedRevocations())].map(({ index }) => index),
  )
  const here = (row: Row): Row => ({ ...row, keystore: keystores.includes(row.index) })
  const rows = (await keys.delegations()).map((each) => here(rowOf(each, revoked, sealing, now)))
  const pending = (index: bigint, of?: Pick<Delegation, 'delegate' | 'validFrom' | 'validUntil'>): Row =>
    here({ index, state: 'pending', ...spanIn(of), keystore: null, seals: sealing === index })
  for (const index of pendingDelegations) {
    const request = await keys.pending('delegation', index)
    rows.push(pending(index, request?.k === 'delegation' ? request : undefined))
  }
  // A keystore that nobody asked the cold key about: it was put there, or a command was cut short.
  for (const index of keystores.filter((each) => !rows.some((known) => known.index === each))) {
    const { address } = readKeystore((await keys.keystore(index)) ?? '')
    rows.push({ ...pending(index), state: 'unasked', delegate: address })
  }
  return inOrder(rows)
}

async function rowsOnServer(client: CairnClient, sealing: bigint | undefined, now: bigint): Promise<readonly Row[]> {
  const { delegations, revocations } = await client.authority()
  const revoked = new Set(revocations.map(({ index }) => index))
  return inOrder(delegations.map((each) => rowOf(each, revoked, sealing, now)))
}

/** The newest block, proved, with its seal; nothing where there is none. */
async function newestOn(client: CairnClient): Promise<Proof | undefined> {
  try {
    return await client.prove({})
  } catch (error) {
    if (error instanceof CairnError && error.code === 'nothing_to_prove') return undefined
    throw error
  }
}

function rowOf(delegation: Delegation, revoked: ReadonlySet<bigint>, sealing: bigint | undefined, now: bigint): Row {
  const { index } = delegation
  const window = windowAt(now, delegation)
  const state = revoked.has(index) ? 'revoked' : window === 'open' ? 'usable' : window
  return { index, state, ...spanIn(delegation), keystore: null, seals: sealing === index }
}

function spanIn(
  of?: Pick<Delegation, 'delegate' | 'validFrom' | 'validUntil'>,
): Pick<Row, 'delegate' | 'validFrom' | 'validUntil'> {
  return { delegate: of?.delegate, validFrom: of?.validFrom, validUntil: of?.validUntil }
}

function inOrder(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (a.index < b.index ? -1 : 1))
}

type Waiting = Readonly<Record<'pendingDelegations' | 'pendingRevocations' | 'signedRevocations', readonly bigint[]>>

const NOTHING_WAITS: Waiting = { pendingDelegations: [], pendingRevocations: [], signedRevocations: [] }

function print(
  { coldKey }: Genesis,
  keys: readonly Row[],
  now: bigint,
  waiting: Waiting,
  isJson: boolean,
  none: string,
): void {
  process.stdout.write(isJson ? jsonText({ coldKey, keys, ...waiting }) : shown(coldKey, keys, now, none))
}

function shown(coldKey: Uint8Array, rows: readonly Row[], now: bigint, none: string): string {
  const cold = `cold key  ${checksummed(coldKey)}\n`
  if (rows.length === 0) return `${cold}\n${none}\n`
  const lines = rows.map(({ index, delegate, ...row }) => {
    const address = delegate === undefined ? '–'.padEnd(42) : checksummed(delegate)
    const missing = row.keystore === false ? 'its key is not here' : ''
    const notes = [stateOf(row, now), missing, row.seals ? 'sealed the newest block' : '']
    return `  ${String(index).padStart(3)}  ${address}  ${notes.filter(Boolean).join(', ')}`
  })
  return `${cold}\n${lines.join('\n')}\n`
}

function stateOf(
  { state, validFrom = 0n, validUntil = 0n }: Pick<Row, 'state' | 'validFrom' | 'validUntil'>,
  now: bigint,
): string {
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
    case 'unasked':
      return 'the cold key was not asked for it'
  }
}

function shownWaiting({ place }: ChainKeysPlace, rows: readonly Row[], waiting: Waiting): string {
  const { pendingDelegations, pendingRevocations, signedRevocations } = waiting
  const file = (name: string): string => shownPath(`${place.keys}/${name}`)
  const lines = [
    ...pendingDelegations.map((index) => `To be signed: ${file(`pending-delegation-${index}.typed-data.json`)}`),
    ...pendingRevocations.map((index) => `To be signed: ${file(`pending-revocation-${index}.typed-data.json`)}`),
    ...signedRevocations.map(
      (index) =>
        `Signed, and not published before the chain has taken it up: ${file(`signed-revocation-${index}.json`)}`,
    ),
    ...rows.filter(({ state }) => state === 'unasked').map((row) => `To ask the cold key: ${asking(place, row)}`),
  ]
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}

/** The command that asks for a key that is here. */
function asking({ data }: Place, { index, delegate }: Row): string {
  const address = delegate === undefined ? '0x…' : checksummed(delegate)
  return `cairn keys delegation ${shellWord(shownPath(data))} --index ${index} --delegate ${address}`
}
