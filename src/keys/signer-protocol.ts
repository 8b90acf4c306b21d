/**
 * What a chain and a signer in a process of its own say to each other: one line of JSON (FORMAT §1) each way, `cairn.signer/v1`.
 *
 *     → {"format":"cairn.signer/v1","id":"0","ask":"delegations"}
 *     ← {"format":"cairn.signer/v1","id":"0","delegations":[…]}
 *     → {"format":"cairn.signer/v1","id":"1","ask":"seal","chainId":"0x…","genesis":{…},"header":{…}}
 *     ← {"format":"cairn.signer/v1","id":"1","seal":{…}}
 *     ← {"format":"cairn.signer/v1","id":"1","error":{"code":"seal_refused","message":"…"}}
 *
 * A signer needs the chain id alone to make the digest (it is the salt of the domain); the genesis lets it see that the id is the chain's.
 */
import {
  bytes32,
  type Codec,
  json,
  list,
  object,
  oneOf,
  optional,
  refine,
  text,
  u64,
  variant,
} from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { readJson } from '../verify/json.ts'
import type { Delegation, Genesis, Header, Seal } from '../verify/types.ts'

const FORMAT = 'cairn.signer/v1'
const DELEGATIONS_MAX = 64

interface DelegationsRequest {
  readonly format: typeof FORMAT
  readonly id: bigint
  readonly ask: 'delegations'
}

interface SealRequest {
  readonly format: typeof FORMAT
  readonly id: bigint
  readonly ask: 'seal'
  readonly chainId: Uint8Array
  readonly genesis: Genesis
  readonly header: Header
}

export type SignerRequest = DelegationsRequest | SealRequest

export interface SignerAnswer {
  readonly format: typeof FORMAT
  readonly id: bigint
  readonly delegations?: readonly Delegation[]
  readonly seal?: Seal
  readonly error?: { readonly code: string; readonly message: string }
}

const request: Codec<SignerRequest> = variant<'ask', SignerRequest>('ask', {
  delegations: object<DelegationsRequest>({ format: oneOf(FORMAT), id: u64, ask: oneOf('delegations') }),
  seal: object<SealRequest>({
    format: oneOf(FORMAT),
    id: u64,
    ask: oneOf('seal'),
    chainId: bytes32,
    genesis: codecs.genesis,
    header: codecs.header,
  }),
})

const answer: Codec<SignerAnswer> = refine(
  object<SignerAnswer>({
    format: oneOf(FORMAT),
    id: u64,
    delegations: optional(list(codecs.delegation, DELEGATIONS_MAX)),
    seal: optional(codecs.seal),
    error: optional(object({ code: text(1, 64, /^[a-z][a-z0-9_]*$/), message: text(0, 2048) })),
  }),
  ({ delegations, seal, error }) =>
    [delegations, seal, error].filter((each) => each !== undefined).length === 1
      ? undefined
      : 'expected delegations, a seal or an error',
)

type Unmarked<T> = T extends unknown ? Omit<T, 'format'> : never

export function encodeRequest(given: Unmarked<SignerRequest>): unknown {
  return request.encode({ format: FORMAT, ...given }, json)
}

export function decodeRequest(line: Uint8Array): SignerRequest {
  return request.decode(readJson(line), json)
}

export function encodeAnswer(given: Unmarked<SignerAnswer>): unknown {
  return answer.encode({ format: FORMAT, ...given }, json)
}

export function decodeAnswer(line: Uint8Array): SignerAnswer {
  return answer.decode(readJson(line), json)
}
