/** The shapes of FORMAT §1 to §5 and §8 as codecs: members, lengths, bounds and the rules that need nothing but the shape. */
import * as bound from './bounds.ts'
import {
  bytes,
  bytes32,
  type Carrier,
  type Codec,
  list,
  type Members,
  nullable,
  object,
  oneOf,
  optional,
  refine,
  text,
  u64,
  variant,
} from './codec.ts'
import { overLimit } from './fault.ts'
import type * as shape from './types.ts'

const MACHINE = /^[a-z][a-z0-9.-]*@(?:0|[1-9][0-9]*)$/
/** 65 bytes; that `v`, `r` and `s` are right is a matter of the signature, not of the form. */
const signature = bytes(65, 65)
export const label: Codec<string> = text(1, bound.LABEL_MAX)
export const data: Codec<Uint8Array> = bytes(0, bound.DATA_MAX)
const path = list(bytes32, bound.PATH_MAX)

/** 20 bytes; nobody holds the key of the zero address. */
const signer: Codec<Uint8Array> = refine(bytes(20, 20), (address) =>
  address.every((byte) => byte === 0) ? 'the zero address cannot sign' : undefined,
)

export const machineVersion: Codec<string> = text(1, bound.MACHINE_MAX, MACHINE)

export const genesis: Codec<shape.Genesis> = object<shape.Genesis>({
  name: text(1, bound.NAME_MAX),
  coldKey: signer,
  machine: machineVersion,
  createdAt: u64,
  nonce: bytes32,
})

export const header: Codec<shape.Header> = object<shape.Header>({
  height: u64,
  epoch: u64,
  parentHash: bytes32,
  commandsHash: bytes32,
  batchRoot: bytes32,
  commandCount: u64,
  firstSeq: u64,
  timestamp: u64,
})

const sizedRoot = object<shape.SizedRoot>({ size: u64, root: bytes32 })

export const roots: Codec<shape.Roots> = object<shape.Roots>({
  state: bytes32,
  risk: bytes32,
  commands: sizedRoot,
  obligations: sizedRoot,
  intents: sizedRoot,
  history: bytes32,
})

export const delegationMembers: Members<shape.Delegation> = {
  delegate: signer,
  index: u64,
  validFrom: u64,
  validUntil: u64,
  signature,
}

export const delegation: Codec<shape.Delegation> = object<shape.Delegation>(delegationMembers)

export const seal: Codec<shape.Seal> = object<shape.Seal>({ delegation, signature })

export const revocationMembers: Members<shape.Revocation> = {
  index: u64,
  fromHeight: u64,
  parentHash: bytes32,
  signature,
}

export const revocation: Codec<shape.Revocation> = object<shape.Revocation>(revocationMembers)

/** The members that a command has in a journal and in a proof alike. */
export const executed: Members<shape.Executed> = {
  seq: u64,
  client: text(0, bound.CLIENT_MAX),
  request: u64,
  type: label,
  payload: optional(bytes(0, bound.PAYLOAD_MAX)),
  salt: optional(bytes32),
  payloadHash: optional(bytes32),
  receivedAt: u64,
  status: oneOf<shape.Status>(0, 1),
  reply: data,
}

/** Who is anonymous has no request number. */
export function requestRule({ client, request }: Pick<shape.Executed, 'client' | 'request'>): string | undefined {
  const isRight = (client === '') === (request === 0n)
  return isRight ? undefined : 'a client numbers its requests from 1 on, and the anonymous one has 0'
}

/** And a payload stands with its salt or as its hash. */
export function executedRule(executed: shape.Executed): string | undefined {
  const wrong = requestRule(executed)
  if (wrong !== undefined) return wrong
  const { payload, salt, payloadHash } = executed
  const whole = payload !== undefined && salt !== undefined && payloadHash === undefined
  const hashed = payload === undefined && salt === undefined && payloadHash !== undefined
  return whole || hashed ? undefined : 'expected payload and salt, or payloadHash, never both'
}

export const command: Codec<shape.Command> = refine(
  object<shape.Command>({ ...executed, obligationSize: u64, intentSize: u64 }),
  executedRule,
)
export const obligation: Codec<shape.Obligation> = object<shape.Obligation>({ seq: u64, topic: label, data })
export const intent: Codec<shape.Intent> = object<shape.Intent>({ seq: u64, kind: label, data })
const otherLeaf = object<shape.OtherLeaf>({ key: bytes32, value: bytes32 })

