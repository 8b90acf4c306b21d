/**
 * The RPC of an EVM chain that an operator names for the explorer, whose page asks it for the transactions of anchors.
 *
 * Promise: what goes into the policy of the page is one origin, whatever was given; nothing of an address is repeated where it is refused, for it may have a
 * secret in it.
 */
import { RPC_ADDRESS_MAX } from '../limits.ts'
import { CairnError } from '../verify/error.ts'

export interface EvmRpc {
  /** Public: whoever opens the explorer has it. */
  readonly url: string
  /** As it stands in a Content-Security-Policy. */
  readonly origin: string
}

/** A URL may have ; and * and ' in the name of its host, which are words of a policy; and a policy has no word for an IPv6 address. */
const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/

/** The RPC at this address; `rpc_invalid` where a page may not have it. */
export function evmRpcOf(text: string): EvmRpc {
  const url = text.length <= RPC_ADDRESS_MAX && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw invalid(`it is http://… or https://…, with at most ${RPC_ADDRESS_MAX} characters`)
  if (url.username !== '' || url.password !== '')
    throw invalid('there are credentials in it, and whoever opens the explorer would have them. Hold them for known')
  if (!HOST.test(url.hostname))
    throw invalid('its host is a name, or four numbers with dots: another one has no place in the policy of a page')
  if (url.hash !== '') throw invalid('it has no #')
  return { url: url.href, origin: url.origin }
}

function invalid(why: string): CairnError {
  return new CairnError('rpc_invalid', `--evm-rpc is not the address of an RPC for a page: ${why}.`, { why })
}
