/**
 * What a chain writes into its own state (FORMAT §7): the newest commands hash and size, each client's highest request, and the
 * machine in force. Raw keys that begin with byte 0 are the chain's; no machine may write them.
 */
import { abi } from './abi.ts'
import { concat, fromUtf8, utf8 } from './bytes.ts'
import { native } from './codec.ts'
import { machineVersion } from './codecs.ts'
import { attempt, CairnError } from './error.ts'
import type { Write } from './state-tree.ts'
import type { Executed } from './types.ts'

const OWN = Uint8Array.of(0)
const CHAIN_KEY: Uint8Array = concat(OWN, utf8('chain'))
/** Where it has the machine in force, if that is not the genesis's. */
export const MACHINE_KEY: Uint8Array = concat(OWN, utf8('machine'))
/** The command type that puts another machine version in force. */
export const MACHINE_COMMAND = 'cairn/machine'

/** Whether a raw key is the chain’s own: no machine may write it. */
export function isOwnKey(rawKey: Uint8Array): boolean {
  return rawKey[0] === 0
}

/** Whether this command puts the machine that its payload names in force. */
export function putsMachine({ type, status }: Pick<Executed, 'type' | 'status'>): boolean {
  return type === MACHINE_COMMAND && status === 0
}

/** The `<id>@<version>` that a payload is, or nothing where it is none. */
export function machineNamed(payload: Uint8Array): string | undefined {
  const named = attempt(() => machineVersion.decode(fromUtf8(payload), native))
  return named instanceof CairnError ? undefined : named
}

/** Where the state has a client's highest request and its seq. */
export function clientKey(client: string): Uint8Array {
  return concat(OWN, utf8('client/'), utf8(client))
}

export interface OwnState {
  readonly commandsHash: Uint8Array
  /** First seq + command count of the block. */
  readonly nextSeq: bigint
  readonly commands: readonly Pick<Executed, 'seq' | 'client' | 'request'>[]
  /** What the block's last accepted `cairn/machine` names, and what the genesis does; absent where there was none. */
  readonly machine?: { readonly inForce: string; readonly ofGenesis: string }
}

/** The writes of one block, after those of its commands. */
export function ownWrites({ commandsHash, nextSeq, commands, machine }: OwnState): readonly Write[] {
  const writes: Write[] = [[CHAIN_KEY, abi(commandsHash, nextSeq)]]
  // Of what a client's commands write only the last one's stays.
  const last = new Map<string, OwnState['commands'][number]>()
  for (const command of commands) last.set(command.client, command)
  for (const { client, request, seq } of last.values()) {
    if (client !== '') writes.push([clientKey(client), abi(request, seq)])
  }
  if (machine !== undefined) {
    const { inForce, ofGenesis } = machine
    writes.push([MACHINE_KEY, inForce === ofGenesis ? null : utf8(inForce)])
  }
  return writes
}
