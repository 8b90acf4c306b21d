/**
 * The state machine of a chain, as a command is told of it: one that comes with the package, by its name, or a module on this disk that exports it, or
 * several versions of it. A module is code, and runs here: its name comes from whoever calls the command, never from a chain or over the network.
 *
 * Promise: a chain is opened with the machine that its genesis names, or not at all.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { external, kv, ledger, type Machine } from '../machine/index.ts'
import { MachineSet } from '../machine/machine-set.ts'
import { native } from '../verify/codec.ts'
import { machineVersion } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { quoted } from '../verify/meaning.ts'

export interface MachineOptions {
  /** Names and paths. */
  readonly machine?: readonly string[]
}

const BUILT_IN: ReadonlyMap<string, Machine> = new Map(
  Object.entries({ kv, ledger, external } satisfies Readonly<Record<string, Machine>>),
)

/** What was named; without a name, what comes with the package. */
export async function machinesOf({ machine }: MachineOptions): Promise<readonly Machine[]> {
  if (machine === undefined) return [...BUILT_IN.values()]
  const machines = await Promise.all(machine.map((each) => named(each)))
  return distinct(machines.flat())
}

/** The machines with which a chain of this genesis is opened. */
export async function machinesFor(
  genesis: { readonly machine: string },
  options: MachineOptions,
): Promise<readonly Machine[]> {
  const machines = await machinesOf(options)
  if (machines.some(({ name }) => name === genesis.machine)) return machines
  throw differs(genesis.machine, machines, options)
}

export interface MachineOfNew {
  /** The one that its genesis names. */
  readonly name: string
  readonly machines: MachineSet
}

/** The machine of a new chain: of several versions the newest. */
export async function machineOfNew(options: MachineOptions): Promise<MachineOfNew> {
  if (options.machine === undefined) return { name: kv.name, machines: new MachineSet([kv]) }
  const machines = await machinesOf(options)
  const [first, ...others] = machines.map(({ name }) => splitName(name))
  if (first === undefined || others.some(({ id }) => id !== first.id)) {
    const message = `A new chain has one machine: ${machines.map(({ name }) => name).join(', ')} are different ones. Name one of them, or versions of one.`
    throw new CairnError('machine_ambiguous', message, { machines: machines.map(({ name }) => name) })
  }
  const version = Math.max(first.version, ...others.map((each) => each.version))
  return { name: `${first.id}@${version}`, machines: new MachineSet(machines) }
}

function splitName(name: string): { readonly id: string; readonly version: number } {
  const at = name.lastIndexOf('@')
  return { id: name.slice(0, at), version: Number(name.slice(at + 1)) }
}

async function named(name: string): Promise<readonly Machine[]> {
  const known = BUILT_IN.get(name)
  if (known !== undefined) return [known]
  const file = resolve(name)
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw unloadable(name, error)
  }
  const found = machinesIn(exported.default)
  const machines = found.length > 0 ? found : Object.values(exported).flatMap(machinesIn)
  if (machines.length === 0) throw noMachine(name)
  return machines
}

function machinesIn(value: unknown): readonly Machine[] {
  return [value].flat().filter(isMachine)
}

/** It may have been made by another copy of the package. */
function isMachine(value: unknown): value is Machine {
  if (typeof value !== 'object' || value === null) return false
  const { name, isExternal, validate, execute } = value as Partial<Record<keyof Machine, unknown>>
  if (typeof validate !== 'function' || typeof execute !== 'function' || typeof isExternal !== 'boolean') return false
  return !(attempt(() => machineVersion.decode(name, native)) instanceof CairnError)
}

/** One that was named twice, or that a module exports under two names, is one. */
function distinct(machines: readonly Machine[]): readonly Machine[] {
  return [...new Set(machines)]
}

function unloadable(name: string, error: unknown): CairnError {
  const cause = error instanceof Error ? error.message : String(error)
  const message = `The machine ${quoted(name)} is none of ${[...BUILT_IN.keys()].join(', ')}, and no module that can be loaded (${cause}). Name one of them, or a JavaScript module: --machine ./my-machine.js.`
  return new CairnError('machine_unloadable', message, { machine: name, cause })
}

function noMachine(name: string): CairnError {
  const message = `The module ${quoted(name)} exports no machine: its default export is to be what defineMachine of cairn-log/machine gives, or an array of versions of it.`
  return new CairnError('machine_missing', message, { machine: name })
}

function differs(wanted: string, given: readonly Machine[], { machine }: MachineOptions): CairnError {
  const names = given.map(({ name }) => name)
  const message =
    machine === undefined
      ? `The chain runs the machine ${wanted}, which does not come with the package: name the module that exports it, as in --machine ./my-machine.js.`
      : `The chain runs the machine ${wanted}, and what was given is ${names.join(', ')}: give that one, of that version (--machine may be repeated, and a module may export several versions).`
  return new CairnError('machine_differs', message, { machine: wanted, given: names })
}
