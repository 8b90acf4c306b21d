/**
 * The replay: every command is executed again by the machine that was in force, over the state as it was, and what came of it is compared with what
 * the chain says. It is the one check that a machine that was changed, or never was what it is said to be, does not pass.
 *
 * What cannot be executed is said, and not passed over in silence: payloads that were erased, machines that were not given, an engine elsewhere.
 */
import type { BatchCommand } from '../machine/admission.ts'
import { executeBatch } from '../machine/batch.ts'
import type { CommandOutcome, Reads } from '../machine/contract.ts'
import type { MachineSet } from '../machine/machine-set.ts'
import type { Written } from '../machine/overlay.ts'
import { differenceOf } from '../machine/twice.ts'
import { fromUtf8, utf8 } from '../verify/bytes.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { MACHINE_KEY } from '../verify/own-writes.ts'
import type { BlockRecord, RecordedCommand } from '../verify/records.ts'
import type { FaultFound } from './faults.ts'

export class Execution {
  /** Why commands were not executed, or not all. */
  unchecked: string | undefined
  /** What the newest block wrote, as it was executed; nothing where it was not. */
  written: Written | undefined
  private readonly machines: MachineSet
  private readonly ofGenesis: string
  private readonly read: Reads

  constructor(machines: MachineSet, ofGenesis: string, read: Reads) {
    this.machines = machines
    this.ofGenesis = ofGenesis
    this.read = read
  }

  /** From here on nothing can be executed. */
  giveUp(why: string): void {
    this.unchecked ??= why
  }

  /** The first command of a block of which the machine makes something else than the chain says. */
  faultOf({ header, commands }: BlockRecord): FaultFound | undefined {
    this.written = undefined
    const { height, timestamp, firstSeq } = header
    const erased = commands.find(({ payload }) => payload === undefined)
    if (erased !== undefined) {
      this.unchecked ??= `the payload of seq ${erased.seq} was erased, so that its block at height ${height} could not be executed`
      return undefined
    }
    // Nothing to compare with, and the state says why it ends here.
    if (commands.some(({ writes }) => writes === undefined)) return undefined
    const name = fromUtf8(this.read('state', MACHINE_KEY) ?? utf8(this.ofGenesis)) ?? ''
    const machine = attempt(() => this.machines.inForce(name))
    if (machine instanceof CairnError) {
      this.unchecked ??= `from height ${height} on the machine ${name} is in force, which was not given`
      return undefined
    }
    if (machine.isExternal) {
      this.unchecked ??= `from height ${height} on an engine elsewhere executed (${name})`
      return undefined
    }
    const place = { height, timestamp, firstSeq, machines: this.machines }
    // As they are: they have neither an outcome nor what an admission made of their payload.
    const result = attempt(() => executeBatch(machine, this.read, commands as readonly BatchCommand[], place))
    if (result instanceof CairnError) {
      if (result.code !== 'unknown_machine') throw result
      this.unchecked ??= `at height ${height} a machine was put in force that was not given`
      return undefined
    }
    for (const [i, made] of result.outcomes.entries()) {
      const command = commands[i] as RecordedCommand & CommandOutcome
      const differs = differenceOf(command, made)
      if (differs === undefined) continue
      const reason = `${machine.name}, executed again, gives the command another ${IN_WORDS[differs] ?? differs}`
      return { check: 'outcomes', reason, seq: command.seq }
    }
    this.written = result.written
    return undefined
  }
}

const IN_WORDS: Readonly<Record<string, string>> = {
  status: 'status (accepted or rejected)',
  reply: 'reply',
  obligations: 'list of obligations',
  intents: 'list of intents',
  writes: 'list of writes',
}
