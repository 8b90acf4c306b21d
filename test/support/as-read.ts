/** A JSON value as a verifier reads it: written as text, and decoded from that. */
import { type Codec, json } from '../../src/verify/codec.ts'
import { readJson } from '../../src/verify/json.ts'

export function asRead<T>(codec: Codec<T>, value: unknown): T {
  return codec.decode(readJson(JSON.stringify(value)), json)
}
