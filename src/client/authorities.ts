/** What the cold key delegated and took back, as a server lists it: believed where the cold key signed it. */

import { REVOCATIONS_FILE_MAX } from '../verify/bounds.ts'
import { json, list } from '../verify/codec.ts'
import * as codecs from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import {
  type Delegation,
  type Engine,
  type Identity,
  isDelegatedByColdKey,
  isRevokedByColdKey,
  type Revocation,
} from '../verify/index.ts'
import { readJson } from '../verify/json.ts'
import { disproved } from './errors.ts'
import type { Http } from './http.ts'

/** What the cold key delegated and took back. */
export interface Authorities {
  readonly delegations: readonly Delegation[]
  readonly revocations: readonly Revocation[]
}

const delegations = list(codecs.delegation, REVOCATIONS_FILE_MAX)

export async function authoritiesOf(
  { http, identity, engine }: { readonly http: Http; readonly identity: Identity; readonly engine: Engine },
  signal: AbortSignal | undefined,
): Promise<Authorities> {
  const ask = (path: string): Promise<string> => http.text(path, signal && { signal })
  const read = {
    delegations: listed(await ask('/v1/delegations'), (text) => delegations.decode(readJson(text), json)),
    revocations: listed(await ask('/v1/revocations'), (text) => codecs.revocations.decode(readJson(text), json)),
  }
  demandSigned(read, identity, engine)
  return read
}

function listed<T>(text: string, decode: (text: string) => T): T {
  const value = attempt(() => decode(text))
  if (!(value instanceof CairnError)) return value
  throw new CairnError('answer_invalid', `What the server answered is no list of signatures: ${value.message}.`)
}

export function demandSigned({ delegations, revocations }: Authorities, identity: Identity, engine: Engine): void {
  const forged =
    delegations.find((each) => !isDelegatedByColdKey(identity, each, engine)) ??
    revocations.find((each) => !isRevokedByColdKey(identity, each, engine))
  if (forged !== undefined) throw disproved(`the cold key did not sign what it shows of index ${forged.index}`, [])
}
