/** What is fuzzed: a decoder with what it promises, and good inputs to begin from. */

/** A piece of an input, and how it is changed without being broken at once. */
export interface Part {
  readonly form: 'json' | 'msgpack' | 'text' | 'bytes' | 'fixed'
  readonly bytes: Uint8Array
}

/** An input before its pieces are put together. */
export type Example = readonly Part[]

export interface Target {
  readonly name: string
  /** The codes of the errors that it promises; nothing else may come out of it. Of a client, whose server names them, their form. */
  readonly codes: readonly string[] | RegExp
  readonly examples: readonly Example[]
  /** Puts the pieces together with lengths and checksums that fit them, so that what lies behind those is reached; side by side where it is left out. */
  readonly assemble?: (parts: readonly Uint8Array[]) => Uint8Array
  /** The call that is measured: what was decoded, or the error. */
  readonly decode: (input: Uint8Array) => unknown
  /** Throws where what was decoded does not go back to what it was decoded from, or two readers of one thing do not agree. */
  readonly check?: (decoded: unknown, input: Uint8Array) => void | Promise<void>
}

/** A target whose check knows what its decoder gives. */
export function target<T>(
  given: Omit<Target, 'decode' | 'check'> & {
    readonly decode: (input: Uint8Array) => T | Promise<T>
    readonly check?: (decoded: T, input: Uint8Array) => void | Promise<void>
  },
): Target {
  return given as Target
}

export const of = (form: Part['form'], bytes: string | Uint8Array): Part => ({
  form,
  bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
})

export function inputOf({ assemble = Buffer.concat }: Pick<Target, 'assemble'>, example: Example): Uint8Array {
  return assemble(example.map(({ bytes }) => bytes))
}

/** Whether two texts are the same JSON, whatever stands between its members and however they are written and ordered. */
export function demandSameJson(input: Uint8Array | string, written: string): void {
  const [given, again] = [normal(Buffer.from(input).toString()), normal(written)]
  if (given === again) return
  throw new Error(`it was decoded from\n${given.slice(0, 2000)}\nand is written as\n${again.slice(0, 2000)}`)
}

function normal(text: string): string {
  return JSON.stringify(JSON.parse(text), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
