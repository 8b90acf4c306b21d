/** The genesis that a server shows, which is believed where it hashes to the trusted id. */
import { equal } from '../verify/bytes.ts'
import { decodeGenesis } from '../verify/documents.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { type Engine, type Identity, identify } from '../verify/index.ts'
import { asChainId } from '../verify/trust.ts'
import type { Http } from './http.ts'

export async function identityOf(
  { http, chainId, engine }: { readonly http: Http; readonly chainId: string; readonly engine: Engine },
  signal: AbortSignal | undefined,
): Promise<Identity> {
  const text = await http.text('/v1/genesis', signal && { signal })
  const genesis = attempt(() => decodeGenesis(text))
  const identity = genesis instanceof CairnError ? undefined : identify(genesis, engine.hasher)
  if (identity !== undefined && equal(identity.chainId, asChainId(chainId))) return identity
  throw new CairnError('wrong_chain', 'The genesis is not that of the chain id: ask for it elsewhere.', {})
}
