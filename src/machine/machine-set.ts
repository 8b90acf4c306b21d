/**
 * The versions of its machine that a chain is given. Which one is in force is written in its state (FORMAT §7), and that one
 * executes, at a replay too: so a version that was ever in force must be among them for good.
 */
import { CairnError } from '../verify/error.ts'
import type { Machine } from './contract.ts'

export class MachineSet {
  private readonly byName: ReadonlyMap<string, Machine>

  constructor(machines: readonly Machine[]) {
    const byName = new Map<string, Machine>()
    for (const machine of machines) {
      if (byName.has(machine.name)) {
        throw new CairnError(
          'invalid_machine',
          `There are two machines ${machine.name}: give one of them another version.`,
        )
      }
      byName.set(machine.name, machine)
    }
    this.byName = byName
  }

  /** The machine of this `<id>@<version>`. */
  inForce(name: string): Machine {
    const found = this.byName.get(name)
    if (found !== undefined) return found
    const known = [...this.byName.keys()]
    throw new CairnError(
      'unknown_machine',
      `${name} is not among the machines that this chain was given (${known.join(', ')}): add it, on the command line with --machine.`,
      { machine: name, known },
    )
  }
}
