/**
 * Inputs for a target: good ones changed, changed ones changed again, and some that mean nothing. An input that ended in a way that was not seen before
 * is kept and changed further: so what lies behind one check is reached once somebody passed it, as with a fuzzer that counts branches. Every fault here
 * has words and a path of its own, which tell branches apart well enough.
 */
import type { Random } from '../support/seed.ts'
import { mutateBytes, randomBytes } from './mutate/bytes.ts'
import { mutateJson } from './mutate/json.ts'
import { mutateMsgpack } from './mutate/msgpack.ts'
import { mutateText } from './mutate/text.ts'
import { type Example, inputOf, of, type Part, type Target } from './target.ts'

const KEPT_MAX = 400
/** What is larger is tried, and not changed again: it would be all that there is time for. */
const KEPT_BYTES_MAX: number = 32 << 10
const INPUT_BYTES_MAX: number = 64 << 10
/** One in so many may be larger than that, up to `LARGE_BYTES_MAX`. */
const LARGE_EVERY = 400
const LARGE_BYTES_MAX: number = 1 << 20

export class Generator {
  private readonly target: Target
  private readonly random: Random
  private readonly kept: Example[] = []
  private last: Example = []

  constructor(target: Target, random: Random) {
    this.target = target
    this.random = random
  }

  next(): Uint8Array {
    const { random, target } = this
    const isLarge = random.below(LARGE_EVERY) === 0
    this.last = this.example(isLarge)
    const input = inputOf(target, this.last)
    return input.subarray(0, isLarge ? LARGE_BYTES_MAX : INPUT_BYTES_MAX)
  }

  /** The input that was given last ended as none before. */
  keep(): void {
    const bytes = this.last.reduce((sum, part) => sum + part.bytes.length, 0)
    if (bytes > KEPT_BYTES_MAX || this.last.length === 0) return
    if (this.kept.length < KEPT_MAX) this.kept.push(this.last)
    else this.kept[this.random.below(KEPT_MAX)] = this.last
  }

  private example(isLarge: boolean): Example {
    const { random, target } = this
    const chosen = random.below(20)
    if (chosen === 0) return [of('bytes', randomBytes(random))]
    const from = this.any()
    // Past every checksum: the whole of it as bytes.
    if (chosen <= 3) return [of('bytes', this.mutated(of('bytes', inputOf(target, from)), isLarge))]
    let parts = [...from]
    for (let i = 1 + random.below(2); i > 0; i--) parts = this.changed(parts, isLarge)
    return parts
  }

  /** One part changed; sometimes one left out, doubled, or taken from elsewhere. */
  private changed(parts: readonly Part[], isLarge: boolean): Part[] {
    const { random } = this
    let at = random.below(parts.length)
    // What leads to the decoder is changed now and then: all else would never be reached.
    if (parts[at]?.form === 'fixed' && random.below(8) > 0) at = random.below(parts.length)
    const part = parts[at]
    const [before, after] = [parts.slice(0, at), parts.slice(at + 1)]
    if (part === undefined) return [...this.any()]
    if (parts.length > 1 && random.below(8) === 0) {
      return random.pick([
        [...before, ...after],
        [...before, part, part, ...after],
        [...after, part, ...before],
        [...before, ...this.any().slice(-1), ...after],
      ])
    }
    return [...before, { ...part, bytes: this.mutated(part, isLarge) }, ...after]
  }

  private mutated({ form, bytes }: Part, isLarge: boolean): Uint8Array {
    const { random } = this
    const other = (): Uint8Array => {
      const parts = this.any()
      return parts.length === 0 ? new Uint8Array(0) : random.pick(parts).bytes
    }
    const isShaped = random.below(6) > 0
    if (isShaped && form === 'json') {
      const text = mutateJson(Buffer.from(bytes).toString(), random, () => Buffer.from(other()).toString(), isLarge)
      if (text !== undefined) return Buffer.from(text)
    }
    if (isShaped && form === 'text') return Buffer.from(mutateText(Buffer.from(bytes).toString(), random))
    const changed = isShaped && form === 'msgpack' ? mutateMsgpack(bytes, random, other) : undefined
    return changed ?? mutateBytes(bytes, random, other, isLarge)
  }

  private any(): Example {
    const { kept, random, target } = this
    return kept.length > 0 && random.below(3) === 0 ? random.pick(kept) : random.pick(target.examples)
  }
}
