/**
 * What stands between a submitted command and a batch: a type that the machine in force does not know, a payload that it does not
 * take, or an outcome where there may be none, are refused here, while nothing has been promised yet.
 */
import { CairnError } from '../verify/error.ts'
import { MACHINE_COMMAND, machineNamed } from '../verify/own-writes.ts'
import type { CommandOutcome, Machine } from './contract.ts'
import { invalidPayload } from './define.ts'
import { readOutcome } from './external.ts'

/** A command on its way into a batch, in the order of its seq. */
export interface BatchCommand {
  readonly client: string
  readonly request: bigint
  readonly type: string
  readonly payload: Uint8Array
  readonly receivedAt: bigint
  /** What an engine elsewhere made of it: for an external machine, and there always. */
  readonly outcome?: CommandOutcome
  /** What the admission made of the payload, so that the batch need not decode it again. */
  readonly decoded?: Decoded
}

/** A payload as one machine decoded it. Another version may be in force when its batch comes. */
export interface Decoded {
  readonly machine: Machine
  readonly payload: unknown
}

/** The command, admitted to a batch of this machine. Those of the chain itself are its operator's to submit. */
export function admit(machine: Machine, command: BatchCommand, by: 'client' | 'operator' = 'client'): BatchCommand {
  const { type, payload } = command
  if (type === MACHINE_COMMAND && by === 'operator') {
    demandOutcome(machine, command)
    if (machineNamed(payload) === undefined) throw invalidPayload(type, 'it names no <id>@<version>')
    return command
  }
  // No machine has a type of the chain: from anybody else such a command is one of an unknown type.
  const decoded = { machine, payload: machine.validate(type, payload) }
  demandOutcome(machine, command)
  return { ...command, decoded }
}

/** The chain’s own commands are executed by the chain, whoever executes the others. */
export function demandOutcome(machine: Machine, { type, outcome }: BatchCommand): CommandOutcome | undefined {
  const isBrought = machine.isExternal && type !== MACHINE_COMMAND
  if (isBrought === (outcome !== undefined)) return outcome && readOutcome(outcome)
  const message = isBrought
    ? `The machine ${machine.name} executes nothing: bring the outcome with the command.`
    : `The command ${type} is executed here: it cannot bring an outcome.`
  throw new CairnError('invalid_outcome', message, { type, machine: machine.name })
}
