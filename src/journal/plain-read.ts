/**
 * What records are made of, read where it lies as `record-write.ts` writes it: names of members in their order, integers unsigned, bytes, text, lists.
 * Whatever lies otherwise is thrown as `UNUSUAL`, and nobody outside of the readers of records sees that.
 */
import { RECORD_ITEMS_MAX } from '../verify/bounds.ts'
import { MsgpackReader } from './msgpack-read.ts'

export class Unusual extends Error {}
export const UNUSUAL: Unusual = new Unusual('it lies otherwise')

export class PlainReader extends MsgpackReader {
  protected members(count: number): void {
    if (this.byte() !== (0x80 | count)) throw UNUSUAL
  }

  protected name(name: Uint8Array): void {
    if (!this.isNext(name)) throw UNUSUAL
    this.at += name.length
  }

  protected isNext(name: Uint8Array): boolean {
    const { bytes, at } = this
    for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false
    return true
  }

  protected integerOf(name: Uint8Array): bigint {
    this.name(name)
    const type = this.byte()
    if (type < 0x80) return BigInt(type)
    if (type === 0xcc) return BigInt(this.byte())
    if (type === 0xcd) return BigInt(this.u16())
    if (type === 0xce) return BigInt(this.u32())
    if (type === 0xcf) return BigInt(this.u64())
    throw UNUSUAL
  }

  protected hashOf(name: Uint8Array): Uint8Array {
    return this.bytesOf(name, 32, 32)
  }

  protected bytesOf(name: Uint8Array, min: number, max: number): Uint8Array {
    this.name(name)
    return this.bin(min, max)
  }

  protected bin(min: number, max: number): Uint8Array {
    return this.binary(this.binLength(min, max))
  }

  protected binLength(min: number, max: number): number {
    const type = this.byte()
    let length = -1
    if (type === 0xc4) length = this.byte()
    else if (type === 0xc5) length = this.u16()
    else if (type === 0xc6) length = this.u32()
    if (length < min || length > max) throw UNUSUAL
    return length
  }

  protected label(min: number, max: number): string {
    const type = this.byte()
    let length = -1
    if (type >= 0xa0 && type < 0xc0) length = type & 31
    else if (type === 0xd9) length = this.byte()
    if (length < min || length > max) throw UNUSUAL
    return this.text(length)
  }

  protected list<T>(item: () => T): readonly T[] {
    const type = this.byte()
    let length = -1
    if (type >= 0x90 && type < 0xa0) length = type & 15
    else if (type === 0xdc) length = this.u16()
    else if (type === 0xdd) length = this.u32()
    if (length < 0 || length > RECORD_ITEMS_MAX) throw UNUSUAL
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(item())
    return items
  }
}
