/** What the kernel of commands has to answer before it is used: a WebAssembly compiler that is broken on some machine must not judge chains. */

import { readPlainWith } from '../journal/record-read.ts'
import { encodeBlockRecord } from '../journal/record-write.ts'
import { concat, equal } from '../verify/bytes.ts'
import { nobleEngine } from '../verify/engine.ts'
import type { BlockRecord, RecordedCommand } from '../verify/records.ts'
import type { CommandLists } from './command-lists.ts'
import { CommandExaminer, type ExaminedCommands } from './examined-commands.ts'

const hashOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 151) ^ (i >> 3))

/** Payloads of one block, two and many, so that messages are hashed alone and side by side; and one that is told by its hash. */
const LENGTHS = [0, 103, 104, 239, 240, 100, 1500] as const

const COMMANDS: readonly RecordedCommand[] = [...LENGTHS, undefined].map((length, i) => {
  const content =
    length === undefined ? { payloadHash: hashOf(9) } : ({ payload: bytesOf(length), salt: hashOf(i) } as const)
  const isAnonymous = i % 3 === 0
  const command: Omit<RecordedCommand, keyof typeof content> = {
    seq: 5n + BigInt(i),
    client: isAnonymous ? '' : `client-${i % 3}`,
    request: isAnonymous ? 0n : 2n ** BigInt(8 * i),
    type: 'put',
    receivedAt: 1_700_000_000_000n,
    status: i === 2 ? 1 : 0,
    reply: bytesOf(10 * i),
    obligations: i % 2 === 0 ? [{ topic: 'topic', data: bytesOf(50 * i) }] : [],
    intents: i === 3 ? [{ kind: 'kind', data: bytesOf(3) }] : [],
    writes: [
      ['state', bytesOf(5), bytesOf(200)],
      ['risk', bytesOf(7), null],
    ],
  }
  return Object.assign(command, content) as RecordedCommand
})

const RECORD: BlockRecord = {
  k: 'block',
  v: 1,
  header: {
    height: 3n,
    epoch: 1n,
    parentHash: hashOf(1),
    commandsHash: hashOf(2),
    batchRoot: hashOf(3),
    commandCount: BigInt(COMMANDS.length),
    firstSeq: 5n,
    timestamp: 1_700_000_000_000n,
  },
  roots: {
    state: hashOf(4),
    risk: hashOf(5),
    commands: { size: 5n, root: hashOf(6) },
    obligations: { size: 300n, root: hashOf(7) },
    intents: { size: 2n ** 40n, root: hashOf(8) },
    history: hashOf(9),
  },
  commands: COMMANDS,
  notes: [],
  authority: [],
}

/** Throws unless it examines a block as noble's hashes have it. */
export function checkCommandLists(lists: CommandLists): void {
  const { header, roots } = RECORD
  const expected = new CommandExaminer(nobleEngine.hasher, true).examine(COMMANDS, header, roots)
  const payload = concat(Uint8Array.of(0x91), encodeBlockRecord(RECORD))
  const commandsAt = lists.of(payload, true)
  const [found] = commandsAt === undefined ? [] : (readPlainWith(payload, commandsAt) ?? [])
  if (found?.k === 'block' && isSame(found.commands, expected)) return
  throw new Error('The WebAssembly of this machine reads or hashes commands wrongly.')
}

function isSame(a: ExaminedCommands, b: ExaminedCommands): boolean {
  const hashesOf = ({ hash, entries }: ExaminedCommands): Uint8Array => {
    return entries === undefined ? hash : concat(hash, entries.commands, entries.obligations, entries.intents)
  }
  return equal(hashesOf(a), hashesOf(b)) && factsOf(a) === factsOf(b)
}

function factsOf({ count, inPlace, clients, repeated }: ExaminedCommands): string {
  return [count, inPlace, ...clients.names, ...clients.numbers, repeated?.seq].join()
}