const commandClaim = object<shape.CommandClaim>({ kind: oneOf('command'), index: u64, command, path })
const obligationClaim = object<shape.ObligationClaim>({ kind: oneOf('obligation'), index: u64, obligation, path })
const intentClaim = object<shape.IntentClaim>({ kind: oneOf('intent'), index: u64, intent, path })

export const treeName: Codec<shape.TreeName> = oneOf<shape.TreeName>('state', 'risk')
export const rawKey: Codec<Uint8Array> = bytes(1, bound.KEY_MAX)
export const rawValue: Codec<Uint8Array | null> = nullable(bytes(0, bound.PAYLOAD_MAX))

const stateClaim = refine(
  object<shape.StateClaim>({
    kind: oneOf('state'),
    tree: treeName,
    key: rawKey,
    value: rawValue,
    siblings: list(bytes32, bound.SIBLINGS_MAX),
    other: optional(otherLeaf),
  }),
  ({ value, other }) =>
    value !== null && other !== undefined ? 'a present key has no other leaf beside it' : undefined,
)

const consistencyClaim = object<shape.ConsistencyClaim>({
  kind: oneOf('consistency'),
  range: oneOf<shape.RangeName>('commands', 'obligations', 'intents', 'history'),
  size: u64,
  root: bytes32,
  path,
})

const plainBlockClaim = { kind: oneOf('block'), height: u64, blockHash: bytes32, path } as const

function claimsWith(blockClaim: Codec<shape.BlockClaim>): Codec<readonly shape.Claim[]> {
  const claim = variant<'kind', shape.Claim>('kind', {
    command: commandClaim,
    obligation: obligationClaim,
    intent: intentClaim,
    state: stateClaim,
    block: blockClaim,
    consistency: consistencyClaim,
  })
  return list(claim, bound.CLAIMS_MAX)
}

/** Claims against an ancestor: a block among them carries none of its own, for claims nest once. */
const nestedClaims = claimsWith(
  object<Pick<shape.BlockClaim, 'kind' | 'height' | 'blockHash' | 'path'>>(plainBlockClaim),
)

const blockClaim = refine(
  object<shape.BlockClaim>({
    ...plainBlockClaim,
    block: optional(header),
    roots: optional(roots),
    claims: optional(nestedClaims),
  }),
  ({ block, roots, claims }) =>
    (block === undefined) !== (roots === undefined) || (block === undefined) !== (claims === undefined)
      ? 'expected block, roots and claims together, or none of them'
      : undefined,
)

export const proof: Codec<shape.Proof> = object<shape.Proof>({
  format: oneOf('cairn.proof/v1'),
  genesis,
  block: header,
  roots,
  seal,
  revocations: list(revocation, bound.REVOCATIONS_MAX),
  claims: boundedInAll(claimsWith(blockClaim)),
})

/** The bound of claims is one of all of them, the nested ones included. */
function boundedInAll(claims: Codec<readonly shape.Claim[]>): Codec<readonly shape.Claim[]> {
  return {
    ...claims,
    decode(value: unknown, carrier: Carrier): readonly shape.Claim[] {
      const decoded = claims.decode(value, carrier)
      const count = countClaims(decoded)
      if (count > bound.CLAIMS_MAX) throw overLimit('the number of claims in all', bound.CLAIMS_MAX, count)
      return decoded
    },
  }
}

function countClaims(claims: readonly shape.Claim[]): number {
  return claims.reduce((count, claim) => count + 1 + (claim.kind === 'block' ? (claim.claims?.length ?? 0) : 0), 0)
}

const ancestor = object<shape.Ancestor>({ height: u64, blockHash: bytes32, path })

const evidenceSide = refine(
  object<shape.EvidenceSide>({ block: header, seal, roots: optional(roots), ancestor: optional(ancestor) }),
  ({ roots, ancestor }) =>
    (roots === undefined) !== (ancestor === undefined) ? 'expected roots and ancestor together, or neither' : undefined,
)

export const evidence: Codec<shape.Evidence> = object<shape.Evidence>({
  format: oneOf('cairn.evidence/v1'),
  genesis,
  a: evidenceSide,
  b: evidenceSide,
})

export const revocations: Codec<readonly shape.Revocation[]> = list(revocation, bound.REVOCATIONS_FILE_MAX)

export const head: Codec<shape.Head> = object<shape.Head>({
  height: u64,
  blockHash: bytes32,
  epoch: optional(u64),
  timestamp: optional(u64),
})
