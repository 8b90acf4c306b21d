/** Records of every shape, right in form alone, with the extremes of each member among them. */
import type { Authority, BlockRecord, CloseRecord, RecordedCommand, SealRecord } from '../../src/verify/index.ts'
import { Random } from '../support/seed.ts'

const U64S = [0n, 1n, 127n, 128n, 255n, 256n, 65_535n, 65_536n, 0xffffffffn, 0x100000000n, (1n << 53n) - 1n, 1n << 53n]
const LARGE = [(1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n]
const TEXTS = ['a', 'put', 'transfer', 'é', '😀', '\u0000', '\ufeffx', 'x'.repeat(31), 'x'.repeat(32), 'ü'.repeat(32)]

export class RandomRecords {
  readonly random: Random

  constructor(random: Random = new Random()) {
    this.random = random
  }

  block(height: bigint, commands: number = this.random.below(4)): BlockRecord {
    return {
      k: 'block',
      v: 1,
      header: {
        height,
        epoch: this.u64(),
        parentHash: this.hash(),
        commandsHash: this.hash(),
        batchRoot: this.hash(),
        commandCount: BigInt(commands),
        firstSeq: this.u64(),
        timestamp: this.u64(),
      },
      roots: {
        state: this.hash(),
        risk: this.hash(),
        commands: this.sizedRoot(),
        obligations: this.sizedRoot(),
        intents: this.sizedRoot(),
        history: this.hash(),
      },
      commands: this.list(commands, () => this.command()),
      notes: this.list(this.random.below(3), () => this.bytes()),
      authority: this.list(this.random.below(3), () => this.authority()),
    }
  }

  seal(height: bigint): SealRecord {
    const { k: _, ...delegation } = this.delegation()
    return { k: 'seal', v: 1, height, seal: { delegation, signature: this.random.bytes(65) } }
  }

  close(height: bigint): CloseRecord {
    return { k: 'close', v: 1, height, hash: this.hash() }
  }

  u64(): bigint {
    return this.random.pick([...U64S, ...LARGE])
  }

  private command(): RecordedCommand {
    const client = this.random.pick(['', ...TEXTS])
    const content = this.random.pick([
      { payload: this.bytes(), salt: this.hash() },
      { payloadHash: this.hash() },
      { payload: this.random.bytes(20), salt: this.hash(), payloadHash: undefined },
    ])
    const label = (): string => this.random.pick(TEXTS)
    const command: RecordedCommand = {
      seq: this.u64(),
      client,
      request: client === '' ? 0n : this.u64() || 1n,
      type: this.random.pick([...TEXTS, 'cairn/machine']),
      ...(content as { payload: Uint8Array; salt: Uint8Array }),
      receivedAt: this.u64(),
      status: this.random.pick([0, 1]),
      reply: this.bytes(),
      obligations: this.list(this.random.below(20), () => ({ topic: label(), data: this.bytes() })),
      intents: this.list(this.random.below(3), () => ({ kind: label(), data: this.bytes() })),
    }
    if (this.random.below(4) === 0) return command
    const writes = this.list(this.random.below(20), () => {
      const value = this.random.below(3) === 0 ? null : this.bytes()
      return [
        this.random.pick(['state', 'risk'] as const),
        this.random.bytes(1 + this.random.below(40)),
        value,
      ] as const
    })
    return { ...command, writes }
  }

  private authority(): Authority {
    if (this.random.below(2) === 0) return this.delegation()
    const members = { index: this.u64(), fromHeight: this.u64(), parentHash: this.hash() }
    return { k: 'revocation', ...members, signature: this.random.bytes(65) }
  }

  private delegation(): Extract<Authority, { k: 'delegation' }> {
    const members = {
      delegate: this.random.bytes(19),
      index: this.u64(),
      validFrom: this.u64(),
      validUntil: this.u64(),
    }
    const delegate = Uint8Array.of(1, ...members.delegate)
    return { k: 'delegation', ...members, delegate, signature: this.random.bytes(65) }
  }

  private sizedRoot(): { size: bigint; root: Uint8Array } {
    return { size: this.u64(), root: this.hash() }
  }

  private hash(): Uint8Array {
    return this.random.bytes(32)
  }

  /** Lengths on both sides of where the form of a length changes. */
  private bytes(): Uint8Array {
    return this.random.bytes(this.random.pick([0, 1, 31, 32, 40, 100, 255, 256, 300]))
  }

  private list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make)
  }
}
