/**
 * Makes a machine of its definition: a name, and for each type of command how its payload is read and what it does.
 *
 * Promise: what is wrong with a definition is said when it is made; a payload that does not pass never reaches `execute`.
 */
import { PAYLOAD_MAX } from '../verify/bounds.ts'
import { bytes, native } from '../verify/codec.ts'
import { label, machineVersion } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { CommandDefinition, Machine, MachineCommand, Tx } from './contract.ts'

/** Types that begin so are the chain's own. */
const OWN_TYPES = 'cairn/'

export interface MachineDefinition<P extends object> {
  readonly id: string
  readonly version: number
  /** A definition for each type. `P` has the decoded payload of each. */
  readonly commands: { readonly [T in keyof P]: CommandDefinition<P[T]> }
}

export function defineMachine<P extends object>({ id, version, commands }: MachineDefinition<P>): Machine {
  const name = nameOf(id, version)
  const byType = new Map<string, CommandDefinition<unknown>>()
  for (const [type, definition] of Object.entries<CommandDefinition<unknown>>(commands)) {
    const wrong = wrongWithType(type)
    if (wrong !== undefined) throw invalid(`the command type ${JSON.stringify(type)}: ${wrong}`)
    byType.set(type, definition)
  }
  const find = (type: string): CommandDefinition<unknown> => {
    const found = byType.get(type)
    if (found === undefined) throw unknownType(type, name, [...byType.keys()])
    return found
  }
  return {
    name,
    isExternal: false,
    validate: (type: string, payload: Uint8Array): unknown => read(find(type), type, payload),
    execute: (command: MachineCommand<unknown>, tx: Tx): unknown => find(command.type).execute(command, tx),
  }
}

/** What is wrong with a type that a machine or an engine elsewhere names, or nothing. */
export function wrongWithType(type: string): string | undefined {
  const checked = attempt(() => label.decode(type, native))
  if (checked instanceof CairnError) return checked.message
  return type.startsWith(OWN_TYPES) ? `types that begin with ${OWN_TYPES} are the chain’s own` : undefined
}

export function unknownType(type: string, machine: string, known: readonly string[]): CairnError {
  const has = known.length > 0 ? `it has ${known.join(', ')}` : 'it has types of its own choice'
  return new CairnError('unknown_type', `The machine ${machine} has no command of this type; ${has}.`, {
    type,
    machine,
  })
}

export function invalidPayload(type: string, reason: string): CairnError {
  return new CairnError('invalid_payload', `The payload of ${type} is refused: ${reason}`, { type, reason })
}

const payloadBytes = bytes(0, PAYLOAD_MAX)

/** A copy goes in, so that what is recorded later is what came. */
export function payloadOf(type: string, payload: Uint8Array): Uint8Array {
  const copy = attempt(() => payloadBytes.decode(payload, native))
  if (copy instanceof CairnError) throw invalidPayload(type, copy.message)
  return copy
}

function read(definition: CommandDefinition<unknown>, type: string, payload: Uint8Array): unknown {
  const copy = payloadOf(type, payload)
  let decoded: unknown
  try {
    decoded = definition.validate(copy)
  } catch (refusal) {
    decoded = refusal instanceof Error ? refusal : new Error(String(refusal))
  }
  if (decoded instanceof Error) throw invalidPayload(type, decoded.message)
  return decoded
}

function nameOf(id: string, version: number): string {
  if (!Number.isSafeInteger(version)) throw invalid('the version is a whole number from 0 on')
  const name = attempt(() => machineVersion.decode(`${id}@${version}`, native))
  if (name instanceof CairnError) throw invalid(`the name ${JSON.stringify(`${id}@${version}`)}: ${name.message}`)
  return name
}

function invalid(reason: string): CairnError {
  return new CairnError('invalid_machine', `This is no machine: ${reason}`, { reason })
}
