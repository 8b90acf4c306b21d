/**
 * The records of a frame read straight into their shapes, where they lie as `record-write.ts` writes them: members in that order, integers unsigned. It
 * takes a fifth of the time of decoding to values first and judging these, and a chain that is verified is nearly nothing but such records.
 *
 * Promise: what it answers is what the codec of records answers for the same bytes. Whatever lies otherwise, is over a bound or wrong gets no answer
 * here: the codec is asked, and says what it is. Bytes are views of what was read.
 */
import { JOURNAL_FILE_MAX, LABEL_MAX } from '../verify/bounds.ts'
import type { StatedCommand } from '../verify/chain-state.ts'
import { CairnError } from '../verify/error.ts'
import type {
  Authority,
  BlockRecord,
  ChainRecord,
  CloseRecord,
  RecordedCommand,
  SealRecord,
} from '../verify/records.ts'
import type { Delegation, Header, Roots, Seal, SizedRoot } from '../verify/types.ts'
import { CommandReader } from './command-read.ts'
import { packedName } from './msgpack-write.ts'
import { UNUSUAL, Unusual } from './plain-read.ts'

/** A block with something in the place of its commands. */
export type BlockWith<Commands> = Omit<BlockRecord, 'commands'> & { readonly commands: Commands }
export type RecordWith<Commands> = BlockWith<Commands> | SealRecord | CloseRecord

/** Reads the commands of a block that begin at `at` of the payload, and says where they end; nothing where one of them lies otherwise. */
export type CommandsAt<Commands> = (
  at: number,
  header: Header,
  roots: Roots,
) => { readonly commands: Commands; readonly end: number } | undefined

/** The records of a frame's payload; nothing where one of them lies otherwise. */
export function readPlainRecords(payload: Uint8Array): readonly ChainRecord[] | undefined {
  return recordsOf(new WholeReader(payload))
}

/** The same, with as much of the commands as the state of their blocks depends on: of the rest it is only seen that it lies as it should. */
export function readPlainStated(payload: Uint8Array): readonly RecordWith<readonly StatedCommand[]>[] | undefined {
  return recordsOf(new StatedReader(payload))
}

/** The same, with what somebody else reads the commands to. */
export function readPlainWith<Commands>(
  payload: Uint8Array,
  commandsAt: CommandsAt<Commands>,
): readonly RecordWith<Commands>[] | undefined {
  return recordsOf(new PartReader(payload, commandsAt))
}

function recordsOf<Commands>(reader: RecordReader<Commands>): readonly RecordWith<Commands>[] | undefined {
  try {
    return reader.records()
  } catch (error) {
    if (error instanceof Unusual || error instanceof CairnError) return undefined
    throw error
  }
}

const NAMES = Object.fromEntries(
  (
    'k v header roots commands notes authority height epoch parentHash commandsHash batchRoot commandCount firstSeq timestamp state risk ' +
    'obligations intents history size root delegate index validFrom validUntil signature fromHeight seal delegation hash'
  )
    .split(' ')
    .map((name) => [name, packedName(name)]),
) as Readonly<Record<string, Uint8Array>>

function packed(name: string): Uint8Array {
  return NAMES[name] as Uint8Array
}

abstract class RecordReader<Commands> extends CommandReader {
  protected abstract commands(header: Header, roots: Roots): Commands

  records(): readonly RecordWith<Commands>[] {
    const records = this.list(() => this.record())
    if (!this.isDone) throw UNUSUAL
    return records
  }

  private record(): RecordWith<Commands> {
    const members = this.byte()
    this.name(packed('k'))
    const k = this.label(1, LABEL_MAX)
    this.name(packed('v'))
    if (this.byte() !== 1) throw UNUSUAL
    if (k === 'block' && members === 0x87) return this.block()
    if (members !== 0x84) throw UNUSUAL
    const height = this.integerOf(packed('height'))
    if (k === 'seal') return { k, v: 1, height, seal: this.sealOf(packed('seal')) }
    if (k === 'close') return { k, v: 1, height, hash: this.bytesOf(packed('hash'), 32, 32) }
    throw UNUSUAL
  }

