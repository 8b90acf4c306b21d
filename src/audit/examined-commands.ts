/**
 * What can be found out of the commands of a block by themselves: whether they stand in their places, what they hash to, what their clients ask, what
 * they add to the ranges. Here out of commands that were read; `command-lists.ts` finds the same where they lie.
 */
import { entriesTogether } from '../pipeline/entries.ts'
import { Identities } from '../pipeline/identities.ts'
import { seqsInPlace } from '../verify/chain-order.ts'
import type { Entries } from '../verify/chain-ranges.ts'
import type { Hasher } from '../verify/engine.ts'
import type { RecordedCommand } from '../verify/records.ts'
import type { Header, Roots } from '../verify/types.ts'

/**
 * What clients ask in a block, as far as those before it have to do with it; in the order in which they come. Not an object for each: where another thread
 * found it out, that is most of what comes from there.
 */
export interface ClientsInBlock {
  readonly names: readonly string[]
  /** Three for each: its first request in the block, the seq of that, its highest request. */
  readonly numbers: BigUint64Array
}

/** A request of a client that is not above the highest one before it in the block. */
export interface Repeated {
  readonly request: bigint
  readonly highest: bigint
  readonly seq: bigint
}

export interface ExaminedCommands {
  readonly count: number
  /** How many, from the first on, have the seqs from that of the block on. */
  readonly inPlace: number
  /** What the header should have as their hash. */
  readonly hash: Uint8Array
  /** Up to the first that repeats. */
  readonly clients: ClientsInBlock
  readonly repeated?: Repeated
  /** For the levels above `seals`: what they add to the ranges, one entry after the other, if these have the sizes that the block names. */
  readonly entries?: LaidOut
}

export type LaidOut = Readonly<Record<keyof Entries, Uint8Array>>

export class CommandExaminer {
  private readonly hasher: Hasher
  private readonly isDeep: boolean
  private readonly identities: Identities

  constructor(hasher: Hasher, isDeep: boolean) {
    this.hasher = hasher
    this.isDeep = isDeep
    this.identities = new Identities(hasher)
  }

  examine(commands: readonly RecordedCommand[], header: Header, roots: Roots): ExaminedCommands {
    const identityHashes = this.identities.of(commands)
    return {
      count: commands.length,
      inPlace: seqsInPlace(header, commands),
      hash: this.hasher.hash(identityHashes),
      ...clientsIn(commands),
      ...(this.isDeep && { entries: this.entries(commands, roots, identityHashes) }),
    }
  }

  private entries(commands: readonly RecordedCommand[], roots: Roots, identityHashes: Uint8Array): LaidOut {
    const count = (name: 'obligations' | 'intents'): bigint =>
      BigInt(commands.reduce((sum, command) => sum + command[name].length, 0))
    // Below 0 where the block names too few: then the sizes are not those of the ranges before it, and nothing rests on these.
    const before = (name: 'obligations' | 'intents'): bigint => BigInt.asUintN(64, roots[name].size - count(name))
    const sizes = { obligations: before('obligations'), intents: before('intents') }
    const entries = entriesTogether(sizes, commands, identityHashes, this.hasher)
    return {
      commands: concatenated(entries.commands),
      obligations: concatenated(entries.obligations),
      intents: concatenated(entries.intents),
    }
  }
}

/** FORMAT §9 as far as the block alone goes: its clients, and the first number that is not above one before it in the block. */
function clientsIn(commands: readonly RecordedCommand[]): Pick<ExaminedCommands, 'clients' | 'repeated'> {
  const clients = new Map<string, { readonly request: bigint; readonly seq: bigint; highest: bigint }>()
  let repeated: Repeated | undefined
  for (const { seq, client, request } of commands) {
    if (client === '') continue
    const known = clients.get(client)
    if (known === undefined) clients.set(client, { request, seq, highest: request })
    else if (request <= known.highest) {
      repeated = { request, highest: known.highest, seq }
      break
    } else known.highest = request
  }
  const numbers = [...clients.values()].flatMap(({ request, seq, highest }) => [request, seq, highest])
  return {
    clients: { names: [...clients.keys()], numbers: BigUint64Array.from(numbers) },
    ...(repeated && { repeated }),
  }
}

/** Not by `concat`: a block may have more of them than a call may have arguments. */
function concatenated(hashes: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(32 * hashes.length)
  hashes.forEach((hash, i) => {
    whole.set(hash, 32 * i)
  })
  return whole
}
