/** Changes of bytes that know nothing of what they mean: flipped, cut, spliced, repeated, with lengths that say something else. */
import type { Random } from '../../support/seed.ts'
import { NOT_UTF8, run } from './hostile.ts'

export function mutateBytes(bytes: Uint8Array, random: Random, other: () => Uint8Array, isLarge: boolean): Uint8Array {
  const at = random.below(bytes.length + 1)
  const length = 1 + random.below(random.pick([1, 4, 16, 256, Math.max(1, bytes.length)]))
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (random.below(24) === 0 ? RUN : random.below(12)) {
    case RUN:
      return Buffer.concat([before, Buffer.from(run(random, isLarge))])
    case 0:
      return changedAt(bytes, at, (byte) => byte ^ (1 << random.below(8)))
    case 1:
      return changedAt(bytes, at, () => random.pick([0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5c, random.below(256)]))
    case 2:
      return before
    case 3:
      return after
    case 4:
      return Buffer.concat([before, bytes.subarray(at + length)])
    case 5:
      return Buffer.concat([before, random.bytes(Math.min(length, 64)), after])
    case 6:
      return Buffer.concat([before, Uint8Array.from(random.pick(NOT_UTF8)), after])
    case 7:
      return Buffer.concat([before, bytes.subarray(at, at + length), after])
    case 8: {
      const piece = bytes.subarray(at, at + Math.min(length, 64))
      return Buffer.concat([before, ...Array.from({ length: 1 + random.below(200) }, () => piece), after])
    }
    case 9: {
      const donor = other()
      const from = random.below(donor.length + 1)
      return Buffer.concat([before, donor.subarray(from, random.below(2) === 0 ? undefined : from + length)])
    }
    case 10:
      return number32(bytes, at, random)
    default: {
      // Several small ones: a single one is often seen by a checksum.
      let changed = bytes
      for (let i = 1 + random.below(6); i > 0; i--)
        changed = changedAt(changed, random.below(bytes.length + 1), () => random.below(256))
      return changed
    }
  }
}

/** Seldom: it takes long to make. */
const RUN = 99

/** Bytes of no meaning at all. */
export function randomBytes(random: Random): Uint8Array {
  const bytes = random.bytes(random.below(random.pick([4, 64, 600])))
  // Half of them in what JSON and text are made of.
  if (random.below(2) === 0) return bytes
  const letters = '{}[]":,\\u0019afx-+.eE \n\t"'
  return bytes.map((byte) => letters.charCodeAt(byte % letters.length))
}

function changedAt(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  if (at >= bytes.length) return bytes
  const changed = Uint8Array.from(bytes)
  changed[at] = change(bytes[at] as number)
  return changed
}

/** Four bytes as somebody who counts would write them: a length, an offset. */
function number32(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  if (bytes.length < 4) return bytes
  const changed = Uint8Array.from(bytes)
  const view = new DataView(changed.buffer)
  const place = Math.min(at, bytes.length - 4)
  const value = random.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length, bytes.length + 1, 64 << 20])
  view.setUint32(place, value, random.below(2) === 0)
  return changed
}