  private block(): BlockWith<Commands> {
    this.name(packed('header'))
    const header = this.header()
    this.name(packed('roots'))
    const roots = this.roots()
    this.name(packed('commands'))
    const commands = this.commands(header, roots)
    this.name(packed('notes'))
    const notes = this.list(() => this.bin(0, JOURNAL_FILE_MAX))
    this.name(packed('authority'))
    const authority = this.list(() => this.authority())
    return { k: 'block', v: 1, header, roots, commands, notes, authority }
  }

  private header(): Header {
    this.members(8)
    return {
      height: this.integerOf(packed('height')),
      epoch: this.integerOf(packed('epoch')),
      parentHash: this.hashOf(packed('parentHash')),
      commandsHash: this.hashOf(packed('commandsHash')),
      batchRoot: this.hashOf(packed('batchRoot')),
      commandCount: this.integerOf(packed('commandCount')),
      firstSeq: this.integerOf(packed('firstSeq')),
      timestamp: this.integerOf(packed('timestamp')),
    }
  }

  private roots(): Roots {
    this.members(6)
    return {
      state: this.hashOf(packed('state')),
      risk: this.hashOf(packed('risk')),
      commands: this.sized(packed('commands')),
      obligations: this.sized(packed('obligations')),
      intents: this.sized(packed('intents')),
      history: this.hashOf(packed('history')),
    }
  }

  private sized(name: Uint8Array): SizedRoot {
    this.name(name)
    this.members(2)
    return { size: this.integerOf(packed('size')), root: this.hashOf(packed('root')) }
  }

  private authority(): Authority {
    const members = this.byte()
    this.name(packed('k'))
    const k = this.label(1, LABEL_MAX)
    if (k === 'delegation' && members === 0x86) return { k, ...this.delegation() }
    if (k !== 'revocation' || members !== 0x85) throw UNUSUAL
    return {
      k,
      index: this.integerOf(packed('index')),
      fromHeight: this.integerOf(packed('fromHeight')),
      parentHash: this.hashOf(packed('parentHash')),
      signature: this.bytesOf(packed('signature'), 65, 65),
    }
  }

  private sealOf(name: Uint8Array): Seal {
    this.name(name)
    this.members(2)
    this.name(packed('delegation'))
    this.members(5)
    return { delegation: this.delegation(), signature: this.bytesOf(packed('signature'), 65, 65) }
  }

  private delegation(): Delegation {
    const delegate = this.bytesOf(packed('delegate'), 20, 20)
    // The zero address is no signer.
    if (delegate.every((byte) => byte === 0)) throw UNUSUAL
    return {
      delegate,
      index: this.integerOf(packed('index')),
      validFrom: this.integerOf(packed('validFrom')),
      validUntil: this.integerOf(packed('validUntil')),
      signature: this.bytesOf(packed('signature'), 65, 65),
    }
  }
}

class WholeReader extends RecordReader<readonly RecordedCommand[]> {
  protected commands(): readonly RecordedCommand[] {
    return this.list(() => this.command())
  }
}

const PASSED: Uint8Array = new Uint8Array(0)

/** Payloads but those that put a machine in force, salts, replies and data are not there: an array for each of them takes longer than to read all of it. */
class StatedReader extends WholeReader {
  protected override aside(min: number, max: number): Uint8Array {
    this.skip(this.binLength(min, max))
    return PASSED
  }
}

class PartReader<Commands> extends RecordReader<Commands> {
  private readonly commandsAt: CommandsAt<Commands>

  constructor(payload: Uint8Array, commandsAt: CommandsAt<Commands>) {
    super(payload)
    this.commandsAt = commandsAt
  }

  protected commands(header: Header, roots: Roots): Commands {
    const read = this.commandsAt(this.at, header, roots)
    if (read === undefined) throw UNUSUAL
    this.at = read.end
    return read.commands
  }
}
