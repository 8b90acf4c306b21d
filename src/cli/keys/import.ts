/**
 * `cairn keys import`: what the cold key signed takes effect, in the running chain too.
 *
 * Promise: a revocation is published only after the chain was sealed with another key, unless the operator says otherwise; and nothing is kept
 * before every signature that was given is found to be the cold key's.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { importSignature } from '../../keys/cold-signature.ts'
import type { ColdRequest } from '../../keys/typed-data.ts'
import { endOfJournal } from '../../pipeline/journal-end.ts'
import { systemClock } from '../../ports/clock.ts'
import { nodeDisk } from '../../ports/node-disk.ts'
import { jsonText } from '../../server/json-text.ts'
import { equal, fromUtf8 } from '../../verify/bytes.ts'
import { attempt, CairnError } from '../../verify/error.ts'
import type { Authority } from '../../verify/records.ts'
import { windowAt } from '../../verify/seal.ts'
import type { Delegation, Revocation } from '../../verify/types.ts'
import { EXIT } from '../exit.ts'
import type { MachineOptions } from '../machines.ts'
import { onPlace } from '../on-chain.ts'
import { PASSPHRASE_HELP, type PassphraseOptions, withPassphraseOptions } from '../passphrase.ts'
import { shellWord, shownPath } from '../place.ts'
import { readBounded, STANDARD_INPUT } from '../read.ts'
import { setting } from '../settings/option.ts'
import { withChain } from '../with-chain.ts'
import { type ChainKeysPlace, keysOf, oldestToSeal } from './keys-of.ts'

interface Options extends PassphraseOptions, MachineOptions {
  readonly atOnce?: true
  readonly json?: true
}

/** What became of what was signed. */
type Effect =
  | 'in force' // the running chain has taken it up
  | 'at the next start'
  | 'published'
  | 'waiting' // somebody has the chain open and has not taken it up yet

interface Imported {
  readonly k: ColdRequest['k']
  readonly index: bigint
  effect: Effect
}

export function asImport(command: Command): Command {
  withPassphraseOptions(command)
    .description('Take in what the cold key signed: delegations and revocations take effect, without a restart.')
    .addOption(setting('machine'))
    .option('--at-once', 'publish a revocation before the chain is sealed with another key')
    .option('--json', 'print what became of each as JSON')
    .addHelpText('after', HELP)
  return onPlace(command, { more: SIGNATURES }, async (place, words, options: Options) => {
    const chain = await keysOf(place)
    const before = await chain.keys.signedRevocations()
    const imported = await keep(chain, await signaturesFrom(words))
    for (const { index } of before) {
      const isGiven = imported.some((each) => each.k === 'revocation' && each.index === index)
      if (!isGiven) imported.push({ k: 'revocation', index, effect: 'waiting' })
    }
    if (imported.length === 0) command.error('error: no signature is given, and nothing that was imported waits')
    await takeEffect(chain, imported, options)
    process.stdout.write(options.json ? jsonText({ imported }) : shown(chain, imported))
    if (imported.some(isLeft)) process.exitCode = EXIT.error
  })
}

const SIGNATURES = {
  name: 'signature',
  text: `0x and 130 hex digits, one or more; ${STANDARD_INPUT} reads them from standard input`,
  isOne: (word: string): boolean => word === STANDARD_INPUT || /^0x[0-9a-fA-F]{130}$/.test(word),
}

const HELP = `
Each signature is matched with what was asked: their order does not matter, and after any failure the same ones may be given
again. Without one, what was imported before and still waits takes effect. A running chain takes them up within seconds: it
seals its newest block with the new key, then the revocation is published in <dir>.keys/revocations.json. Where no chain runs, it
is opened for that, and its keys are needed. ${PASSPHRASE_HELP}
With --at-once a revocation is published without any of that: where a key was stolen and the chain cannot be started now. What
only that key sealed is not believed then until another key seals the chain.

Exit codes: 0 what was signed is kept, and every revocation is published; 1 a signature is refused, and nothing was kept, or
the chain did not take it up; 2 wrong usage

Examples:
  $ cairn keys import demo 0x5e1f…
  $ cairn keys import demo 0x5e1f… 0x71c0… --passphrase-file ~/.demo-passphrase
  $ cast wallet sign --ledger --data --from-file pending-delegation-1.typed-data.json | cairn keys import demo -`

