/**
 * What a thread found out of a stretch, on its way to the thread that joins it: of blocks without a fault, which nearly all are, the numbers, hashes and clients
 * of all of them side by side; all else as it is. To serialize objects for every block takes a good part of what it takes to examine it.
 *
 * Promise: what is unpacked is what was packed.
 */
import type { ExaminedBlock, ExaminedFrame, ExaminedRecord, ExaminedSeal } from './examine.ts'

export interface PackedExamined {
  /** Of each frame where it lies, and how many records it has. */
  readonly offsets: Float64Array
  readonly counts: Uint32Array
  /** Of each record what it is. */
  readonly kinds: Uint8Array
  /** Of each plain block five. */
  readonly ofBlocks: BigUint64Array
  /** Of each good seal its height and the index of its delegation. */
  readonly ofSeals: BigUint64Array
  /** Of each plain block four. */
  readonly hashes: Uint8Array
  /** Of each plain block how many clients it has, and which of the names. */
  readonly clients: Uint32Array
  readonly names: readonly string[]
  /** Of each of them three. */
  readonly requests: BigUint64Array
  readonly others: readonly ExaminedRecord[]
  /** What is wrong with the last frame. */
  readonly broken: string | undefined
}

const PLAIN_BLOCK = 0
const GOOD_SEAL = 1
const OTHER = 2

const HASH = 32

export function packExamined(frames: readonly ExaminedFrame[]): PackedExamined {
  const records = frames.flatMap((frame) => frame.records)
  const kinds = Uint8Array.from(records, kindOf)
  const blocks = records.filter((_, i) => kinds[i] === PLAIN_BLOCK) as ExaminedBlock[]
  const seals = records.filter((_, i) => kinds[i] === GOOD_SEAL) as ExaminedSeal[]
  const names = new Map<string, number>()
  return {
    offsets: Float64Array.from(frames, ({ offset }) => offset),
    counts: Uint32Array.from(frames, (frame) => frame.records.length),
    kinds,
    ofBlocks: new BigUint64Array(blocks.flatMap(numbersOf)),
    ofSeals: new BigUint64Array(seals.flatMap(({ height, index }) => [height, index])),
    hashes: hashesOf(blocks),
    clients: new Uint32Array(
      blocks.flatMap(({ clients }) => [clients.names.length, ...placesIn(names, clients.names)]),
    ),
    names: [...names.keys()],
    requests: requestsOf(blocks),
    others: records.filter((_, i) => kinds[i] === OTHER),
    broken: frames.at(-1)?.broken,
  }
}

function numbersOf({ header }: ExaminedBlock): readonly bigint[] {
  return [header.height, header.epoch, header.commandCount, header.firstSeq, header.timestamp]
}

function hashesOf(blocks: readonly ExaminedBlock[]): Uint8Array {
  const hashes = new Uint8Array(4 * HASH * blocks.length)
  let at = 0
  for (const { header, hash } of blocks) {
    for (const each of [header.parentHash, header.commandsHash, header.batchRoot, hash]) {
      hashes.set(each, at)
      at += HASH
    }
  }
  return hashes
}

/** Names are numbered in the order in which they come. */
function placesIn(known: Map<string, number>, names: readonly string[]): readonly number[] {
  return names.map((name) => {
    const place = known.get(name) ?? known.size
    if (place === known.size) known.set(name, place)
    return place
  })
}

function requestsOf(blocks: readonly ExaminedBlock[]): BigUint64Array {
  const requests = new BigUint64Array(blocks.reduce((sum, { clients }) => sum + clients.numbers.length, 0))
  let at = 0
  for (const { clients } of blocks) {
    requests.set(clients.numbers, at)
    at += clients.numbers.length
  }
  return requests
}

function kindOf(record: ExaminedRecord): number {
  if (record.k === 'block') {
    const isPlain = record.fault === undefined && record.deep === undefined && record.revocations.length === 0
    return isPlain ? PLAIN_BLOCK : OTHER
  }
  return record.k === 'seal' && record.judged !== undefined && record.judged.wrong === undefined ? GOOD_SEAL : OTHER
}

export function unpackExamined({ offsets, counts, kinds, others, broken, ...packed }: PackedExamined): ExaminedFrame[] {
  const unpacker = new Unpacker(packed)
  let record = 0
  let other = 0
  return Array.from(offsets, (offset, i) => {
    const records: ExaminedRecord[] = []
    for (const end = record + (counts[i] as number); record < end; record++) {
      if (kinds[record] === PLAIN_BLOCK) records.push(unpacker.block())
      else records.push(kinds[record] === GOOD_SEAL ? unpacker.seal() : (others[other++] as ExaminedRecord))
    }
    return { offset, records, ...(broken !== undefined && i === offsets.length - 1 && { broken }) }
  })
}

class Unpacker {
  private readonly packed: Omit<PackedExamined, 'offsets' | 'counts' | 'kinds' | 'others' | 'broken'>
  private blocksAt = 0
  private sealsAt = 0
  private hashesAt = 0
  private clientsAt = 0
  private requestsAt = 0

  constructor(packed: Unpacker['packed']) {
    this.packed = packed
  }

  seal(): ExaminedSeal {
    const { ofSeals } = this.packed
    const [height, index] = [ofSeals[this.sealsAt++] as bigint, ofSeals[this.sealsAt++] as bigint]
    return { k: 'seal', height, index, judged: {} }
  }

  block(): ExaminedBlock {
    const [height, epoch, commandCount] = [this.number(), this.number(), this.number()]
    const [firstSeq, timestamp] = [this.number(), this.number()]
    const [parentHash, commandsHash, batchRoot] = [this.hash(), this.hash(), this.hash()]
    const header = { height, epoch, parentHash, commandsHash, batchRoot, commandCount, firstSeq, timestamp }
    return { k: 'block', header, hash: this.hash(), clients: this.clients(), revocations: [] }
  }

  private clients(): ExaminedBlock['clients'] {
    const { clients, names, requests } = this.packed
    const from = this.clientsAt + 1
    const end = from + (clients[this.clientsAt] as number)
    const start = this.requestsAt
    this.clientsAt = end
    this.requestsAt += 3 * (end - from)
    return {
      names: Array.from(clients.subarray(from, end), (place) => names[place] as string),
      numbers: requests.subarray(start, this.requestsAt),
    }
  }

  private number(): bigint {
    return this.packed.ofBlocks[this.blocksAt++] as bigint
  }

  private hash(): Uint8Array {
    this.hashesAt += HASH
    return this.packed.hashes.subarray(this.hashesAt - HASH, this.hashesAt)
  }
}
