/**
 * The hasher in WebAssembly, for Node, workers and browsers. It needs SIMD, which all of them have had since 2023.
 *
 * Promise: its memory is one page of 64 KiB, however long a message is and however many there are. What is returned is
 * always a buffer of its own.
 */
import { type Hasher, messageCount, nobleEngine } from '../verify/engine.ts'
import { KECCAK_KERNEL } from './keccak-kernel.ts'

/** What kernel/keccak.ts exports; its comments say what each does. */
interface Kernel {
  readonly memory: WebAssembly.Memory
  readonly INPUT: WebAssembly.Global<'i32'>
  readonly INPUT_SIZE: WebAssembly.Global<'i32'>
  readonly OUTPUT: WebAssembly.Global<'i32'>
  readonly OUTPUT_SIZE: WebAssembly.Global<'i32'>
  absorb(length: number): void
  finish(length: number): void
  hashMany(count: number, size: number): void
}

/** Fails where WebAssembly or SIMD is missing, or a content security policy forbids it. */
export async function wasmHasher(): Promise<Hasher> {
  const code = Uint8Array.from(atob(KECCAK_KERNEL), (character) => character.charCodeAt(0))
  const { instance } = await WebAssembly.instantiate(code)
  const kernel = instance.exports as unknown as Kernel
  const input = new Uint8Array(kernel.memory.buffer, kernel.INPUT.value, kernel.INPUT_SIZE.value)
  const output = new Uint8Array(kernel.memory.buffer, kernel.OUTPUT.value, kernel.OUTPUT_SIZE.value)
  const firstHash = output.subarray(0, 32)

  function hash(message: Uint8Array): Uint8Array {
    // Anything else would be copied as something it is not: let noble refuse it.
    if (!(message instanceof Uint8Array)) return nobleEngine.hasher.hash(message)
    let rest = message
    while (rest.length > input.length) {
      input.set(rest.subarray(0, input.length))
      kernel.absorb(input.length)
      rest = rest.subarray(input.length)
    }
    input.set(rest)
    kernel.finish(rest.length)
    return new Uint8Array(firstHash)
  }

  function hashMany(messages: Uint8Array, size: number): Uint8Array {
    if (!(messages instanceof Uint8Array)) return nobleEngine.hasher.hashMany(messages, size)
    const count = messageCount(messages, size)
    // An even number, so that only the last message of all can be left without a second one beside it.
    const atOnce = Math.min(Math.floor(input.length / size), output.length / 32) & ~1
    if (count <= atOnce) {
      input.set(messages)
      kernel.hashMany(count, size)
      return output.slice(0, count * 32)
    }
    const hashes = new Uint8Array(count * 32)
    if (atOnce === 0) {
      for (let i = 0; i < count; i++) hashes.set(hash(messages.subarray(i * size, (i + 1) * size)), i * 32)
      return hashes
    }
    for (let done = 0; done < count; done += atOnce) {
      const now = Math.min(atOnce, count - done)
      input.set(messages.subarray(done * size, (done + now) * size))
      kernel.hashMany(now, size)
      hashes.set(output.subarray(0, now * 32), done * 32)
    }
    return hashes
  }

  return { name: 'wasm-simd', hash, hashMany }
}
