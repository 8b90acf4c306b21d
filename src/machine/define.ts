/**
 * Makes a machine of its definition: a name, and for each type of command how its payload is read and what it does.
 *
 * Promise: what is wrong with a definition is said when it is made; a payload that does not pass never reaches `execute`.
 */
import { LABEL_MAX, PAYLOAD_MAX } from '../verify/bounds.ts'
import { native } from '../verify/codec.ts'
import { label, machineVersion } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { CommandDefinition, Machine, MachineCommand, Tx } from './contract.ts'
import { Copies } from './copies.ts'
import { isLate } from './late.ts'
import { readsOnly } from './payload.ts'

/** Types that begin so are the chain's own. */
const OWN_TYPES = 'cairn/'

export interface MachineDefinition<P extends object> {
  readonly id: string
  readonly version: number
  /** A definition for each type. `P` has the decoded payload of each. */
  readonly commands: { readonly [T in keyof P]: CommandDefinition<P[T]> }
}

/** Makes a machine of one definition for each command type; what is not a machine is refused by `invalid_machine`. */
export function defineMachine<P extends object>({ id, version, commands }: MachineDefinition<P>): Machine {
  const name = nameOf(id, version)
  const byType = new Map<string, CommandDefinition<unknown>>()
  if (!isPlain(commands)) throw invalid('commands is a plain object (a type __proto__ is written as ["__proto__"])')
  for (const [type, definition] of Object.entries<CommandDefinition<unknown>>(commands)) {
    if (typeof definition?.validate !== 'function' || typeof definition.execute !== 'function') {
      throw invalid(`the command type ${JSON.stringify(type)} needs the functions validate and execute`)
    }
    const wrong = wrongWithType(type)
    if (wrong !== undefined) throw invalid(`the command type ${JSON.stringify(type)}: ${wrong}`)
    byType.set(type, definition)
  }
  const find = (type: string): CommandDefinition<unknown> => {
    const found = byType.get(type)
    if (found === undefined) throw unknownType(type, name, [...byType.keys()])
    return found
  }
  const machine: Machine = {
    name,
    isExternal: false,
    validate: (type: string, payload: Uint8Array): unknown => read(find(type), type, payload),
    execute: (command: MachineCommand<unknown>, tx: Tx): unknown => find(command.type).execute(command, tx),
  }
  DEFINED.add(machine)
  return machine
}

/** What is wrong with a type that a machine or an engine elsewhere names, or nothing. */
export function wrongWithType(type: string): string | undefined {
  const checked = attempt(() => label.decode(type, native))
  if (checked instanceof CairnError) return checked.message
  return type.startsWith(OWN_TYPES) ? `types that begin with ${OWN_TYPES} are the chain’s own` : undefined
}

export function unknownType(type: string, machine: string, known: readonly string[]): CairnError {
  const has = known.length > 0 ? `it has ${known.join(', ')}` : 'it has types of its own choice'
  return asUnknownType(`The machine ${machine} has no command of this type; ${has}.`, type, machine)
}

function asUnknownType(message: string, type: string, machine: string): CairnError {
  // Whoever sent it chose its length.
  return new CairnError('unknown_type', message, { type: type.slice(0, LABEL_MAX), machine })
}

export function invalidPayload(type: string, reason: string): CairnError {
  return new CairnError('invalid_payload', `The payload of ${type} is refused: ${reason}`, { type, reason })
}

/** A reason goes back to whoever sent the payload: it is cut. */
const REASON_MAX = 1024
const LATE = 'validate is synchronous: it returned a promise'

const copies = new Copies()

/** A copy, so that what is recorded later is what came. */
export function payloadOf(type: string, payload: Uint8Array): Uint8Array {
  const copy = attempt(() => copies.of(payload, 0, PAYLOAD_MAX))
  if (copy instanceof CairnError) throw invalidPayload(type, copy.message)
  return copy
}

const DEFINED = new WeakSet<Machine>()

/** Whether the machine was made here: such a one copies what its definition could change. */
function isDefined(machine: Machine): boolean {
  return DEFINED.has(machine)
}

/**
 * What a machine makes of a payload. One that another copy of this package made, or nobody, throws errors of its own: each is a refusal like any other.
 */
export function validated(machine: Machine, type: string, payload: Uint8Array): unknown {
  if (isDefined(machine)) return machine.validate(type, payload)
  // One that takes whatever it is sent must not get a type that no record may have, or that only the operator may send.
  if (wrongWithType(type) !== undefined) throw unknownType(type, machine.name, [])
  try {
    const decoded = machine.validate(type, payload.slice())
    if (isLate(decoded)) throw invalidPayload(type, LATE)
    return decoded
  } catch (thrown) {
    if (thrown instanceof CairnError) throw thrown
    const { code, details } = (thrown ?? {}) as {
      readonly code?: unknown
      readonly details?: { readonly reason?: unknown }
    }
    if (code === 'unknown_type') throw asUnknownType(reasonOf(thrown), type, machine.name)
    throw invalidPayload(type, reasonOf(details?.reason ?? thrown))
  }
}

function read(definition: CommandDefinition<unknown>, type: string, payload: Uint8Array): unknown {
  const checked = payloadOf(type, payload)
  // One more, with a buffer of its own: it may be changed there, and kept. Not for those that are known to do neither.
  const copy = readsOnly(definition) ? checked : checked.slice()
  let refusal: unknown
  try {
    const decoded: unknown = definition.validate(copy)
    if (isLate(decoded)) refusal = LATE
    else if (!(decoded instanceof Error)) return decoded
    else refusal = decoded
  } catch (thrown) {
    refusal = thrown
  }
  throw invalidPayload(type, reasonOf(refusal))
}

/** Whatever was thrown, as text; even what cannot be shown must not throw again. */
function reasonOf(refusal: unknown): string {
  try {
    return String(refusal instanceof Error ? refusal.message : refusal).slice(0, REASON_MAX)
  } catch {
    return 'validate threw something that cannot be shown'
  }
}

function isPlain(commands: unknown): boolean {
  if (typeof commands !== 'object' || commands === null) return false
  const prototype: unknown = Object.getPrototypeOf(commands)
  return prototype === Object.prototype || prototype === null
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