const INPUT_MAX = 16 << 10

async function signaturesFrom(words: readonly string[]): Promise<readonly string[]> {
  if (!words.includes(STANDARD_INPUT)) return words
  const text = fromUtf8(await readBounded(STANDARD_INPUT, INPUT_MAX)) ?? ''
  return [...words.filter((word) => word !== STANDARD_INPUT), ...text.split(/\s+/).filter(Boolean)]
}

/** What was signed and did not take effect, though it should have. */
function isLeft({ k, effect }: Imported): boolean {
  return effect === 'waiting' || (k === 'revocation' && effect !== 'published')
}

/**
 * All of them, or none. Delegations first: a revocation may need them. One that was kept already is there: an import that was cut short is repaired by
 * running it again.
 */
async function keep(chain: ChainKeysPlace, signatures: readonly string[]): Promise<Imported[]> {
  const pending = await pendingIn(chain)
  const kept = await keptIn(chain)
  const matched = new Map<ColdRequest, string>()
  for (const signature of signatures) matched.set(matching(chain, pending, kept, signature), signature)
  const imported: Imported[] = []
  for (const k of ['delegation', 'revocation'] as const) {
    for (const [request, signature] of matched) {
      if (request.k !== k) continue
      if (pending.includes(request)) await keepOne(chain, request, signature)
      imported.push({ k, index: request.index, effect: 'at the next start' })
    }
  }
  return imported
}

/** There when it comes back, also where another import took it in at the same moment. */
async function keepOne(chain: ChainKeysPlace, { k, index }: ColdRequest, signature: string): Promise<void> {
  try {
    await chain.keys.importSignature(k, index, signature)
  } catch (error) {
    if (!(error instanceof CairnError && error.code === 'nothing_pending')) throw error
    matching(chain, [], await keptIn(chain), signature)
  }
}

/** What was imported before, as it was asked. */
async function keptIn({ keys }: ChainKeysPlace): Promise<readonly ColdRequest[]> {
  const revocations = [...(await keys.signedRevocations()), ...(await keys.revocations())]
  return [
    ...(await keys.delegations()).map(({ delegate, index, validFrom, validUntil }) => {
      return { k: 'delegation' as const, delegate, index, validFrom, validUntil }
    }),
    ...revocations.map(({ index, fromHeight, parentHash }) => {
      return { k: 'revocation' as const, index, fromHeight, parentHash }
    }),
  ]
}

async function pendingIn({ keys }: ChainKeysPlace): Promise<readonly ColdRequest[]> {
  const { pendingDelegations, pendingRevocations } = await keys.list()
  const asked = [
    ...pendingDelegations.map((index) => keys.pending('delegation', index)),
    ...pendingRevocations.map((index) => keys.pending('revocation', index)),
  ]
  return (await Promise.all(asked)).filter((request) => request !== undefined)
}

/** The request that this is the cold key's signature on. */
function matching(
  { identity, engine, keys }: ChainKeysPlace,
  requests: readonly ColdRequest[],
  kept: readonly ColdRequest[],
  signature: string,
): ColdRequest {
  const isOn = (request: ColdRequest): CairnError | Authority =>
    attempt(() => importSignature(identity, request, signature, engine))
  const tried = requests.map(isOn)
  const found = requests[tried.findIndex((each) => !(each instanceof CairnError))]
  if (found !== undefined) return found
  const before = kept.find((request) => !(isOn(request) instanceof CairnError))
  if (before !== undefined) return before
  const error = tried.find((each) => each instanceof CairnError)
  if (error !== undefined && (tried.length === 1 || error.code !== 'wrong_signer')) throw error
  if (error === undefined) {
    const message = `Nothing is asked of the cold key: ${shownPath(keys.path)} holds no request that waits. Ask with cairn keys delegation, rotate or revocation.`
    throw new CairnError('nothing_pending', message)
  }
  const names = requests.map(({ k, index }) => `${k} ${index}`).join(', ')
  const message = `The signature ${signature.slice(0, 10)}… is not the cold key’s over anything that waits (${names}): it is another account’s, or over another document.`
  throw new CairnError('wrong_signer', message, { pending: names })
}

