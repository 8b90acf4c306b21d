/** What was asked to be proved, and whether a proof that holds shows that, and not something else that is true as well. */
import { equal, fromHex, utf8 } from '../verify/bytes.ts'
import { CairnError } from '../verify/error.ts'
import { blockHash, type Claim, type Engine, type Header, identify, type Proof, toHex } from '../verify/index.ts'
import { asIndex, demandMembers, invalidOption } from '../verify/option.ts'
import { disproved } from './errors.ts'

/** What is to be proved: as in `GET /v1/proof`. */
export interface ProofAsked {
  readonly command?: readonly bigint[]
  readonly obligation?: readonly bigint[]
  readonly intent?: readonly bigint[]
  readonly state?: readonly (string | Uint8Array)[]
  readonly risk?: readonly (string | Uint8Array)[]
  readonly absent?: readonly (string | Uint8Array)[]
  /** Keys with their values, or that they are not there: whichever it is. */
  readonly key?: readonly (string | Uint8Array)[]
  /** As of which block; the newest where it is left out. */
  readonly block?: bigint
}

const RISK = 'risk:'

const ENTRIES = ['command', 'obligation', 'intent'] as const
const KEYS = ['state', 'risk', 'absent', 'key'] as const
const NAMES: readonly string[] = [...ENTRIES, ...KEYS, 'block']

/**
 * What is asked for, as a copy: what a server shows is compared with it later, and whoever asked may use his buffers again before that. What is
 * misspelt, or a number, would be shown by nobody, and the server be called a liar for it.
 */
export function askedOf(asked: ProofAsked): ProofAsked {
  demandMembers(asked, NAMES)
  const { block } = asked
  demandHeight(block)
  const copy: Record<string, unknown> = { ...(block !== undefined && { block }) }
  for (const what of ENTRIES) copy[what] = listOf(what, asked[what], (each) => asIndex(what, each))
  for (const what of KEYS) copy[what] = listOf(what, asked[what], keyOf)
  return copy
}

function listOf<T>(what: string, asked: unknown, read: (each: unknown) => T): readonly T[] | undefined {
  if (asked === undefined) return undefined
  if (!Array.isArray(asked)) throw invalidOption(what, 'it is a list of what is to be proved')
  return Array.from(asked as readonly unknown[], read)
}

/** That of a block, where one is given. */
export function demandHeight(height: unknown): void {
  if (height === undefined || typeof height === 'bigint') return
  throw new CairnError('unknown_height', 'No block has this height: they are asked for by bigints.', { height })
}

function keyOf(key: unknown): string | Uint8Array {
  if (typeof key === 'string') return key
  if (key instanceof Uint8Array) return new Uint8Array(key)
  throw new CairnError('invalid_key', 'A key is asked for as text or as an Uint8Array.')
}

export function queryOf({ block, ...asked }: ProofAsked): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of ENTRIES) for (const each of asked[name] ?? []) query.append(name, String(each))
  for (const name of ['state', 'risk'] as const)
    for (const key of asked[name] ?? []) query.append(name, toHex(rawKey(key)))
  for (const name of ['absent', 'key'] as const)
    for (const key of asked[name] ?? []) query.append(name, isOfRisk(key) ? key : toHex(rawKey(key)))
  if (block !== undefined) query.set('block', String(block))
  return query
}

/** `0x` and hex digits are bytes, anything else is text: as in URLs. */
export function rawKey(key: string | Uint8Array): Uint8Array {
  if (typeof key !== 'string') return key
  const bytes = key.startsWith('0x') ? fromHex(key) : utf8(key)
  if (bytes !== undefined) return bytes
  throw new CairnError('invalid_key', 'A key that begins with 0x is pairs of lower-case hex digits: give it as bytes.')
}

function isOfRisk(key: string | Uint8Array): key is string {
  return typeof key === 'string' && key.startsWith(RISK)
}

/** The block that facts are shown of: that of the proof, or an ancestor that it carries. */
export interface Ground {
  readonly header: Header
  readonly hash: Uint8Array
  readonly claims: readonly Claim[]
}

export function groundOf(
  { genesis, block, claims }: Proof,
  height: bigint | undefined,
  { hasher }: Pick<Engine, 'hasher'>,
): Ground {
  if (height === undefined || height === block.height) {
    return { header: block, hash: blockHash(identify(genesis, hasher), block, hasher), claims }
  }
  for (const each of claims) {
    if (each.kind === 'block' && each.height === height && each.block !== undefined)
      return { header: each.block, hash: each.blockHash, claims: each.claims ?? [] }
  }
  throw disproved(`it does not show block ${height}`, [])
}

/** What a proof that holds says of a key, where it says anything: its value, or null. */
export function valueIn(
  claims: readonly Claim[],
  tree: 'state' | 'risk',
  key: Uint8Array,
): Uint8Array | null | undefined {
  const claim = claims.find((each) => each.kind === 'state' && each.tree === tree && equal(each.key, key))
  return claim?.kind === 'state' ? claim.value : undefined
}

/** The proof, which holds, shows all that was asked for, as of the block that was asked for. */
export function demandShown(proof: Proof, asked: ProofAsked, engine: Pick<Engine, 'hasher'>): void {
  const { claims } = groundOf(proof, asked.block, engine)
  for (const kind of ['command', 'obligation', 'intent'] as const) {
    const shown = new Set(claims.map((each) => (each.kind === kind ? each.index : undefined)))
    const missing = asked[kind]?.find((index) => !shown.has(index))
    if (missing !== undefined) throw disproved(`it does not show ${kind} ${missing}`, [])
  }
  const demand = (isShown: boolean): void => {
    if (!isShown) throw disproved('it does not show what was asked of a key', [])
  }
  for (const tree of ['state', 'risk'] as const)
    for (const key of asked[tree] ?? []) demand(valueIn(claims, tree, rawKey(key)) instanceof Uint8Array)
  const inEither = (key: string | Uint8Array): Uint8Array | null | undefined =>
    isOfRisk(key) ? valueIn(claims, 'risk', rawKey(key.slice(RISK.length))) : valueIn(claims, 'state', rawKey(key))
  for (const key of asked.absent ?? []) demand(inEither(key) === null)
  for (const key of asked.key ?? []) demand(inEither(key) !== undefined)
}
