/**
 * The commands of blocks, examined where they lie in the payloads of frames: a WebAssembly kernel (kernel/commands.ts) reads and hashes all of a block in
 * one call, and no object is made for any of them. A chain that is verified is nearly nothing but commands.
 *
 * Promise: what it answers is what `CommandExaminer` answers for the same commands. Where they lie otherwise than a producer writes them, or are more than
 * there is room for, it has no answer. A kernel that does not load here, or hashes wrongly, is not used.
 */
import type { CommandsAt } from '../journal/record-read.ts'
import { type Engine, nobleEngine } from '../verify/engine.ts'
import { COMMAND, INTENT, OBLIGATION, OUTCOME } from '../verify/entries.ts'
import { checkCommandLists } from './command-lists-check.ts'
import { COMMANDS_KERNEL } from './commands-kernel.ts'
import type { ClientsInBlock, ExaminedCommands, LaidOut, Repeated } from './examined-commands.ts'

/** One that the kernel exports: an address, or a number that it found. */
interface Place {
  readonly value: number
}

/** What kernel/commands.ts exports; its comments say what each does. */
interface Kernel {
  readonly memory: WebAssembly.Memory
  readonly PAYLOAD: Place
  readonly COMMANDS_HASH: Place
  readonly CLIENTS: Place
  readonly LEAVES: Place
  readonly OBLIGATION_LEAVES: Place
  readonly INTENT_LEAVES: Place
  readonly COMMAND_TAG: Place
  readonly OUTCOME_TAG: Place
  readonly OBLIGATION_TAG: Place
  readonly INTENT_TAG: Place
  readonly commandCount: Place
  readonly inPlace: Place
  readonly obligationCount: Place
  readonly intentCount: Place
  readonly clientCount: Place
  readonly repeatedRequest: { readonly value: bigint }
  readonly repeatedHighest: { readonly value: bigint }
  readonly repeatedSeq: { readonly value: bigint }
  /** 0 for no. */
  begin(length: number): number
  read(at: number, firstSeq: bigint, isDeep: boolean, obligations: bigint, intents: bigint): number
}

/** A frame may be as long as a file: longer ones than this are rare, and decoded. */
const PAYLOAD_BYTES_MAX = 16 << 20
/** A client in the kernel: the length of its name, from this word of 8 bytes on its three numbers, the name. */
const NUMBERS = 1
const LABEL = 32

/** One for all: what it answers is out of its memory before it is asked again. */
let opened: CommandLists | undefined
/** It is not tried again where it did not load, or hashed wrongly. */
let isRefused = false

/** Where an engine is wanted that hashes by noble, and where there is no WebAssembly, there are none. */
export function openCommandLists({ hasher }: Engine): CommandLists | undefined {
  if (hasher === nobleEngine.hasher || isRefused) return undefined
  try {
    if (opened === undefined) {
      const lists = new CommandLists()
      checkCommandLists(lists)
      opened = lists
    }
  } catch {
    isRefused = true
  }
  return opened
}

export class CommandLists {
  private readonly kernel: Kernel
  private bytes = new Uint8Array()
  private words = new Uint32Array()
  private numbers = new BigUint64Array()

  constructor() {
    const code = Uint8Array.from(atob(COMMANDS_KERNEL), (character) => character.charCodeAt(0))
    const kernel = new WebAssembly.Instance(new WebAssembly.Module(code), {}).exports as unknown as Kernel
    this.kernel = kernel
    this.see()
    this.bytes.set(COMMAND, kernel.COMMAND_TAG.value)
    this.bytes.set(OUTCOME, kernel.OUTCOME_TAG.value)
    this.bytes.set(OBLIGATION, kernel.OBLIGATION_TAG.value)
    this.bytes.set(INTENT, kernel.INTENT_TAG.value)
  }

  /** Examines the commands of the blocks in this payload, or has no room for it. */
  of(payload: Uint8Array, isDeep: boolean): CommandsAt<ExaminedCommands> | undefined {
    const { kernel } = this
    if (payload.length > PAYLOAD_BYTES_MAX || kernel.begin(payload.length) === 0) return undefined
    if (this.bytes.buffer !== kernel.memory.buffer) this.see()
    this.bytes.set(payload, kernel.PAYLOAD.value)
    return (at, { firstSeq }, { obligations, intents }) => {
      const end = kernel.read(at, firstSeq, isDeep, obligations.size, intents.size)
      return end === 0 ? undefined : { commands: this.examined(isDeep), end }
    }
  }

  /** Of its memory, which is another one when it grew. */
  private see(): void {
    const { buffer } = this.kernel.memory
    this.bytes = new Uint8Array(buffer)
    this.words = new Uint32Array(buffer)
    this.numbers = new BigUint64Array(buffer)
  }

  private examined(isDeep: boolean): ExaminedCommands {
    const { kernel } = this
    const repeated = this.repeated()
    return {
      count: kernel.commandCount.value,
      inPlace: kernel.inPlace.value,
      hash: this.hashes(kernel.COMMANDS_HASH, 1),
      clients: this.clients(),
      ...(repeated && { repeated }),
      ...(isDeep && { entries: this.entries() }),
    }
  }

  private clients(): ClientsInBlock {
    const { CLIENTS, clientCount } = this.kernel
    const names: string[] = []
    const numbers = new BigUint64Array(3 * clientCount.value)
    for (let i = 0; i < clientCount.value; i++) {
      const entry = this.words[CLIENTS.value / 4 + i] as number
      const name = this.bytes.subarray(entry + LABEL, entry + LABEL + (this.words[entry / 4] as number))
      names.push(Reflect.apply(String.fromCharCode, undefined, name) as string)
      numbers.set(this.numbers.subarray(entry / 8 + NUMBERS, entry / 8 + NUMBERS + 3), 3 * i)
    }
    return { names, numbers }
  }

  private repeated(): Repeated | undefined {
    const { repeatedRequest, repeatedHighest, repeatedSeq } = this.kernel
    if (repeatedRequest.value === 0n) return undefined
    return {
      request: BigInt.asUintN(64, repeatedRequest.value),
      highest: BigInt.asUintN(64, repeatedHighest.value),
      seq: BigInt.asUintN(64, repeatedSeq.value),
    }
  }

  private entries(): LaidOut {
    const { kernel } = this
    return {
      commands: this.hashes(kernel.LEAVES, kernel.commandCount.value),
      obligations: this.hashes(kernel.OBLIGATION_LEAVES, kernel.obligationCount.value),
      intents: this.hashes(kernel.INTENT_LEAVES, kernel.intentCount.value),
    }
  }

  private hashes({ value }: Place, count: number): Uint8Array {
    return this.bytes.slice(value, value + 32 * count)
  }
}