async function takeEffect(chain: ChainKeysPlace, imported: Imported[], options: Options): Promise<void> {
  const { keys } = chain
  if (options.atOnce) {
    for (const revocation of await keys.signedRevocations()) await keys.publish(revocation)
  } else if ((await isOpen(chain)) || !(await isTakenUpHere(chain, imported, options))) {
    process.stderr.write('Waiting for the running chain to take it up …\n')
    await waitFor(async () => (await update(chain, imported)).every(({ effect }) => effect !== 'waiting'))
    return
  }
  await update(chain, imported)
  for (const each of imported) if (each.effect === 'waiting') each.effect = 'at the next start'
}

/** Not where another process opened the chain at this moment: that one does. */
async function isTakenUpHere({ place }: ChainKeysPlace, imported: Imported[], options: Options): Promise<boolean> {
  if (imported.every(({ k }) => k === 'delegation')) return true
  try {
    // The first thing that it does is to take up what was imported.
    await withChain(place, 'append', () => Promise.resolve(), options)
    return true
  } catch (error) {
    if (error instanceof CairnError && error.code === 'chain_locked') return false
    throw error
  }
}

async function isOpen({ place }: ChainKeysPlace): Promise<boolean> {
  try {
    const unlock = await nodeDisk.lock(`${place.data}/lock`)
    await unlock()
    return false
  } catch (error) {
    if (error instanceof CairnError && error.code === 'chain_locked') return true
    throw error
  }
}

/** Milliseconds: a running chain looks every second, and unlocks a keystore in less than one. */
const PATIENCE = 20_000
const PAUSE = 500

async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  const end = systemClock.monotonic() + PATIENCE
  while (!(await isDone()) && systemClock.monotonic() < end) await sleep(PAUSE)
}

/** Looks what became of each. */
async function update({ keys, journal, identity }: ChainKeysPlace, imported: Imported[]): Promise<readonly Imported[]> {
  const published = await keys.revocations()
  const waiting: readonly Revocation[] = await keys.signedRevocations()
  const { keystores } = await keys.list()
  const end = await endOfJournal(journal)
  for (const each of imported) {
    if (each.k === 'revocation') {
      const isPublished = published.some(({ index }) => index === each.index)
      each.effect = isPublished && !waiting.some(({ index }) => index === each.index) ? 'published' : 'waiting'
    } else {
      const delegation = (await keys.delegation(each.index)) as Delegation
      const isSeen = end.head !== undefined && equal(end.head.seal.delegation.signature, delegation.signature)
      // One that is not for the newest block, or whose key is elsewhere, leaves no trace in the journal before it is used.
      const leavesTrace =
        end.head !== undefined &&
        windowAt(oldestToSeal(end, identity), delegation) === 'open' &&
        keystores.includes(each.index)
      each.effect = isSeen ? 'in force' : leavesTrace ? 'waiting' : 'at the next start'
    }
  }
  return imported
}

function shown({ place }: ChainKeysPlace, imported: readonly Imported[]): string {
  const revocations = shownPath(`${place.keys}/revocations.json`)
  const lines = imported.map(({ k, index, effect }) => {
    if (k === 'delegation') {
      if (effect === 'in force') return `Delegation ${index} is in force: its key sealed the newest block.`
      if (effect === 'waiting')
        return `Delegation ${index} is kept; the process that has the chain open has not taken it up yet.`
      return `Delegation ${index} is kept, and used from the next start on, or as soon as the running chain needs it.`
    }
    if (effect === 'published')
      return `The revocation of ${index} is published: copy ${revocations} to where verifiers look.`
    return `The revocation of ${index} is signed and waits for the chain to take it up; --at-once does not wait. See what the chain says.`
  })
  const chain = shellWord(shownPath(place.data))
  return `${lines.join('\n')}\n\ncairn keys list ${chain} shows how all keys stand.\n`
}
