/**
 * What stands between a submitted command and a batch: a type that the machine in force does not know, a payload that it does not
 * take, or an outcome where there may be none, are refused here, while nothing has been promised yet.
 */
import { CairnError } from '../verify/error.ts'
import { MACHINE_COMMAND, machineNamed } from '../verify/own-writes.ts'
import type { CommandOutcome, Machine } from './contract.ts'
import { invalidPayload, payloadOf, validated } from './define.ts'
import { readOutcome } from './external.ts'
import type { MachineSet } from './machine-set.ts'

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

/** A payload as one machine decoded it, for one execution: that may change it, and another version may be in force by then. */
export class Decoded {
  private held: { readonly machine: Machine; readonly payload: unknown } | undefined

  constructor(machine: Machine, payload: unknown) {
    this.held = { machine, payload }
  }

  take(machine: Machine): { readonly payload: unknown } | undefined {
    const { held } = this
    this.held = undefined
    return held?.machine === machine ? held : undefined
  }
}

/**
 * The command, admitted to a batch of this machine: a copy, so that what is executed and recorded is what was checked. Those of the
 * chain itself are its operator's to submit, for whom `operator` has the machines that may be put in force.
 */
export function admit(machine: Machine, command: BatchCommand, operator?: MachineSet): BatchCommand {
  const { type } = command
  if (type === MACHINE_COMMAND && operator !== undefined) {
    demandOutcome(machine, command)
    const payload = payloadOf(type, command.payload)
    const named = machineNamed(payload)
    if (named === undefined) throw invalidPayload(type, 'it names no <id>@<version>')
    operator.inForce(named)
    return { ...command, payload }
  }
  // No machine has a type of the chain: from anybody else such a command is one of an unknown type.
  // Copied first, and once: what is decoded, executed and recorded are the same bytes, whoever changes his meanwhile.
  const payload = payloadOf(type, command.payload)
  const decoded = new Decoded(machine, validated(machine, type, payload))
  const outcome = demandOutcome(machine, command)
  // Named one by one: this is done for every command, and a spread takes three times as long.
  const { client, request, receivedAt } = command
  const admitted = { client, request, type, payload, receivedAt, decoded }
  return outcome === undefined ? admitted : { ...admitted, outcome }
}

/** The chain’s own commands are executed by the chain, whoever executes the others. */
export function demandOutcome(machine: Machine, { type, outcome }: BatchCommand): CommandOutcome | undefined {
  const isBrought = machine.isExternal && type !== MACHINE_COMMAND
  const has = outcome !== undefined && outcome !== null
  // A machine that somebody wrote by hand may say nothing of it: then it executes.
  if (isBrought ? has : !has) return has ? readOutcome(outcome) : undefined
  const message = isBrought
    ? `The machine ${machine.name} executes nothing: bring the outcome with the command.`
    : `The command ${type} is executed here: it cannot bring an outcome.`
  throw new CairnError('invalid_outcome', message, { type, machine: machine.name })
}
