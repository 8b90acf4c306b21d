/** Of hypercore, which has no types, what the benchmark uses. */
declare module 'hypercore' {
  export default class Hypercore {
    constructor(directory: string)
    readonly length: number
    ready(): Promise<void>
    append(blocks: readonly Uint8Array[]): Promise<{ readonly length: number; readonly byteLength: number }>
    close(): Promise<void>
  }
}
