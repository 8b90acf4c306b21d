/**
 * What the cold key signs, as the JSON that `eth_signTypedData_v4` and every wallet take: delegations and revocations, and both of a rotation
 * together. It declares `EIP712Domain` with name, version and salt (FORMAT §2), shows the name of the chain, and has all numbers as decimal strings.
 */
import { NAME_MAX } from '../verify/bounds.ts'
import { equal, ZERO32 } from '../verify/bytes.ts'
import { bytes32, type Codec, json, native, object, oneOf, text, tuple, variant } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import type { Identity } from '../verify/identity.ts'
import { readJson } from '../verify/json.ts'
import type { Delegation, Revocation } from '../verify/types.ts'

/** A delegation that the cold key has not signed yet. */
export type UnsignedDelegation = Omit<Delegation, 'signature'>
/** A revocation that the cold key has not signed yet. */
export type UnsignedRevocation = Omit<Revocation, 'signature'>

/** What the cold key is asked for. */
export type ColdRequest =
  | ({ readonly k: 'delegation' } & UnsignedDelegation)
  | ({ readonly k: 'revocation' } & UnsignedRevocation)

interface Field {
  readonly name: string
  readonly type: string
}

/** Plain JSON, for a wallet. */
export interface TypedData {
  readonly types: Readonly<Record<string, readonly Field[]>>
  readonly domain: { readonly name: string; readonly version: string; readonly salt: string }
  readonly primaryType: string
  readonly message: Readonly<Record<string, string>>
}

interface Document<P extends string, T extends string, M> {
  readonly types: { readonly [N in T]: readonly Field[] }
  readonly domain: { readonly name: 'Cairn'; readonly version: '1'; readonly salt: Uint8Array }
  readonly primaryType: P
  readonly message: M & { readonly chain: string }
}
type DelegationDocument = Document<'CairnDelegation', 'EIP712Domain' | 'CairnDelegation', UnsignedDelegation>
type RevocationDocument = Document<'CairnRevocation', 'EIP712Domain' | 'CairnRevocation', UnsignedRevocation>

const fieldsOf = (text: string): readonly Field[] =>
  text.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { name, type }
  })
const DOMAIN_FIELDS = fieldsOf('string name,string version,bytes32 salt')
const DELEGATION_FIELDS = fieldsOf('string chain,address delegate,uint64 index,uint64 validFrom,uint64 validUntil')
const REVOCATION_FIELDS = fieldsOf('string chain,uint64 index,uint64 fromHeight,bytes32 parentHash')

/** Exactly these, in this order. */
const fields = (known: readonly Field[]): Codec<readonly Field[]> =>
  tuple<readonly Field[]>(...known.map(({ name, type }) => object<Field>({ name: oneOf(name), type: oneOf(type) })))

const domain = object<DelegationDocument['domain']>({ name: oneOf('Cairn'), version: oneOf('1'), salt: bytes32 })
const chain = text(1, NAME_MAX)
const { signature: _, ...delegationMembers } = codecs.delegationMembers
const { signature: __, ...revocationMembers } = codecs.revocationMembers
const unsignedDelegation = object<UnsignedDelegation>(delegationMembers)
const unsignedRevocation = object<UnsignedRevocation>(revocationMembers)

const document = variant<'primaryType', DelegationDocument | RevocationDocument>('primaryType', {
  CairnDelegation: object<DelegationDocument>({
    types: object({ EIP712Domain: fields(DOMAIN_FIELDS), CairnDelegation: fields(DELEGATION_FIELDS) }),
    domain,
    primaryType: oneOf('CairnDelegation'),
    message: object({ chain, ...delegationMembers }),
  }),
  CairnRevocation: object<RevocationDocument>({
    types: object({ EIP712Domain: fields(DOMAIN_FIELDS), CairnRevocation: fields(REVOCATION_FIELDS) }),
    domain,
    primaryType: oneOf('CairnRevocation'),
    message: object({ chain, ...revocationMembers }),
  }),
})

/** The typed data of a request; one that no verifier would accept is refused. */
export function typedDataOf(identity: Identity, request: ColdRequest): TypedData {
  checkRequest(request)
  const { k, ...members } = request
  const types =
    k === 'delegation'
      ? { EIP712Domain: DOMAIN_FIELDS, CairnDelegation: DELEGATION_FIELDS }
      : { EIP712Domain: DOMAIN_FIELDS, CairnRevocation: REVOCATION_FIELDS }
  const whole = {
    types,
    domain: { name: 'Cairn', version: '1', salt: identity.chainId },
    primaryType: k === 'delegation' ? 'CairnDelegation' : 'CairnRevocation',
    message: { chain: identity.genesis.name, ...members },
  } as DelegationDocument | RevocationDocument
  return document.encode(document.decode(whole, native), json) as TypedData
}

/** What a document of typed data asks for; one that asks for something else than this chain would is refused. */
export function readTypedData(identity: Identity, given: string | Uint8Array): ColdRequest {
  const read = attempt(() => document.decode(readJson(given), json))
  if (read instanceof CairnError) throw refused(read.message)
  if (!equal(read.domain.salt, identity.chainId)) throw refused('it is for another chain')
  const { chain: name } = read.message
  if (name !== identity.genesis.name) throw refused(`it names the chain ${JSON.stringify(name)}`)
  const request = requestOf(read)
  checkRequest(request)
  return request
}

function requestOf(read: DelegationDocument | RevocationDocument): ColdRequest {
  if (read.primaryType === 'CairnDelegation') {
    const { chain: _, ...members } = read.message
    return { k: 'delegation', ...members }
  }
  const { chain: __, ...members } = read.message
  return { k: 'revocation', ...members }
}

export function checkRequest({ k, ...members }: ColdRequest): void {
  const codec: Codec<unknown> = k === 'delegation' ? unsignedDelegation : unsignedRevocation
  const checked = attempt(() => codec.decode(members, native))
  if (checked instanceof CairnError) throw refused(checked.message)
  if ('validFrom' in members && members.validFrom > members.validUntil) {
    throw refused('the delegation ends before it begins')
  }
  if ('fromHeight' in members && (members.fromHeight === 0n) !== equal(members.parentHash, ZERO32)) {
    throw refused('a revocation from height 0, and only it, has no parent')
  }
}

function refused(why: string): CairnError {
  return new CairnError('typed_data_invalid', `This is not what the cold key of the chain is asked to sign: ${why}.`, {
    why,
  })
}
